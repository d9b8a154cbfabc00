"""What of a conversation goes to a service: which messages, and which opaque state with them.

Invariant: pure. `provider_state` returns to the host and form that gave it and to nobody else
(wire reference 0.2), so it is sealed with its origin when an answer is kept, and opened here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from app.domain import address
from app.domain.conversation import Conversation
from app.domain.message import EMPTY, Message, Part, Role, ToolCall, ToolResult
from app.domain.settings import Service

_ORIGIN = "origin"


def origin(service: Service) -> str:
    """Who a provider state belongs to: the form and the host with its port."""
    return f"{service.form.value} {address.host(service.base_url)}"


def sealed(message: Message, service: Service) -> Message:
    """`message` with its state marked as `service`'s."""
    if not message.provider_state:
        return message
    return replace(message, provider_state={**message.provider_state, _ORIGIN: origin(service)})


def opened(message: Message, service: Service) -> Message:
    """`message` with its state as the provider gave it, or without when it is someone else's."""
    if not message.provider_state:
        return message
    state = dict(message.provider_state)
    belongs = state.pop(_ORIGIN, None) == origin(service)
    return replace(message, provider_state=state if belongs else EMPTY)


def continuation_token(native: str | None, extras: Mapping[str, Any]) -> str | None:
    """What repeats the request for the rest of an answer that the service broke off (R54)."""
    token = extras.get("continuation_token") if native == "CONTINUATION" else None
    return token if isinstance(token, str) and token else None


def request_messages(
    conversation: Conversation, leaf_id: str, service: Service
) -> tuple[Message, ...]:
    """The history to send for an answer after `leaf_id`, oldest first. O(path); may raise OSError.

    Left out are the turns before the chat's context start, answers without any content, and calls
    that have no result (a service refuses them); the state of such an answer goes with them.
    """
    path = conversation.path(leaf_id)
    start = path.number_of(conversation.context_start_id) or 0
    return tuple(
        message
        for message in _paired([opened(message, service) for message in path.from_number(start)])
        if message.parts or message.provider_state
    )


def _paired(messages: Sequence[Message]) -> list[Message]:
    """Only calls with their results, and results with their calls."""
    called = {call.id for m in messages for call in m.tool_calls}
    answered = {p.call_id for m in messages for p in m.parts if isinstance(p, ToolResult)}
    both = called & answered

    def stays(part: Part) -> bool:
        if isinstance(part, ToolCall):
            return part.id in both
        return not isinstance(part, ToolResult) or part.call_id in both

    paired: list[Message] = []
    for message in messages:
        parts = tuple(part for part in message.parts if stays(part))
        if len(parts) != len(message.parts):
            state = EMPTY if message.role is Role.ASSISTANT else message.provider_state
            message = replace(message, parts=parts, provider_state=state)
        paired.append(message)
    return paired
