"""A piece of a table: some of its rows, with own cells; the pieces of one table share `Columns`.

Invariant: a table is cut into pieces of a few dozen rows, so that ten thousand cost what is seen.
Column widths are settled from the first rows and then stay, so that a growing table does not
dance. Copying gives cells apart by tabs. Tables wider than the column scroll inside themselves.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter

from app.markdown.tree import Align
from app.ui.transcript.formulas import Formula
from app.ui.transcript.prose import Prose
from app.ui.transcript.style import Face, Mark, Run, Style
from app.ui.transcript.units.base import LinkSpot, Scene, Unit

ROWS_PER_PIECE = 32
SETTLED_ROWS = 8
PAD_X_PX = 10
PAD_Y_PX = 5
WIDEST_CELL_PX = 420
WIDEST_WORD_PX = 240
"""Longer words are broken rather than make a table wider."""
NARROWEST_CELL_PX = 110
COMFORTABLE_CELL_PX = 260
"""Where a table scrolls sideways anyway, its longer cells need not be narrower."""
HANDLE_PX = 6
_FAR_PX = 1 << 30
LAST_PAD_PX = 11
"""Room under the last row for the sideways scroll bar of a wide table."""


class Cell(NamedTuple):
    """What a cell says, and the pictures of its formulas. `waits`: one is not drawn yet."""

    runs: tuple[Run, ...]
    formulas: tuple[Formula, ...] = ()
    waits: bool = False


Cells = Sequence[Cell]


class Columns:
    """Widths of the columns of one table, and how far it is scrolled, shared by its pieces."""

    def __init__(self, style: Style, align: Sequence[Align]) -> None:
        self.align = tuple(align)
        self.natural = [0.0] * len(self.align)
        self.words = [0.0] * len(self.align)
        self.widths: list[float] = []
        self.mirrored = False
        """Whether the first column stands at the right: its head runs from there."""
        self.scroll_x = 0
        self.room = 0
        self.settled = False
        self._style = style

    def follow_head(self, head: Sequence[Prose]) -> None:
        """The first words of the head say from which side the table is read."""
        first = next((cell for cell in head if cell.text.strip()), None)
        if first is not None and first.right_to_left and not self.mirrored:
            self.mirrored = True
            self.scroll_x = _FAR_PX

    def learn(self, row: Sequence[Prose], cells: Cells) -> None:
        """Take a measured row into account, unless the widths are settled."""
        if self.settled:
            return
        widest = self._style.px(WIDEST_CELL_PX)
        widest_word = self._style.px(WIDEST_WORD_PX)
        for at, flow in enumerate(row):
            if cells[at].waits:
                continue  # the source of a formula is wider than its picture
            self.natural[at] = max(self.natural[at], min(flow.natural_width + 1, widest))
            self.words[at] = max(self.words[at], min(flow.longest_word + 1, widest_word))

    def fit(self, width: int, rows: int, *, waits: bool) -> list[float]:
        """The widths for a table `width` wide, of which `rows` rows are known.

        They are not settled while one of the rows `waits` for a formula.
        """
        if self.settled and self.room == width and self.widths:
            return self.widths
        self.room = width
        padded = [natural + 2 * PAD_X_PX for natural in self.natural]
        total = sum(padded)
        if total <= width:
            spare = (width - total) / total if total else 0.0
            self.widths = [wide * (1 + spare) for wide in padded]
        else:
            narrowest = self._style.px(NARROWEST_CELL_PX)
            least = [
                min(wide, max(narrowest, word + 2 * PAD_X_PX))
                for wide, word in zip(padded, self.words, strict=True)
            ]
            if self._style.paged:
                least = _levelled(least, width)
            elif sum(least) > width:
                comfortable = self._style.px(COMFORTABLE_CELL_PX)
                least = [
                    max(low, min(wide, comfortable))
                    for low, wide in zip(least, padded, strict=True)
                ]
            over = sum(padded) - sum(least)
            share = max(0.0, width - sum(least)) / over if over else 0.0
            self.widths = [
                low + (wide - low) * share for low, wide in zip(least, padded, strict=True)
            ]
        self.settled = rows >= SETTLED_ROWS and not waits
        return self.widths

    @property
    def total(self) -> float:
        return sum(self.widths)


@dataclass(slots=True)
class _Row:
    cells: list[Prose]
    starts: list[int] = field(default_factory=list)
    end: int = 0
    height: int = 0
    head: bool = False


class GridUnit(Unit):
    """Rows of a table. `set_rows` only ever adds rows or changes the last one."""

    __slots__ = (
        "_kept_rows",
        "_last",
        "_readings",
        "_rows",
        "_sources",
        "_texts",
        "_tops",
        "_width",
        "_widths",
        "columns",
        "wants_formulas",
    )

    def __init__(self, style: Style, columns: Columns) -> None:
        super().__init__(style)
        self.columns = columns
        self._rows: list[_Row] = []
        self._sources: list[Cells] = []
        self._texts: Sequence[Sequence[str]] = ()
        self._readings = 0
        self._tops: list[int] = []
        self._width = 0
        self._widths: list[float] = []
        self._kept_rows = 0
        self._last = True
        self.wants_formulas = False

    def known(self, texts: Sequence[Sequence[str]], readings: int) -> Sequence[Cells]:
        """The cells of the first rows, as far as they are the same texts, read as before."""
        before, self._texts = self._texts, texts
        same_readings, self._readings = readings == self._readings, readings
        same = 0
        if same_readings:
            for old, new, cells in zip(before, texts, self._sources, strict=False):
                if old != new or any(cell.waits for cell in cells):
                    break
                same += 1
        return self._sources[:same]

    def set_rows(self, rows: Sequence[Cells], *, head: bool, last: bool) -> None:
        """`head`: the first row is the table's head. `last`: no piece follows this one."""
        self._last = last
        keep = 0
        while keep < min(len(rows), len(self._sources)) and rows[keep] == self._sources[keep]:
            keep += 1
        del self._rows[keep:], self._sources[keep:]
        for number in range(keep, len(rows)):
            is_head = head and number == 0
            cells = [self._cell(cell, bold=is_head) for cell in rows[number]]
            if is_head:
                self.columns.follow_head(cells)
            self.columns.learn(cells, rows[number])
            self._rows.append(_Row(cells, head=is_head))
            self._sources.append(rows[number])
        self._number(keep)
        self.wants_formulas = any(cell.waits for row in rows for cell in row)
        self._kept_rows = min(self._kept_rows, keep)

    def lay_out(self, width: int) -> int:
        self._width = width
        widths = self.columns.fit(width, len(self._rows), waits=self.wants_formulas)
        self._tops = []
        top = 0
        pad = self.style.px(PAD_Y_PX)
        for row in self._rows:
            tall = 0
            for cell, wide in zip(row.cells, widths, strict=True):
                inner = max(8.0, wide - 2 * PAD_X_PX)
                if cell.natural_width <= inner <= cell.width and not cell.right_to_left:
                    tall = max(tall, cell.height)  # it fits as it is; Qt aligns the others
                else:
                    tall = max(tall, cell.lay_out(inner))
            row.height = tall + 2 * pad
            self._tops.append(top)
            top += row.height
        self.height = top + (LAST_PAD_PX if self._last and self.scroll_range() else 0)
        kept = self._kept_rows if widths == self._widths else 0
        self.kept_px = self._tops[kept] if kept < len(self._tops) else 0
        self._kept_rows, self._widths = len(self._rows), list(widths)
        return self.height

    # Text --------------------------------------------------------------------------------

    @property
    def text(self) -> str:
        return "\n".join("\t".join(cell.text for cell in row.cells) for row in self._rows)

    def length(self) -> int:
        return self._rows[-1].end if self._rows else 0

    def copied(self, start: int, end: int) -> str:
        """Cells apart by tabs, rows by line ends: what spreadsheets take."""
        return "\n".join(
            "\t".join(
                cell.copied(max(0, start - row.starts[at]), min(len(cell), end - row.starts[at]))
                for at, cell in enumerate(row.cells)
                if row.starts[at] <= end and row.starts[at] + len(cell) >= start
            ).replace("\n", " ")
            for row in self._rows
            if row.starts[0] < end and row.end >= start
        )

    def rows_between(self, start: int, end: int) -> list[tuple[bool, list[str]]]:
        """The words of the cells that a range touches, row by row; whether it is the head."""
        return [
            (
                row.head,
                [
                    cell.copied(0, len(cell))
                    for at, cell in enumerate(row.cells)
                    if _touches(row, at, start, end)
                ],
            )
            for row in self._rows
            if row.starts[0] < end and row.end > start
        ]

    def offset_at(self, x: float, y: float) -> int:
        if not self._rows:
            return 0
        row = self._rows[min(max(0, bisect_right(self._tops, y) - 1), len(self._rows) - 1)]
        at, left = self._column_at(x)
        top = self._tops[self._rows.index(row)] + self.style.px(PAD_Y_PX)
        inside = x - left - self._shift(row.cells[at], at)
        return row.starts[at] + row.cells[at].offset_at(inside, y - top)

    def caret(self, offset: int) -> QRectF:
        for number, row in enumerate(self._rows):
            if offset <= row.end:
                at = max(0, bisect_right(row.starts, offset) - 1)
                left = self._left(at) + self._shift(row.cells[at], at)
                top = self._tops[number] + self.style.px(PAD_Y_PX)
                return row.cells[at].caret(offset - row.starts[at]).translated(left, top)
        return QRectF(0, 0, 1, self.height)

    def break_above(self, y: float) -> float:
        at = bisect_right(self._tops, y) - 1
        return float(self._tops[at]) if at > 0 else 0.0

    # Links -------------------------------------------------------------------------------

    def link_at(self, x: float, y: float) -> LinkSpot | None:
        return next((spot for spot in self.links() if spot.rect.contains(x, y)), None)

    def links(self) -> Iterable[LinkSpot]:
        pad = self.style.px(PAD_Y_PX)
        for number, row in enumerate(self._rows):
            for at, cell in enumerate(row.cells):
                for start, end, run in cell.spans():
                    if run.href:
                        left = self._left(at) + self._shift(cell, at)
                        for rect in cell.rects(start, end):
                            place = rect.translated(left, self._tops[number] + pad)
                            first = row.starts[at]
                            yield LinkSpot(run.href, run.text, first + start, first + end, place)

    # Scrolling sideways ------------------------------------------------------------------

    def scroll_range(self) -> int:
        return max(0, int(self.columns.total + 0.5) - self._width)

    def scroll_x(self) -> int:
        return min(self.columns.scroll_x, self.scroll_range())

    def set_scroll_x(self, x: int) -> None:
        self.columns.scroll_x = min(max(0, x), self.scroll_range())

    def handle_rect(self) -> QRectF:
        beyond = self.scroll_range()
        if not beyond or not self._last:
            return QRectF()
        wide = max(32.0, self._width * self._width / (self._width + beyond))
        x = (self._width - wide) * self.scroll_x() / beyond
        return QRectF(x, self.height - HANDLE_PX - 2, wide, HANDLE_PX)

    # Painting ----------------------------------------------------------------------------

    def paint(self, painter: QPainter, scene: Scene) -> None:
        painter.save()
        painter.setClipRect(QRectF(0, 0, self._width, self.height), Qt.ClipOperation.IntersectClip)
        number = max(0, bisect_right(self._tops, scene.top) - 1)
        while number < len(self._rows) and self._tops[number] < scene.bottom:
            self._paint_row(painter, number, scene)
            number += 1
        handle = self.handle_rect()
        if not handle.isEmpty():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self.style.color("scroll_handle"))
            painter.drawRoundedRect(handle, HANDLE_PX / 2, HANDLE_PX / 2)
        painter.restore()

    def _paint_row(self, painter: QPainter, number: int, scene: Scene) -> None:
        row = self._rows[number]
        pad = self.style.px(PAD_Y_PX)
        top = self._tops[number]
        line = QRectF(0, top + row.height - 1, self._width, 1)
        painter.fillRect(line, self.style.color("line"))
        for at, cell in enumerate(row.cells):
            left = self._left(at) + self._shift(cell, at)
            start = row.starts[at]
            marks: list[tuple[int, int, QColor]] = [
                (max(0, low - start), min(len(cell), high - start), color)
                for low, high, color in scene.marks
                if low < start + len(cell) and high > start
            ]
            underlined = None
            if scene.underlined and start <= scene.underlined[0] < start + len(cell):
                underlined = (scene.underlined[0] - start, scene.underlined[1] - start)
            clip = QRectF(left - 2, top, self.columns.widths[at], row.height)
            cell.paint(painter, left, top + pad, clip, marks, underlined)

    # Inside ------------------------------------------------------------------------------

    def _cell(self, cell: Cell, *, bold: bool) -> Prose:
        face: Face = self.style.cell
        runs = cell.runs
        if bold:
            runs = tuple(run._replace(marks=run.marks | Mark.BOLD) for run in runs)
        flow = Prose(runs, face, cell.formulas)
        if self.columns.settled:
            flow.natural()
        else:
            flow.measure_words()
        return flow

    def _number(self, first: int) -> None:
        at = self._rows[first - 1].end + 1 if first else 0
        for row in self._rows[first:]:
            row.starts = []
            for cell in row.cells:
                row.starts.append(at)
                at += len(cell) + 1
            row.end = at - 1

    def _left(self, at: int) -> float:
        """Where the words of a column begin."""
        columns = self.columns
        if columns.mirrored:
            return sum(columns.widths[at + 1 :]) + PAD_X_PX - self.scroll_x()
        return sum(columns.widths[:at]) + PAD_X_PX - self.scroll_x()

    def _shift(self, cell: Prose, at: int) -> float:
        room = self.columns.widths[at] - 2 * PAD_X_PX - cell.natural_width
        align = self.columns.align[at]
        if room <= 0 or cell.right_to_left or align is Align.LEFT:
            return 0.0
        if align is Align.NONE:
            return room if self.columns.mirrored else 0.0
        return room / 2 if align is Align.CENTER else room

    def _column_at(self, x: float) -> tuple[int, float]:
        mirrored, widths = self.columns.mirrored, self.columns.widths
        for at, wide in enumerate(widths):
            left = self._left(at)
            edge = left - PAD_X_PX
            within = x >= edge if mirrored else x < edge + wide
            if within or at == len(widths) - 1:
                return at, left
        return 0, self._left(0)


def _levelled(widths: Sequence[float], room: float) -> list[float]:
    """`widths` with the widest of them cut down to one measure, so that all fit into `room`."""
    left, columns = room, len(widths)
    for wide in sorted(widths):
        if wide * columns > left:
            return [min(each, left / columns) for each in widths]
        left -= wide
        columns -= 1
    return [*widths]


def _touches(row: _Row, at: int, start: int, end: int) -> bool:
    low = row.starts[at]
    return low < end and low + len(row.cells[at]) > start
