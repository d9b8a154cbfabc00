"""One run of wrapped text: laid out with QTextLayout, painted, hit, and asked for places in it.

Invariant: offsets count UTF-16 units of `text`, as Qt does; every line is at least the face's line
height and a whole number of pixels high. Backgrounds (code, finds, selection) fill whole lines,
so marks of neighbouring lines touch. Knows no message and no widget.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from functools import cache
from math import ceil
from typing import Any

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QTextCharFormat, QTextLayout, QTextLine, QTextOption

from app.markdown.direction import has_right_to_left, is_right_to_left
from app.ui.transcript.style import Face, Mark, Run

Marks = Sequence[tuple[int, int, QColor]]
"""Ranges with a ground colour, later ones on top."""

_PILL_RADIUS_PX = 4.0
_ALONE = re.compile(
    "[\u0000-\u02ff\u2e80-\u3029\u3030-\u3098\u309b-\ua4cf\uac00-\ud7a3\uf900-\ufaff\uff01-\uffee]"
)
"""Characters that stand alone, so that a letter's space can be its own."""
_UNBOUNDED_PX = 1_000_000.0
_MAX_PADDED_RUNS = 500
_MAX_MARKED = 100
_MAX_LETTERS_MARKED = 30_000
_MAX_RUNS_MARKED = 5_000
_MAX_UNITS_MARKED = 150_000
"""More are odd texts, whose letters keep their colours and places on the marks."""

_LONG = 2_000
_PLACES = (
    QTextLayout.GlyphRunRetrievalFlag.RetrieveGlyphPositions
    | QTextLayout.GlyphRunRetrievalFlag.RetrieveStringIndexes
)


def utf16_length(text: str) -> int:
    """How many units Qt counts in `text`."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def utf16_offset(text: str, index: int) -> int:
    """Where the character `index` of Python stands for Qt."""
    return index if text.isascii() else utf16_length(text[:index])


def char_index(text: str, offset: int) -> int:
    """The character of Python at Qt's `offset`."""
    if text.isascii():
        return min(offset, len(text))
    units = text.encode("utf-16-le", "surrogatepass")
    return len(units[: 2 * offset].decode("utf-16-le", "replace"))


def utf16_slice(text: str, start: int, end: int) -> str:
    """The part of `text` between two of Qt's offsets."""
    if text.isascii():
        return text[start:end]
    units = text.encode("utf-16-le", "surrogatepass")
    return units[2 * start : 2 * end].decode("utf-16-le", "replace")


@cache
def _option(*, wrap: bool, from_right: bool) -> QTextOption:
    """Not to be changed: layouts copy it."""
    option = QTextOption()
    wraps, never = QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere, QTextOption.WrapMode.NoWrap
    option.setWrapMode(wraps if wrap else never)
    if from_right:
        option.setAlignment(Qt.AlignmentFlag.AlignRight)
        option.setTextDirection(Qt.LayoutDirection.RightToLeft)
    return option


class Flow:
    """Text in one face. `lay_out` before anything that asks for geometry."""

    __slots__ = (
        "_bidi",
        "_firsts",
        "_layout",
        "_longest_run",
        "_pills",
        "_ruler",
        "_starts",
        "_tops",
        "face",
        "height",
        "longest_word",
        "natural_width",
        "right_to_left",
        "runs",
        "text",
        "width",
    )

    def __init__(self, runs: Sequence[Run], face: Face, *, wrap: bool = True) -> None:
        self.runs = tuple(runs)
        self.face = face
        self.text = "".join(run.text for run in runs)
        self.width = -1.0
        self.height = 0
        self.natural_width = 0.0
        self.longest_word = 0.0
        self._layout = QTextLayout(self.text, face.font)
        self._layout.setCacheEnabled(True)
        self._bidi = has_right_to_left(self.text)
        self.right_to_left = self._bidi and is_right_to_left(self.text)
        self._layout.setTextOption(_option(wrap=wrap, from_right=self.right_to_left))
        self._starts: list[int] = []
        self._tops: list[int] = []
        self._firsts: list[int] = []
        """Where each line begins, once it was asked for."""
        self._ruler: tuple[int, dict[int, float]] = (0, {})
        """Where the letters of the line stand that was asked for last, by their offsets."""
        self._pills: list[int] = []
        """The runs of inline code."""
        at = 0
        formats: list[QTextLayout.FormatRange] = []
        for number, run in enumerate(self.runs):
            length = utf16_length(run.text)
            self._starts.append(at)
            form = face.char_format(run)
            if form is not None:
                formats.append(_format_range(at, length, form))
            if run.marks & Mark.CODE and run.text:
                self._pills.append(number)
            at += length
        self._starts.append(at)
        self._longest_run = max(1, *map(utf16_length, (run.text for run in self.runs)), 1)
        # Where directions mix, a letter's space may fall on either side.
        if not self._bidi and len(self.runs) <= _MAX_PADDED_RUNS:
            formats += self._paddings()
        if formats:
            self._layout.setFormats(formats)

    def _paddings(self) -> list[QTextLayout.FormatRange]:
        """Wider letters before and at the end of inline code: room for its pill."""
        found: list[QTextLayout.FormatRange] = []
        for at in self._pills:
            run, start, end = self.runs[at], self._starts[at], self._starts[at + 1]
            left = self.runs[at - 1] if at else None
            before = left.text[-1:] if left is not None and not left.marks & Mark.CODE else ""
            if before and before.isprintable() and _ALONE.match(before):
                found.append(_format_range(start - 1, 1, self.face.code_padding))
            if _ALONE.match(run.text[-1]):
                found.append(_format_range(end - 1, 1, self.face.code_padding))
        return found

    def __len__(self) -> int:
        return self._starts[-1]

    # Geometry ----------------------------------------------------------------------------

    def lay_out(self, width: float, extra: dict[int, tuple[float, float]] | None = None) -> int:
        """Break into lines of `width`; returns the height. `extra`: the ascent and descent of
        pictures by offset, which make their line higher."""
        if width == self.width:
            return self.height
        self.width = width
        self._tops.clear()
        self._firsts.clear()
        self._ruler = (0, {})
        top = 0
        natural = 0.0
        self._layout.beginLayout()
        while (line := self._layout.createLine()).isValid():
            line.setLineWidth(max(1.0, width))
            top += self._set_line(line, top, extra)
            natural = max(natural, line.naturalTextWidth())
        self._layout.endLayout()
        self.natural_width = natural
        self.height = top or self.face.line_px
        return self.height

    def natural(self) -> float:
        """The width without any wrapping; leaves the text laid out at that width."""
        self.lay_out(_UNBOUNDED_PX)
        return self.natural_width

    def measure_words(self) -> None:
        """`natural`, and the width of the longest word."""
        option = self._layout.textOption()
        wraps = option.wrapMode()
        option.setWrapMode(QTextOption.WrapMode.WordWrap)  # else Qt counts letters as words
        self._layout.setTextOption(option)
        self.lay_out(_UNBOUNDED_PX)
        self.longest_word = self._layout.minimumWidth()
        option.setWrapMode(wraps)
        self._layout.setTextOption(option)

    def offset_at(self, x: float, y: float) -> int:
        """The place between two characters that is nearest to a point."""
        count = self._layout.lineCount()
        if not count:
            return 0
        at = min(max(0, bisect_right(self._tops, y) - 1), count - 1)
        line = self._layout.lineAt(at)
        found = int(line.xToCursor(x))
        if at < count - 1 and found >= line.textStart() + line.textLength():
            found = max(line.textStart(), found - 1)  # else it is the start of the next line
        return found

    def caret(self, offset: int) -> QRectF:
        """Where a caret before `offset` stands; one pixel wide."""
        line = self._layout.lineForTextPosition(min(max(0, offset), len(self)))
        if not line.isValid():
            return QRectF(0, 0, 1, self.face.line_px)
        number = line.lineNumber()
        x = cursor_x(line, offset)
        return QRectF(x, self._tops[number], 1, self._line_height(number))

    def spot(self, offset: int) -> tuple[float, float]:
        """The left end of a character, wherever text runs to, and its baseline."""
        line = self._layout.lineForTextPosition(min(max(0, offset), len(self)))
        if not line.isValid():
            return 0.0, self.face.ascent
        left = cursor_x(line, offset)
        if self._bidi:
            left = min(left, cursor_x(line, offset + 1))
        return left, float(line.y() + line.ascent())

    def baseline(self, offset: int) -> float:
        """The height of the baseline of the line that holds `offset`."""
        line = self._layout.lineForTextPosition(min(max(0, offset), len(self)))
        return float(line.y() + line.ascent()) if line.isValid() else self.face.ascent

    def rects(self, start: int, end: int) -> Iterator[QRectF]:
        """The rectangles that cover a range, one a line (more where directions mix)."""
        firsts = self._firsts
        if not firsts and end > start:  # asking Qt for each of a thousand finds takes long
            lines = map(self._layout.lineAt, range(self._layout.lineCount()))
            firsts += [line.textStart() for line in lines]
        for number in range(max(0, bisect_right(firsts, start) - 1), len(firsts)):
            if firsts[number] >= end:
                break
            below = firsts[number + 1] if number + 1 < len(firsts) else len(self)
            low, high = max(start, firsts[number]), min(end, below)
            if high > low:
                line = self._layout.lineAt(number)
                top, height = self._tops[number], self._line_height(number)
                for left, right in self._extents(line, low, high):
                    yield QRectF(left, top, right - left, height)

    def run_at(self, x: float, y: float) -> tuple[int, Run] | None:
        """The run under a point and its start; `None` beside the text."""
        number = bisect_right(self._tops, y) - 1
        if not 0 <= number < self._layout.lineCount() or y >= self.height:
            return None
        line = self._layout.lineAt(number)
        rect = line.naturalTextRect()
        if not rect.left() <= x <= rect.right():
            return None
        offset = int(line.xToCursor(x, QTextLine.CursorPosition.CursorOnCharacter))
        at = min(max(0, bisect_right(self._starts, offset) - 1), len(self.runs) - 1)
        return (self._starts[at], self.runs[at]) if self.runs else None

    def spans(self) -> Iterator[tuple[int, int, Run]]:
        """Each run with its start and end."""
        for at, run in enumerate(self.runs):
            yield self._starts[at], self._starts[at + 1], run

    # Painting ----------------------------------------------------------------------------

    def paint(
        self,
        painter: QPainter,
        x: float,
        y: float,
        clip: QRectF,
        marks: Marks = (),
        underlined: tuple[int, int] | None = None,
    ) -> None:
        """Paint with the top left corner at (x, y). `marks` are ranges with a ground colour;
        within them text takes the plain colour, which is readable on all of them."""
        forms: list[QTextLayout.FormatRange] = []
        if self._pills or marks:
            low, high = self.seen(clip.translated(-x, -y))
            self._paint_pills(painter, x, y, low, high)
            forms += self._paint_marks(painter, x, y, marks, low, high)
        if underlined is not None:
            line = QTextCharFormat()
            line.setFontUnderline(True)
            forms.append(_format_range(underlined[0], underlined[1] - underlined[0], line))
        painter.setPen(self.face.color)
        self._layout.draw(painter, QPointF(x, y), forms, clip)

    def seen(self, clip: QRectF) -> tuple[int, int]:
        """The first offset of the lines within a clip, and the one after them."""
        count = self._layout.lineCount()
        if not count or clip.bottom() < 0:
            return 0, 0
        first = self._layout.lineAt(max(0, bisect_right(self._tops, clip.top()) - 1))
        last = self._layout.lineAt(max(0, bisect_right(self._tops, clip.bottom()) - 1))
        return first.textStart(), last.textStart() + last.textLength()

    def _paint_pills(self, painter: QPainter, x: float, y: float, low: int, high: int) -> None:
        first = max(0, bisect_right(self._starts, low) - 1)
        for at in self._pills[bisect_left(self._pills, first) :]:
            if self._starts[at] >= high:
                break
            painter.setPen(self.face.code_line)
            painter.setBrush(self.face.code_ground)
            pad = 1 if self._bidi else self.face.code_pad_px - 1
            height = self.face.ascent + self.face.descent + 1
            rects = list(self.rects(self._starts[at], self._starts[at + 1]))
            for number, rect in enumerate(rects):
                left = rect.left() - (pad if number == 0 else 1)
                ends = number == len(rects) - 1 and not self._bidi
                right = rect.right() + (-1 if ends else 1)
                pill = QRectF(left, 0, right - left, height)
                pill.moveTop(rect.center().y() - height / 2)
                painter.drawRoundedRect(pill.translated(x, y), _PILL_RADIUS_PX, _PILL_RADIUS_PX)

    def _paint_marks(
        self, painter: QPainter, x: float, y: float, marks: Marks, low: int, high: int
    ) -> Iterator[QTextLayout.FormatRange]:
        """Their grounds between two offsets; what the text on them looks like."""
        # For each of them Qt goes through its whole line, which may be of marks upon marks, through
        # all runs, and through the letters of a run without words.
        per_line = max(1, len(self) // max(1, self._layout.lineCount()))
        most = min(_MAX_MARKED, 1 + _MAX_LETTERS_MARKED // per_line)
        most = min(most, 1 + _MAX_RUNS_MARKED // max(1, len(self.runs)))
        most = min(most, 1 + _MAX_UNITS_MARKED // self._longest_run)
        plain = QTextCharFormat()
        plain.setForeground(self.face.plain_color)
        for start, end, color in marks:
            start, end = max(start, low), min(end, high)
            if start >= end:
                continue
            for rect in self.rects(start, end):
                painter.fillRect(rect.translated(x, y), color)
            if most > 0:
                most -= 1
                yield _format_range(start, end - start, plain)

    # Inside ------------------------------------------------------------------------------

    def _set_line(
        self, line: QTextLine, top: int, extra: dict[int, tuple[float, float]] | None
    ) -> int:
        face = self.face
        up, down = max(face.ascent, line.ascent()), max(face.descent, line.descent())
        if extra:
            first = line.textStart()
            for offset, (rise, drop) in extra.items():
                if first <= offset < first + line.textLength():
                    up, down = max(up, rise), max(down, drop)
        air = max(0.0, face.line_px - face.ascent - face.descent) / 2
        baseline = max(air + face.ascent, up)
        height = max(face.line_px, ceil(baseline + down))
        x = line.x()
        line.setPosition(QPointF(x, top + round(baseline) - line.ascent()))
        self._tops.append(top)
        return height

    def _line_height(self, number: int) -> int:
        below = number + 1
        return (self._tops[below] if below < len(self._tops) else self.height) - self._tops[number]

    def _extents(self, line: QTextLine, low: int, high: int) -> Iterator[tuple[float, float]]:
        if not self._bidi:
            yield self._x(line, low), self._x(line, high)
            return
        for glyphs in line.glyphRuns(low, high - low):
            bounds = glyphs.boundingRect()
            yield bounds.left(), bounds.right()

    def _x(self, line: QTextLine, offset: int) -> float:
        """As `cursor_x`. Of a long text Qt adds up all letters before; those of a line are asked
        for together."""
        if len(self) < _LONG:
            return cursor_x(line, offset)
        first, places = self._ruler
        if first != line.textStart() or not places:
            first, places = line.textStart(), {}
            for glyphs in line.glyphRuns(first, line.textLength(), _PLACES):
                for at, place in zip(glyphs.stringIndexes(), glyphs.positions(), strict=True):
                    places.setdefault(at, place.x())
            self._ruler = first, places
        found = places.get(offset)
        return cursor_x(line, offset) if found is None else found


def cursor_x(line: QTextLine, offset: int) -> float:
    """Where `offset` stands in a line. PySide answers a pair, its types say otherwise."""
    found: Any = line.cursorToX(offset)
    return float(found[0])


def _format_range(start: int, length: int, form: QTextCharFormat) -> QTextLayout.FormatRange:
    made = QTextLayout.FormatRange()
    made.start = start
    made.length = length
    made.format = form
    return made
