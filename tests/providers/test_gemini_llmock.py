"""Against a server that others wrote: llmock's Gemini dialect, and the faults it can play."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from gemini_cases import KEY, Answer, ask, request, service, user
from llmock.scenarios import Fail, Reply, StreamFault, ToolCall
from llmock.testing import LLMockServer

from app.domain.errors import ErrorKind, Phase
from app.domain.settings import Timeouts
from app.providers.base import Endpoint
from app.providers.connections import Connections
from app.providers.gemini import GeminiProvider

WORDS = "one two three four five six seven eight nine ten"


@pytest.fixture(scope="module")
def running() -> Iterator[LLMockServer]:
    with LLMockServer() as server:
        # Its worker thread lives as long as it does.
        httpx.get(f"{server.base_url('gemini')}/v1beta/models", trust_env=False)
        yield server


@pytest.fixture
def mock(running: LLMockServer) -> Iterator[LLMockServer]:
    running.state.scenarios.clear()
    yield running
    running.state.scenarios.clear()


async def asked(mock: LLMockServer, stream: bool = True) -> Answer:
    times = Timeouts(first_byte_s=5.0, idle_s=0.2)
    return await ask(
        mock.base_url("gemini"),
        request(user("hello"), model="gemini-2.5-pro", stream=stream),
        timeouts=times,
    )


@pytest.mark.parametrize("stream", [True, False])
async def test_an_answer(mock: LLMockServer, stream: bool) -> None:
    mock.state.scenarios.add(Reply(text=WORDS))
    answer = await asked(mock, stream)
    assert answer.failure is None
    assert answer.draft.text == WORDS
    assert answer.finish == ("stop", "STOP")
    assert answer.draft.usage is not None
    assert answer.draft.usage.total
    assert (answer.draft.deltas > 1) is stream


@pytest.mark.parametrize("stream", [True, False])
async def test_a_call(mock: LLMockServer, stream: bool) -> None:
    mock.state.scenarios.add(Reply(tool_calls=(ToolCall("get_weather", {"city": "Oslo"}),)))
    answer = await asked(mock, stream)
    (call,) = answer.message.tool_calls
    assert (call.name, call.arguments) == ("get_weather", '{"city": "Oslo"}')
    assert answer.finish == ("tool_calls", "STOP")


async def test_the_list(mock: LLMockServer) -> None:
    connections = Connections()
    endpoint = Endpoint(service(mock.base_url("gemini")), KEY)
    models = await GeminiProvider(connections).models(endpoint)
    await connections.aclose()
    assert "gemini-2.5-pro" in [model.id for model in models]
    assert all(model.context and model.max_output for model in models)


@pytest.mark.rule("R57", "R41")
async def test_too_many_requests(mock: LLMockServer) -> None:
    mock.state.scenarios.add(Fail(429, retry_after=7.0))
    failure = (await asked(mock)).failure
    assert failure is not None
    assert (failure.kind, failure.retry_after_s) == (ErrorKind.RATE_LIMIT, 7.0)
    assert failure.retryable


@pytest.mark.rule("R57")
@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (401, ErrorKind.AUTH),
        (403, ErrorKind.PERMISSION),
        (404, ErrorKind.MODEL_NOT_FOUND),
        (500, ErrorKind.SERVER),
        (503, ErrorKind.OVERLOADED),
    ],
)
async def test_refusals(mock: LLMockServer, status: int, kind: ErrorKind) -> None:
    mock.state.scenarios.add(Fail(status))
    failure = (await asked(mock)).failure
    assert failure is not None
    assert failure.kind is kind


@pytest.mark.rule("R18", "R53")
@pytest.mark.parametrize("fault", ["disconnect", "truncate"])
async def test_a_broken_stream(mock: LLMockServer, fault: str) -> None:
    mock.state.scenarios.add(Reply(text=WORDS), StreamFault(fault, after_chunks=3))
    answer = await asked(mock)
    assert answer.failure is not None
    assert answer.failure.kind is ErrorKind.TRUNCATED
    assert answer.failure.phase is Phase.MID_STREAM
    assert answer.draft.text
    assert WORDS.startswith(answer.draft.text)


@pytest.mark.rule("R23")
async def test_a_stall(mock: LLMockServer) -> None:
    mock.state.scenarios.add(Reply(text=WORDS), StreamFault("stall", after_chunks=3))
    answer = await asked(mock)
    assert answer.failure is not None
    assert answer.failure.kind is ErrorKind.TIMEOUT
    assert answer.draft.text


@pytest.mark.rule("R11")
async def test_a_malformed_event(mock: LLMockServer) -> None:
    mock.state.scenarios.add(Reply(text=WORDS), StreamFault("malformed", after_chunks=3))
    answer = await asked(mock)
    assert answer.failure is None
    assert answer.draft.text != WORDS
    assert answer.notices == ["events_skipped"]
