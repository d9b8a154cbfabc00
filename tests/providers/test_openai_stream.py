"""Whole answers in the OpenAI form over real HTTP: every way to arrive, to end and to fail."""

from __future__ import annotations

import asyncio
import gzip
import io
import json
from collections.abc import AsyncIterator
from contextlib import aclosing
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from loopback import End, Gate, Loopback, Reply, events, reply, whole
from wire_calls import DONE, KEY, Answer, ask, completion, delta, pooled, request, service

from app.domain.errors import ErrorKind, Failure, Phase
from app.domain.message import FinishReason, Usage
from app.domain.settings import Timeouts
from app.domain.stream import Finished, TextDelta
from app.providers.base import Endpoint, Quirks
from app.providers.connections import Connections
from app.providers.openai import OpenAIProvider
from app.providers.openai_reading import Reading
from app.providers.sse import Decoder

SHORT = Timeouts(connect_s=5.0, first_byte_s=0.15, first_byte_whole_s=0.15, idle_s=0.15)
MID, FIRST = Phase.MID_STREAM, Phase.FIRST_EVENT
ERROR = {"error": {"message": "boom", "code": 503}}
USAGE = {"choices": [], "usage": {"prompt_tokens": 3, "completion_tokens": 4, "total_tokens": 7}}


@pytest.fixture
async def server() -> AsyncIterator[Loopback]:
    async with Loopback() as running:
        yield running


async def answered(server: Loopback, answer: Reply, **more: Any) -> Answer:
    """What a question gets from a server that answers like this."""
    server.clear()
    server.add(answer)
    stream = more.pop("stream", True)
    return await ask(server.url, request(stream=stream), **more)


def verdict(answer: Answer) -> tuple[str, ErrorKind | None, Phase | None]:
    failure = answer.failure
    return answer.text, failure and failure.kind, failure and failure.phase


# --- A good answer


@pytest.mark.rule("R12", "R15", "R18")
async def test_a_stream(server: Loopback) -> None:
    chunks = [delta("", role="assistant"), delta(reasoning="hm"), delta("Hello"), delta(" you")]
    answer = await answered(server, events(*chunks, delta(finish="stop"), USAGE))
    assert (answer.reasoning, answer.text) == ("hm", "Hello you")
    assert answer.complete
    assert answer.usage == Usage(prompt=3, completion=4, total=7)
    assert isinstance(answer.events[-1], Finished)
    assert answer.draft.model == "m-1"


@pytest.mark.rule("R20", "R44")
async def test_what_is_sent(server: Loopback) -> None:
    server.add(events(delta("a", "stop")))
    await ask(server.url, request())
    [seen] = server.requests
    assert (seen.method, seen.target) == ("POST", "/chat/completions")
    assert seen.json["stream"] is True
    assert seen.header("authorization") == f"Bearer {KEY}"
    assert seen.header("content-type") == "application/json"
    assert seen.header("accept") == "text/event-stream, application/json"
    assert seen.header("accept-encoding") == "gzip, deflate"
    server.clear()
    server.add(whole(completion("a")))
    await ask(server.url, request(stream=False), key=None)
    seen = server.requests[-1]
    assert seen.json["stream"] is False
    assert seen.header("authorization") is None
    assert seen.header("accept") == "application/json"


@pytest.mark.rule("R7")
async def test_done_finishes_at_once(server: Loopback) -> None:
    gate = Gate()
    server.add(events(delta("a", "stop"), DONE, gate, done=False))
    connections = Connections()
    provider = OpenAIProvider(connections)
    stream = provider.stream(Endpoint(service(server.url), KEY), request())
    async with aclosing(stream) as found:
        seen = [event async for event in found]
    assert isinstance(seen[-1], Finished)
    gate.open()
    await connections.settle()
    assert len(pooled(connections)) == 1  # drained, and ready for the next question
    await connections.aclose()


@pytest.mark.rule("R15", "R18")
async def test_a_reason_does_not_hide_the_usage_that_follows(server: Loopback) -> None:
    gate = Gate()
    asyncio.get_running_loop().call_later(0.1, gate.open)
    found = await answered(server, events(delta("a", "stop"), gate, USAGE))
    assert found.usage == Usage(prompt=3, completion=4, total=7)


@pytest.mark.rule("R15", "R24")
async def test_the_end_is_told_before_what_follows_it(server: Loopback) -> None:
    """The service may take its time with the rest; whoever stops then has a whole answer."""
    gate = Gate()
    server.add(events(delta("a <"), delta(finish="stop"), gate, USAGE))
    connections = Connections()
    provider = OpenAIProvider(connections)
    answer = Answer()
    stream = provider.stream(Endpoint(service(server.url), KEY), request())
    async with aclosing(stream) as found:
        async for event in found:
            answer.add(event)
            if isinstance(event, Finished):
                gate.open()
                break
    assert answer.finished == Finished(FinishReason.STOP, "stop")
    assert answer.text == "a <"
    await connections.aclose()


@pytest.mark.rule("R16", "R18")
@pytest.mark.parametrize(
    ("answer", "finished"),
    [
        (events(delta("a"), done=True), Finished(FinishReason.STOP, None)),
        (events(delta("a", "length"), done=False), Finished(FinishReason.LENGTH, "length")),
        (events(delta(finish="stop")), Finished(FinishReason.STOP, "stop")),
        (events(delta("a", "stop"), End.CLOSE), Finished(FinishReason.STOP, "stop")),
        (events(delta("a", "stop"), End.RESET), Finished(FinishReason.STOP, "stop")),
        (events(delta("a", "stop"), End.CLOSE, framing=9999), Finished(FinishReason.STOP, "stop")),
        (events(delta("a", "content_filter")), Finished(FinishReason.CONTENT_FILTER,
                                                        "content_filter")),
        (reply(f"data: {json.dumps(delta('a', 'stop'))}"), Finished(FinishReason.STOP, "stop")),
    ],
)  # fmt: skip
async def test_what_counts_as_a_good_end(
    server: Loopback, answer: Reply, finished: Finished
) -> None:
    found = await answered(server, answer)
    assert found.failure is None
    assert found.finished == finished


@pytest.mark.rule("R18", "R23")
async def test_silence_after_the_reason_is_cut_short(server: Loopback) -> None:
    found = await answered(server, events(delta("a", "stop"), End.HANG), timeouts=SHORT)
    assert found.complete
    assert found.finished == Finished(FinishReason.STOP, "stop")


# --- The opposite of what was asked for


@pytest.mark.rule("R9", "R20")
@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize(
    "answer",
    [
        whole(completion("a")),
        whole(completion("a"), content_type="text/event-stream"),
        whole(completion("a"), content_type="text/html"),
        reply(json.dumps(completion("a")), "\n\ndata: [DONE]\n\n"),
        reply("\ufeff\n\n", json.dumps(completion("a"), indent=1)),
        whole([completion("a")]),
        events(delta("a", "stop")),
        events(delta("a", "stop"), headers={"content-type": "application/json"}),
        events(completion("a")),
        reply(*(json.dumps(each) + "\n" for each in (delta("a"), delta(finish="stop")))),
        reply(b"data:" + json.dumps(delta("a", "stop")).encode() + b"\r\rdata:[DONE]\r\r"),
        whole({"code": 200, "message": "success", "data": completion("a")}),
    ],
)
async def test_any_form_of_the_body(server: Loopback, answer: Reply, stream: bool) -> None:
    found = await answered(server, answer, stream=stream)
    assert verdict(found) == ("a", None, None)
    assert found.finished == Finished(FinishReason.STOP, "stop")


@pytest.mark.rule("R16", "R18", "R20")
@pytest.mark.parametrize("stream", [True, False])
async def test_a_whole_reply_needs_no_reason(server: Loopback, stream: bool) -> None:
    found = await answered(server, whole(completion("a", None)), stream=stream)
    assert verdict(found) == ("a", None, None)
    assert found.finished is None


async def test_a_compressed_stream(server: Loopback) -> None:
    body = b"".join(f"data: {json.dumps(delta(c))}\n\n".encode() for c in "Hello") + DONE
    packed = gzip.compress(body)
    pieces = [packed[i : i + 7] for i in range(0, len(packed), 7)]
    found = await answered(server, reply(*pieces, headers={"content-encoding": "gzip"}))
    assert (found.text, found.complete) == ("Hello", True)


# --- Errors within a 200


@pytest.mark.rule("R17")
@pytest.mark.parametrize(
    ("error", "kind", "status"),
    [
        ({"error": {"code": 429, "message": "m"}}, ErrorKind.RATE_LIMIT, 429),
        ({"error": {"code": "402", "message": "m"}}, ErrorKind.BILLING, 402),
        ({"error": "boom"}, ErrorKind.SERVER, 200),
        ({"object": "error", "message": "m", "code": 400}, ErrorKind.BAD_REQUEST, 400),
        ({"success": False, "error": {"code": "api_error", "message": "m"}}, ErrorKind.SERVER, 200),
        ({"success": False, "message": "m"}, ErrorKind.SERVER, 200),
        ([{"error": {"code": 503, "message": "m", "status": "UNAVAILABLE"}}],
         ErrorKind.OVERLOADED, 503),
        (b"event: error\ndata: plain words\n\n", ErrorKind.SERVER, 200),
        (b'event: error\ndata: {"message": "m", "code": 401}\n\n', ErrorKind.AUTH, 401),
        (b'{\n  "error": {\n    "code": 503\n  }\n}\n', ErrorKind.OVERLOADED, 503),
        ({"error": {"code": 502, "message": "m"}, "choices": [{"index": 0, "delta":
          {"content": ""}, "finish_reason": "error"}]}, ErrorKind.SERVER, 502),
    ],
)  # fmt: skip
async def test_errors_in_a_stream(
    server: Loopback, error: Any, kind: ErrorKind, status: int
) -> None:
    first = (await answered(server, events(delta("", role="assistant"), error))).failure
    assert first is not None
    assert (first.kind, first.phase, first.http_status) == (kind, FIRST, status)
    assert first.retryable is (kind in (ErrorKind.RATE_LIMIT, ErrorKind.SERVER,
                                        ErrorKind.OVERLOADED))  # fmt: skip
    later = await answered(server, events(delta("par"), delta("t"), error))
    assert verdict(later) == ("part", kind, MID)
    assert later.failure is not None
    assert not later.failure.retryable
    after = await answered(server, events(delta("all", "stop"), error))
    assert verdict(after) == ("all", None, None)
    assert after.finished == Finished(FinishReason.STOP, "stop")
    assert "failed_after_end" in after.notices


@pytest.mark.rule("R17")
async def test_reasoning_counts_as_shown(server: Loopback) -> None:
    found = await answered(server, events(delta(reasoning="hm"), ERROR))
    assert found.failure is not None
    assert (found.failure.phase, found.failure.retryable) == (MID, False)


@pytest.mark.rule("R14a", "R17")
async def test_text_that_was_held_back_is_kept(server: Loopback) -> None:
    found = await answered(server, events(delta("a <thi"), ERROR))
    assert verdict(found) == ("a <thi", ErrorKind.OVERLOADED, MID)
    held = await answered(server, events(delta("<thi"), ERROR))
    assert verdict(held) == ("<thi", ErrorKind.OVERLOADED, MID)
    cut = await answered(server, events(delta("<thi"), End.RESET))
    assert verdict(cut) == ("<thi", ErrorKind.TRUNCATED, MID)
    blank = await answered(server, events(delta("\n"), ERROR))
    assert verdict(blank) == ("", ErrorKind.OVERLOADED, FIRST)


@pytest.mark.rule("R17")
@pytest.mark.parametrize("stream", [True, False])
async def test_an_error_as_the_whole_body(server: Loopback, stream: bool) -> None:
    found = await answered(server, whole(ERROR), stream=stream)
    assert verdict(found) == ("", ErrorKind.OVERLOADED, FIRST)


@pytest.mark.rule("R17")
async def test_the_reason_error_without_an_object(server: Loopback) -> None:
    first = (await answered(server, events(delta("", "error")))).failure
    assert first is not None
    assert (first.kind, first.phase, first.retryable) == (ErrorKind.SERVER, FIRST, True)
    later = await answered(server, events(delta("a"), delta(finish="error")))
    assert verdict(later) == ("a", ErrorKind.SERVER, MID)
    assert later.finished == Finished(FinishReason.ERROR, "error")


@pytest.mark.rule("R17")
async def test_a_complaint_that_calls_itself_no_error(server: Loopback) -> None:
    found = await answered(server, whole({"code": 401, "msg": "token expired"}))
    assert verdict(found) == ("", ErrorKind.AUTH, FIRST)
    assert found.failure is not None
    assert found.failure.message == "token expired"


# --- Ends that are none


@pytest.mark.rule("R18")
@pytest.mark.parametrize(
    "end", [events(delta("par"), delta("t"), done=False), events(delta("part"), End.CLOSE),
            events(delta("part"), End.RESET), events(delta("part"), End.CLOSE, framing=9999),
            events(delta("part"), b'data: {"choi', done=False),
            events(delta("part"), b"data: [DONE", done=False)],
)  # fmt: skip
async def test_a_stream_that_breaks_off(server: Loopback, end: Reply) -> None:
    found = await answered(server, end)
    assert verdict(found) == ("part", ErrorKind.TRUNCATED, MID)
    assert found.failure is not None
    assert not found.failure.retryable
    assert found.failure.http_status == 200
    assert found.finished is None


def only(answer: Answer) -> Failure:
    assert answer.failure is not None
    assert answer.events == [] or answer.text == ""
    return answer.failure


@pytest.mark.rule("R18")
@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize(
    "empty",
    [
        events(done=False),
        events(),
        reply(": keep-alive\n\n: keep-alive\n\n"),
        events(delta("", role="assistant")),
        events({"choices": []}, done=False),
        events(USAGE),
        whole({}),
        whole(completion("", None)),
        whole({"choices": []}),
        whole([]),
        Reply(status=204, framing="close"),
        reply("\n\n"),
    ],
)
async def test_an_empty_answer(server: Loopback, empty: Reply, stream: bool) -> None:
    failure = only(await answered(server, empty, stream=stream))
    assert (failure.kind, failure.phase) == (ErrorKind.PROTOCOL, FIRST)
    assert (failure.retryable, failure.max_retries) == (True, 1)
    assert "empty" in failure.message


@pytest.mark.rule("R21")
async def test_an_empty_answer_to_the_repetition_is_not_asked_for_again(server: Loopback) -> None:
    server.add(whole(completion("", None)))
    failure = only(await ask(server.url, request(quirks=Quirks(stream=False))))
    assert (failure.kind, failure.retryable) == (ErrorKind.PROTOCOL, False)


@pytest.mark.rule("R11", "R20")
@pytest.mark.parametrize(
    "body",
    [
        "data: oops\n\ndata: {bad\n\n",
        '{"choices": [{"mess',
        "Service temporarily unavailable",
        "<html><title>Sign in</title></html>",
        " \n<!DOCTYPE html>",
        "data: 5\n\ndata: [DONE]\n\n",
    ],
)
async def test_what_is_no_answer_at_all(server: Loopback, body: str) -> None:
    failure = only(await answered(server, reply(body)))
    assert (failure.kind, failure.phase) == (ErrorKind.PROTOCOL, FIRST)
    assert not failure.retryable


@pytest.mark.rule("R20")
async def test_a_page_is_told_by_its_title(server: Loopback) -> None:
    failure = only(await answered(server, reply("<html><title>Sign in</title>" + "x" * 99_999)))
    assert "Sign in" in failure.message
    assert failure.http_status == 200


@pytest.mark.rule("R11")
async def test_a_garbled_event_is_passed_over_and_told(server: Loopback) -> None:
    found = await answered(server, events(delta("a"), b"data: {oops\n\n", delta("b", "stop")))
    assert verdict(found) == ("ab", None, None)
    assert "events_skipped" in found.notices


@pytest.mark.rule("R18", "R40")
@pytest.mark.parametrize("before", [b"", b": keep-alive\n\n"])
async def test_a_connection_lost_before_the_answer(server: Loopback, before: bytes) -> None:
    failure = only(await answered(server, reply(before, End.RESET)))
    assert (failure.kind, failure.phase) == (ErrorKind.NETWORK, FIRST)
    assert (failure.retryable, failure.max_retries) == (True, 2)


@pytest.mark.rule("R18")
@pytest.mark.parametrize("end", [End.RESET, End.CLOSE])
async def test_a_connection_lost_after_the_answer_began(server: Loopback, end: End) -> None:
    failure = only(await answered(server, events(delta("", role="assistant"), end)))
    assert (failure.kind, failure.phase) == (ErrorKind.TRUNCATED, FIRST)
    cut = only(await answered(server, reply('{"choices":[{"mess', end), stream=False))
    assert (cut.kind, cut.phase) == (ErrorKind.TRUNCATED, FIRST)


# --- Timers


@pytest.mark.rule("R23")
@pytest.mark.parametrize(
    ("silent", "phase"),
    [
        (Reply(raw=True, steps=(End.HANG,)), Phase.HTTP),
        (events(End.HANG), FIRST),
        (reply(b": keep-alive\n\n", End.HANG), FIRST),
    ],
)
@pytest.mark.parametrize("stream", [True, False])
async def test_silence_before_the_answer(
    server: Loopback, silent: Reply, phase: Phase, stream: bool
) -> None:
    failure = only(await answered(server, silent, timeouts=SHORT, stream=stream))
    assert (failure.kind, failure.phase) == (ErrorKind.TIMEOUT, phase)
    assert (failure.retryable, failure.max_retries) == (True, 1)


@pytest.mark.rule("R23")
async def test_silence_within_the_answer(server: Loopback) -> None:
    found = await answered(server, events(delta("part"), End.HANG), timeouts=SHORT)
    assert verdict(found) == ("part", ErrorKind.TIMEOUT, MID)
    assert found.failure is not None
    assert not found.failure.retryable


@pytest.mark.rule("R23")
async def test_first_byte_and_later_bytes_have_limits_of_their_own(server: Loopback) -> None:
    patient_first = Timeouts(first_byte_s=30.0, idle_s=0.1)
    found = await answered(server, events(delta("a"), End.HANG), timeouts=patient_first)
    assert verdict(found) == ("a", ErrorKind.TIMEOUT, MID)
    patient_later = Timeouts(first_byte_s=0.1, idle_s=30.0)
    failure = only(await answered(server, events(End.HANG), timeouts=patient_later))
    assert failure.kind is ErrorKind.TIMEOUT


@pytest.mark.rule("R23")
async def test_the_limit_of_the_first_byte_is_not_the_limit_of_later_ones(
    server: Loopback,
) -> None:
    gate = Gate()
    asyncio.get_running_loop().call_later(0.4, gate.open)
    limits = Timeouts(first_byte_s=0.2, idle_s=30.0)
    found = await answered(server, events(delta("a"), gate, delta("b", "stop")), timeouts=limits)
    assert verdict(found) == ("ab", None, None)


@pytest.mark.rule("R5", "R23")
async def test_any_byte_counts(server: Loopback) -> None:
    """Comments, and bytes of a compressed body that give nothing yet, keep the answer alive."""
    loop = asyncio.get_running_loop()
    gates = [Gate() for _ in range(8)]
    for number, gate in enumerate(gates):
        loop.call_later(0.1 * (number + 1), gate.open)
    limits = Timeouts(first_byte_s=0.6, idle_s=0.6)
    kept: list[Any] = [step for gate in gates for step in (gate, b": hi\n\n")]
    found = await answered(server, events(delta("a"), *kept, delta("b", "stop")), timeouts=limits)
    assert verdict(found) == ("ab", None, None)


@pytest.mark.rule("R23")
async def test_bytes_that_give_nothing_yet_count(server: Loopback) -> None:
    loop = asyncio.get_running_loop()
    packing = io.BytesIO()
    with gzip.GzipFile(filename="n" * 200, mode="wb", fileobj=packing) as file:
        file.write(f"data: {json.dumps(delta('a', 'stop'))}\n\n".encode())
    packed = packing.getvalue()  # begins with 200 bytes of a name, which decompress to nothing
    steps: list[Any] = []
    for number, edge in enumerate(range(0, 160, 20)):
        gate = Gate()
        loop.call_later(0.1 * (number + 1), gate.open)
        steps += [packed[edge : edge + 20], gate]
    steps.append(packed[160:])
    limits = Timeouts(first_byte_s=0.6, idle_s=0.6)
    answer = reply(*steps, headers={"content-encoding": "gzip"})
    assert verdict(await answered(server, answer, timeouts=limits)) == ("a", None, None)


# --- Stop, and what is left of it


@pytest.mark.rule("R24")
async def test_stop_closes_the_connection(server: Loopback) -> None:
    server.add(events(delta("par"), delta("t"), End.HANG))
    connections = Connections()
    answer = Answer()
    shown = asyncio.Event()

    async def reply_task() -> None:
        provider = OpenAIProvider(connections)
        stream = provider.stream(Endpoint(service(server.url), KEY), request())
        async with aclosing(stream) as found:
            async for event in found:
                answer.add(event)
                if answer.text == "part":
                    shown.set()

    task = asyncio.ensure_future(reply_task())
    await shown.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert task.cancelled()
    async with asyncio.timeout(10):
        await server.requests[0].gone.wait()  # the server sees it
    assert answer.text == "part"
    assert pooled(connections) == []
    await connections.aclose()


@pytest.mark.rule("R24")
async def test_leaving_the_stream_early_closes_the_connection(server: Loopback) -> None:
    server.add(events(delta("a"), delta("b"), End.HANG))
    connections = Connections()
    provider = OpenAIProvider(connections)
    stream = provider.stream(Endpoint(service(server.url), KEY), request())
    async with aclosing(stream) as found:
        async for event in found:
            if isinstance(event, TextDelta):
                break
    async with asyncio.timeout(10):
        await server.requests[0].gone.wait()
    assert pooled(connections) == []
    await connections.aclose()


@pytest.mark.rule("R7")
@pytest.mark.parametrize(
    ("answer", "left"),
    [
        (events(delta("a", "stop")), 1),
        (events(delta("a", "stop"), done=False), 1),
        (whole(completion("a")), 1),
        (events(delta("a"), DONE, b": more\n\n" * 100, done=False), 1),
        (events(delta("a"), DONE, b"x" * 400_000, done=False), 0),
        (events(delta("a"), DONE, End.HANG, done=False), 0),
        (events(delta("a"), DONE, End.RESET, done=False), 0),
        (events(delta("a"), End.CLOSE), 0),
        (events(ERROR, End.HANG), 0),
        (whole(ERROR, status=500), None),
        (reply("<html>"), None),
    ],
)
async def test_what_is_left_in_the_pool(server: Loopback, answer: Reply, left: int | None) -> None:
    """Nothing, or one idle connection that the next question can use; never a busy one."""
    connections = Connections()
    server.add(answer)
    for _ in range(2):
        await ask(server.url, connections=connections)
        await connections.settle()
    found = pooled(connections)
    assert left is None or len(found) == left
    assert all("IDLE" in line for line in found)
    await connections.aclose()
    assert pooled(connections) == []


@pytest.mark.rule("R7")
async def test_a_finished_answer_leaves_its_connection_to_the_next(server: Loopback) -> None:
    connections = Connections()
    server.add(events(delta("a", "stop")))
    for _ in range(3):
        await ask(server.url, connections=connections)
        await connections.settle()
    assert server.connections == 1
    await connections.aclose()


async def test_several_answers_at_once(server: Loopback) -> None:
    gate = Gate()
    server.add(events(delta("a"), gate, delta("b", "stop")))
    connections = Connections()
    half_way = asyncio.Semaphore(0)

    async def reply_task() -> str:
        provider, answer = OpenAIProvider(connections), Answer()
        stream = provider.stream(Endpoint(service(server.url), KEY), request())
        async with aclosing(stream) as found:
            async for event in found:
                answer.add(event)
                if isinstance(event, TextDelta):
                    half_way.release()
        return answer.text

    tasks = [asyncio.ensure_future(reply_task()) for _ in range(8)]
    for _ in tasks:
        await half_way.acquire()
    gate.open()
    assert await asyncio.gather(*tasks) == ["ab"] * 8
    await connections.aclose()


@pytest.mark.rule("R21")
async def test_without_streaming_after_it_was_refused(server: Loopback) -> None:
    server.add(
        whole({"error": {"message": "stream is not supported"}}, status=400),
        whole(completion("a")),
    )
    provider = OpenAIProvider(Connections())
    failure = only(await ask(server.url))
    quirks = provider.mend(Endpoint(service(server.url)), request(), failure)
    assert quirks == Quirks(stream=False)
    found = await ask(server.url, request(quirks=quirks))
    assert (found.text, server.requests[-1].json["stream"]) == ("a", False)


# --- Properties over whole bodies

GOOD = (
    delta("", role="assistant"),
    delta(reasoning="hm 🐎"),
    delta("Grüße \u2028"),
    delta(" you", tool_calls=[{"index": 0, "id": "c", "function": {"name": "f"}}]),
    delta(tool_calls=[{"index": 0, "function": {"arguments": '{"x":1}'}}]),
    delta(finish="stop"),
    USAGE,
)
STREAM = (
    b": hi\r\n\r\n"
    + b"".join(f"data: {json.dumps(c, ensure_ascii=False)}\r\n\r\n".encode() for c in GOOD)
    + DONE
)
REASON_AT = STREAM.index(b'"finish_reason": "stop"')


class FakeExchange:
    """What `Reading` asks of an exchange, without a network under it."""

    def __init__(self) -> None:
        self.decoder = Decoder()
        self.visible = self.ended = False

    @property
    def phase(self) -> Phase:
        return MID if self.visible else FIRST

    def failure(self, kind: ErrorKind, sentence: str, *, retries: int = 0) -> Failure:
        return Failure(kind=kind, message=sentence, phase=self.phase)


def read_pieces(*pieces: bytes) -> Answer:
    """The fold of a body in pieces, by the same steps as `OpenAIProvider.stream`."""
    exchange, answer = FakeExchange(), Answer()
    reading = Reading(exchange)  # type: ignore[arg-type]
    for piece in (*pieces, None):
        decoder = exchange.decoder
        for event in decoder.end() if piece is None else decoder.feed(piece):
            for found in reading.take(event):
                answer.add(found)
    for found in reading.finish():
        answer.add(found)
    failure = reading.judged(None)
    for found in reading.last(complete=failure is None):
        answer.add(found)
    answer.failure = failure.failure if failure else None
    return answer


def folded(answer: Answer) -> tuple[Any, ...]:
    said = (answer.reasoning, answer.text, answer.calls, answer.usage, answer.finished)
    return (*said, answer.failure and answer.failure.kind)


@pytest.mark.rule("R3", "R18")
@given(cuts=st.lists(st.integers(0, len(STREAM)), max_size=60))
def test_any_splitting_gives_the_same_answer(cuts: list[int]) -> None:
    edges = sorted({0, len(STREAM), *cuts})
    pieces = [STREAM[a:b] for a, b in pairwise(edges)]
    assert folded(read_pieces(*pieces)) == folded(read_pieces(STREAM))


@pytest.mark.rule("R18")
@given(at=st.integers(0, len(STREAM)))
def test_no_prefix_raises_or_counts_as_complete_without_a_reason(at: int) -> None:
    answer = read_pieces(STREAM[:at])
    whole_answer = read_pieces(STREAM)
    assert whole_answer.text.startswith(answer.text)
    # The chunk with the reason counts as soon as its JSON is whole.
    reason_seen = at >= STREAM.index(b"\r\n", REASON_AT)
    assert answer.complete is reason_seen


@pytest.mark.rule("R3", "R18")
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cuts=st.lists(st.integers(0, len(STREAM)), max_size=12), end=st.integers(0, len(STREAM)))
def test_cut_anywhere_over_http(cuts: list[int], end: int) -> None:
    async def run() -> Answer:
        async with Loopback() as server:
            edges = sorted({0, end, *(cut for cut in cuts if cut < end)})
            server.add(reply(*(STREAM[a:b] for a, b in pairwise(edges))))
            return await ask(server.url)

    assert folded(asyncio.run(run())) == folded(read_pieces(STREAM[:end]))
