"""Questions in the OpenAI form over real HTTP, and what came of them, for the tests."""

from __future__ import annotations

from contextlib import aclosing
from dataclasses import dataclass, field, replace
from typing import Any

from app.domain.errors import ChatError, Failure
from app.domain.message import Media, Message, Part, Role, Text, ToolCall, ToolResult, Usage
from app.domain.settings import Sampling, Service, Timeouts
from app.domain.stream import Draft, Finished, MediaReceived, StateReported, StreamEvent
from app.providers.base import ChatRequest, Endpoint
from app.providers.connections import Connections
from app.providers.openai import OpenAIProvider

KEY = "sk-linnet-A1b2C3d4E5f6G7h8"
QUICK = Timeouts(connect_s=5.0, write_s=5.0, first_byte_s=5.0, first_byte_whole_s=5.0, idle_s=5.0)
DONE = b"data: [DONE]\n\n"


def message(role: Role, *parts: Part | str, state: dict[str, Any] | None = None) -> Message:
    typed = tuple(Text(part) if isinstance(part, str) else part for part in parts)
    return Message(
        id="m",
        parent_id=None,
        role=role,
        parts=typed,
        created_at=0.0,
        provider_state=state or {},
    )


def user(*parts: Part | str) -> Message:
    return message(Role.USER, *parts)


def said(*parts: Part | str, state: dict[str, Any] | None = None) -> Message:
    return message(Role.ASSISTANT, *parts, state=state)


def results(*parts: ToolResult) -> Message:
    return message(Role.TOOL, *parts)


def service(base_url: str = "https://api.example.com/v1", **more: Any) -> Service:
    return replace(Service(id="s", name="Test", base_url=base_url, timeouts=QUICK), **more)


def request(*messages: Message, stream: bool = True, **more: Any) -> ChatRequest:
    """A request; `quirks` and `files` go to it, everything else to `Sampling`."""
    own = {name: more.pop(name) for name in ("quirks", "files") if name in more}
    sampling = Sampling(**{"model": "test-model", **more})
    return ChatRequest(
        messages=messages or (user("hello"),), sampling=sampling, stream=stream, **own
    )


def delta(text: object = None, finish: str | None = None, **members: Any) -> dict[str, Any]:
    """A chunk of a stream; other members of the delta by name."""
    content = {} if text is None else {"content": text}
    choice = {"index": 0, "delta": {**content, **members}, "finish_reason": finish}
    return {"id": "c", "object": "chat.completion.chunk", "model": "m-1", "choices": [choice]}


def completion(text: object = "", finish: str | None = "stop", **members: Any) -> dict[str, Any]:
    """A whole reply; other members of the message by name."""
    choice: dict[str, Any] = {"message": {"role": "assistant", "content": text, **members}}
    if finish is not None:
        choice["finish_reason"] = finish
    return {"id": "c", "object": "chat.completion", "model": "m-1", "choices": [choice]}


@dataclass
class Answer:
    """What the events of one answer folded to."""

    events: list[StreamEvent] = field(default_factory=list)
    failure: Failure | None = None
    draft: Draft = field(default_factory=lambda: Draft(said()))

    def add(self, event: StreamEvent) -> None:
        self.events.append(event)
        self.draft.apply(event)

    @property
    def text(self) -> str:
        return self.message.text

    @property
    def reasoning(self) -> str:
        return self.message.reasoning

    @property
    def message(self) -> Message:
        return self.draft.to_message(None)

    @property
    def calls(self) -> list[tuple[str | None, str, str]]:
        return [(call.id, call.name, call.arguments) for call in self.message.tool_calls]

    @property
    def finished(self) -> Finished | None:
        return self.draft.finished

    @property
    def complete(self) -> bool:
        """Whether it ended well (R18)."""
        return self.failure is None

    @property
    def usage(self) -> Usage | None:
        return self.draft.usage

    @property
    def notices(self) -> list[str]:
        return [notice.code for notice in self.draft.notices]

    @property
    def pictures(self) -> list[MediaReceived]:
        return self.draft.received_media

    @property
    def state(self) -> dict[str, Any]:
        found = [event for event in self.events if isinstance(event, StateReported)]
        return dict(found[-1].state) if found else {}


async def ask(
    to: str | Service,
    question: ChatRequest | None = None,
    *,
    key: str | None = KEY,
    connections: Connections | None = None,
    **more: Any,
) -> Answer:
    """Ask a service, or the one at an address, and read to the end."""
    asked = service(to, **more) if isinstance(to, str) else to
    own = connections or Connections()
    answer = Answer()
    try:
        provider = OpenAIProvider(own)
        stream = provider.stream(Endpoint(asked, key), question or request())
        async with aclosing(stream) as events:
            async for event in events:
                answer.add(event)
    except ChatError as error:
        answer.failure = error.failure
    finally:
        if connections is None:
            await own.aclose()
    return answer


def pooled(connections: Connections) -> list[str]:
    """What the pools of all clients hold, one line for each connection."""
    clients = connections._clients.values()
    return [str(each) for client in clients for each in client._transport._pool.connections]  # type: ignore[attr-defined]


def picture(**more: Any) -> Media:
    return Media(**{"mime": "image/png", "sha256": "ab", "name": "cat.png", **more})


def call(call_id: str | None, name: str, arguments: str = "{}", **extra: Any) -> ToolCall:
    return ToolCall(id=call_id, name=name, arguments=arguments, extra=extra)
