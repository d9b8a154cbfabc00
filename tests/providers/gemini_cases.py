"""Building blocks for the Gemini tests: messages, requests, replies and an answer folded."""

from __future__ import annotations

import json
from contextlib import aclosing
from dataclasses import replace
from typing import Any

from app.domain.errors import ChatError, Failure
from app.domain.message import Media, Message, Part, Reasoning, Role, Text
from app.domain.settings import Sampling, Service
from app.domain.stream import Draft, MediaReceived, StreamEvent
from app.providers import presets
from app.providers.base import ChatRequest, Endpoint, Quirks
from app.providers.connections import Connections
from app.providers.gemini import GeminiProvider

MODEL = "gemini-3.8-flash"
KEY = "AQ.a-key-for-tests-only"


def user(*parts: Part | str, message_id: str = "q") -> Message:
    return _message(Role.USER, parts, message_id)


def model_said(*parts: Part | str, state: dict[str, Any] | None = None) -> Message:
    return replace(_message(Role.ASSISTANT, parts, "a"), provider_state=state or {})


def _message(role: Role, parts: tuple[Part | str, ...], message_id: str) -> Message:
    typed = tuple(Text(part) if isinstance(part, str) else part for part in parts)
    return Message(id=message_id, parent_id=None, role=role, parts=typed, created_at=0.0)


def request(
    *messages: Message, model: str = MODEL, stream: bool = True, **more: Any
) -> ChatRequest:
    """A request; what is no parameter of its own is one of `Sampling`."""
    names = ("quirks", "files", "continuation_token", "on_upload")
    own = {k: more.pop(k) for k in names if k in more}
    sampling = Sampling(model=model, **more)
    return ChatRequest(messages=messages or (user("hi"),), sampling=sampling, stream=stream, **own)


def service(base_url: str, **more: Any) -> Service:
    return replace(presets.GEMINI, base_url=base_url, **more)


def chunk(*parts: dict[str, Any], finish: str = "", **more: Any) -> dict[str, Any]:
    """One reply document with `parts`; `usage` and other top members by name."""
    candidate: dict[str, Any] = {"index": 0}
    if parts:
        candidate["content"] = {"role": "model", "parts": list(parts)}
    if finish:
        candidate["finishReason"] = finish
    return {"candidates": [{**candidate, **more.pop("candidate", {})}], **more}


def sse(*values: object, end: str = "\r\n\r\n") -> bytes:
    """An event stream as Google writes it: CR LF and no [DONE]."""
    return "".join(f"data: {json.dumps(value)}{end}" for value in values).encode()


class Answer:
    """What a stream gave: events, the folded draft, and the failure it ended with."""

    def __init__(self) -> None:
        self.events: list[StreamEvent] = []
        self.draft = Draft(_message(Role.ASSISTANT, (), "a"))
        self.failure: Failure | None = None

    def apply(self, event: StreamEvent) -> None:
        self.events.append(event)
        self.draft.apply(event)
        if isinstance(event, MediaReceived) and event.url is None:
            self.draft.add_media(Media(mime=event.mime, sha256="0" * 64))

    @property
    def finish(self) -> tuple[str | None, str | None]:
        finished = self.draft.finished
        if finished is None:
            return None, None
        return finished.reason and finished.reason.value, finished.native

    @property
    def notices(self) -> list[str]:
        return [notice.code for notice in self.draft.notices]

    @property
    def message(self) -> Message:
        return self.draft.to_message(None)


async def ask(base_url: str, asked: ChatRequest | None = None, **service_fields: Any) -> Answer:
    """One question to the server at `base_url`, read to its end."""
    answer = Answer()
    connections = Connections()
    endpoint = Endpoint(service(base_url, **service_fields), KEY)
    try:
        async with aclosing(
            GeminiProvider(connections).stream(endpoint, asked or request())
        ) as events:
            async for event in events:
                answer.apply(event)
    except ChatError as error:
        answer.failure = error.failure
    finally:
        await connections.aclose()
    return answer


__all__ = ["KEY", "MODEL", "Answer", "Quirks", "Reasoning", "ask", "chunk", "model_said"]
