"""Turns a `Failure` or the end of an answer into plain words, and says which actions fit.

`for_message` is what a card under an answer shows, `for_countdown` the card while a retry waits,
`for_failure` a failure outside a chat (settings, terminal); `remarks` and `suggestions` help to set
up a service.
Invariant: pure, knows no widget and no clock; the service's own words are never the title, but
always part of `note` or `details`.
"""

from __future__ import annotations

import math
from dataclasses import replace

from app.advice.card import Action, Advice, Tone
from app.advice.failures import describe, waiting_time
from app.advice.remarks import remarks
from app.advice.suggestions import Suggestion, suggestions
from app.domain.errors import WANTS_ADDRESS, ErrorKind, Failure
from app.domain.message import Finish, FinishReason, Message
from app.domain.settings import Service
from app.i18n import tr

__all__ = [
    "Action",
    "Advice",
    "Suggestion",
    "Tone",
    "details",
    "for_countdown",
    "for_failure",
    "for_message",
    "remarks",
    "suggestions",
    "waiting_time",
]

_LOST = frozenset({ErrorKind.TRUNCATED, ErrorKind.TIMEOUT, ErrorKind.NETWORK})
_CONTINUABLE = _LOST | {
    ErrorKind.CANCELLED,
    ErrorKind.RATE_LIMIT,
    ErrorKind.SERVER,
    ErrorKind.OVERLOADED,
    ErrorKind.PROTOCOL,
}
_NOTE_CHARS = 160


def for_message(message: Message, service: Service | None = None) -> Advice | None:
    """The notice under an answer; `None` where it ended well and within its limit."""
    finish = message.finish
    if finish is None:
        return None
    arrived = bool(message.parts)
    if finish.failure is not None:
        found = for_failure(finish.failure, service, arrived=arrived, model=message.model)
        if finish.failure.kind is ErrorKind.BLOCKED and not finish.failure.message:
            return replace(found, note=finish.native or "")
        return found
    return _for_finish(finish, message, arrived)


def for_failure(
    failure: Failure, service: Service | None = None, *, arrived: bool = False, model: str = ""
) -> Advice:
    """What happened and what to do. `arrived`: part of the answer is there and is kept."""
    found = describe(failure, service)
    if failure.kind is ErrorKind.MODEL_NOT_FOUND and model:
        title = tr("The model {model} is not there.", model=model)
        found = replace(found, title=title)
    if arrived:
        kept = tr("What arrived is kept.")
        lost = failure.kind in _LOST
        text = kept if lost else f"{found.text} {kept}".lstrip()
        found = replace(found, text=text)
        if failure.kind in _CONTINUABLE:
            found = replace(found, actions=(Action.CONTINUE, *found.actions))
    told = failure.message in (found.title, found.text)
    note = found.note or ("" if told else _note(failure, found.title, found.text))
    return replace(found, note=note, details=details(failure))


def for_countdown(
    failure: Failure,
    seconds_left: float,
    attempt: int,
    of: int,
    service: Service | None = None,
) -> Advice:
    """The card while an automatic retry waits (R42). `attempt` is the coming one, from 1."""
    seconds = max(0, math.ceil(seconds_left))
    cause = describe(failure, service)
    return Advice(
        tone=Tone.WAITING,
        title=cause.title,
        text=tr(
            "Next try in {seconds} s ({attempt} of {of}).", seconds=seconds, attempt=attempt, of=of
        ),
        note=_note(failure, cause.title),
        details=details(failure),
        actions=(Action.RETRY_NOW, Action.STOP),
    )


def details(failure: Failure) -> str:
    """Everything that is known, one fact a line, for a report to the provider."""
    lines = [
        failure.message,
        tr("Kind: {kind}", kind=failure.kind.value),
        tr("Phase: {phase}", phase=failure.phase.value),
    ]
    if failure.http_status is not None:
        lines.append(tr("HTTP status: {status}", status=failure.http_status))
    if failure.codes:
        lines.append(tr("Codes: {codes}", codes=", ".join(failure.codes)))
    if failure.param:
        lines.append(tr("Blamed member: {name}", name=failure.param))
    if failure.trace_id:
        lines.append(tr("Trace: {trace}", trace=failure.trace_id))
    if failure.url:
        lines.append(tr("Address: {url}", url=failure.url))
    if failure.detail and failure.detail != failure.message:
        lines += ["", failure.detail]
    return "\n".join(lines).strip()


def _for_finish(finish: Finish, message: Message, arrived: bool) -> Advice | None:
    word = finish.native or ""
    go_on = (Action.CONTINUE,) if arrived else ()
    match finish.reason:
        case FinishReason.CANCELLED:
            return Advice(
                tone=Tone.STOPPED,
                title=tr("Stopped."),
                text=tr("What arrived is kept.") if arrived else "",
                actions=(*go_on, Action.RETRY),
            )
        case FinishReason.LENGTH if message.text or not message.reasoning:
            return Advice(
                tone=Tone.LIMIT,
                title=tr("The answer reached its limit."),
                text=tr("Let the model go on, or raise the output limit."),
                actions=(Action.CONTINUE, Action.CHANGE_LIMIT),
            )
        case FinishReason.LENGTH:
            return Advice(
                tone=Tone.LIMIT,
                title=tr("All tokens went into thinking."),
                text=tr("Raise the output limit or lower the reasoning effort."),
                actions=(Action.RETRY, Action.CHANGE_LIMIT),
            )
        case FinishReason.CONTENT_FILTER:
            return Advice(
                tone=Tone.FILTERED,
                title=tr("The provider's filter stopped the answer."),
                text=tr("What came before it is kept.") if arrived else tr("Ask differently."),
                note=word,
                actions=(Action.RETRY, Action.SWITCH_MODEL),
            )
        case FinishReason.ERROR:
            return Advice(
                tone=Tone.FAILED,
                title=tr("The model could not finish the answer."),
                text=tr("Try again."),
                note=word,
                actions=(Action.RETRY, Action.SWITCH_MODEL),
            )
        case FinishReason.OTHER:
            return Advice(
                tone=Tone.CUT_OFF,
                title=tr("The service ended the answer for a reason of its own."),
                note=word,
                actions=(*go_on, Action.RETRY),
            )
    if finish.complete:
        return None
    return Advice(
        tone=Tone.CUT_OFF,
        title=tr("The answer was cut off."),
        text=tr("What arrived is kept.") if arrived else tr("Nothing had arrived yet."),
        actions=(*go_on, Action.RETRY),
    )


def _note(failure: Failure, title: str, text: str = "") -> str:
    """One muted line: the service's own words, status, code and trace; nothing is said twice."""
    words = " ".join(failure.message.split()).removeprefix(title).lstrip()
    if words in text:
        words = ""
    if len(words) > _NOTE_CHARS:
        words = words[: _NOTE_CHARS - 1] + "…"
    told = failure.http_status
    status = [str(told)] if told is not None and told >= 400 else []  # 200 explains no failure
    said = [code for code in failure.codes if code != WANTS_ADDRESS]  # our own word
    codes = [code for code in said[:1] if code not in status]
    facts = [words, " ".join(status + codes)]
    if failure.trace_id:
        facts.append(tr("trace {trace}", trace=failure.trace_id))
    *others, last = [fact for fact in facts if fact] or [""]
    return " · ".join((*(fact.removesuffix(".") for fact in others), last))
