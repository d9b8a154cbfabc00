"""The colours of a block of code as they become known, line by line, a few milliseconds at a time.

Invariant: a line is shown plain until its turn comes; lines before are never lexed again while a
block grows. A block that is complete is lexed once more as a whole, where that differs.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence

from app.markdown.colours import Span
from app.markdown.highlight import MAX_LINE_CHARS, Highlighter
from app.ui.transcript.lexers import Lexers

NONE: tuple[Span, ...] = ()
LINES_PER_LOOK = 4
LINES_PER_FRAME = 16
"""So many new lines of a block that grows have their colours at once, and are painted once."""


class Colours:
    """`set_lines` at each change, `work` while `waiting`; `spans` at any time."""

    def __init__(self, language: str, lexers: Lexers) -> None:
        self.language = language
        self._lexers = lexers
        self._highlighter: Highlighter | None = None
        self._known = bool(language)
        self._started = False
        self._lines: Sequence[str] = ()
        self._final = 0
        self._closed = False
        self._spans: list[tuple[Span, ...]] = []
        self._preview: tuple[Span, ...] = NONE
        self._again: Iterator[tuple[int, tuple[Span, ...]]] | None = None
        self._whole = False

    @property
    def waiting(self) -> bool:
        """Whether there is something to colour."""
        if not self._known or not self._lines:
            return False
        return len(self._spans) < self._final or (self._closed and not self._whole)

    @property
    def at_hand(self) -> bool:
        """Whether `work` can begin; if not, it soon can."""
        return self._started or self._lexers.ask(self.language)

    def spans(self, number: int) -> tuple[Span, ...]:
        if number < len(self._spans):
            return self._spans[number]
        return self._preview if number == self._final and number == len(self._spans) else NONE

    def set_lines(self, lines: Sequence[str], final: int, kept: int, *, closed: bool) -> None:
        """The block's lines now: `kept` are as before, `final` will not change any more."""
        if kept < len(self._spans):
            self._restart()
        self._lines = lines
        self._final = final
        self._closed = closed
        self._preview = NONE
        highlighter = self._highlighter
        if highlighter is not None and final - len(self._spans) <= LINES_PER_FRAME:
            self._lex(final)
            if final < len(lines):
                self._preview = highlighter.preview(lines[final])

    def work(self, budget_s: float) -> list[int]:
        """Colour for about so long; returns the lines that look different now."""
        if not self.at_hand:
            return []
        if not self._started:
            self._started = True
            self._highlighter = self._lexers.make(self.language)
            self._known = self._highlighter is not None
        if self._highlighter is None:
            return []
        end = time.perf_counter() + budget_s
        first = len(self._spans)
        while len(self._spans) < self._final:
            self._lex(min(self._final, len(self._spans) + LINES_PER_LOOK))
            if time.perf_counter() > end:
                break
        changed = list(range(first, len(self._spans)))
        if len(self._spans) >= self._final and self._closed and not self._whole:
            changed += self._work_again(self._highlighter, end)
        return changed

    def _lex(self, end: int) -> None:
        highlighter = self._highlighter
        if highlighter is not None:
            while len(self._spans) < end:
                self._spans.append(highlighter.line(self._lines[len(self._spans)]))

    def _work_again(self, highlighter: Highlighter, end: float) -> list[int]:
        if self._again is None:
            if any(len(line) > MAX_LINE_CHARS for line in self._lines):
                self._whole = True
                return []
            self._again = highlighter.recolour(self._lines)
        changed: list[int] = []
        for number, spans in self._again:
            if number < len(self._spans) and spans != self._spans[number]:
                self._spans[number] = spans
                changed.append(number)
            if time.perf_counter() > end:
                return changed
        self._whole = True
        self._again = None
        return changed

    def _restart(self) -> None:
        self._spans.clear()
        self._again = None
        self._whole = False
        if self._started:
            self._highlighter = self._lexers.make(self.language)
