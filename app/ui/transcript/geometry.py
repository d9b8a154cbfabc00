"""Between points of the viewport and places in the messages.

Invariant: only what the layout has placed can be hit; a point beside a row belongs to the nearest.
"""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF

from app.ui.transcript.layout import Layout, Placed
from app.ui.transcript.rows import Row
from app.ui.transcript.selection import Position
from app.ui.transcript.units.base import LinkSpot, Unit
from app.ui.transcript.units.bubble import BubbleUnit

SIDE_AIR_PX = 24
"""Kept beside what is brought into sight sideways."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A point over a row, in its unit's coordinates."""

    placed: Placed
    row: Row
    unit: Unit
    x: float
    y: float


class Geometry:
    """`left_px` is where the column begins in the viewport."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self.left_px = 0

    def origin(self, placed: Placed) -> QPointF:
        """The top left corner of a row's unit."""
        row = self._layout.placed_row(placed)
        return QPointF(self.left_px + row.left(self._layout.column_px), placed.y + row.gap)

    def unit_width(self, row: Row) -> int:
        return max(1, self._layout.column_px - row.inset.lead - row.inset.trail)

    def bring_sideways(self, row: Row, start: int, end: int) -> None:
        """Scroll a row that is wider than the column until a range of its text is in sight."""
        unit = row.built()
        if not unit.scroll_range():
            return
        first, last = unit.caret(start).left(), unit.caret(end).left()
        left, right = min(first, last) - SIDE_AIR_PX, max(first, last) + SIDE_AIR_PX
        room = self.unit_width(row)
        if left < 0 or right > room:
            beyond = left if left < 0 else min(left, right - room)
            unit.set_scroll_x(unit.scroll_x() + round(beyond))

    def hit(self, point: QPointF) -> Hit | None:
        """The row at the height of a point, or the nearest one."""
        found: Placed | None = None
        for placed in self._layout.placed:
            if found is None or placed.y <= point.y():
                found = placed
        if found is None:
            return None
        row = self._layout.placed_row(found)
        if row.unit is None:
            return None
        at = point - self.origin(found)
        return Hit(found, row, row.unit, at.x(), at.y())

    def over(self, point: QPointF) -> Hit | None:
        """The row that a point is really over."""
        found = self.hit(point)
        if found is None or not 0 <= found.y < found.unit.height:
            return None
        return found if 0 <= found.x < self.unit_width(found.row) else None

    def position_at(self, point: QPointF) -> Position | None:
        """The place in the text nearest to a point; rows without text are skipped."""
        found = self.hit(point)
        if found is None:
            return None
        if found.unit.length():
            return Position(
                found.placed.item, found.placed.row, found.unit.offset_at(found.x, found.y)
            )
        at = self._layout.placed.index(found.placed)
        for placed in self._layout.placed[at + 1 :]:
            unit = self._layout.placed_row(placed).unit
            if unit is not None and unit.length():
                return Position(placed.item, placed.row, 0)
        for placed in reversed(self._layout.placed[:at]):
            unit = self._layout.placed_row(placed).unit
            if unit is not None and unit.length():
                return Position(placed.item, placed.row, unit.length())
        return Position(found.placed.item, found.placed.row, 0)

    def is_over_text(self, point: QPointF) -> bool:
        found = self.over(point)
        if found is None or not found.unit.length():
            return False
        if isinstance(found.unit, BubbleUnit):
            left, right = found.unit.box_extent()
            return left <= found.x < right
        return True

    def link_at(self, point: QPointF) -> tuple[Placed, LinkSpot] | None:
        found = self.over(point)
        spot = found.unit.link_at(found.x, found.y) if found is not None else None
        return (found.placed, spot) if found is not None and spot is not None else None

    def caret(self, place: Position) -> QRectF | None:
        """The caret's rectangle in the viewport, when its row is visible."""
        for placed in self._layout.placed:
            if (placed.item, placed.row) == place[:2]:
                unit = self._layout.placed_row(placed).unit
                if unit is not None:
                    return unit.caret(place.offset).translated(self.origin(placed))
        return None
