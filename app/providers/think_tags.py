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
        self._held = ""
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
        held, self._held = self._held, ""
        if self._state is _State.INSIDE:
            held = held.rstrip(_LINE_BREAKS)
            return [ReasoningDelta(held)] if held else []
        return [TextDelta(held)] if held else []

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
            tail = _possible_tag(text, (self._closing,))
            before = text[: len(text) - len(tail)].rstrip(_LINE_BREAKS)
            self._held = text[len(before) :]
        before = before.rstrip(_LINE_BREAKS)
        if before:
            self._reasoned = True
            found.append(ReasoningDelta(before))
        if tag:
            self._state = _State.AFTER
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
            if self._code.covers(text[: tag.start()]):
                at = tag.end()
                continue
            if tag[0] != _LONE_CLOSING:
                self._state = _State.ANSWER
                return text
            before = text[: tag.start()].rstrip(_LINE_BREAKS)
            found += ([TextDelta(before)] if before else []) + [TextWasReasoning()]
            self._state = _State.AFTER
            return text[tag.end() :]
        tail = _possible_tag(text, _WATCHED)
        kept = text[: len(text) - len(tail)].rstrip(_LINE_BREAKS)
        self._held = text[len(kept) :]
        if kept:
            self._code.add(kept)
            found.append(TextDelta(kept))
        return ""


class _CodeWatch:
    """Says whether a place is inside a code span or a fence, line by line."""

    def __init__(self) -> None:
        self._fence = ""
        self._line: list[str] = []

    def add(self, text: str) -> None:
        first, *others = text.split("\n")
        self._line.append(first)
        for line in others:
            self._fence = _fence_after("".join(self._line), self._fence)
            self._line = [line]

    def covers(self, text: str) -> bool:
        """Whether the end of `text`, which follows what was added, is code."""
        lines = ("".join(self._line) + text).split("\n")
        fence = self._fence
        for line in lines[:-1]:
            fence = _fence_after(line, fence)
        return bool(fence) or _ends_in_span(lines[-1])


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


def _ends_in_span(line: str) -> bool:
    opening = 0
    for run in re.findall("`+", line):
        if not opening:
            opening = len(run)
        elif len(run) == opening:
            opening = 0
    return opening > 0


def _possible_tag(text: str, tags: tuple[str, ...]) -> str:
    """The end of `text` that may be the beginning of one of `tags`."""
    start = text.rfind("<", max(0, len(text) - max(map(len, tags)) + 1))
    tail = text[start:] if start >= 0 else ""
    return tail if tail and any(tag.startswith(tail) for tag in tags) else ""
