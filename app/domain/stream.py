"""The one event model of both wire forms, and `Draft`, the only fold of events into a message.

Invariant: a provider resolves its wire's quirks (tags, tool-call indexes, usage places) before it
emits an event; the draft only appends. Cost of a delta does not depend on what came before.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
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
    ToolResult,
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
    """Something else worth keeping. `append` adds `value` to a list, else it replaces.

    `None` takes away what was kept under `name`.
    """

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
    """A run of deltas of one kind. `chunks` only grows; readers remember how many they took.

    `seconds` is what a reasoning run of an earlier request took, `None` for a new one.
    """

    __slots__ = ("chunks", "kind", "seconds")

    def __init__(self, kind: SegmentKind, seconds: float | None = None) -> None:
        self.kind = kind
        self.chunks: list[str] = []
        self.seconds = seconds

    @property
    def text(self) -> str:
        """The whole run. O(length): for saving and reading, not for each delta."""
        return "".join(self.chunks)


Item = Segment | Media | ToolResult | int


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
    `deltas` counts what was shown of this request, not what an answer that goes on began with.
    """

    def __init__(self, message: Message) -> None:
        """Start from `message`; its parts are kept, so that an answer can be continued."""
        self.message = message
        self.items: list[Item] = []
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
            self._keep(part)
        self.begin_request()

    def begin_request(self) -> None:
        """What follows comes from another request: ordinals, state and moves count from here."""
        self.finished = None
        self._end_half()
        self._earlier_items = len(self.items)
        last = self.items[-1] if self.items else None
        self._earlier_chunks = len(last.chunks) if isinstance(last, Segment) else 0
        self._earlier_calls = len(self.calls)
        self._earlier_state = self.state

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
        """Fold `event` in. O(1) but for `TextWasReasoning`, which comes once at most."""
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
                self.note(notice)
            case ExtraSeen(name, value, append):
                if append:
                    self.extras[name] = [*self.extras.get(name, ()), value]
                elif value is None:
                    self.extras.pop(name, None)
                else:
                    self.extras[name] = value
            case ModelReported(model):
                self.model = model
            case StateReported(state):
                self.state = _joined(self._earlier_state, state)
            case Finished():
                self.finished = event
            case _:
                assert_never(event)

    def note(self, notice: Notice) -> None:
        """Add a remark, unless the same is there already."""
        if notice not in self.notices:
            self.notices.append(notice)

    def add_media(self, media: Media) -> None:
        """Put a stored picture where the answer has come to (after `MediaReceived`)."""
        self._end_half()
        self.items.append(media)

    def to_message(self, finish: Finish | None, timing: Timing = Timing()) -> Message:
        """The message so far; `finish` is `None` for a checkpoint. O(length)."""
        if finish is not None:
            self._end_half()
        parts = tuple(part for part in map(self._part, self.items) if part is not None)
        if timing.reasoning_s is not None:
            parts = _with_seconds(parts, timing.reasoning_s)
        return replace(
            self.message,
            role=Role.ASSISTANT,
            parts=parts,
            model=self.model,
            usage=self.usage,
            finish=finish,
            timing=timing,
            notices=tuple(self.notices),
            provider_state=self.state,
            extras=dict(self.extras),
        )

    def _keep(self, part: Part) -> None:
        match part:
            case Text(text):
                self._segment("text").chunks.append(text)
            case Reasoning(text, seconds):
                segment = Segment("reasoning", seconds)
                segment.chunks.append(text)
                self.items.append(segment)
            case Media() | ToolResult():
                self.items.append(part)
            case ToolCall():
                self.items.append(len(self.calls))
                self.calls.append(
                    _PendingCall(part.id, part.name, [part.arguments], dict(part.extra))
                )
            case _:
                assert_never(part)

    def _part(self, item: Item) -> Part | None:
        if isinstance(item, Segment):
            text = mend_surrogates(item.text)
            if not text:
                return None
            return Text(text) if item.kind == "text" else Reasoning(text, item.seconds)
        if isinstance(item, int):
            call = self.calls[item]
            return ToolCall(
                id=call.id,
                name=mend_surrogates(call.name),
                arguments=mend_surrogates("".join(call.arguments)) or "{}",
                extra=dict(call.extra),
            )
        return item

    def _segments(self, kind: SegmentKind) -> list[Segment]:
        return [s for s in self.items if isinstance(s, Segment) and s.kind == kind]

    def _segment(self, kind: SegmentKind) -> Segment:
        last = self.items[-1] if self.items else None
        if isinstance(last, Segment) and last.kind == kind and last.seconds is None:
            return last
        segment = Segment(kind)
        self.items.append(segment)
        return segment

    def _add(self, kind: SegmentKind, text: str) -> None:
        if not text:
            return
        self.deltas += 1
        if self._half:
            last = self.items[-1] if self.items else None
            if isinstance(last, Segment) and last.kind != kind:
                self._end_half()
            text = self._half + text
            self._half = ""
        if "\ud800" <= text[-1] <= "\udbff":
            self._half, text = text[-1], text[:-1]
        segment = self._segment(kind)
        if text:
            segment.chunks.append(text if text.isascii() else mend_surrogates(text))

    def _end_half(self) -> None:
        """The other half of a pair did not come: U+FFFD stands for it (R13)."""
        if self._half:
            self._half = ""
            last = self.items[-1]
            assert isinstance(last, Segment), "a half waits behind its own segment"
            last.chunks.append("\N{REPLACEMENT CHARACTER}")

    def _add_call(self, event: ToolCallDelta) -> None:
        self.deltas += 1
        self._end_half()
        ordinal = self._earlier_calls + event.ordinal
        while len(self.calls) <= ordinal:
            self.items.append(len(self.calls))
            self.calls.append(_PendingCall())
        call = self.calls[ordinal]
        call.id = call.id or event.id
        call.name = call.name or event.name
        if event.arguments:
            call.arguments.append(event.arguments)
        call.extra.update(event.extra)

    def _reclassify(self) -> None:
        """Move this request's text to the reasoning; what an earlier request gave stays.

        Line breaks before it go away: they belonged to the tag that was never sent (R14a).
        """
        self.revision += 1
        moved = [i for i in self.items[self._earlier_items :] if isinstance(i, Segment)]
        if self._earlier_items:
            shared = self.items[self._earlier_items - 1]
            if isinstance(shared, Segment) and len(shared.chunks) > self._earlier_chunks:
                first = Segment("reasoning")
                first.chunks = shared.chunks[self._earlier_chunks :]
                del shared.chunks[self._earlier_chunks :]
                self.items.insert(self._earlier_items, first)
                moved.insert(0, first)
        for segment in moved:
            segment.kind = "reasoning"
        if moved:
            moved[0].chunks = ["".join(moved[0].chunks).lstrip("\r\n")]


def mend_surrogates(text: str) -> str:
    """Join split surrogate pairs; a lone half becomes U+FFFD (R13). Never raises."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


def _joined(earlier: Mapping[str, Any], later: Mapping[str, Any]) -> Mapping[str, Any]:
    """The state of an answer that took two requests: lists go on, all else is the later one's."""
    if not earlier:
        return later
    joined = dict(later)
    for name, value in earlier.items():
        after = later.get(name)
        if isinstance(value, list):
            joined[name] = [*value, *after] if isinstance(after, list) else value
        else:
            joined.setdefault(name, value)
    return joined


def _with_seconds(parts: tuple[Part, ...], seconds: float) -> tuple[Part, ...]:
    done: list[Part] = []
    for part in parts:
        if isinstance(part, Reasoning) and part.seconds is None:
            part = Reasoning(part.text, seconds)
            seconds = 0.0
        done.append(part)
    return tuple(done)
