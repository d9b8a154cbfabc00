"""The lines of a code block: which rows they take, their colours, their layouts, their offsets.

Invariant: a row is a line, or a piece of one where lines wrap or are very long; a row is laid out
when it is first painted and forgotten when many others were. Colours only ever add to a row.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence

from PySide6.QtCore import QPointF
from PySide6.QtGui import QPainter, QTextCharFormat, QTextLayout, QTextOption

from app.ui.transcript.colours import Colours
from app.ui.transcript.flow import cursor_x, utf16_length, utf16_offset
from app.ui.transcript.hidden import hidden_ranges, marked
from app.ui.transcript.lexers import Lexers
from app.ui.transcript.style import Style

LONG_CHARS = 2_000
"""Of a longer line only the part that is seen is laid out."""
MAX_LAYOUTS = 300
TAB_COLUMNS = 4

_WIDE = re.compile(
    "[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60"
    "\U0001f300-\U0001faff\U00020000-\U0003fffd]"
)


def columns_of(line: str) -> int:
    """How many columns of the fixed font a line takes, wide characters counted twice."""
    if "\t" in line:
        line = line.expandtabs(TAB_COLUMNS)
    return len(line) if line.isascii() else len(line) + len(_WIDE.findall(line))


class CodeLines:
    """Lines as rows. All x are pixels from the left end of a row."""

    def __init__(self, style: Style, lexers: Lexers) -> None:
        self._style = style
        self._lexers = lexers
        self._lines: list[str] = []
        self._pieces: list[tuple[int, int, int]] | None = None
        self._columns = 0
        self._widest = 0
        self._final = 0
        self._layouts: dict[int, QTextLayout] = {}
        self._starts = [0]
        self.colours = Colours("", lexers)
        self._option = QTextOption()
        self._option.setWrapMode(QTextOption.WrapMode.NoWrap)
        self._option.setTabStopDistance(TAB_COLUMNS * style.code.advance_px)

    # Content -----------------------------------------------------------------------------

    def set_lines(self, lines: Sequence[str], language: str, final: int, *, closed: bool) -> int:
        """Replace the lines; the common start is kept with its layouts and colours.

        Returns how many lines look as before.
        """
        old = self._lines
        other_colours = self.colours.language != language
        if other_colours:
            self.colours = Colours(language, self._lexers)
            self._layouts.clear()
        keep = min(self._final, len(old), len(lines))
        if keep and (lines[0] != old[0] or lines[keep - 1] != old[keep - 1]):
            keep = 0
            self._layouts.clear()
        self._final = final
        del old[keep:]
        for number in range(keep, len(lines)):
            old.append(lines[number])
            self._widest = max(self._widest, columns_of(lines[number]))
            self._layouts.pop(number, None)
        del self._starts[keep + 1 :]
        if self._columns:
            self._layouts.clear()
            self._pieces = None
        self.colours.set_lines(old, min(final, len(old)), keep, closed=closed)
        return 0 if other_colours else keep

    def set_columns(self, columns: int) -> None:
        """Break lines after so many columns; 0: never."""
        if columns != self._columns:
            self._columns = columns
            self._pieces = None
            self._layouts.clear()
        if columns and self._pieces is None:
            self._pieces = [
                (number, start, end)
                for number, line in enumerate(self._lines)
                for start, end in _pieces(line, max(8, columns))
            ]

    def colour_more(self, budget_s: float) -> tuple[int, int]:
        """Colour lines for about so long; the first row that looks otherwise, and that after."""
        done = self.colours.work(budget_s)
        if not done:
            return 0, 0
        if self._columns:
            self._layouts.clear()
            return 0, self.row_count
        for number in done:
            self._layouts.pop(number, None)
        return min(done), max(done) + 1

    def __len__(self) -> int:
        return len(self._lines)

    @property
    def row_count(self) -> int:
        return len(self._lines if self._pieces is None else self._pieces)

    @property
    def width_px(self) -> float:
        return self._widest * self._style.code.advance_px

    @property
    def text(self) -> str:
        return "\n".join(self._lines)

    @property
    def length(self) -> int:
        starts = self._line_starts()
        return max(0, starts[-1] - 1)

    # Places ------------------------------------------------------------------------------

    def offset_at(self, row: int, x: float) -> int:
        """The nearest place in row `row`, clamped to the first and last."""
        if row < 0 or not self._lines:
            return 0
        if row >= self.row_count:
            return self.length
        number, start, end = self._piece(row)
        line = self._lines[number]
        if end - start > LONG_CHARS:
            column = min(end - start, max(0, round(x / self._style.code.advance_px)))
            return self._line_starts()[number] + utf16_offset(line, start + column)
        inside = int(self._layout(row).lineAt(0).xToCursor(x))
        return self._line_starts()[number] + utf16_offset(line, start) + inside

    def place_of(self, offset: int) -> tuple[int, float]:
        """The row of an offset and its x there."""
        if not self._lines:
            return 0, 0.0
        starts = self._line_starts()
        number = min(max(0, bisect_right(starts, offset) - 1), len(self._lines) - 1)
        row = number
        if self._pieces is not None:
            row = bisect_right(self._pieces, (number, 1 << 62, 0)) - 1
            while (
                row
                and self._pieces[row][0] == number
                and (
                    starts[number] + utf16_offset(self._lines[number], self._pieces[row][1])
                    > offset
                )
            ):
                row -= 1
        return row, self._x_of(row, offset)

    def extent(self, row: int, start: int, end: int) -> tuple[float, float] | None:
        """Left and right end of what the range covers in a row, a column more at a line's end."""
        number, low, high = self._piece(row)
        line = self._lines[number]
        at = self._line_starts()[number]
        first, last = at + utf16_offset(line, low), at + utf16_offset(line, high)
        if (end <= first and not (end > at and first == last)) or start > last:
            return None
        left = self._x_of(row, max(start, first))
        right = self._x_of(row, min(end, last))
        if end > last and high == len(line):
            right += self._style.code.advance_px
        return (left, right) if right > left else None

    # Painting ----------------------------------------------------------------------------

    def paint_row(
        self,
        painter: QPainter,
        row: int,
        at: QPointF,
        seen: tuple[float, float],
        plain: Sequence[tuple[int, int]] = (),
    ) -> None:
        """Paint row `row`; of a very long one only what lies between the x of `seen`.

        Within the ranges of `plain` text is not coloured, so that it stays readable on a mark.
        """
        number, start, end = self._piece(row)
        painter.setPen(self._style.color("text"))
        if end - start <= LONG_CHARS:
            first = self._line_starts()[number] + utf16_offset(self._lines[number], start)
            forms = [
                _format_range(max(0, low - first), high - first, self._style.code_format("text"))
                for low, high in plain
                if high > first
            ]
            self._layout(row).draw(painter, at, forms)
            return
        advance = self._style.code.advance_px
        first = max(0, int(seen[0] / advance) - 8)
        last = int(seen[1] / advance) + 8
        part = self._made(number, start + first, min(end, start + last))
        part.draw(painter, QPointF(at.x() + first * advance, at.y()))

    # Inside ------------------------------------------------------------------------------

    def _piece(self, row: int) -> tuple[int, int, int]:
        if self._pieces is not None:
            return self._pieces[row]
        return row, 0, len(self._lines[row])

    def _line_starts(self) -> list[int]:
        starts = self._starts
        for line in self._lines[len(starts) - 1 :]:
            starts.append(starts[-1] + utf16_length(line) + 1)
        return starts

    def _x_of(self, row: int, offset: int) -> float:
        number, start, end = self._piece(row)
        line = self._lines[number]
        inside = offset - self._line_starts()[number] - utf16_offset(line, start)
        if end - start > LONG_CHARS:
            return max(0, inside) * self._style.code.advance_px
        return cursor_x(self._layout(row).lineAt(0), max(0, inside))

    def _layout(self, row: int) -> QTextLayout:
        found = self._layouts.get(row)
        if found is None:
            if len(self._layouts) >= MAX_LAYOUTS:
                self._layouts.clear()
            found = self._layouts[row] = self._made(*self._piece(row))
        return found

    def _made(self, number: int, start: int, end: int) -> QTextLayout:
        code = self._style.code
        line = self._lines[number]
        made = QTextLayout(marked(line[start:end]), code.font)
        made.setTextOption(self._option)
        made.setFormats(self._formats(number, line, start, end))
        made.beginLayout()
        only = made.createLine()
        if only.isValid():
            only.setLineWidth(1e7)
            air = (code.line_px - only.height()) / 2
            only.setPosition(QPointF(0, round(air + only.ascent()) - only.ascent()))
        made.endLayout()
        made.setCacheEnabled(True)
        return made

    def _formats(
        self, number: int, line: str, start: int, end: int
    ) -> list[QTextLayout.FormatRange]:
        found: list[QTextLayout.FormatRange] = []
        shift = utf16_offset(line, start)
        for span in self.colours.spans(number):
            low, high = max(span.start, start), min(span.start + span.length, end)
            if low < high:
                form = self._style.code_format(span.colour.value)
                first = utf16_offset(line, low) - shift
                found.append(_format_range(first, utf16_offset(line, high) - shift, form))
        part = line[start:end]
        for low, high in hidden_ranges(part):
            form = self._style.code_format("danger")
            found.append(_format_range(utf16_offset(part, low), utf16_offset(part, high), form))
        return found


def _format_range(start: int, end: int, form: QTextCharFormat) -> QTextLayout.FormatRange:
    made = QTextLayout.FormatRange()
    made.start = start
    made.length = end - start
    made.format = form
    return made


def _pieces(line: str, columns: int) -> Sequence[tuple[int, int]]:
    """Where a line breaks so that no piece has more columns, after a space where there is one."""
    if columns_of(line) <= columns:
        return ((0, len(line)),)
    found: list[tuple[int, int]] = []
    start = 0
    while start < len(line):
        end = min(len(line), start + columns)
        while end - start > 1 and columns_of(line[start:end]) > columns:
            end -= max(1, (columns_of(line[start:end]) - columns) // 2)
        if end < len(line):
            space = line.rfind(" ", start + columns // 2, end)
            end = space + 1 if space > 0 else end
        found.append((start, end))
        start = end
    return found
