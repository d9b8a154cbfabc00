"""Against a server that others wrote: llmock's OpenAI dialect, and the faults it can play."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from llmock.scenarios import Fail, Reply, StreamFault, ToolCall
from llmock.testing import LLMockServer
from wire_calls import KEY, Answer, ask, request, service, user

from app.domain.errors import ErrorKind, Phase
from app.domain.message import FinishReason
from app.domain.settings import Timeouts
from app.providers.base import Endpoint
from app.providers.connections import Connections
from app.providers.openai import OpenAIProvider

WORDS = "one two three four five six seven eight nine ten"


@pytest.fixture(scope="module")
def running() -> Iterator[LLMockServer]:
    with LLMockServer() as server:
        # Its worker thread lives as long as it does.
        httpx.get(f"{server.base_url('openai')}/models", trust_env=False)
        yield server


@pytest.fixture
def mock(running: LLMockServer) -> Iterator[LLMockServer]:
    running.state.scenarios.clear()
    yield running
    running.state.scenarios.clear()


async def asked(mock: LLMockServer, stream: bool = True, idle_s: float = 5.0) -> Answer:
    limits = Timeouts(first_byte_s=5.0, first_byte_whole_s=5.0, idle_s=idle_s)
    question = request(user("hello"), model="gpt-4o", stream=stream)
    return await ask(mock.base_url("openai"), question, timeouts=limits)


@pytest.mark.parametrize("stream", [True, False])
async def test_an_answer(mock: LLMockServer, stream: bool) -> None:
    mock.state.scenarios.add(Reply(text=WORDS))
    answer = await asked(mock, stream)
    assert answer.failure is None
    assert answer.text.strip() == WORDS
    assert answer.finished is not None
    assert answer.finished.reason is FinishReason.STOP
    assert answer.usage is not None
    assert answer.usage.total


@pytest.mark.rule("R19")
@pytest.mark.parametrize("stream", [True, False])
async def test_a_call(mock: LLMockServer, stream: bool) -> None:
    mock.state.scenarios.add(Reply(tool_calls=(ToolCall("get_weather", {"city": "Paris"}),)))
    answer = await asked(mock, stream)
    assert answer.failure is None
    [(call_id, name, arguments)] = answer.calls
    assert call_id
    assert (name, arguments.replace(" ", "")) == ("get_weather", '{"city":"Paris"}')
    assert answer.finished is not None
    assert answer.finished.reason is FinishReason.TOOL_CALLS


@pytest.mark.rule("R41")
async def test_too_many_requests(mock: LLMockServer) -> None:
    mock.state.scenarios.add(Fail(429, retry_after=3.0))
    failure = (await asked(mock)).failure
    assert failure is not None
    assert (failure.kind, failure.http_status) == (ErrorKind.RATE_LIMIT, 429)
    assert (failure.retryable, failure.retry_after_s) == (True, 3.0)


@pytest.mark.parametrize(
    ("status", "kind", "retryable"),
    [
        (400, ErrorKind.BAD_REQUEST, False),
        (401, ErrorKind.AUTH, False),
        (403, ErrorKind.PERMISSION, False),
        (500, ErrorKind.SERVER, True),
        (503, ErrorKind.OVERLOADED, True),
    ],
)
async def test_refusals(mock: LLMockServer, status: int, kind: ErrorKind, retryable: bool) -> None:
    mock.state.scenarios.add(Fail(status))
    failure = (await asked(mock)).failure
    assert failure is not None
    assert (failure.kind, failure.http_status, failure.retryable) == (kind, status, retryable)
    assert failure.message


@pytest.mark.rule("R18", "R23")
@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ("disconnect", ErrorKind.TRUNCATED),
        ("truncate", ErrorKind.TRUNCATED),
        ("stall", ErrorKind.TIMEOUT),
    ],
)
async def test_streams_that_break(mock: LLMockServer, fault: str, kind: ErrorKind) -> None:
    mock.state.scenarios.add(Reply(text=WORDS))
    mock.state.scenarios.add(StreamFault(fault, after_chunks=4, stall_seconds=30.0))  # type: ignore[arg-type]
    answer = await asked(mock, idle_s=0.3)
    assert answer.failure is not None
    assert (answer.failure.kind, answer.failure.phase) == (kind, Phase.MID_STREAM)
    assert not answer.failure.retryable
    assert answer.text
    assert WORDS.startswith(answer.text.strip())
    assert answer.finished is None


@pytest.mark.rule("R11")
async def test_a_malformed_event(mock: LLMockServer) -> None:
    mock.state.scenarios.add(Reply(text=WORDS))
    mock.state.scenarios.add(StreamFault("malformed", after_chunks=4))
    answer = await asked(mock)
    assert answer.text
    if answer.failure is None:
        assert "events_skipped" in answer.notices
    else:
        assert answer.failure.kind is ErrorKind.TRUNCATED


async def test_models(mock: LLMockServer) -> None:
    connections = Connections()
    endpoint = Endpoint(service(mock.base_url("openai")), KEY)
    found = await OpenAIProvider(connections).models(endpoint)
    assert "gpt-4o" in {info.id for info in found}
    await connections.aclose()
