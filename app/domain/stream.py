"""The one event model of both wire forms, and `Draft`, the only fold of events into a message.

Invariant: a provider resolves its wire's quirks (tags, tool-call indexes, usage places) before it
emits an event; the draft only appends. Cost of a delta does not depend on what came before.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, assert_never

from app.domain.message import (
    Finish,
    FinishReason,
    Media,
    Message,
    Notice,
    Part,
    Reasoning,
    Role,
    Text,
    Timing,
    ToolCall,
    Usage,
)


@dataclass(frozen=True, slots=True)
class TextDelta:
    text: str


@dataclass(frozen=True, slots=True)
class ReasoningDelta:
    text: str


@dataclass(frozen=True, slots=True)
class TextWasReasoning:
    """All text so far belongs to the reasoning (R14a: only a closing tag came)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolCallDelta:
    """A fragment of call number `ordinal` (0-based, in order of appearance; R19 is resolved).

    `id` and `name` are set once; `arguments` is appended; `extra` is merged.
    """

    ordinal: int
    id: str | None = None
    name: str = ""
    arguments: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class UsageReported:
    """Replaces any usage before it (R15, R56)."""

    usage: Usage


@dataclass(frozen=True, slots=True)
class MediaReceived:
    """A picture in an answer: `data` bytes of type `mime`, or an address that is not fetched."""

    mime: str
    data: bytes | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class NoticeGiven:
    notice: Notice


@dataclass(frozen=True, slots=True)
class ExtraSeen:
    """Something else worth keeping. `append` adds `value` to a list, else it replaces."""

    name: str
    value: Any
    append: bool = False


@dataclass(frozen=True, slots=True)
class ModelReported:
    """The model that the provider says it used."""

    model: str


@dataclass(frozen=True, slots=True)
class StateReported:
    """The opaque state to send back to the same host (`Message.provider_state`); replaces."""

    state: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Finished:
    """The answer ended well (R18, R53). Usage, extras and state may still follow it."""

    reason: FinishReason | None
    native: str | None = None


StreamEvent = (
    TextDelta
    | ReasoningDelta
    | TextWasReasoning
    | ToolCallDelta
    | UsageReported
    | MediaReceived
    | NoticeGiven
    | ExtraSeen
    | ModelReported
    | StateReported
    | Finished
)

SegmentKind = Literal["text", "reasoning"]


class Segment:
    """A run of deltas of one kind. `chunks` only grows; readers remember how many they took."""

    __slots__ = ("chunks", "kind")

    def __init__(self, kind: SegmentKind) -> None:
        self.kind = kind
        self.chunks: list[str] = []

    @property
    def text(self) -> str:
        """The whole run. O(length): for saving and reading, not for each delta."""
        return "".join(self.chunks)


@dataclass(slots=True)
class _PendingCall:
    id: str | None = None
    name: str = ""
    arguments: list[str] = field(default_factory=list)
    extra: dict[str, Any] = field(default_factory=dict)


class Draft:
    """An answer that is being written.

    `items` holds segments, media and call ordinals in order of appearance. `revision` goes up
    when something already folded changed its place, so that a view rebuilds instead of adding.
    """

    def __init__(self, message: Message) -> None:
        """Start from `message`; its parts are kept, so that an answer can be continued."""
        self.message = message
        self.items: list[Segment | Media | int] = []
        self.calls: list[_PendingCall] = []
        self.received_media: list[MediaReceived] = []
        self.usage: Usage | None = message.usage
        self.notices: list[Notice] = list(message.notices)
        self.extras: dict[str, Any] = dict(message.extras)
        self.state: Mapping[str, Any] = message.provider_state
        self.model = message.model
        self.finished: Finished | None = None
        self.revision = 0
        self.deltas = 0
        self._half = ""
        for part in message.parts:
            match part:
                case Text(text):
                    self._segment("text").chunks.append(text)
                case Reasoning(text):
                    self._segment("reasoning").chunks.append(text)
                case Media():
                    self.items.append(part)
                case _:
                    pass

    @property
    def text(self) -> str:
        return "".join(s.text for s in self._segments("text"))

    @property
    def reasoning(self) -> str:
        return "".join(s.text for s in self._segments("reasoning"))

    @property
    def visible(self) -> bool:
        """Whether anything of this answer was shown (R40): text, reasoning, a call or media."""
        return self.deltas > 0

    def apply(self, event: StreamEvent) -> None:
        match event:
            case TextDelta(text):
                self._add("text", text)
            case ReasoningDelta(text):
                self._add("reasoning", text)
            case TextWasReasoning():
                self._reclassify()
            case ToolCallDelta():
                self._add_call(event)
            case UsageReported(usage):
                self.usage = usage
            case MediaReceived():
                self.deltas += 1
                self.received_media.append(event)
            case NoticeGiven(notice):
                if notice not in self.notices:
                    self.notices.append(notice)
            case ExtraSeen(name, value, append):
                if append:
                    self.extras[name] = [*self.extras.get(name, ()), value]
                else:
                    self.extras[name] = value
            case ModelReported(model):
                self.model = model
            case StateReported(state):
                self.state = state
            case Finished():
                self.finished = event
            case _:
                assert_never(event)

    def add_media(self, media: Media) -> None:
        """Put a stored picture where the answer has come to (after `MediaReceived`)."""
        self.items.append(media)

    def to_message(self, finish: Finish | None, timing: Timing = Timing()) -> Message:
        """The message so far; `finish` is `None` for a checkpoint. O(length)."""
        first = self.message
        parts = tuple(part for part in map(self._part, self.items) if part is not None)
        if timing.reasoning_s is not None:
            parts = _with_seconds(parts, timing.reasoning_s)
        return Message(
            id=first.id,
            parent_id=first.parent_id,
            role=Role.ASSISTANT,
            parts=parts,
            created_at=first.created_at,
            service_id=first.service_id,
            service_name=first.service_name,
            model=self.model,
            usage=self.usage,
            finish=finish,
            timing=timing,
            notices=tuple(self.notices),
            provider_state=self.state,
            extras=dict(self.extras),
        )

    def _part(self, item: Segment | Media | int) -> Part | None:
        if isinstance(item, Segment):
            text = mend_surrogates(item.text)
            if not text:
                return None
            return Text(text) if item.kind == "text" else Reasoning(text)
        if isinstance(item, Media):
            return item
        call = self.calls[item]
        return ToolCall(
            id=call.id,
            name=call.name,
            arguments="".join(call.arguments) or "{}",
            extra=dict(call.extra),
        )

    def _segments(self, kind: SegmentKind) -> list[Segment]:
        return [s for s in self.items if isinstance(s, Segment) and s.kind == kind]

    def _segment(self, kind: SegmentKind) -> Segment:
        last = self.items[-1] if self.items else None
        if isinstance(last, Segment) and last.kind == kind:
            return last
        segment = Segment(kind)
        self.items.append(segment)
        return segment

    def _add(self, kind: SegmentKind, text: str) -> None:
        if not text:
            return
        self.deltas += 1
        text = self._half + text
        self._half = ""
        if "\ud800" <= text[-1] <= "\udbff":
            self._half, text = text[-1], text[:-1]
        if text:
            self._segment(kind).chunks.append(_rejoin(text))

    def _add_call(self, event: ToolCallDelta) -> None:
        self.deltas += 1
        while len(self.calls) <= event.ordinal:
            self.items.append(len(self.calls))
            self.calls.append(_PendingCall())
        call = self.calls[event.ordinal]
        call.id = call.id or event.id
        call.name = call.name or event.name
        if event.arguments:
            call.arguments.append(event.arguments)
        call.extra.update(event.extra)

    def _reclassify(self) -> None:
        self.revision += 1
        for segment in self._segments("text"):
            segment.kind = "reasoning"


def mend_surrogates(text: str) -> str:
    """Join split surrogate pairs; a lone half becomes U+FFFD (R13). Never raises."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


def _rejoin(text: str) -> str:
    return text if text.isascii() else mend_surrogates(text)


def _with_seconds(parts: tuple[Part, ...], seconds: float) -> tuple[Part, ...]:
    done: list[Part] = []
    for part in parts:
        if isinstance(part, Reasoning) and part.seconds is None:
            part = Reasoning(part.text, seconds)
            seconds = 0.0
        done.append(part)
    return tuple(done)
