"""The model list in Google's form: paging, filtering, numbers, refusals."""

from __future__ import annotations

from typing import Any

import pytest
from gemini_cases import KEY, service
from loopback import Loopback, reply, whole

from app.domain.errors import ChatError, ErrorKind
from app.providers.base import Endpoint, ModelInfo
from app.providers.connections import Connections
from app.providers.gemini import GeminiProvider
from app.providers.gemini_models import generation, model_info, newest_flash


def row(model_id: str, *methods: str, **more: Any) -> dict[str, Any]:
    return {"name": f"models/{model_id}", "supportedGenerationMethods": list(methods), **more}


async def listed(server: Loopback, **fields: Any) -> tuple[ModelInfo, ...]:
    connections = Connections()
    try:
        endpoint = Endpoint(service(server.url, **fields), KEY)
        return await GeminiProvider(connections).models(endpoint)
    finally:
        await connections.aclose()


async def test_all_pages_without_what_cannot_chat() -> None:
    async with Loopback() as server:
        server.add(
            whole(
                {
                    "models": [
                        row(
                            "gemini-3.8-flash",
                            "generateContent",
                            "countTokens",
                            displayName="Gemini 3.8 Flash",
                            inputTokenLimit=1048576,
                            outputTokenLimit="65536",
                            thinking=True,
                            version="3.8",
                        ),
                        row("text-embedding-004", "embedContent"),
                    ],
                    "nextPageToken": "p/2=",
                }
            ),
            whole({"models": [row("gemma-4-27b", "generateContent")]}),
        )
        first, second = await listed(server)
        pages = [seen.target for seen in server.requests]
        assert server.requests[0].header("x-goog-api-key") == KEY
    assert pages == [
        "/v1beta/models?pageSize=1000",
        "/v1beta/models?pageSize=1000&pageToken=p%2F2%3D",
    ]
    assert first == ModelInfo(
        id="gemini-3.8-flash",
        display="Gemini 3.8 Flash",
        context=1048576,
        max_output=65536,
        vision=True,
        thinking=True,
        details={"version": "3.8"},
    )
    assert second == ModelInfo(id="gemma-4-27b", display="gemma-4-27b", thinking=False)


async def test_a_token_that_repeats_does_not_go_on_for_ever() -> None:
    async with Loopback() as server:
        server.add(whole({"models": [row("a", "generateContent")], "nextPageToken": "x"}))
        assert [model.id for model in await listed(server)] == ["a"]
        assert len(server.requests) == 2


@pytest.mark.parametrize(
    ("document", "ids"),
    [
        ({"models": []}, []),
        ({"models": None}, []),
        ({}, []),
        ([{"models": [{"name": "models/a"}]}], ["a"]),
        ([{"name": "models/a"}, {"name": "b"}], ["a", "b"]),
        ({"models": [{"name": "models/a", "supported_generation_methods": ["x"]}, 5, {}]}, []),
    ],
)
async def test_odd_lists(document: object, ids: list[str]) -> None:
    async with Loopback() as server:
        server.add(whole(document))
        assert [model.id for model in await listed(server)] == ids


@pytest.mark.rule("R22", "R57")
@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (whole({"error": {"code": 404, "message": "no"}}, status=404), ErrorKind.NOT_FOUND),
        (
            whole({"error": {"code": 400, "status": "API_KEY_INVALID"}}, status=400),
            ErrorKind.AUTH,
        ),
        (whole([{"error": {"code": 503, "message": "busy"}}]), ErrorKind.OVERLOADED),
        (reply("<html><title>Sign in</title></html>"), ErrorKind.NOT_FOUND),
    ],
)
async def test_refusals(answer: Any, kind: ErrorKind) -> None:
    async with Loopback() as server:
        server.add(answer)
        with pytest.raises(ChatError) as caught:
            await listed(server)
    assert caught.value.failure.kind is kind


@pytest.mark.rule("R22")
async def test_a_service_without_a_list() -> None:
    async with Loopback() as server:
        with pytest.raises(ChatError) as caught:
            await listed(server, models_path="")
    assert caught.value.failure.kind is ErrorKind.NOT_FOUND


def test_a_proxy_that_says_little() -> None:
    assert model_info({"name": "gemini-9"}) == ModelInfo(
        id="gemini-9", display="gemini-9", vision=True
    )
    assert model_info({"display_name": "no name"}) is None
    assert model_info(None) is None


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        ("gemini-3.8-flash", (3, 8)),
        ("models/gemini-3-pro-preview", (3, 0)),
        ("google/Gemini-2.5-Pro", (2, 5)),
        ("gemini-3.10-flash", (3, 10)),
        ("gemini-flash-latest", None),
        ("gemini", None),
        ("gpt-4o", None),
    ],
)
def test_generations(model: str, expected: tuple[int, int] | None) -> None:
    assert generation(model) == expected


def test_the_newest_flash() -> None:
    ids = "gemini-3.8-flash gemini-3.10-flash gemini-3.9-flash-lite gemini-4.0-pro gemini-2.5-flash"
    assert newest_flash(ids.split()) == "gemini-3.10-flash"
    assert newest_flash(["gemma-4"]) is None
