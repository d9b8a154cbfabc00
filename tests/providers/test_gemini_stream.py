"""Streams in Google's form over real HTTP: every way to arrive, to end and to fail."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
from contextlib import aclosing
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from gemini_cases import (
    KEY,
    MODEL,
    Answer,
    ask,
    chunk,
    model_said,
    request,
    service,
    sse,
    user,
)
from hypothesis import given
from hypothesis import strategies as st
from loopback import End, Gate, Loopback, Reply, reply, whole

from app.domain.errors import ErrorKind, Failure, Phase
from app.domain.message import Usage
from app.domain.settings import Timeouts
from app.domain.stream import Finished
from app.providers.base import Endpoint, Files, HeldBlobs, Quirks
from app.providers.connections import Connections
from app.providers.gemini import GeminiProvider
from app.providers.gemini_reply import Assembly
from app.providers.sse import Decoder, Event

TEXT = "Grüße 🐎, that\u2028is\x0ball\u0085of it."
ERROR = {
    "error": {
        "code": 503,
        "message": "The model is overloaded. Please try again later.",
        "status": "UNAVAILABLE",
    }
}
USAGE = {"promptTokenCount": 3, "candidatesTokenCount": 4, "totalTokenCount": 7}
STREAM = (
    chunk({"text": "Hm.", "thought": True}, modelVersion="gemini-3.8-flash-001"),
    chunk({"text": TEXT[:9]}),
    chunk({"text": TEXT[9:]}),
    chunk({"text": "", "thoughtSignature": "c2ln"}, finish="STOP", usageMetadata=USAGE),
)


def array(*values: object) -> bytes:
    """The answer without `alt=sse`: an array, pretty-printed as Google does."""
    return ("[" + ",\r\n".join(json.dumps(value, indent=2) for value in values) + "\n]\n").encode()


async def answered(*steps: Any, asked: Any = None, **more: Any) -> tuple[Answer, Loopback]:
    fields = more.pop("service_fields", {})
    async with Loopback() as server:
        server.add(steps[0] if isinstance(steps[0], Reply) else reply(*steps, **more))
        return await ask(server.url, asked, **fields), server


def assert_is_the_stream(answer: Answer) -> None:
    assert answer.failure is None
    assert answer.draft.text == TEXT
    assert answer.draft.reasoning == "Hm."
    assert answer.finish == ("stop", "STOP")
    assert answer.draft.usage == Usage(prompt=3, completion=4, total=7)
    assert answer.draft.model == "gemini-3.8-flash-001"
    assert answer.draft.state["parts"] == [
        {"text": TEXT},
        {"text": "", "thoughtSignature": "c2ln"},
    ]


# Ways to arrive


@pytest.mark.rule("R44")
async def test_events_and_what_was_sent() -> None:
    answer, server = await answered(sse(*STREAM), asked=request(user("hi")))
    assert_is_the_stream(answer)
    (seen,) = server.requests
    assert seen.target == f"/v1beta/models/{MODEL}:streamGenerateContent?alt=sse"
    assert seen.header("x-goog-api-key") == KEY
    assert seen.header("authorization") is None
    assert seen.json["contents"] == [{"role": "user", "parts": [{"text": "hi"}]}]


@pytest.mark.rule("R44")
async def test_a_key_is_never_sent_as_a_bearer() -> None:
    _, server = await answered(sse(*STREAM), service_fields={"auth": "bearer"})
    assert server.requests[0].header("x-goog-api-key") == KEY
    assert server.requests[0].header("authorization") is None
    assert KEY not in server.requests[0].target


@pytest.mark.rule("R20", "R52")
@pytest.mark.parametrize(
    "body",
    [
        sse(*STREAM, end="\n\n"),
        sse(*STREAM, end="\r\r"),
        sse(*STREAM)[:-4],
        b"\xef\xbb\xbf: keep-alive\r\n\r\n" + sse(*STREAM),
        array(*STREAM),
        b"\n".join(json.dumps(value).encode() for value in STREAM),
    ],
    ids=["lf", "cr", "no blank line", "bom and comment", "array", "ndjson"],
)
async def test_forms_of_a_stream(body: bytes) -> None:
    answer, _ = await answered(body)
    assert_is_the_stream(answer)


@pytest.mark.rule("R20")
@pytest.mark.parametrize("stream", [True, False])
async def test_one_whole_document(stream: bool) -> None:
    document = chunk({"text": "Hm.", "thought": True}, {"text": TEXT}, finish="STOP")
    answer, server = await answered(whole(document), asked=request(stream=stream))
    assert answer.failure is None
    assert answer.draft.text == TEXT
    assert ("stream" in server.requests[0].target) is stream


async def test_a_whole_document_needs_no_reason() -> None:
    answer, _ = await answered(whole(chunk({"text": "a"})), asked=request(stream=False))
    assert answer.failure is None
    assert answer.finish == (None, None)


@pytest.mark.rule("R53")
async def test_what_follows_the_end_is_read() -> None:
    tail = {"usageMetadata": USAGE}
    answer, _ = await answered(sse(*STREAM[:2], chunk(finish="STOP"), tail))
    assert answer.failure is None
    assert answer.draft.usage == Usage(prompt=3, completion=4, total=7)


async def test_a_megabyte_in_one_line() -> None:
    text = "0123456789abcdef" * 65536
    body = sse(chunk({"text": text}, finish="STOP"))
    answer, _ = await answered(*(body[i : i + 50_000] for i in range(0, len(body), 50_000)))
    assert answer.draft.text == text


@pytest.mark.rule("R24")
async def test_leaving_closes_the_connection() -> None:
    gate = Gate()
    connections = Connections()
    async with Loopback() as server:
        server.add(reply(sse(*STREAM[:2]), gate))
        provider = GeminiProvider(connections)
        endpoint = Endpoint(service(server.url), KEY)
        async with aclosing(provider.stream(endpoint, request())) as events:
            async for _ in events:
                break
        await asyncio.wait_for(server.requests[0].gone.wait(), 5)
        await connections.aclose()


# Ways to end


@pytest.mark.rule("R53", "R18")
@pytest.mark.parametrize("end", [End.CLOSE, End.RESET, None])
async def test_without_a_reason_it_is_cut_off(end: End | None) -> None:
    steps = [sse(*STREAM[:3]), *([end] if end else [])]
    answer, _ = await answered(*steps)
    assert answer.failure is not None
    assert answer.failure.kind is ErrorKind.TRUNCATED
    assert answer.failure.phase is Phase.MID_STREAM
    assert not answer.failure.retryable
    assert answer.draft.text == TEXT
    assert answer.draft.state["parts"] == [{"text": TEXT}]


@pytest.mark.rule("R53")
async def test_done_is_no_reason() -> None:
    answer, _ = await answered(sse(*STREAM[:3]) + b"data: [DONE]\n\n")
    assert answer.failure is not None
    assert answer.failure.kind is ErrorKind.TRUNCATED


@pytest.mark.rule("R53")
async def test_a_cut_array_is_cut_off() -> None:
    answer, _ = await answered(array(*STREAM[:2]).rstrip(b"]\n"))
    assert answer.failure is not None
    assert answer.failure.kind is ErrorKind.TRUNCATED


@pytest.mark.rule("R17")
async def test_a_lost_connection_after_the_end_is_no_failure() -> None:
    answer, _ = await answered(sse(*STREAM), End.RESET)
    assert_is_the_stream(answer)


@pytest.mark.rule("R18")
@pytest.mark.parametrize("body", [b"", b"\r\n\r\n", b"data: {}\n\n", b"{}", b"[]", b": hi\n\n"])
async def test_an_empty_answer(body: bytes) -> None:
    answer, _ = await answered(body)
    assert answer.failure is not None
    assert (answer.failure.kind, answer.failure.max_retries) == (ErrorKind.PROTOCOL, 1)
    assert answer.failure.retryable
    assert answer.draft.finished is None


@pytest.mark.rule("R20")
async def test_a_page_is_no_answer() -> None:
    answer, _ = await answered("<html><title>Sign in</title></html>")
    assert answer.failure is not None
    assert answer.failure.kind is ErrorKind.PROTOCOL
    assert "Sign in" in answer.failure.message


@pytest.mark.rule("R11")
@pytest.mark.parametrize(
    "body", ["data: hello\n\ndata: you\n\n", "It works!", "404 page not found"]
)
async def test_words_that_are_no_json(body: str) -> None:
    answer, _ = await answered(body)
    assert answer.failure is not None
    assert answer.failure.kind is ErrorKind.PROTOCOL
    assert not answer.failure.retryable


@pytest.mark.rule("R55")
async def test_a_blocked_question() -> None:
    feedback = {"blockReason": "PROHIBITED_CONTENT", "safetyRatings": []}
    answer, _ = await answered(sse({"promptFeedback": feedback, "usageMetadata": USAGE}))
    assert answer.failure is not None
    assert answer.failure.kind is ErrorKind.BLOCKED
    assert answer.failure.codes == ("PROHIBITED_CONTENT",)
    assert "PROHIBITED_CONTENT" in answer.failure.message
    assert not answer.failure.retryable
    assert answer.draft.usage is not None


@pytest.mark.rule("R54")
async def test_an_end_that_is_an_error() -> None:
    finish = {"finishMessage": "Malformed function call: print("}
    answer, _ = await answered(
        sse(chunk({"text": "a"}), chunk(finish="MALFORMED_FUNCTION_CALL", candidate=finish))
    )
    assert answer.finish == ("error", "MALFORMED_FUNCTION_CALL")
    assert answer.failure is not None
    assert answer.failure.message == "Malformed function call: print("
    assert answer.failure.codes == ("MALFORMED_FUNCTION_CALL",)
    assert not answer.failure.retryable


@pytest.mark.rule("R54")
async def test_a_filtered_answer_keeps_its_text() -> None:
    answer, _ = await answered(sse(chunk({"text": "a"}), chunk(finish="SAFETY")))
    assert answer.failure is None
    assert answer.draft.text == "a"
    assert answer.finish == ("content_filter", "SAFETY")


# Ways to fail (R57)


PRETTY = json.dumps(ERROR, indent=2).encode()
FORMS = {
    "event": sse(ERROR),
    "named event": b"event: error\ndata: " + json.dumps(ERROR).encode() + b"\n\n",
    "raw json": PRETTY,
    "raw json with cr lf": PRETTY.replace(b"\n", b"\r\n"),
    "raw array": b"[" + PRETTY + b"]\n",
}


@pytest.mark.rule("R57", "R8")
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("before", [0, 2])
async def test_an_error_within_a_stream(form: str, before: int) -> None:
    answer, _ = await answered(sse(*STREAM[:before]) + FORMS[form])
    assert answer.failure is not None
    assert answer.failure.kind is ErrorKind.OVERLOADED
    assert answer.failure.message == ERROR["error"]["message"]
    assert answer.failure.phase is (Phase.MID_STREAM if before else Phase.FIRST_EVENT)
    assert answer.failure.retryable is (before == 0)
    assert answer.draft.text == (TEXT[:9] if before else "")


@pytest.mark.rule("R57")
async def test_an_error_within_the_array() -> None:
    answer, _ = await answered(array(*STREAM[:2], ERROR))
    assert answer.failure is not None
    assert answer.failure.kind is ErrorKind.OVERLOADED
    assert answer.draft.text == TEXT[:9]


@pytest.mark.rule("R57", "R17")
@pytest.mark.parametrize("form", FORMS)
async def test_an_error_after_the_end_is_a_notice(form: str) -> None:
    answer, _ = await answered(sse(*STREAM) + FORMS[form])
    assert answer.failure is None
    assert answer.finish == ("stop", "STOP")
    assert answer.notices == ["failed_after_end"]


@pytest.mark.rule("R57")
@pytest.mark.parametrize("wrapped", [True, False])
@pytest.mark.parametrize(
    ("status", "word", "reason", "message", "kind"),
    [
        (400, "INVALID_ARGUMENT", "API_KEY_INVALID", "API key not valid.", ErrorKind.AUTH),
        (401, "UNAUTHENTICATED", "ACCESS_TOKEN_TYPE_UNSUPPORTED", "No.", ErrorKind.AUTH),
        (403, "PERMISSION_DENIED", "", "No.", ErrorKind.PERMISSION),
        (
            400,
            "FAILED_PRECONDITION",
            "",
            "User location is not supported for the API use.",
            ErrorKind.PERMISSION,
        ),
        (404, "NOT_FOUND", "", "models/x is not found", ErrorKind.MODEL_NOT_FOUND),
        (429, "RESOURCE_EXHAUSTED", "", "Slow down.", ErrorKind.RATE_LIMIT),
        (400, "INVALID_ARGUMENT", "", 'Unknown name "x"', ErrorKind.BAD_REQUEST),
        (503, "UNAVAILABLE", "", "Busy.", ErrorKind.OVERLOADED),
        (504, "DEADLINE_EXCEEDED", "", "Too slow.", ErrorKind.TIMEOUT),
        (500, "INTERNAL", "", "Oh.", ErrorKind.SERVER),
    ],
)
async def test_a_refusal(
    status: int, word: str, reason: str, message: str, kind: ErrorKind, wrapped: bool
) -> None:
    error: dict[str, Any] = {"code": status, "message": message, "status": word}
    if reason:
        info = {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": reason}
        error["details"] = [info]
    body: object = {"error": error}
    answer, _ = await answered(whole([body] if wrapped else body, status=status))
    assert answer.failure is not None
    assert answer.failure.kind is kind
    assert answer.failure.message == message
    assert answer.failure.phase is Phase.HTTP
    assert word in answer.failure.codes


@pytest.mark.rule("R41", "R57")
async def test_googles_wish_to_wait() -> None:
    details = [{"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "37s"}]
    error = {"code": 429, "message": "m", "status": "RESOURCE_EXHAUSTED", "details": details}
    answer, _ = await answered(whole({"error": error}, status=429))
    assert answer.failure is not None
    assert answer.failure.retry_after_s == 37.0


@pytest.mark.rule("R30")
async def test_the_key_is_in_no_failure() -> None:
    answer, _ = await answered(
        whole({"error": {"code": 400, "message": f"bad key {KEY}", "status": "X"}}, status=400)
    )
    assert answer.failure is not None
    assert KEY not in repr(answer.failure)


@pytest.mark.rule("R23")
async def test_a_stall() -> None:
    times = Timeouts(first_byte_s=5.0, idle_s=0.1)
    answer, _ = await answered(sse(*STREAM[:2]), End.HANG, service_fields={"timeouts": times})
    assert answer.failure is not None
    assert answer.failure.kind is ErrorKind.TIMEOUT
    assert answer.draft.text == TEXT[:9]


@pytest.mark.rule("R58")
@pytest.mark.parametrize(
    ("model", "wishes", "told"),
    [
        (MODEL, {"temperature": 0.2}, True),
        (MODEL, {"top_p": 0.5}, True),
        (MODEL, {"temperature": 1.0}, False),
        (MODEL, {}, False),
        ("gemini-2.5-flash", {"temperature": 0.2}, False),
    ],
)
async def test_a_hint_about_sampling(model: str, wishes: dict[str, Any], told: bool) -> None:
    answer, _ = await answered(sse(*STREAM), asked=request(model=model, **wishes))
    assert ("sampling" in answer.notices) is told


# Mending


def mended(message: str, asked: Any, **more: Any) -> Quirks | None:
    failure = replace(Failure(kind=ErrorKind.BAD_REQUEST, message=message, http_status=400), **more)
    provider = GeminiProvider(Connections())
    return provider.mend(Endpoint(service("https://h.example"), KEY), asked, failure)


@pytest.mark.rule("R59", "R2")
@pytest.mark.parametrize(
    ("message", "wishes", "dropped"),
    [
        ("Thinking level is not supported for this model.", {"effort": "low"}, "thinkingLevel"),
        ("Budget 0 is invalid. This model only works in thinking mode.", {"effort": "low"},
         "thinkingLevel"),
        ("Thinking is not enabled for models/x", {}, "thinkingConfig"),
        ('Unknown name "includeThoughts"', {"effort": "low"}, "thinkingConfig"),
        ("Invalid value at generation_config.temperature", {"temperature": 0.1}, "temperature"),
        ("top_p must be 0.95", {"top_p": 0.1}, "topP"),
        ("max_output_tokens is out of range", {"max_tokens": 5}, "maxOutputTokens"),
        ("JSON mode is not enabled for models/x", {"json_answer": True}, None),
        ("Developer instruction is not enabled for models/x", {"system_prompt": "s"},
         "systemInstruction"),
        ("The temperature is wrong", {}, None),
        ("something else", {"temperature": 0.1, "effort": "low"}, None),
        ("Function call is missing a thought_signature", {}, None),
    ],
)  # fmt: skip
def test_a_refused_member_is_dropped(
    message: str, wishes: dict[str, Any], dropped: str | None
) -> None:
    expected = None if dropped is None else Quirks(dropped=frozenset({dropped}))
    assert mended(message, request(**wishes)) == expected


@pytest.mark.rule("R2")
def test_the_blamed_field_counts() -> None:
    asked = request(temperature=0.1)
    found = mended("Invalid argument", asked, param="generation_config.temperature")
    assert found == Quirks(dropped=frozenset({"temperature"}))


@pytest.mark.rule("R59")
def test_a_second_refusal_drops_the_rest() -> None:
    once = request(effort="low", quirks=Quirks(dropped=frozenset({"thinkingLevel"})))
    found = mended("Thinking is not supported.", once)
    assert found == Quirks(dropped=frozenset({"thinkingLevel", "thinkingConfig"}))
    twice = replace(once, quirks=found)
    assert mended("Thinking is not supported.", twice) is None


@pytest.mark.rule("R21")
def test_streaming_is_given_up_where_it_is_refused() -> None:
    asked = request()
    assert mended("Streaming is not supported", asked) == Quirks(stream=False)
    assert mended("Streaming is not supported", replace(asked, stream=False)) is None
    assert mended("stream?", asked, http_status=429, kind=ErrorKind.RATE_LIMIT) is None
    missing = {"http_status": 404, "kind": ErrorKind.MODEL_NOT_FOUND}
    assert mended("x is not supported for streamGenerateContent", asked, **missing) is None


@pytest.mark.rule("R21")
async def test_streaming_is_given_up_after_an_empty_stream() -> None:
    answer, _ = await answered(sse())
    assert answer.failure is not None
    found = GeminiProvider(Connections()).mend(
        Endpoint(service("https://h.example"), KEY), request(), answer.failure
    )
    assert found == Quirks(stream=False)


@pytest.mark.rule("R59")
async def test_the_mended_request_goes_through() -> None:
    refused = whole(
        {"error": {"code": 400, "message": "Thinking level LOW is not supported", "status": "X"}},
        status=400,
    )
    async with Loopback() as server:
        server.add(refused, reply(sse(*STREAM)))
        asked = request(effort="low")
        first = await ask(server.url, asked)
        assert first.failure is not None
        quirks = GeminiProvider(Connections()).mend(
            Endpoint(service(server.url), KEY), asked, first.failure
        )
        assert quirks is not None
        assert_is_the_stream(await ask(server.url, replace(asked, quirks=quirks)))
        configs = [seen.json["generationConfig"]["thinkingConfig"] for seen in server.requests]
    assert configs == [{"includeThoughts": True, "thinkingLevel": "low"}, {"includeThoughts": True}]


# Two turns


@pytest.mark.rule("R50", "R51")
async def test_the_next_question_brings_the_parts_back() -> None:
    async with Loopback() as server:
        server.add(reply(sse(*STREAM)))
        first = await ask(server.url)
        said = replace(first.message, provider_state=first.draft.state)
        await ask(server.url, request(user("hi"), said, user("and?")))
    assert server.requests[1].json["contents"][1] == {
        "role": "model",
        "parts": [{"text": TEXT}, {"text": "", "thoughtSignature": "c2ln"}],
    }


@pytest.mark.rule("R50")
async def test_pictures_of_an_answer_come_back_from_the_attachments() -> None:
    png = b"\x89PNG\r\n\x1a\n"
    data = base64.b64encode(png).decode()
    part = {"inlineData": {"mimeType": "image/png", "data": data}, "thoughtSignature": "cw=="}
    async with Loopback() as server:
        server.add(reply(sse(chunk(part, finish="STOP"))))
        first = await ask(server.url)
        said = model_said(state=dict(first.draft.state))
        turns = (user("hi"), said, user("and?"))
        kept = Files(HeldBlobs({hashlib.sha256(png).hexdigest(): png}))
        await ask(server.url, request(*turns, files=kept))
        await ask(server.url, request(*turns))
    assert server.requests[1].json["contents"][1]["parts"] == [part]
    assert [turn["role"] for turn in server.requests[2].json["contents"]] == ["user"]


# Any splitting, any prefix; without a network, as the transport has its own tests


EXTRA = chunk(
    {"functionCall": {"id": "1", "name": "f", "args": {"ü": "\ud83d"}}, "thoughtSignature": "QQ=="},
    {"executableCode": {"language": "PYTHON", "code": "1"}},
    candidate={"groundingMetadata": {"webSearchQueries": ["a"]}},
)
BODIES = [
    sse(*STREAM[:3], EXTRA, STREAM[3]),
    sse(*STREAM[:2]) + PRETTY,
    array(*STREAM, EXTRA),
    json.dumps(chunk({"text": TEXT}, finish="STOP"), ensure_ascii=False).encode(),
]


def decoded(pieces: list[bytes]) -> tuple[list[Event], Answer, Assembly]:
    decoder, assembly, answer = Decoder(), Assembly(), Answer()
    events = [event for piece in pieces for event in decoder.feed(piece)]
    events += decoder.end()
    for event in events:
        for found in assembly.feed(event.value or {}):
            answer.apply(found)
    return events, answer, assembly


@pytest.mark.rule("R3")
@given(st.sampled_from(BODIES), st.lists(st.integers(0, 3000), max_size=12))
def test_any_splitting_gives_the_same(body: bytes, cuts: list[int]) -> None:
    at = sorted({0, len(body), *(cut % (len(body) + 1) for cut in cuts)})
    pieces = [body[a:b] for a, b in pairwise(at)]
    _, expected, whole_assembly = decoded([body])
    _, answer, assembly = decoded(pieces)
    assert answer.events == expected.events
    assert answer.message == expected.message
    assert assembly.parts == whole_assembly.parts


def test_byte_by_byte() -> None:
    for body in BODIES:
        assert decoded([body])[1].events == decoded([bytes([b]) for b in body])[1].events


@pytest.mark.rule("R53")
@pytest.mark.parametrize("body", [sse(*STREAM), array(*STREAM)], ids=["events", "array"])
def test_no_prefix_counts_as_complete(body: bytes) -> None:
    """A prefix counts only when the reason for the end is in it."""
    reason = body.index(b"finishReason")
    for length in range(len(body)):
        _, answer, assembly = decoded([body[:length]])
        ended = any(isinstance(event, Finished) for event in answer.events)
        assert ended is (assembly.finished is not None)
        assert not ended or length > reason
        assert TEXT.startswith(answer.draft.text)


@pytest.mark.rule("R53")
@pytest.mark.parametrize("share", [0.1, 0.3, 0.5, 0.7, 0.85])
async def test_a_prefix_over_the_wire_is_a_failure(share: float) -> None:
    body = sse(*STREAM)
    answer, _ = await answered(body[: int(body.index(b"finishReason") * share)])
    assert answer.failure is not None
    assert answer.draft.finished is None
