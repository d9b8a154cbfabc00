"""Judges what went wrong: status, headers and body of a refusal, or an exception, to a `Failure`.

Invariant: pure; machine codes in the body count first, then what the message says, then the HTTP
status (wire reference 2.2). Never retries, only says whether a retry may follow (R40, R41).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from math import isfinite
from typing import Any

from app.domain.errors import RETRYABLE_KINDS, ErrorKind, Failure, Phase
from app.i18n import tr
from app.providers.complaints import Complaint, read
from app.providers.scrubbing import scrub

LONGEST_WISH_S = 120.0
NETWORK_RETRIES = 2
DETAIL_CHARS = 4000
_REQUEST_ID_HEADERS = ("x-request-id", "request-id", "x-oneapi-request-id", "x-generation-id")
_TRACE_HEADERS = (*_REQUEST_ID_HEADERS, "x-trace-id", "x-goog-request-id", "cf-ray")

_NO_STREAM_STATUS = frozenset({400, 404, 405, 415, 422, 501})
_ABOUT_STREAMING = re.compile(r"(?<!up)(?<!down)stream(?!_options|GenerateContent)", re.IGNORECASE)

# Words that decide whatever the status says, most telling first. Compared in lower case.
_BY_CODE: tuple[tuple[ErrorKind, str], ...] = (
    (ErrorKind.CONTEXT_LENGTH, "context_length_exceeded contextwindowexceedederror"),
    (ErrorKind.CONTEXT_LENGTH, "exceed_context_size_error model_max_prompt_tokens_exceeded"),
    (ErrorKind.BILLING, "insufficient_quota credit_balance_exhausted insufficient_user_quota"),
    (ErrorKind.BILLING, "insufficient_credits insufficient_balance billing_not_active"),
    (ErrorKind.BILLING, "billing_hard_limit_reached pre_consume_token_quota_failed billing_error"),
    (ErrorKind.AUTH, "invalid_api_key invalid_token api_key_invalid api_key_expired"),
    (ErrorKind.AUTH, "access_token_type_unsupported unauthenticated authentication_error"),
    (ErrorKind.AUTH, "invalid_authentication missing_api_key unauthorized access_token_expired"),
    (ErrorKind.BLOCKED, "content_filter content_policy_violation responsibleaipolicyviolation"),
    (ErrorKind.BLOCKED, "prompt_blocked content_filtered"),
    (ErrorKind.MODEL_NOT_FOUND, "model_not_found model_not_available deploymentnotfound"),
    (ErrorKind.TOO_LARGE, "request_too_large payload_too_large"),
    (ErrorKind.PERMISSION, "permission_denied permission_error access_denied forbidden"),
    (ErrorKind.PERMISSION, "unsupported_country_region_territory api_key_service_blocked"),
    (ErrorKind.OVERLOADED, "unavailable overloaded_error unavailable_error service_unavailable"),
    (ErrorKind.OVERLOADED, "overloaded server_overloaded engine_overloaded_error"),
    (ErrorKind.TIMEOUT, "deadline_exceeded timeout_error request_timeout"),
    (ErrorKind.RATE_LIMIT, "too_many_requests resource_exhausted rate_limit_exceeded"),
    (ErrorKind.RATE_LIMIT, "rate_limit_error rate_limited rate_limit_reached"),
)
# Words that decide only where no status below 500 says otherwise.
_BY_WEAK_CODE: tuple[tuple[ErrorKind, str], ...] = (
    (ErrorKind.BAD_REQUEST, "invalid_argument failed_precondition invalid_request_error"),
    (ErrorKind.BAD_REQUEST, "invalid_request bad_request out_of_range badrequesterror"),
    (ErrorKind.SERVER, "api_error server_error internal internal_error internal_server_error"),
)
_BY_MESSAGE: tuple[tuple[ErrorKind, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(pattern, re.IGNORECASE))
    for kind, pattern in (
        (ErrorKind.CONTEXT_LENGTH, r"maximum context length|context ?window ?exceeded"),
        (ErrorKind.CONTEXT_LENGTH, r"prompt is too long|exceeds? the (available )?context"),
        (ErrorKind.CONTEXT_LENGTH, r"input token count.{0,40}exceeds the maximum"),
        (ErrorKind.CONTEXT_LENGTH, r"(maximum|model'?s) context (size|window|limit)"),
        (ErrorKind.PERMISSION, r"user location is not supported"),
        (ErrorKind.BILLING, r"insufficient (credits?|balance|funds)|credit balance is too low"),
        (ErrorKind.TOO_LARGE, r"request payload size exceeds|request entity too large"),
        (ErrorKind.MODEL_NOT_FOUND, r"no available channel|is not a valid model"),
        (ErrorKind.OVERLOADED, r"loading model|model is (currently )?loading"),
        (ErrorKind.RATE_LIMIT, r"\berror(?: code)?:? 1015\b"),
        (ErrorKind.AUTH, r"incorrect api key|invalid api key|api key not valid"),
    )
)
_NO_FREE_QUOTA = re.compile(r"\blimit: 0(?![\d.])")
_ABOUT_A_MODEL = re.compile(r"\bmodels?\b|\bmodels/", re.IGNORECASE)
_NUMBER = re.compile(r"\s*[+-]?\d+(?:\.\d+)?\s*", re.ASCII)
_BY_STATUS: Mapping[int, ErrorKind] = {
    401: ErrorKind.AUTH,
    402: ErrorKind.BILLING,
    403: ErrorKind.PERMISSION,
    404: ErrorKind.NOT_FOUND,
    405: ErrorKind.NOT_FOUND,
    408: ErrorKind.TIMEOUT,
    410: ErrorKind.NOT_FOUND,
    413: ErrorKind.TOO_LARGE,
    429: ErrorKind.RATE_LIMIT,
    503: ErrorKind.OVERLOADED,
    504: ErrorKind.TIMEOUT,
    522: ErrorKind.TIMEOUT,
    524: ErrorKind.TIMEOUT,
    529: ErrorKind.OVERLOADED,
}


def classify(
    status: int,
    headers: Mapping[str, str],
    body: str | Mapping[str, Any],
    phase: Phase,
    *,
    key: str | None = None,
    url: str | None = None,
    now_s: float = 0.0,
) -> Failure:
    """The failure that a refusal, or an error within an answer (R17), means.

    `headers` have names in lower case, or do not mind the case. `now_s` is Unix time, for a
    `Retry-After` date without a `Date` beside it. O(body).
    """
    complaint = read(body)
    in_answer = 200 <= status < 300
    told_status = complaint.status if in_answer and complaint.status else status
    kind = _kind(status, complaint, headers)
    wish_s = server_wish_s(headers, complaint.retry_delay_s, now_s)
    retryable, retries = may_retry(kind, headers, wish_s, phase)
    return Failure(
        kind=kind,
        message=scrub(_sentence(status, complaint, headers), key),
        phase=phase,
        retryable=retryable,
        max_retries=retries,
        http_status=told_status,
        retry_after_s=wish_s,
        codes=tuple(scrub(code, key) for code in complaint.codes),
        trace_id=scrub(complaint.trace_id or _first(headers, _TRACE_HEADERS), key) or None,
        param=scrub(complaint.param or "", key) or None,
        url=scrub(url or "", key) or None,
        detail=scrub(_detail(headers, body), key),
    )


def may_retry(
    kind: ErrorKind, headers: Mapping[str, str], wish_s: float | None, phase: Phase
) -> tuple[bool, int]:
    """Whether an automatic retry may follow, and how many at most (R40, R41)."""
    retryable = kind in RETRYABLE_KINDS
    retries = NETWORK_RETRIES if kind is ErrorKind.NETWORK else 3
    said = headers.get("x-should-retry", "").strip().lower()
    if said in ("true", "false"):
        retryable = said == "true"
    if phase is Phase.MID_STREAM or (wish_s is not None and wish_s > LONGEST_WISH_S):
        retryable = False
    return retryable, retries


def refuses_streaming(failure: Failure) -> bool:
    """Whether the answer may come as a whole: a refusal that mentions it, or no answer (R21)."""
    if failure.kind is ErrorKind.PROTOCOL:
        return failure.retryable  # an empty stream
    if failure.http_status not in _NO_STREAM_STATUS:
        return False
    return _ABOUT_STREAMING.search(f"{failure.param or ''} {failure.message}") is not None


def server_wish_s(
    headers: Mapping[str, str], retry_delay_s: float | None, now_s: float
) -> float | None:
    """Seconds that the server asks to wait (R41); the first wish counts, `None` for none."""
    after = headers.get("retry-after", "")
    wishes = (
        _number(headers.get("retry-after-ms", ""), 0.001),
        _number(after, 1.0),
        _seconds_until(after, headers.get("date", ""), now_s),
        retry_delay_s,
    )
    wish = next((wish for wish in wishes if wish is not None), None)
    return wish if wish is not None and wish > 0 else None


def _number(text: str, unit: float) -> float | None:
    if not _NUMBER.fullmatch(text):
        return None
    value = float(text) * unit
    return value if isfinite(value) else None


def _seconds_until(date: str, sent: str, now_s: float) -> float | None:
    """Seconds from the server's own clock, where it tells it, to `date`."""
    due = _moment(date)
    if due is None:
        return None
    now = _moment(sent) or datetime.fromtimestamp(now_s, UTC)
    return (due - now).total_seconds()


def _moment(text: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError):
        return None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found


def _kind(status: int, complaint: Complaint, headers: Mapping[str, str]) -> ErrorKind:
    if _is_challenge(complaint, headers):
        return ErrorKind.PERMISSION
    if complaint.is_page and 200 <= status < 300:
        return ErrorKind.PROTOCOL
    told = complaint.status or (status if status >= 300 else None)
    exhausted = told == 429 or "RESOURCE_EXHAUSTED" in complaint.codes
    if exhausted and (complaint.limited_per_day or _NO_FREE_QUOTA.search(complaint.message)):
        return ErrorKind.BILLING
    words = {code.lower() for code in complaint.codes}
    weak = _BY_WEAK_CODE if told is None or told >= 500 else ()
    found = _by_words(words, _BY_CODE) or _by_message(complaint) or _of_missing(told, complaint)
    return found or _by_words(words, weak) or _by_status(told)


def _is_challenge(complaint: Complaint, headers: Mapping[str, str]) -> bool:
    """Whether a site protection answered in the place of the service."""
    if headers.get("cf-mitigated", "").strip().lower() == "challenge":
        return True
    return complaint.is_page and "just a moment" in complaint.message.lower()


def _by_words(words: set[str], table: tuple[tuple[ErrorKind, str], ...]) -> ErrorKind | None:
    return next((kind for kind, known in table if words.intersection(known.split())), None)


def _by_message(complaint: Complaint) -> ErrorKind | None:
    said = complaint.message
    return next((kind for kind, pattern in _BY_MESSAGE if pattern.search(said)), None)


def _of_missing(told: int | None, complaint: Complaint) -> ErrorKind | None:
    """A 404 is about the model when it says so, else about the address."""
    if told not in (404, None) or complaint.is_page:
        return None
    if "NOT_FOUND" in complaint.codes:
        return ErrorKind.MODEL_NOT_FOUND
    if told == 404 and _ABOUT_A_MODEL.search(complaint.message):
        return ErrorKind.MODEL_NOT_FOUND
    return None


def _by_status(told: int | None) -> ErrorKind:
    if told is None:
        return ErrorKind.SERVER
    if told < 400:
        return ErrorKind.NOT_FOUND  # a redirect: the address is another one
    return _BY_STATUS.get(told) or (ErrorKind.SERVER if told >= 500 else ErrorKind.BAD_REQUEST)


def _sentence(status: int, complaint: Complaint, headers: Mapping[str, str]) -> str:
    said = complaint.message
    if 300 <= status < 400:
        return tr(
            "The server sends requests on to {place} (HTTP {status}). Set that address.",
            place=headers.get("location", "?"),
            status=status,
        )
    if _is_challenge(complaint, headers):
        return tr(
            "A site protection stopped the request (challenge page, HTTP {status}).", status=status
        )
    if complaint.is_page and 200 <= status < 300:
        came = tr("A web page came in place of an answer.")
        if said:
            came = tr("A web page came in place of an answer: “{title}”.", title=said)
        why = tr("The address is not that of an API, or a sign-in page answered.")
        return f"{came} {why}"
    if complaint.is_page and said:
        return f"{said} (HTTP {status})"
    if not said and status < 300:
        return tr("The service reported an error without saying which.")
    return said or f"HTTP {status}"


def _first(headers: Mapping[str, str], names: tuple[str, ...]) -> str:
    return next((value for name in names if (value := headers.get(name, "").strip())), "")


def _detail(headers: Mapping[str, str], body: str | Mapping[str, Any]) -> str:
    """What can be copied for the provider's support: the request's ids and the raw body."""
    ids = [f"{name}: {headers[name]}" for name in _TRACE_HEADERS if name in headers]
    raw = body if isinstance(body, str) else json.dumps(body, ensure_ascii=False)
    raw = raw.encode("utf-8", "replace").decode("utf-8")
    return "\n".join((*ids, raw[:DETAIL_CHARS])).strip()
