"""Paints the rows that the layout has placed: boxes, bars, markers, units, marks, the caret.

Invariant: paints and changes nothing; a row is painted within its own height.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen, QRegion

from app.ui.theme import RADIUS
from app.ui.transcript.geometry import Geometry
from app.ui.transcript.layout import Layout, Placed
from app.ui.transcript.rows import Box, Marker, Row
from app.ui.transcript.style import Style
from app.ui.transcript.units.base import Look, Scene
from app.ui.transcript.units.bubble import BubbleUnit

CARET_WIDTH_PX = 7
DOT_RADIUS_PX = 2.6
RING_PX = 8
BAR_PX = 3
FROM_RIGHT = "\u200f"
"""Around a number it puts the full stop to its left."""

Marks = Callable[[Placed], Sequence[tuple[int, int, QColor]]]
"""The ranges of a row that have a ground colour."""


@dataclass(slots=True)
class Pointed:
    """What the pointer or the keyboard is at."""

    row: tuple[int, int] | None = None
    link: tuple[int, int, int, int] | None = field(default=None)
    """Item, row, start and end of the link that is underlined."""
    message: int | None = None
    """The message that the keyboard is at."""


def paint_rows(
    painter: QPainter,
    layout: Layout,
    geometry: Geometry,
    style: Style,
    marks: Marks,
    pointed: Pointed,
    region: QRegion,
) -> None:
    """Paint what is placed within `region`, from top to bottom."""
    _paint_boxes(painter, layout, geometry, style)
    whole = region.boundingRect()
    top, bottom = whole.top(), whole.bottom()
    for placed in layout.placed:
        if placed.y > bottom or placed.y + placed.height <= top:
            continue
        row = layout.placed_row(placed)
        if row.unit is None:
            continue
        bounds = region.intersected(QRect(0, placed.y, 1 << 20, placed.height)).boundingRect()
        if bounds.isEmpty():
            continue
        painter.save()
        if row.clipped is not None:
            painter.setClipRect(QRectF(0, placed.y, 1 << 20, placed.height))
        _paint_inset(painter, placed, row, geometry, layout, style)
        painter.translate(geometry.origin(placed))
        above = placed.y + row.gap
        scene = Scene(
            style=style,
            top=float(max(0, bounds.top() - above)),
            bottom=float(min(row.unit.height, bounds.bottom() + 1 - above)),
            width=geometry.unit_width(row),
            marks=marks(placed),
            hovered=pointed.row == (placed.item, placed.row),
        )
        if pointed.link is not None and pointed.link[:2] == (placed.item, placed.row):
            scene.underlined = pointed.link[2:]
        row.unit.paint(painter, scene)
        _paint_labels(painter, row, style)
        item = layout.items[placed.item]
        if item.live and placed.row == item.caret_row:
            _paint_caret(painter, row, style)
        painter.restore()
    if pointed.message is not None:
        _paint_ring(painter, layout, geometry, style, pointed.message)


def _paint_ring(
    painter: QPainter, layout: Layout, geometry: Geometry, style: Style, number: int
) -> None:
    """Around the message that the keyboard is at."""
    members = [placed for placed in layout.placed if placed.item == number]
    if members:
        top = members[0].y + layout.placed_row(members[0]).gap
        bottom = members[-1].y + members[-1].height
        left = geometry.left_px - RING_PX
        ring = QRectF(left, top - RING_PX, layout.column_px + 2 * RING_PX, 0)
        ring.setBottom(bottom + RING_PX)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(style.color("accent"), 2))
        painter.drawRoundedRect(ring, RADIUS.m, RADIUS.m)


def _paint_boxes(painter: QPainter, layout: Layout, geometry: Geometry, style: Style) -> None:
    """One rounded ground behind each run of rows that share a box."""
    runs: list[tuple[Box, list[Placed]]] = []
    for placed in layout.placed:
        box = layout.placed_row(placed).box
        if box is None:
            continue
        if runs and runs[-1][0].key == box.key and runs[-1][1][-1].item == placed.item:
            runs[-1][1].append(placed)
        else:
            runs.append((box, [placed]))
    for box, members in runs:
        _paint_box(painter, box, members, layout, geometry, style)


def _paint_box(
    painter: QPainter,
    box: Box,
    members: list[Placed],
    layout: Layout,
    geometry: Geometry,
    style: Style,
) -> None:
    first, last = members[0], members[-1]
    rows = layout.items[first.item].rows
    top = float(first.y + layout.placed_row(first).gap)
    bottom = float(last.y + last.height)
    # A box that goes on beyond the visible rows is drawn as if it were cut off.
    if first.row > 0 and _same(rows[first.row - 1].box, box):
        top = min(top, float(first.y)) - 2 * RADIUS.l
    below = next((row for row in rows[last.row + 1 :] if row.shown), None)
    if below is not None and _same(below.box, box):
        bottom += 2 * RADIUS.l
    left, right = float(geometry.left_px), float(geometry.left_px + layout.column_px)
    if box.hugging:
        edges = [
            unit.box_extent()
            for placed in members
            if isinstance(unit := layout.placed_row(placed).unit, BubbleUnit)
        ]
        if edges:
            left, right = left + min(e[0] for e in edges), left + max(e[1] for e in edges)
    rect = QRectF(left, top, right - left, bottom - top)
    painter.setBrush(style.color(box.ground))
    if box.line:
        painter.setPen(QPen(style.color(box.line), 1))
        rect.adjust(0.5, 0.5, -0.5, -0.5)
    else:
        painter.setPen(Qt.PenStyle.NoPen)
    painter.drawRoundedRect(rect, box.radius, box.radius)


def _same(one: Box | None, other: Box) -> bool:
    return one is not None and one.key == other.key


def _paint_inset(
    painter: QPainter, placed: Placed, row: Row, geometry: Geometry, layout: Layout, style: Style
) -> None:
    inset = row.inset
    column = layout.column_px
    mirrored = row.unit is not None and row.unit.right_to_left
    for bar in inset.bars:
        top = placed.y + (0 if bar.joined else row.gap)
        x = column - bar.x - BAR_PX if mirrored else bar.x
        rect = QRectF(geometry.left_px + x, top, BAR_PX, placed.y + placed.height - top)
        painter.fillRect(rect, style.color("line"))
    if inset.rule_above:
        y = placed.y + row.gap // 2
        painter.fillRect(QRectF(geometry.left_px, y, column / 4, 1), style.color("line"))
    if inset.marker is not None:
        _paint_marker(painter, inset.marker, placed, row, geometry, column, mirrored, style)


def _paint_marker(
    painter: QPainter,
    marker: Marker,
    placed: Placed,
    row: Row,
    geometry: Geometry,
    column: int,
    mirrored: bool,
    style: Style,
) -> None:
    face = style.body if row.fold is None and not marker.small else style.muted
    baseline = row.unit.baseline() if row.unit is not None else None
    if baseline is None:
        line = row.unit.caret(0) if row.unit is not None else QRectF(0, 0, 1, face.line_px)
        middle = line.top() + min(line.height(), float(face.line_px)) / 2
        baseline = middle - face.line_px / 2 + face.baseline
    else:
        middle = baseline - face.baseline + face.line_px / 2
    top = placed.y + row.gap
    baseline, middle = top + baseline, top + middle
    x = column - marker.x - marker.width if mirrored else marker.x
    room = QRectF(geometry.left_px + x, middle - face.line_px / 2, marker.width, face.line_px)
    color = style.color("text" if row.fold is None else "muted")
    if marker.task is not None:
        _paint_task(painter, room, marker.task, mirrored, style)
    elif marker.words:
        painter.setFont(face.font)
        painter.setPen(face.color)
        wide = QFontMetricsF(painter.font()).horizontalAdvance(marker.words)
        gap = style.px(6)
        left = room.left() + gap if mirrored else room.right() - gap - wide
        shown = f"{FROM_RIGHT}{marker.words}{FROM_RIGHT}" if mirrored else marker.words
        painter.drawText(QPointF(left, baseline), shown)
    else:
        _paint_dot(painter, room, marker.depth, mirrored, color, style)


def _paint_dot(
    painter: QPainter, room: QRectF, depth: int, mirrored: bool, color: QColor, style: Style
) -> None:
    """Full dots, rings and squares by depth, in turn."""
    radius = DOT_RADIUS_PX * style.scale
    at = QPointF(room.left() + style.px(8), room.center().y())
    if mirrored:
        at.setX(room.right() - style.px(8))
    ring = depth % 3 == 1
    painter.setPen(QPen(color, 1.2 * style.scale) if ring else QPen(Qt.PenStyle.NoPen))
    painter.setBrush(Qt.BrushStyle.NoBrush if ring else color)
    if depth % 3 == 2:
        painter.fillRect(QRectF(at.x() - radius, at.y() - radius, 2 * radius, 2 * radius), color)
    else:
        painter.drawEllipse(at, radius, radius)


def _paint_task(painter: QPainter, room: QRectF, done: bool, mirrored: bool, style: Style) -> None:
    side = style.px(14)
    left = room.right() - side if mirrored else room.left()
    box = QRectF(left + 0.5, room.center().y() - side / 2 + 0.5, side - 1, side - 1)
    painter.setPen(QPen(style.color("accent" if done else "control_border"), 1))
    painter.setBrush(style.color("accent" if done else "window"))
    painter.drawRoundedRect(box, style.px(3), style.px(3))
    if done:
        pen = QPen(style.color("on_accent"), 1.8 * style.scale)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        painter.setPen(pen)
        at = box.topLeft()
        steps = ((0.24, 0.52), (0.43, 0.71), (0.77, 0.31))
        points = [at + QPointF(x * box.width(), y * box.height()) for x, y in steps]
        painter.drawPolyline(points)


def _paint_labels(painter: QPainter, row: Row, style: Style) -> None:
    """The words among a unit's buttons that are no button."""
    if row.unit is None:
        return
    for control in row.unit.controls():
        if control.look is Look.LABEL:
            painter.setFont(style.small.font)
            painter.setPen(style.color("text"))
            painter.drawText(control.rect, Qt.AlignmentFlag.AlignCenter, control.text)


def _paint_caret(painter: QPainter, row: Row, style: Style) -> None:
    unit = row.unit
    if unit is None:
        return
    at = unit.caret(unit.length())
    face = style.body if row.fold is None else style.muted
    tall = min(face.ascent + face.descent - 2, at.height())
    wide = CARET_WIDTH_PX * style.scale
    x = at.left() - wide - 1 if unit.right_to_left else at.left() + 1
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(style.color("accent"))
    painter.drawRoundedRect(QRectF(x, at.center().y() - tall / 2, wide, tall), 2, 2)
