"""A message: who said it, its parts in order, and how it ended.

Invariant: values are frozen; text is whole (no lone surrogates, R13). Wire words stay in the
providers, except `provider_state`, an opaque JSON value that goes back to the same host only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Any, NamedTuple

from app.domain.errors import Failure

EMPTY: Mapping[str, Any] = MappingProxyType({})


class Role(StrEnum):
    USER = "user"
    ASSISTANT = "assistant"
    TOOL = "tool"


@dataclass(frozen=True, slots=True)
class Text:
    text: str


@dataclass(frozen=True, slots=True)
class Reasoning:
    """What the model thought; `seconds` it took, `None` when not measured."""

    text: str
    seconds: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Media:
    """A picture, video, recording or document, by content (`sha256` of a stored blob) or `url`.

    Exactly one of the two is set. `mime` is spelled as Google spells it (wire reference 3.9).
    `start_s`, `end_s` and `frames_per_s` narrow what a model sees of a video, where it can be
    told. `left_out` keeps an attachment in its place and out of further questions.
    """

    mime: str
    sha256: str | None = None
    url: str | None = None
    name: str = ""
    size_bytes: int | None = None
    width_px: int | None = None
    height_px: int | None = None
    duration_s: float | None = None
    pages: int | None = None
    start_s: float | None = None
    end_s: float | None = None
    frames_per_s: float | None = None
    left_out: bool = False


class Attached(NamedTuple):
    """The attachments of message `number` of a chat, which has this id."""

    number: int
    id: str
    media: tuple[Media, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolCall:
    """A call that the model asks for. `arguments` is the raw JSON text, parsed only when whole.

    `extra` holds what must go back on the same call (`extra_content`, a thought signature).
    """

    id: str | None
    name: str
    arguments: str
    extra: Mapping[str, Any] = field(default_factory=lambda: EMPTY)


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolResult:
    call_id: str | None
    name: str
    output: str
    is_error: bool = False


Part = Text | Reasoning | Media | ToolCall | ToolResult


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Tokens as the provider counts them; `None` is unknown, never 0 (R15, R56)."""

    prompt: int | None = None
    completion: int | None = None
    total: int | None = None
    reasoning: int | None = None
    cached: int | None = None
    credits: float | None = None
    cost: float | None = None


class FinishReason(StrEnum):
    STOP = "stop"
    LENGTH = "length"
    TOOL_CALLS = "tool_calls"
    CONTENT_FILTER = "content_filter"
    ERROR = "error"
    OTHER = "other"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finish:
    """How an answer ended. `complete` is R18 or R53: it ended well, whatever its length."""

    reason: FinishReason | None = None
    native: str | None = None
    complete: bool = False
    failure: Failure | None = None


@dataclass(frozen=True, slots=True)
class Notice:
    """A small remark beside an answer: a machine word and a sentence for the person."""

    code: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """Seconds since the request was sent; `None` is unknown."""

    total_s: float | None = None
    first_token_s: float | None = None
    reasoning_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One node of a conversation tree. `created_at` is Unix time in seconds.

    `finish` is `None` for a person's message and for an answer that is still being written; the
    storage turns the latter into a cut-off answer when it is found at the next start.
    `provider_state` belongs to `service_id`'s host and form alone (wire reference 0.2).
    `extras` holds what else was seen: credits, citations, search_queries ... (see the README).
    """

    id: str
    parent_id: str | None
    role: Role
    parts: tuple[Part, ...]
    created_at: float
    service_id: str = ""
    service_name: str = ""
    model: str = ""
    usage: Usage | None = None
    finish: Finish | None = None
    timing: Timing = Timing()
    notices: tuple[Notice, ...] = ()
    provider_state: Mapping[str, Any] = field(default_factory=lambda: EMPTY)
    extras: Mapping[str, Any] = field(default_factory=lambda: EMPTY)

    @property
    def text(self) -> str:
        """All text parts joined: the answer, or what the person wrote."""
        return "".join(part.text for part in self.parts if isinstance(part, Text))

    @property
    def reasoning(self) -> str:
        return "".join(part.text for part in self.parts if isinstance(part, Reasoning))

    @property
    def tool_calls(self) -> tuple[ToolCall, ...]:
        return tuple(part for part in self.parts if isinstance(part, ToolCall))

    @property
    def media(self) -> tuple[Media, ...]:
        return tuple(part for part in self.parts if isinstance(part, Media))
