"""Splits the text of an answer from the reasoning that some servers leave in it (R14a, R14b).

Invariant: every character but the tags and the line breaks around reasoning comes out once, in
order, however the text is cut. Tags decide; a thought flag decides only about text without tags.
"""

from __future__ import annotations

import re
from enum import Enum, auto

from app.domain.stream import ReasoningDelta, StreamEvent, TextDelta, TextWasReasoning

_NAMES = ("think", "thinking", "thought")
_OPENING = tuple(f"<{name}>" for name in _NAMES)
_CLOSING = tuple(f"</{name}>" for name in _NAMES)
_LONE_CLOSING = "</think>"
_WATCHED = (*_OPENING, _LONE_CLOSING)
_ANY_WATCHED = re.compile("|".join(map(re.escape, _WATCHED)))
_LINE_BREAKS = "\r\n"
_BACKTICKS_OR_NONE = re.compile("`+|[^`]+")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})(.*)", re.DOTALL)


class _State(Enum):
    START = auto()  # nothing but white space so far, or the beginning of a tag
    INSIDE = auto()  # between an opening tag and its closing tag
    FLAGGED = auto()  # reasoning that a flag marks, without tags
    FLAG_GONE = auto()  # the flag has ended; the closing tag may still come
    AFTER = auto()  # reasoning has just ended: line breaks go away
    WATCH = auto()  # the answer; a closing tag alone would turn it into reasoning
    ANSWER = auto()  # the answer, whatever comes


class TagSplitter:
    """Feed it the text of one answer, then `end` it. O(length) in all."""

    def __init__(self) -> None:
        self._state = _State.START
        self._held = ""  # what may be the beginning of a tag
        self._breaks: list[str] = []  # line breaks before it, which go away beside reasoning
        self._closing = ""
        self._reasoned = False
        self._code = _CodeWatch()

    @property
    def unclosed(self) -> bool:
        """Whether a block of reasoning is open."""
        return self._state is _State.INSIDE

    @property
    def holds_blank_only(self) -> bool:
        return not self._held.strip()

    def feed(self, text: str, *, flagged: bool = False) -> list[StreamEvent]:
        """The events for the next piece; `flagged` when the service marks it as a thought."""
        found: list[StreamEvent] = []
        if not flagged and self._state is _State.FLAGGED:
            self._state = _State.FLAG_GONE
        elif flagged and self._state not in (_State.START, _State.INSIDE, _State.FLAGGED):
            found += self.end()
            self._state = _State.START
        text, self._held = self._held + text, ""
        while text:
            text = self._step(text, flagged, found)
        return found

    def trust_fields(self) -> list[StreamEvent]:
        """From now on text is text: the service names its reasoning in a field of its own."""
        if self._state not in (_State.START, _State.WATCH):
            return []
        found = self.end()
        self._state = _State.ANSWER
        return found

    def end(self) -> list[StreamEvent]:
        """What was held back until now."""
        breaks, held, self._held = self._take_breaks(), self._held, ""
        if self._state is _State.INSIDE:
            return [ReasoningDelta(breaks + held)] if held else []
        return [TextDelta(breaks + held)] if breaks or held else []

    def _take_breaks(self) -> str:
        breaks = "".join(self._breaks)
        self._breaks.clear()
        return breaks

    def _step(self, text: str, flagged: bool, found: list[StreamEvent]) -> str:
        """Take from `text` what the state can decide about; returns what is left for the next."""
        match self._state:
            case _State.START:
                return self._begin(text, flagged)
            case _State.INSIDE:
                return self._reason(text, found)
            case _State.FLAGGED:
                found.append(ReasoningDelta(text))
            case _State.FLAG_GONE:
                return self._close_flagged(text)
            case _State.AFTER:
                return self._after(text)
            case _State.WATCH:
                return self._watch(text, found)
            case _State.ANSWER:
                found.append(TextDelta(text))
        return ""

    def _begin(self, text: str, flagged: bool) -> str:
        bare = text.lstrip()
        tag = next((tag for tag in _OPENING if bare.startswith(tag)), None)
        if tag is not None:
            self._state, self._closing, self._reasoned = _State.INSIDE, f"</{tag[1:]}", False
            return bare.removeprefix(tag)
        if not bare or any(tag.startswith(bare) for tag in _OPENING):
            self._held = text
            return ""
        self._state = _State.FLAGGED if flagged else _State.WATCH
        return text

    def _reason(self, text: str, found: list[StreamEvent]) -> str:
        if not self._reasoned:
            text = text.lstrip(_LINE_BREAKS)
        before, tag, rest = text.partition(self._closing)
        if not tag:
            self._held = _possible_tag(text, (self._closing,))
            before = text[: len(text) - len(self._held)]
        if kept := before.rstrip(_LINE_BREAKS):
            self._reasoned = True
            found.append(ReasoningDelta(self._take_breaks() + kept))
        if tag:
            self._breaks.clear()
            self._state = _State.AFTER
        else:
            self._breaks.append(before[len(kept) :])
        return rest

    def _after(self, text: str) -> str:
        text = text.lstrip(_LINE_BREAKS)
        if text:
            self._state = _State.ANSWER
        return text

    def _close_flagged(self, text: str) -> str:
        """The first unflagged text may begin with the closing tag of what was flagged (R14b)."""
        bare = text.lstrip()
        tag = next((tag for tag in _CLOSING if bare.startswith(tag)), None)
        if tag is not None:
            self._state = _State.AFTER
            return bare.removeprefix(tag)
        if not bare or any(tag.startswith(bare) for tag in _CLOSING):
            self._held = text
            return ""
        self._state = _State.ANSWER
        return text

    def _watch(self, text: str, found: list[StreamEvent]) -> str:
        at = 0
        while (tag := _ANY_WATCHED.search(text, at)) is not None:
            self._code.add(text[at : tag.start()])
            at = tag.start()
            if not self._code.inside:
                return self._leave_watch(text, tag, found)
            self._code.add(tag[0])
            at = tag.end()
        self._held = _possible_tag(text, _WATCHED)
        text = text[: len(text) - len(self._held)]
        self._code.add(text[at:])
        if kept := text.rstrip(_LINE_BREAKS):
            found.append(TextDelta(self._take_breaks() + kept))
        self._breaks.append(text[len(kept) :])
        return ""

    def _leave_watch(self, text: str, tag: re.Match[str], found: list[StreamEvent]) -> str:
        """The first tag outside of code decides: reasoning so far, or an answer to its end."""
        if tag[0] != _LONE_CLOSING:
            self._state = _State.ANSWER
            return self._take_breaks() + text
        if before := text[: tag.start()].rstrip(_LINE_BREAKS):
            found.append(TextDelta(self._take_breaks() + before))
        self._breaks.clear()
        found.append(TextWasReasoning())
        self._state = _State.AFTER
        return text[tag.end() :]


class _CodeWatch:
    """Says whether the end of the text is inside a code span or a fence. O(text) in all."""

    def __init__(self) -> None:
        self._fence = ""
        self._line: list[str] = []
        self._span = 0  # how many backticks opened the span that is open; 0 for none
        self._run = 0  # how many backticks the text ends with: they may become more

    @property
    def inside(self) -> bool:
        return bool(self._fence) or self._span_after_run() > 0

    def add(self, text: str) -> None:
        first, *others = text.split("\n")
        self._grow(first)
        for line in others:
            self._fence = _fence_after("".join(self._line), self._fence)
            self._line.clear()
            self._span = self._run = 0
            self._grow(line)

    def _grow(self, piece: str) -> None:
        self._line.append(piece)
        for same in _BACKTICKS_OR_NONE.findall(piece):
            if same[0] == "`":
                self._run += len(same)
            else:
                self._span, self._run = self._span_after_run(), 0

    def _span_after_run(self) -> int:
        if not self._span:
            return self._run
        return 0 if self._run == self._span else self._span


def _fence_after(line: str, fence: str) -> str:
    """The fence that is open after `line`, "" for none."""
    found = _FENCE.match(line)
    if found is None:
        return fence
    run, info = found[1], found[2]
    if not fence:
        return "" if run[0] == "`" and "`" in info else run
    closes = run[0] == fence[0] and len(run) >= len(fence) and not info.strip()
    return "" if closes else fence


def _possible_tag(text: str, tags: tuple[str, ...]) -> str:
    """The end of `text` that may be the beginning of one of `tags`."""
    start = text.rfind("<", max(0, len(text) - max(map(len, tags)) + 1))
    tail = text[start:] if start >= 0 else ""
    return tail if tail and any(tag.startswith(tail) for tag in tags) else ""
