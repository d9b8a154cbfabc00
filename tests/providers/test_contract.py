"""What every wire dialect owes the rest of the program, whatever its words: one table, one test.

A new dialect adds a row that says the same conversation in its own JSON.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from loopback import End, Loopback, reply, whole

from app.domain.errors import ChatError, ErrorKind, Failure, Phase
from app.domain.message import Message, Role, Text, Usage
from app.domain.settings import Sampling, Service
from app.domain.stream import Draft, Finished, MediaReceived, StreamEvent
from app.providers import Providers, presets
from app.providers.base import ChatRequest, Endpoint

KEY = "key-for-the-contract-0123456789"
PNG = b"\x89PNG\r\n\x1a\n\x00"
DATA = base64.b64encode(PNG).decode()
USAGE = Usage(prompt=3, completion=9, total=12, reasoning=5)


@dataclass(frozen=True)
class Dialect:
    """A service, its stream in one JSON object each, its error object, and its end of a stream."""

    service: Service
    stream: tuple[dict[str, Any], ...]
    picture: dict[str, Any]
    error: dict[str, Any]
    end: str = ""


def openai(delta: dict[str, Any], finish: str | None = None, **more: Any) -> dict[str, Any]:
    return {"choices": [{"index": 0, "delta": delta, "finish_reason": finish}], **more}


def gemini(*parts: dict[str, Any], finish: str = "", **more: Any) -> dict[str, Any]:
    candidate: dict[str, Any] = {"content": {"role": "model", "parts": list(parts)}}
    return {"candidates": [candidate | ({"finishReason": finish} if finish else {})], **more}


OPENAI = Dialect(
    service=presets.OPENAI_COMPATIBLE,
    stream=(
        openai({"role": "assistant", "reasoning_content": "Hm."}),
        openai({"content": "Grüße 🐎, "}),
        openai({"content": "you."}),
        openai(
            {"tool_calls": [{"index": 0, "id": "c1", "function": {"name": "f", "arguments": "{}"}}]}
        ),
        openai({}, "tool_calls"),
        {
            "choices": [],
            "usage": {
                "prompt_tokens": 3,
                "completion_tokens": 9,
                "total_tokens": 12,
                "completion_tokens_details": {"reasoning_tokens": 5},
            },
        },
    ),
    picture=openai(
        {"images": [{"type": "image_url", "image_url": {"url": f"data:image/png;base64,{DATA}"}}]}
    ),
    error={"error": {"message": "busy", "code": "service_unavailable"}},
    end="data: [DONE]\n\n",
)
GEMINI = Dialect(
    service=presets.GEMINI_COMPATIBLE,
    stream=(
        gemini({"text": "Hm.", "thought": True}),
        gemini({"text": "Grüße 🐎, "}),
        gemini({"text": "you."}),
        gemini({"functionCall": {"id": "c1", "name": "f"}}),
        gemini(finish="STOP"),
        {
            "usageMetadata": {
                "promptTokenCount": 3,
                "candidatesTokenCount": 4,
                "thoughtsTokenCount": 5,
                "totalTokenCount": 12,
            }
        },
    ),
    picture=gemini({"inlineData": {"mimeType": "image/png", "data": DATA}}),
    error={"error": {"code": 503, "message": "busy", "status": "UNAVAILABLE"}},
)
DIALECTS = pytest.mark.parametrize("dialect", [OPENAI, GEMINI], ids=["openai", "gemini"])


@dataclass
class Answer:
    events: list[StreamEvent]
    draft: Draft
    failure: Failure | None = None


def message(role: Role, *parts: Text) -> Message:
    return Message(id="m", parent_id=None, role=role, parts=parts, created_at=0.0)


async def ask(server: Loopback, dialect: Dialect, *, stream: bool = True) -> Answer:
    providers = Providers()
    answer = Answer([], Draft(message(Role.ASSISTANT)))
    service = replace(dialect.service, base_url=server.url)
    request = ChatRequest(
        messages=(message(Role.USER, Text("hi")),), sampling=Sampling(model="m"), stream=stream
    )
    try:
        provider = providers.of(service)
        async with aclosing(provider.stream(Endpoint(service, KEY), request)) as events:
            async for event in events:
                answer.events.append(event)
                answer.draft.apply(event)
    except ChatError as error:
        answer.failure = error.failure
    finally:
        await providers.aclose()
    return answer


async def answered(dialect: Dialect, *steps: Any) -> Answer:
    async with Loopback() as server:
        server.add(reply(*steps))
        return await ask(server, dialect)


def lines(dialect: Dialect, *values: object, end: bool = False) -> str:
    return "".join(f"data: {json.dumps(v)}\n\n" for v in values) + (dialect.end if end else "")


def assert_whole(answer: Answer) -> None:
    assert answer.failure is None
    assert answer.draft.text == "Grüße 🐎, you."
    assert answer.draft.reasoning == "Hm."
    assert answer.draft.usage == USAGE
    (call,) = answer.draft.to_message(None).tool_calls
    assert (call.id, call.name, call.arguments) == ("c1", "f", "{}")
    assert answer.draft.finished is not None
    assert answer.draft.finished.reason == "tool_calls"


@DIALECTS
async def test_the_same_answer(dialect: Dialect) -> None:
    assert_whole(await answered(dialect, lines(dialect, *dialect.stream, end=True)))


@DIALECTS
@pytest.mark.rule("R3")
@given(cuts=st.lists(st.integers(0, 2000), max_size=8))
async def test_bytes_split_anywhere(dialect: Dialect, cuts: list[int]) -> None:
    body = lines(dialect, *dialect.stream, end=True).encode()
    at = sorted({0, len(body), *(cut % len(body) for cut in cuts)})
    pieces = [body[a:b] for a, b in pairwise(at)]
    assert_whole(await answered(dialect, *pieces))


@DIALECTS
@pytest.mark.rule("R18", "R53")
@pytest.mark.parametrize("count", [1, 2, 3, 4])
@pytest.mark.parametrize("end", [End.CLOSE, End.RESET, b""])
async def test_a_cut_stream(dialect: Dialect, count: int, end: End | bytes) -> None:
    answer = await answered(dialect, lines(dialect, *dialect.stream[:count]), end)
    assert answer.failure is not None
    assert (answer.failure.kind, answer.failure.phase) == (ErrorKind.TRUNCATED, Phase.MID_STREAM)
    assert not answer.failure.retryable
    assert not any(isinstance(event, Finished) for event in answer.events)
    assert answer.draft.reasoning == "Hm."


@DIALECTS
async def test_a_picture(dialect: Dialect) -> None:
    values = (dialect.picture, *dialect.stream[-2:])
    answer = await answered(dialect, lines(dialect, *values, end=True))
    (media,) = [event for event in answer.events if isinstance(event, MediaReceived)]
    assert (media.mime, media.data) == ("image/png", PNG)


@DIALECTS
@pytest.mark.rule("R17", "R57")
@pytest.mark.parametrize("before", [0, 2])
async def test_an_error_within(dialect: Dialect, before: int) -> None:
    answer = await answered(dialect, lines(dialect, *dialect.stream[:before], dialect.error))
    assert answer.failure is not None
    assert answer.failure.kind is ErrorKind.OVERLOADED
    assert answer.failure.phase is (Phase.MID_STREAM if before else Phase.FIRST_EVENT)
    assert answer.failure.retryable is (before == 0)


@DIALECTS
@pytest.mark.rule("R30")
@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 408, 413, 418, 429, 500, 503, 529])
async def test_a_refusal(dialect: Dialect, status: int) -> None:
    async with Loopback() as server:
        server.add(whole({"error": {"message": f"no, {KEY}"}}, status=status))
        answer = await ask(server, dialect)
    assert answer.failure is not None
    assert (answer.failure.http_status, answer.failure.phase) == (status, Phase.HTTP)
    assert KEY not in repr(answer.failure)
    assert not answer.draft.visible


NONSENSE: tuple[Callable[[], Any], ...] = (
    lambda: reply(b""),
    lambda: reply(b"\xff\xfe\x00"),
    lambda: reply("<html></html>"),
    lambda: reply("data: 5\n\ndata: [1,[2]]\n\ndata: null\n\n"),
    lambda: reply("[" * 5000),
    lambda: reply("SSH-2.0\r\n", raw=True),
    lambda: reply(End.RESET),
    lambda: whole({"hello": "world"}),
    lambda: whole([]),
    lambda: whole(None),
)


@DIALECTS
@pytest.mark.rule("R18")
@pytest.mark.parametrize("nonsense", range(len(NONSENSE)))
@pytest.mark.parametrize("stream", [True, False])
async def test_nonsense_is_a_failure(dialect: Dialect, nonsense: int, stream: bool) -> None:
    async with Loopback() as server:
        server.add(NONSENSE[nonsense]())
        answer = await ask(server, dialect, stream=stream)
    assert answer.failure is not None
    assert answer.failure.message
    assert not answer.draft.visible


@DIALECTS
@pytest.mark.rule("R24", "R44")
async def test_one_credential_and_no_connection_left(dialect: Dialect) -> None:
    async with Loopback() as server:
        server.add(reply(lines(dialect, *dialect.stream, end=True)))
        await ask(server, dialect)
        names = [name.lower() for name, _ in server.requests[0].headers]
    assert sum(name in ("authorization", "x-goog-api-key") for name in names) == 1
    assert KEY not in server.requests[0].target
