"""A long paragraph that grows: lines that cannot change any more are laid out once.

Invariant: it looks and answers as one `Prose` of the whole text would. Parts end where a line
ends at the width in use, never within anything but plain words; at another width it is one again.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter

from app.markdown.direction import has_right_to_left
from app.ui.transcript.flow import Marks, char_index, utf16_length
from app.ui.transcript.formulas import Formula
from app.ui.transcript.prose import Prose
from app.ui.transcript.style import Face, Run

PART_CHARS = 1_024
"""A shorter beginning is laid out again with the rest."""
MANY_LINES = 6


class _Cut(NamedTuple):
    """A place in runs: the number of a run, and a character of it."""

    run: int = 0
    char: int = 0


class LongProse:
    """`parts` in order, the last of which grows; it begins at `cut`."""

    right_to_left = False

    def __init__(
        self,
        parts: Sequence[Prose],
        runs: Sequence[Run],
        face: Face,
        formulas: Sequence[Formula],
        cut: _Cut,
    ) -> None:
        self.runs = tuple(runs)
        self.width = -1.0
        self.height = 0
        self.parts = list(parts)
        self.cut = cut
        self._face = face
        self._formulas = tuple(formulas)
        self._tops: list[int] = []
        self.starts = [0]
        for part in self.parts:
            self.starts.append(self.starts[-1] + len(part))

    @property
    def text(self) -> str:
        return "".join(part.text for part in self.parts)

    def __len__(self) -> int:
        return self.starts[-1]

    def lay_out(self, width: float) -> int:
        if width == self.width:
            return self.height
        if self.parts[0].width not in (-1.0, width):
            self.parts = [Prose(self.runs, self._face, self._formulas)]
            self.starts, self.cut = [0, len(self.parts[0])], _Cut()
        self.width = width
        self._tops, top = [], 0
        for part in self.parts:
            self._tops.append(top)
            top += part.lay_out(width)
        self.height = top
        return top

    def offset_at(self, x: float, y: float) -> int:
        at = max(0, bisect_right(self._tops, y) - 1)
        found = self.parts[at].offset_at(x, y - self._tops[at])
        if at + 1 < len(self.parts):  # else it is the start of the next line
            found = min(found, max(0, len(self.parts[at]) - 1))
        return self.starts[at] + found

    def caret(self, offset: int) -> QRectF:
        at = self._part_of(offset)
        return self.parts[at].caret(offset - self.starts[at]).translated(0, self._tops[at])

    def baseline(self, offset: int) -> float:
        at = self._part_of(offset)
        return self._tops[at] + self.parts[at].baseline(offset - self.starts[at])

    def rects(self, start: int, end: int) -> Iterator[QRectF]:
        for at, part in enumerate(self.parts):
            first = self.starts[at]
            for rect in part.rects(max(0, start - first), min(len(part), end - first)):
                yield rect.translated(0, self._tops[at])

    def run_at(self, x: float, y: float) -> tuple[int, Run] | None:
        at = max(0, bisect_right(self._tops, y) - 1)
        found = self.parts[at].run_at(x, y - self._tops[at])
        return (self.starts[at] + found[0], found[1]) if found is not None else None

    def spans(self) -> Iterator[tuple[int, int, Run]]:
        for first, part in zip(self.starts, self.parts, strict=False):
            for start, end, run in part.spans():
                yield first + start, first + end, run

    def paint(
        self,
        painter: QPainter,
        x: float,
        y: float,
        clip: QRectF,
        marks: Marks = (),
        underlined: tuple[int, int] | None = None,
    ) -> None:
        for at, part in enumerate(self.parts):
            top, first = y + self._tops[at], self.starts[at]
            if top > clip.bottom() or top + part.height < clip.top():
                continue
            inside = [(start - first, end - first, color) for start, end, color in marks]
            link = None
            if underlined is not None and first <= underlined[0] < self.starts[at + 1]:
                link = (underlined[0] - first, underlined[1] - first)
            part.paint(painter, x, top, clip, inside, link)

    def copied(self, start: int, end: int) -> str:
        return "".join(
            part.copied(max(0, start - first), end - first)
            for first, part in zip(self.starts, self.parts, strict=False)
            if first < end and first + len(part) > start
        )

    def _part_of(self, offset: int) -> int:
        return min(max(0, bisect_right(self.starts, offset) - 1), len(self.parts) - 1)


def grown(
    old: Prose | LongProse,
    same: int,
    runs: Sequence[Run],
    face: Face,
    formulas: Sequence[Formula],
) -> Prose | LongProse:
    """The prose of `runs`, which begin as `old` does for `same` of Qt's units."""
    limit = _start_of_line_before(old, same) if same > PART_CHARS and old.width > 0 else 0
    parts, cut, at = _kept(old, limit)
    if limit - at > PART_CHARS:
        found = _end_of_part(old, runs, cut, at, limit)
        if found is not None:
            end, after = found
            used = sum(part.formula_count for part in parts)
            parts.append(Prose(_between(runs, cut, after), face, formulas[used:]))
            cut, at = after, end
    if not parts:
        return Prose(runs, face, formulas)
    rest = _between(runs, cut, _Cut(len(runs)))
    if any(has_right_to_left(run.text) for run in rest):
        return Prose(runs, face, formulas)
    used = sum(part.formula_count for part in parts)
    parts.append(Prose(rest, face, formulas[used:]))
    return LongProse(parts, runs, face, formulas, cut)


def _start_of_line_before(old: Prose | LongProse, offset: int) -> int:
    """Down to there no line changes: where the one before `offset` breaks may change."""
    top = old.caret(offset).top()
    return old.offset_at(0, top - 1) if top > 0 else 0


def _kept(old: Prose | LongProse, limit: int) -> tuple[list[Prose], _Cut, int]:
    """The parts that stay as they are, and where they end. All of them or none."""
    if isinstance(old, LongProse) and len(old.parts) > 1 and old.starts[-2] <= limit:
        return old.parts[:-1], old.cut, old.starts[-2]
    return [], _Cut(), 0


def _end_of_part(
    old: Prose | LongProse, runs: Sequence[Run], cut: _Cut, at: int, limit: int
) -> tuple[int, _Cut] | None:
    """The last start of a line up to `limit` that lies in plain words."""
    for _ in range(MANY_LINES):
        if limit - at < PART_CHARS // 2:
            return None
        place = _place_of(runs, cut, limit - at)
        run = runs[place.run]
        if run == Run(run.text) and not has_right_to_left(run.text):
            return limit, place
        limit = _start_of_line_before(old, limit)
    return None


def _place_of(runs: Sequence[Run], cut: _Cut, units: int) -> _Cut:
    """The place so many of Qt's units behind `cut`."""
    text = runs[cut.run].text[cut.char :]
    number, skipped = cut.run, cut.char
    while units >= (length := utf16_length(text)) and number + 1 < len(runs):
        units -= length
        number, skipped = number + 1, 0
        text = runs[number].text
    return _Cut(number, skipped + char_index(text, units))


def _between(runs: Sequence[Run], start: _Cut, end: _Cut) -> list[Run]:
    found = list(runs[start.run : end.run])
    if end.char:
        found.append(runs[end.run]._replace(text=runs[end.run].text[: end.char]))
    if start.char and found:
        found[0] = found[0]._replace(text=found[0].text[start.char :])
    return found
