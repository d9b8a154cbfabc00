"""What is asked: the prompt, the file of earlier messages and the parameters, as a conversation.

Invariant: the result ends with something to answer.
"""

from __future__ import annotations

import sys
from dataclasses import replace

from app.cli.arguments import Options
from app.cli.services import UsageError
from app.domain.conversation import Conversation
from app.domain.message import Media, Message, Part, Role, Text
from app.domain.settings import Sampling, Service
from app.domain.stream import mend_surrogates
from app.domain.title import title_of
from app.engine import new_id
from app.i18n import tr
from app.written_chats import AddBlob, History, HistoryError, read_history


def read_prompt(options: Options) -> str | None:
    """The question as typed, or from stdin; None where the file of messages is all there is.

    Raises UsageError where there is nothing to ask. Waits for the end of stdin.
    """
    prompt = options.prompt
    if prompt is None and options.messages is not None:
        return None
    if prompt is None and (sys.stdin is None or sys.stdin.isatty()):
        raise UsageError(tr("Say what to ask, or pipe it in."))
    if prompt is None or prompt == "-":
        prompt = read_stdin()
    if not prompt.strip():
        raise UsageError(tr("The question is empty."))
    return prompt


def read_stdin() -> str:
    """All that is piped in, which may be nothing. Raises UsageError."""
    if sys.stdin is None:  # closed, as `<&-` does
        return ""
    try:
        return sys.stdin.buffer.read().decode("utf-8-sig", "replace")
    except OSError as error:
        words = tr("stdin cannot be read: {reason}", reason=error.strerror or error)
        raise UsageError(words) from error


def question_of(prompt: str | None, media: tuple[Media, ...]) -> tuple[Part, ...]:
    """What is asked, with what is attached; empty where the file of messages is all there is."""
    return media if prompt is None else (Text(mend_surrogates(prompt)), *media)


def conversation_of(
    options: Options,
    said: tuple[Part, ...],
    empty: Conversation,
    service: Service,
    add_blob: AddBlob,
) -> Conversation:
    """`empty` with everything that was said so far, `said` last. Raises UsageError."""
    now = empty.created_at
    history = _history(options, service, add_blob, now)
    messages = list(history.messages)
    if said:
        messages.append(
            Message(
                id=new_id(),
                parent_id=messages[-1].id if messages else None,
                role=Role.USER,
                parts=said,
                created_at=now,
            )
        )
    if not messages or messages[-1].role is Role.ASSISTANT:
        raise UsageError(tr("There is no question: the last message is not the user's."))
    conversation = replace(
        empty,
        service_id=service.id,
        sampling=_sampling(options, history.system),
        title=next((title_of(m.parts) for m in messages if m.role is Role.USER), ""),
    )
    for message in messages:
        conversation = conversation.append(message)
    return conversation


def _history(options: Options, service: Service, add_blob: AddBlob, now: float) -> History:
    if options.messages is None:
        return History("", ())
    try:
        return read_history(options.messages, service, add_blob, new_id, now)
    except HistoryError as error:
        raise UsageError(str(error)) from error


def _sampling(options: Options, system: str) -> Sampling:
    prompts = [text for text in (options.system, system) if text]
    return Sampling(
        model=options.model,
        system_prompt="\n\n".join(prompts) or None,
        temperature=options.temperature,
        max_tokens=options.max_tokens,
        effort=options.effort,
        show_reasoning=None if options.thoughts else False,
        json_answer=True if options.json_answer else None,
        extra=options.extra,
    )
