"""The answer as one JSON object, and failures in plain words.

Invariant: every member is always there, `null` is unknown; the text is valid UTF-8.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from app.advice import for_failure, for_message, suggestions, waiting_time
from app.domain import address
from app.domain.errors import ErrorKind, Failure
from app.domain.message import Finish, FinishReason, Message, Role, ToolCall, Usage
from app.domain.settings import Service
from app.domain.stream import mend_surrogates
from app.i18n import tr
from app.providers.base import ModelInfo

COMPLETE, FAILED, WRONG_USAGE, STOPPED = 0, 1, 2, 130

EXTRAS = (
    "credits",
    "citations",
    "citation_titles",
    "search_queries",
    "urls",
    "thought_signatures",
    "tool_signatures",
    "reasoning_details_types",
    "refusal",
    "code",
    "code_output",
    "images",
    "continuation_token",
)

_ENDINGS = ("length", "content_filter", "finish")


def to_json(value: Mapping[str, Any]) -> str:
    """One line of JSON. Half surrogates and values that JSON has no word for are mended."""
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False, default=str)
    except ValueError:
        text = json.dumps(_without_nan(value), ensure_ascii=False, default=str)
    return mend_surrogates(text)


def answer_object(message: Message) -> dict[str, Any]:
    """The object of `linnet ask --output json`."""
    finish = message.finish or Finish()
    return {
        "content": message.text,
        "reasoning": message.reasoning,
        "complete": finish.complete,
        "finish_reason": finish.reason.value if finish.reason else None,
        "native_finish_reason": finish.native,
        "usage": usage_object(message.usage),
        "tool_calls": [_call_object(call) for call in message.tool_calls],
        "error": error_object(finish.failure),
        "extras": _extras(message),
        "model": message.model,
        "seconds": _rounded(message.timing.total_s),
        "first_token_seconds": _rounded(message.timing.first_token_s),
        "notices": [notice.text for notice in message.notices],
    }


def nothing_object(model: str) -> dict[str, Any]:
    """The object of an answer that was stopped before it was asked for."""
    stopped = Finish(reason=FinishReason.CANCELLED)
    return answer_object(
        Message(
            id="",
            parent_id=None,
            role=Role.ASSISTANT,
            parts=(),
            created_at=0.0,
            model=model,
            finish=stopped,
        )
    )


def usage_object(usage: Usage | None) -> dict[str, int | None] | None:
    if usage is None:
        return None
    return {
        "prompt": usage.prompt,
        "completion": usage.completion,
        "total": usage.total,
        "reasoning": usage.reasoning,
        "cached": usage.cached,
    }


def error_object(failure: Failure | None) -> dict[str, Any] | None:
    if failure is None:
        return None
    return {
        "kind": failure.kind.value,
        "message": failure.message,
        "retryable": failure.retryable,
        "phase": failure.phase.value,
        "http_status": failure.http_status,
        "retry_after_s": failure.retry_after_s,
        "codes": list(failure.codes),
        "trace_id": failure.trace_id,
    }


def models_object(models: Iterable[ModelInfo], failure: Failure | None) -> dict[str, Any]:
    """The object of `linnet models --output json`."""
    return {"models": [_model_object(each) for each in models], "error": error_object(failure)}


def stopped() -> Failure:
    """What stands in the place of a list that the person did not wait for."""
    return Failure(kind=ErrorKind.CANCELLED, message=tr("Stopped."))


def _model_object(model: ModelInfo) -> dict[str, Any]:
    return {
        "id": model.id,
        "display": model.display or None,
        "context": model.context,
        "max_output": model.max_output,
        "vision": model.vision,
        "thinking": model.thinking,
    }


def status_of(message: Message) -> int:
    """How the program ends after this answer."""
    finish = message.finish or Finish()
    if finish.reason is FinishReason.CANCELLED:
        return STOPPED
    bad = (FinishReason.CONTENT_FILTER, FinishReason.ERROR)
    if finish.complete and finish.failure is None and finish.reason not in bad:
        return COMPLETE
    return FAILED


def remarks_on(message: Message, service: Service, *, saved: bool) -> list[str]:
    """What a person should know beside the text: calls, pictures, notices, how it ended."""
    found = [
        tr("The model calls {name} with {arguments}", name=call.name, arguments=call.arguments)
        for call in message.tool_calls
    ]
    if message.media and not saved:
        found.append(tr("Pictures came with the answer. Use --save to keep them."))
    finish = message.finish or Finish()
    advice = for_message(message, service)
    # How it ended is said once, by the advice.
    said = _ENDINGS if advice is not None else ()
    found += [notice.text for notice in message.notices if notice.code not in said]
    if finish.failure is not None:
        return [*found, *failure_lines(finish.failure, service, message)]
    return found if advice is None else [*found, advice.sentence]


def failure_lines(failure: Failure, service: Service, message: Message | None = None) -> list[str]:
    """What happened, what to do, and the service's own words."""
    arrived = message is not None and bool(message.parts)
    advice = for_failure(failure, service, arrived=arrived, model=message.model if message else "")
    lines = [advice.sentence]
    if failure.retry_after_s is not None and failure.retry_after_s > 0:
        lines.append(tr("Try again in {time}.", time=waiting_time(failure.retry_after_s)))
    if advice.note and advice.note not in advice.sentence:
        lines.append(advice.note)
    if not arrived:
        lines += [
            tr("Worth a try: {address}", address=address.join(s.service.base_url, s.service.path))
            for s in suggestions(service, failure)
        ]
    return lines


def _call_object(call: ToolCall) -> dict[str, Any]:
    try:
        arguments = json.loads(call.arguments)
    except (ValueError, RecursionError):
        arguments = call.arguments  # never guessed
    return {"id": call.id, "name": call.name, "arguments": arguments}


def _extras(message: Message) -> dict[str, Any]:
    found = {name: message.extras[name] for name in EXTRAS if message.extras.get(name) is not None}
    pictures = sum(1 for media in message.media if media.mime.startswith("image/"))
    if pictures:
        found["images"] = pictures
    return found


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 3)


def _without_nan(value: Any) -> Any:
    match value:
        case Mapping():
            return {str(name): _without_nan(member) for name, member in value.items()}
        case list() | tuple():
            return [_without_nan(member) for member in value]
        case float() if value != value or abs(value) == float("inf"):
            return None
        case _:
            return value
