"""Refusals: what each envelope says, which kind it is, and whether a retry may follow."""

from __future__ import annotations

import json
from email.utils import formatdate
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.errors import ErrorKind, Failure, Phase
from app.providers.complaints import PLAIN_CHARS, is_error, read
from app.providers.failures import DETAIL_CHARS, classify

K = ErrorKind


def judge(
    status: int, body: object = "", headers: dict[str, str] | None = None, **more: Any
) -> Failure:
    text = body if isinstance(body, str) else json.dumps(body)
    return classify(status, headers or {}, text, more.pop("phase", Phase.HTTP), **more)


def google(code: int, status: str, message: str = "m", *details: dict[str, Any]) -> dict[str, Any]:
    error = {"code": code, "message": message, "status": status, "details": list(details)}
    return {"error": error}


RETRY_INFO = {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "20.04s"}
BAD_KEY = {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "API_KEY_INVALID"}
PER_DAY = {
    "@type": "type.googleapis.com/google.rpc.QuotaFailure",
    "violations": [{"quotaId": "GenerateRequestsPerDayPerProjectPerModel-FreeTier"}],
}
PER_MINUTE = {
    "@type": "type.googleapis.com/google.rpc.QuotaFailure",
    "violations": [{"quotaId": "GenerateRequestsPerMinutePerProjectPerModel"}],
}

# Body and the message that R30 finds in it.
MESSAGES: list[tuple[object, str]] = [
    ({"error": {"message": "Bad key", "type": "x", "code": None, "param": None}}, "Bad key"),
    ({"error": "model 'x' not found"}, "model 'x' not found"),
    ([{"error": {"code": 400, "message": "In an array"}}], "In an array"),
    ({"errors": [{"code": 1, "message": "First"}, {"message": "Second"}]}, "First"),
    ({"message": "At the top"}, "At the top"),
    ({"msg": "Short", "code": 1002}, "Short"),
    ({"detail": "Not Found"}, "Not Found"),
    (
        {"detail": [{"type": "missing", "loc": ["body", "messages"], "msg": "Field required"}]},
        "body.messages: Field required",
    ),
    (
        {"detail": [{"loc": ["body", "a", 0], "msg": "x"}, {"loc": ["body", "b"], "msg": "y"}]},
        "body.a.0: x; body.b: y",
    ),
    ({"type": "about:blank", "title": "Forbidden", "status": 403, "detail": "No"}, "No"),
    ({"type": "about:blank", "title": "Forbidden", "status": 403}, "Forbidden"),
    ({"success": False, "error": {"code": "api_error", "message": "fetch failed"}}, "fetch failed"),
    ({"object": "error", "message": "vLLM says no", "type": "BadRequestError"}, "vLLM says no"),
    ({"error": {"message": json.dumps({"error": {"message": "inner", "code": 7}})}}, "inner"),
    ({"error": {"message": json.dumps([{"error": {"message": "inner"}}])}}, "inner"),
    ({"error": {"message": "{not json"}}, "{not json"),
    (
        {
            "error": {
                "message": "Provider returned error",
                "metadata": {"raw": '{"error":{"message":"too hot"}}', "provider_name": "Acme"},
            }
        },
        "Provider returned error (Acme: too hot)",
    ),
    ({"error": {"message": "Up", "metadata": {"raw": "upstream died"}}}, "Up (upstream died)"),
    ({"error": {"message": "Up", "metadata": {"raw": {"a": 1}}}}, 'Up ({"a": 1})'),
    ({"error": {"code": "word_only"}}, "word_only"),
    ({"error": True, "message": "outside"}, "outside"),
    ({"error": {"error": {"message": "deep"}}}, "deep"),
    ({"error": "invalid_grant", "error_description": "Expired"}, "invalid_grant: Expired"),
    ({"type": "error", "error": {"type": "overloaded_error", "message": "Busy"}}, "Busy"),
    ("<html><head><title>502 Bad\n Gateway</title></head></html>", "502 Bad Gateway"),
    ("upstream connect error\nor disconnect", "upstream connect error or disconnect"),
    ("x" * 500, "x" * PLAIN_CHARS),
    ('"a quoted sentence"', "a quoted sentence"),
    ('data: {"error":{"message":"as an event"}}\n\n', "as an event"),
    ("event: error\ndata: plain words\n\n", "plain words"),
    ("", ""),
    ("   \n", ""),
    ("{}", ""),
    ({"error": {"message": "half \ud83d"}}, "half \ufffd"),
]


@pytest.mark.rule("R30")
@pytest.mark.parametrize(("body", "message"), MESSAGES)
def test_messages(body: object, message: str) -> None:
    assert read(body if isinstance(body, str) else json.dumps(body)).message == message


@pytest.mark.rule("R30")
def test_sentences_where_there_is_no_message() -> None:
    assert judge(500).message == "HTTP 500"
    for body in ("{}", "[]", "null", "[{}]", '""', " \n"):
        assert judge(500, body).message == "HTTP 500"
    assert judge(500, '["no", "more"]').message == "no; more"
    assert judge(500, '"just a text"').message == "just a text"
    assert judge(500, '"half a text').message == '"half a text'
    page = "<html><title>Oops</title><body><b>markup</b></body></html>"
    assert judge(502, page).message == "Oops (HTTP 502)"
    assert judge(502, "<html>").message == "HTTP 502"
    assert judge(301, "", {"location": "https://x/y"}).message.count("https://x/y") == 1


KINDS: list[tuple[int, object, ErrorKind, bool]] = [
    # by status alone
    (400, "", K.BAD_REQUEST, False),
    (401, "", K.AUTH, False),
    (402, "", K.BILLING, False),
    (403, "", K.PERMISSION, False),
    (404, "", K.NOT_FOUND, False),
    (405, "", K.NOT_FOUND, False),
    (408, "", K.TIMEOUT, True),
    (413, "", K.TOO_LARGE, False),
    (415, "", K.BAD_REQUEST, False),
    (422, "", K.BAD_REQUEST, False),
    (429, "", K.RATE_LIMIT, True),
    (302, "", K.NOT_FOUND, False),
    *((status, "", K.SERVER, True) for status in (500, 501, 502, 520, 521, 523, 525, 526, 530)),
    (503, "", K.OVERLOADED, True),
    (529, "", K.OVERLOADED, True),
    *((status, "", K.TIMEOUT, True) for status in (504, 522, 524)),
    # by a machine code, whatever the status
    (400, google(400, "INVALID_ARGUMENT", "API key not valid.", BAD_KEY), K.AUTH, False),
    (401, google(401, "UNAUTHENTICATED"), K.AUTH, False),
    (400, {"error": {"code": "invalid_api_key", "message": "m"}}, K.AUTH, False),
    (429, {"error": {"code": "insufficient_quota", "message": "m"}}, K.BILLING, False),
    (429, {"error": {"type": "insufficient_quota", "message": "m"}}, K.BILLING, False),
    (429, {"error": {"code": "credit_balance_exhausted", "message": "m"}}, K.BILLING, False),
    (403, {"error": {"code": "insufficient_user_quota", "message": "m"}}, K.BILLING, False),
    (402, {"error": {"code": 402, "message": "Insufficient credits"}}, K.BILLING, False),
    (503, {"error": {"code": "model_not_found", "message": "m"}}, K.MODEL_NOT_FOUND, False),
    (400, {"error": {"code": "context_length_exceeded", "message": "m"}}, K.CONTEXT_LENGTH, False),
    (400, {"error": {"code": "content_filter", "message": "m"}}, K.BLOCKED, False),
    (429, {"success": False, "error": {"code": "too_many_requests"}}, K.RATE_LIMIT, True),
    (500, {"success": False, "error": {"code": "api_error", "message": "m"}}, K.SERVER, True),
    (400, {"success": False, "error": {"code": "token_mismatched"}}, K.BAD_REQUEST, False),
    (401, {"success": False, "error": {"code": "invalid_token"}}, K.AUTH, False),
    (503, google(503, "UNAVAILABLE"), K.OVERLOADED, True),
    (504, google(504, "DEADLINE_EXCEEDED"), K.TIMEOUT, True),
    (500, google(500, "INTERNAL"), K.SERVER, True),
    (403, google(403, "PERMISSION_DENIED"), K.PERMISSION, False),
    (404, google(404, "NOT_FOUND", "it is gone"), K.MODEL_NOT_FOUND, False),
    (429, google(429, "RESOURCE_EXHAUSTED"), K.RATE_LIMIT, True),
    (429, google(429, "RESOURCE_EXHAUSTED", "m", PER_MINUTE), K.RATE_LIMIT, True),
    (429, google(429, "RESOURCE_EXHAUSTED", "m", PER_DAY), K.BILLING, False),
    (529, {"type": "error", "error": {"type": "overloaded_error"}}, K.OVERLOADED, True),
    (503, {"error": {"code": 503, "type": "unavailable_error"}}, K.OVERLOADED, True),
    (400, {"error": {"message": "m", "type": "None", "code": "400"}}, K.BAD_REQUEST, False),
    (400, {"error": {"code": 400, "type": "invalid_request"}}, K.BAD_REQUEST, False),
    (400, {"error": {"message": "m", "type": "api_error"}}, K.BAD_REQUEST, False),
    # by the message
    (400, {"error": "This model's maximum context length is 8192 tokens"}, K.CONTEXT_LENGTH, False),
    (400, {"error": {"message": "litellm.ContextWindowExceededError"}}, K.CONTEXT_LENGTH, False),
    (400, google(400, "FAILED_PRECONDITION", "User location is not supported for the API use."),
     K.PERMISSION, False),
    (400, google(400, "INVALID_ARGUMENT", "Request payload size exceeds the limit: 2 bytes."),
     K.TOO_LARGE, False),
    (429, google(429, "RESOURCE_EXHAUSTED", "Quota exceeded for metric: m, limit: 0\nRetry"),
     K.BILLING, False),
    (429, google(429, "RESOURCE_EXHAUSTED", "Quota exceeded for metric: m, limit: 05"),
     K.RATE_LIMIT, True),
    (500, {"error": {"message": "Insufficient credits. Add more."}}, K.BILLING, False),
    (503, {"error": {"message": "No available channel for model x"}}, K.MODEL_NOT_FOUND, False),
    (503, {"error": {"message": "Loading model"}}, K.OVERLOADED, True),
    (404, {"error": {"message": "The model `x` does not exist."}}, K.MODEL_NOT_FOUND, False),
    (404, {"error": "model 'x' not found, try pulling it first"}, K.MODEL_NOT_FOUND, False),
    (404, {"detail": "Not Found"}, K.NOT_FOUND, False),
    (404, "<html><title>All models | Acme</title>", K.NOT_FOUND, False),
    (403, "error code: 1015", K.RATE_LIMIT, True),
    (403, "<html><title>Just a moment...</title>", K.PERMISSION, False),
    (503, "<html><title>Just a moment...</title>", K.PERMISSION, False),
    # an error inside a 200: a numeric code is the status
    (200, {"error": {"code": 429, "message": "slow down"}}, K.RATE_LIMIT, True),
    (200, {"error": {"code": "401", "message": "who?"}}, K.AUTH, False),
    (200, {"error": {"code": 402, "message": "pay"}}, K.BILLING, False),
    (200, {"error": {"status": 503, "message": "m"}}, K.OVERLOADED, True),
    (200, {"error": {"type": "invalid_request_error", "message": "m"}}, K.BAD_REQUEST, False),
    (200, {"error": "something"}, K.SERVER, True),
    (200, {"success": False, "error": {"code": "api_error"}}, K.SERVER, True),
    (200, google(503, "UNAVAILABLE"), K.OVERLOADED, True),
    (200, "<html><title>Sign in</title>", K.PROTOCOL, False),
]  # fmt: skip


@pytest.mark.parametrize(("status", "body", "kind", "retryable"), KINDS)
def test_kinds(status: int, body: object, kind: ErrorKind, retryable: bool) -> None:
    failure = judge(status, body)
    assert (failure.kind, failure.retryable) == (kind, retryable)


@pytest.mark.rule("R17")
def test_the_status_that_an_error_in_an_answer_names() -> None:
    assert judge(200, {"error": {"code": 429}}).http_status == 429
    assert judge(200, {"error": "x"}).http_status == 200
    assert judge(500, {"error": {"code": 429}}).http_status == 500


def test_a_challenge_is_no_bad_key() -> None:
    failure = judge(403, "<html>", {"cf-mitigated": "challenge"})
    assert failure.kind is K.PERMISSION
    assert "challenge" in failure.message


@pytest.mark.rule("R30")
def test_codes_come_from_every_level_once() -> None:
    body = google(400, "INVALID_ARGUMENT", "m", BAD_KEY)
    assert judge(400, body).codes == ("400", "INVALID_ARGUMENT", "API_KEY_INVALID")
    lite = {"error": {"message": "m", "type": "None", "param": "None", "code": "400"}}
    assert judge(400, lite).codes == ("400",)
    assert judge(400, lite).param is None
    quoted = {"error": {"message": json.dumps({"error": {"code": "deep"}}), "code": "outer"}}
    assert judge(500, quoted).codes == ("outer", "deep")


@pytest.mark.rule("R30")
@pytest.mark.parametrize(
    ("body", "headers", "trace"),
    [
        ({"error": "x", "trace_id": "t-1"}, {"x-request-id": "r"}, "t-1"),
        ({"error": {"message": "x", "request_id": "q-1"}}, {}, "q-1"),
        ({"error": "x"}, {"x-request-id": "r-1", "cf-ray": "c"}, "r-1"),
        ({"error": "x"}, {"cf-ray": "c-1"}, "c-1"),
        ({"error": "x"}, {"x-generation-id": "g-1"}, "g-1"),
        ({"error": {"message": "no money (request id: 2024abc)"}}, {}, "2024abc"),
        ({"error": "x"}, {}, None),
    ],
)
def test_trace_ids(body: object, headers: dict[str, str], trace: str | None) -> None:
    assert judge(500, body, headers).trace_id == trace


@pytest.mark.rule("R30")
def test_details_hold_the_ids_and_the_raw_body_within_bounds() -> None:
    failure = judge(500, "y" * 9000, {"x-request-id": "r-1", "cf-ray": "c-1"})
    assert failure.detail.startswith("x-request-id: r-1\ncf-ray: c-1\nyyy")
    assert len(failure.detail) < DETAIL_CHARS + 100


@pytest.mark.rule("R2")
@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({"error": {"message": "m", "param": "max_tokens"}}, "max_tokens"),
        ({"detail": [{"loc": ["body", "temperature"], "msg": "m"}]}, "temperature"),
        (
            google(400, "INVALID_ARGUMENT", "m", {"fieldViolations": [{"field": "a.b"}]}),
            "a.b",
        ),
    ],
)
def test_the_blamed_member(body: object, param: str) -> None:
    assert judge(400, body).param == param


NOW = 1_800_000_000.0


@pytest.mark.rule("R41")
@pytest.mark.parametrize(
    ("headers", "body", "wish"),
    [
        ({}, {}, None),
        ({"retry-after-ms": "1500.5"}, {}, 1.5005),
        ({"retry-after-ms": "250", "retry-after": "9"}, {}, 0.25),
        ({"retry-after": "7"}, {}, 7.0),
        ({"retry-after": " 2.5 "}, {}, 2.5),
        ({"retry-after": "0"}, {}, None),
        ({"retry-after": "-3"}, {}, None),
        ({"retry-after": "nan"}, {}, None),
        ({"retry-after": "soon"}, google(429, "R", "m", RETRY_INFO), 20.04),
        ({"retry-after": formatdate(NOW + 30, usegmt=True)}, {}, 30.0),
        (
            {
                "retry-after": formatdate(NOW + 990, usegmt=True),
                "date": formatdate(NOW + 960, usegmt=True),
            },
            {},
            30.0,
        ),
        ({"retry-after": formatdate(NOW - 30, usegmt=True)}, {}, None),
        ({}, google(429, "RESOURCE_EXHAUSTED", "m", RETRY_INFO), 20.04),
        ({"retry-after": "5"}, google(429, "RESOURCE_EXHAUSTED", "m", RETRY_INFO), 5.0),
    ],
)
def test_the_wish_of_the_server(headers: dict[str, str], body: object, wish: float | None) -> None:
    assert judge(429, body, headers, now_s=NOW).retry_after_s == pytest.approx(wish)


@pytest.mark.rule("R41")
def test_a_wish_beyond_two_minutes_is_told_and_not_followed() -> None:
    far = judge(429, "", {"retry-after": "121"})
    assert (far.retryable, far.retry_after_s) == (False, 121.0)
    near = judge(429, "", {"retry-after": "120"})
    assert (near.retryable, near.retry_after_s) == (True, 120.0)


@pytest.mark.rule("R41")
def test_the_server_may_forbid_or_ask_for_a_retry() -> None:
    assert not judge(503, "", {"x-should-retry": "false"}).retryable
    assert judge(409, "", {"x-should-retry": "true"}).retryable
    assert judge(503, "", {"x-should-retry": "maybe"}).retryable
    forced = judge(429, "", {"x-should-retry": "true", "retry-after": "600"})
    assert not forced.retryable


@pytest.mark.rule("R40")
def test_nothing_is_repeated_after_a_visible_delta() -> None:
    headers = {"x-should-retry": "true"}
    assert not judge(200, {"error": {"code": 503}}, headers, phase=Phase.MID_STREAM).retryable
    assert judge(200, {"error": {"code": 503}}, headers, phase=Phase.FIRST_EVENT).retryable


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                "error errors message msg detail title code type status param metadata raw details "
                "reason violations retryDelay fieldViolations loc trace_id innererror".split()
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@pytest.mark.rule("R30")
@given(value=JSON, status=st.integers(200, 599))
def test_no_body_raises(value: object, status: int) -> None:
    failure = judge(status, value)
    assert failure.message
    failure.message.encode()
    failure.detail.encode()
    if isinstance(value, dict):
        is_error(value)
        classify(status, {}, value, Phase.FIRST_EVENT)


NAMES = st.sampled_from(["retry-after", "retry-after-ms", "date", "x-should-retry"])


@given(text=st.text(max_size=60), headers=st.dictionaries(NAMES, st.text()))
def test_no_headers_raise(text: str, headers: dict[str, str]) -> None:
    assert judge(429, text, headers).kind in ErrorKind
