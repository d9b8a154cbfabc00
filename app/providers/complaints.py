"""What an error body says, whatever envelope it came in (wire reference 2.1, R30).

Invariant: nothing here raises for what a service may send; what does not fit is absent. Knows
neither kinds nor retries: it reads, `failures` judges.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import unescape
from typing import Any

from app.domain.stream import mend_surrogates
from app.providers.sse import Decoder, Shape, TooLongError

PLAIN_CHARS = 300
MESSAGE_CHARS = 2000
_DEPTH = 6
_NO_CODE = frozenset(
    {"", "none", "null", "error", "fail", "failed", "false", "true", "about:blank"}
)
_TITLE = re.compile(r"<title[^>]*>(.*?)</title>", re.IGNORECASE | re.DOTALL)
_DURATION = re.compile(r"\s*(\d+(?:\.\d+)?)s\s*", re.ASCII)
_REQUEST_ID = re.compile(r"request[ _-]?id:? *([\w-]{6,})", re.IGNORECASE)
_HTTP_ERRORS = range(400, 600)
_WORDS_OF_A_MESSAGE = ("message", "msg", "detail", "error_description", "description", "title")


@dataclass(frozen=True, slots=True, kw_only=True)
class Complaint:
    """`status` is an HTTP status named inside the body; `limited_per_day` a daily quota (Google).

    `message` is empty where the body has no sentence. `is_page` means HTML.
    """

    message: str = ""
    codes: tuple[str, ...] = ()
    status: int | None = None
    param: str | None = None
    trace_id: str | None = None
    retry_delay_s: float | None = None
    limited_per_day: bool = False
    is_page: bool = False


def read(body: str | Mapping[str, Any]) -> Complaint:
    """What `body` says: a text as it came, or a JSON object that was parsed already."""
    if not isinstance(body, str):
        return _of_object(body)
    decoder = Decoder()
    try:
        events = [*decoder.feed(body.encode("utf-8", "replace")), *decoder.end()]
    except TooLongError:
        events = []
    if decoder.shape is Shape.HTML:
        return Complaint(message=_title(body), is_page=True)
    objects = [event.value for event in events if event.value is not None]
    if objects:
        return _of_object(next(filter(is_error, objects), objects[0]))
    said = next((event.text for event in events if event.name == "error"), body).strip()
    return Complaint(message=_plain(said))


def is_error(value: Mapping[str, Any], name: str = "") -> bool:
    """Whether an event of an answer is an error (R17); `name` is its SSE event name."""
    return bool(
        value.get("error")
        or value.get("success") is False
        or "error" in (name, value.get("object"), value.get("type"), value.get("event_type"))
    )


def _of_object(value: Mapping[str, Any]) -> Complaint:
    message = _message(value)
    levels = list(_levels(value))
    inner = _embedded(message)
    if inner is not None:
        message = _message(inner) or message
        levels += _levels(inner)
    details = [detail for level in levels for detail in _objects(level.get("details"))]
    codes = tuple(dict.fromkeys((*_codes(levels), *_reasons(details))))
    if not message.strip():
        message = next((code for code in codes if not code.isdigit()), "")
    return Complaint(
        message=mend_surrogates(_with_upstream(message, levels))[:MESSAGE_CHARS].strip(),
        codes=codes,
        status=next(_statuses(levels), None),
        param=_param(levels, details),
        trace_id=_trace_id(levels) or _request_id(message),
        retry_delay_s=next(_delays(details), None),
        limited_per_day=any(_limited_per_day(detail) for detail in details),
    )


def _message(value: object, depth: int = 0) -> str:
    """The sentence in `value`; first hit wins, in the order of R30."""
    if isinstance(value, str):
        return value
    if depth > _DEPTH:
        return ""
    if isinstance(value, list):
        found = [_of_item(item, depth) for item in value]
        return "; ".join(part for part in found if part)
    if not isinstance(value, Mapping):
        return ""
    for name in ("error", "errors"):
        inner = value.get(name)
        if name == "errors" and isinstance(inner, list):
            inner = inner[:1]
        if found_inner := _message(inner, depth + 1):
            more = value.get("error_description")
            said_twice = not isinstance(more, str) or not isinstance(inner, str)
            return found_inner if said_twice else f"{found_inner}: {more}"
    for name in _WORDS_OF_A_MESSAGE:
        if found_word := _message(value.get(name), depth + 1):
            return found_word
    return ""


def _of_item(item: object, depth: int) -> str:
    """One item of a list: `body.messages: Field required` for those that say where (FastAPI)."""
    said = _message(item, depth + 1)
    where = item.get("loc") if isinstance(item, Mapping) else None
    if not isinstance(where, list) or not where:
        return said
    return f"{'.'.join(str(step) for step in where)}: {said}"


def _embedded(message: str) -> Mapping[str, Any] | None:
    """The JSON object that a message holds: gateways quote errors of others, once."""
    if not message.lstrip().startswith(("{", "[")):
        return None
    try:
        value = json.loads(message, strict=False)
    except (ValueError, RecursionError):
        return None
    while isinstance(value, list) and value:
        value = value[0]
    return value if isinstance(value, Mapping) else None


def _levels(value: object, depth: int = 0) -> Iterator[Mapping[str, Any]]:
    """The objects that may carry codes, from the error itself outward."""
    if isinstance(value, list):
        value = value[0] if value else None
    if not isinstance(value, Mapping) or depth > _DEPTH:
        return
    for name in ("error", "errors", "detail"):
        yield from _levels(value.get(name), depth + 1)
    yield value
    for name in ("innererror", "inner_error"):
        yield from _levels(value.get(name), depth + 1)


def _objects(value: object) -> list[Mapping[str, Any]]:
    items = value if isinstance(value, list) else [value]
    return [item for item in items if isinstance(item, Mapping)]


def _codes(levels: list[Mapping[str, Any]]) -> Iterator[str]:
    for level in levels:
        for name in ("code", "type", "status"):
            value = level.get(name)
            if isinstance(value, bool) or not isinstance(value, str | int | float):
                continue
            word = mend_surrogates(str(value)).strip()
            if word.lower() not in _NO_CODE:
                yield word


def _reasons(details: list[Mapping[str, Any]]) -> Iterator[str]:
    for detail in details:
        if isinstance(reason := detail.get("reason"), str) and reason:
            yield mend_surrogates(reason)


def _statuses(levels: list[Mapping[str, Any]]) -> Iterator[int]:
    for level in levels:
        for name in ("code", "status", "status_code", "http_status"):
            value = level.get(name)
            if isinstance(value, str) and value.strip().isdecimal() and len(value) < 6:
                value = int(value)
            if isinstance(value, int | float) and value in _HTTP_ERRORS:
                yield int(value)


def _param(levels: list[Mapping[str, Any]], details: list[Mapping[str, Any]]) -> str | None:
    for level in levels:
        param = level.get("param")
        if isinstance(param, str) and param.lower() not in _NO_CODE:
            return mend_surrogates(param)
        where = level.get("loc")
        if isinstance(where, list):
            steps = [step for step in where if isinstance(step, str) and step != "body"]
            if steps:
                return mend_surrogates(steps[0])
    for detail in details:
        for violation in _objects(detail.get("fieldViolations", detail.get("field_violations"))):
            if isinstance(field := violation.get("field"), str) and field:
                return mend_surrogates(field)
    return None


def _trace_id(levels: list[Mapping[str, Any]]) -> str | None:
    for name in ("trace_id", "traceId", "request_id", "requestId"):
        for level in levels:
            value = level.get(name)
            if isinstance(value, str | int) and str(value).strip():
                return mend_surrogates(str(value).strip())
    return None


def _request_id(message: str) -> str | None:
    found = _REQUEST_ID.search(message)
    return found[1] if found else None


def _delays(details: list[Mapping[str, Any]]) -> Iterator[float]:
    for detail in details:
        delay = detail.get("retryDelay", detail.get("retry_delay"))
        if isinstance(delay, str) and (found := _DURATION.fullmatch(delay)):
            yield float(found[1])


def _limited_per_day(detail: Mapping[str, Any]) -> bool:
    return any(
        "perday" in str(violation.get("quotaId", violation.get("quota_id", ""))).lower()
        for violation in _objects(detail.get("violations"))
    )


def _with_upstream(message: str, levels: list[Mapping[str, Any]]) -> str:
    """`message` with what the provider behind a gateway said (`metadata.raw`)."""
    for level in levels:
        metadata = level.get("metadata")
        if not isinstance(metadata, Mapping):
            continue
        raw = metadata.get("raw")
        inner = _embedded(raw) if isinstance(raw, str) else None
        said = (_message(inner) if inner is not None else "") or _message(raw)
        if not said and raw:
            said = json.dumps(raw, ensure_ascii=False)
        if isinstance(reasons := metadata.get("reasons"), list):
            said = ", ".join(filter(None, (said, *(str(reason) for reason in reasons))))
        if said and said not in message:
            name = metadata.get("provider_name")
            who = f"{name}: " if isinstance(name, str) and name else ""
            return f"{message} ({who}{said})" if message else f"{who}{said}"
    return message


def _title(page: str) -> str:
    found = _TITLE.search(page)
    return _plain(unescape(found[1])) if found else ""


def _plain(text: str) -> str:
    """A body that is no object, in one line: a text, a JSON text, or nothing that says a word."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        value = text
    said = text if isinstance(value, int | float) else _message(value)
    return mend_surrogates(" ".join(said.split()))[:PLAIN_CHARS]
