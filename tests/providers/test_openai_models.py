"""Model lists: the shapes that servers give them, and the servers that have none."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from loopback import End, Loopback, Reply, events, reply, whole
from wire_calls import KEY, service

from app.domain.errors import ChatError, ErrorKind, Failure
from app.providers.base import Endpoint, ModelInfo
from app.providers.connections import Connections
from app.providers.openai import OpenAIProvider
from app.providers.openai_models import model_info, rows_of


@pytest.fixture
async def server() -> AsyncIterator[Loopback]:
    async with Loopback() as running:
        yield running


async def listed(server: Loopback, answer: Reply, **more: Any) -> tuple[ModelInfo, ...]:
    server.clear()
    server.add(answer)
    connections = Connections()
    try:
        to = service(server.url, **more)
        return await OpenAIProvider(connections).models(Endpoint(to, KEY))
    finally:
        await connections.aclose()


async def refused(server: Loopback, answer: Reply, **more: Any) -> Failure:
    with pytest.raises(ChatError) as caught:
        await listed(server, answer, **more)
    return caught.value.failure


@pytest.mark.rule("R22")
@pytest.mark.parametrize(
    ("body", "ids"),
    [
        ({"object": "list", "data": [{"id": "b"}, {"id": "a"}]}, ["b", "a"]),
        ({"data": None}, []),
        ({"object": "list", "data": []}, []),
        ([{"id": "a"}, {"id": "b"}], ["a", "b"]),
        ([], []),
        ({"models": [{"name": "a:latest"}, {"model": "b"}]}, ["a:latest", "b"]),
        ({"models": ["a", "b", ""]}, ["a", "b"]),
        ({"data": [{"id": "a"}, {"id": "a"}, {}, None, 5, {"id": ""}]}, ["a"]),
    ],
)
async def test_shapes(server: Loopback, body: object, ids: list[str]) -> None:
    assert [info.id for info in await listed(server, whole(body))] == ids
    [seen] = server.requests
    assert (seen.method, seen.target) == ("GET", "/models")
    assert seen.header("authorization") == f"Bearer {KEY}"


@pytest.mark.rule("R22")
@pytest.mark.parametrize(
    "answer",
    [
        whole({"detail": "Not Found"}, status=404),
        whole({"error": {"message": "no models here", "code": "NOT_FOUND"}}, status=404),
        whole({}, status=405),
        reply("<html><title>Welcome</title>"),
        reply("<html><title>Welcome</title>", status=404),
        whole({"hello": "world"}),
        whole({"data": "none"}),
        whole(["a", "b"]),
        reply("words"),
        reply('{"data": ['),
        reply(""),
        events({"data": []}),
    ],
)
async def test_servers_without_a_list(server: Loopback, answer: Reply) -> None:
    failure = await refused(server, answer)
    assert (failure.kind, failure.retryable) == (ErrorKind.NOT_FOUND, False)
    assert "list" in failure.message


@pytest.mark.rule("R22")
async def test_a_service_that_is_known_to_have_no_list_is_not_asked(server: Loopback) -> None:
    failure = await refused(server, whole({"data": []}), models_path="")
    assert failure.kind is ErrorKind.NOT_FOUND
    assert server.requests == []


@pytest.mark.rule("R22")
@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (whole({"error": {"code": "invalid_api_key"}}, status=401), ErrorKind.AUTH),
        (whole({}, status=403), ErrorKind.PERMISSION),
        (whole({}, status=503), ErrorKind.OVERLOADED),
        (whole({"error": {"code": 401, "message": "m"}}), ErrorKind.AUTH),
        (reply(End.RESET), ErrorKind.NETWORK),
    ],
)
async def test_other_failures_stay_what_they_are(
    server: Loopback, answer: Reply, kind: ErrorKind
) -> None:
    assert (await refused(server, answer)).kind is kind


@pytest.mark.parametrize(
    ("row", "info"),
    [
        ({"id": "a", "max_model_len": 4096}, ModelInfo(id="a", context=4096)),
        ({"id": "a", "meta": {"n_ctx_train": 8192}}, ModelInfo(id="a", context=8192)),
        ({"id": "a", "meta": None}, ModelInfo(id="a")),
        (
            {"id": "a", "architecture": {"input_modalities": ["text", "image"]}},
            ModelInfo(id="a", vision=True, inputs=frozenset({"text", "image"})),
        ),
        (
            {"id": "v", "type": "vlm", "max_context_length": 5, "state": "loaded"},
            ModelInfo(id="v", context=5, vision=True, details={"type": "vlm", "state": "loaded"}),
        ),
        (
            {"id": "l", "type": "llm"},
            ModelInfo(id="l", vision=False, details={"type": "llm"}),
        ),
        ({"id": "e", "type": "embeddings"}, None),
        (
            {
                "id": "x/y",
                "name": "X: Y",
                "context_length": 7,
                "top_provider": {"max_completion_tokens": 3},
                "supported_parameters": ["reasoning", "tools"],
                "architecture": {"input_modalities": ["text"]},
                "pricing": {"prompt": "0.1"},
            },
            ModelInfo(
                id="x/y",
                display="X: Y",
                context=7,
                max_output=3,
                vision=False,
                inputs=frozenset({"text"}),
                thinking=True,
                details={"price of prompt": "0.1"},
            ),
        ),
        (
            {"id": "m", "owned_by": "acme", "capabilities": {"vision": True, "reasoning": False}},
            ModelInfo(id="m", vision=True, thinking=False, details={"owned_by": "acme"}),
        ),
        ({"id": "a", "context_length": True, "max_model_len": "5"}, ModelInfo(id="a")),
    ],
)
def test_what_an_entry_says(row: dict[str, Any], info: ModelInfo | None) -> None:
    assert model_info(row) == info


LEAVES = st.none() | st.booleans() | st.integers() | st.text(max_size=4)
NAMES = st.sampled_from(
    "id name model type data models meta n_ctx_train architecture input_modalities pricing "
    "capabilities vision top_provider supported_parameters context_length display_name".split()
)
ANYTHING = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=12,
)


@pytest.mark.rule("R22")
@given(st.lists(st.dictionaries(NAMES, ANYTHING, max_size=4), max_size=3))
def test_no_list_raises(documents: list[dict[str, Any]]) -> None:
    for row in rows_of(documents) or ():
        model_info(row)
