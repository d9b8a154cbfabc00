"""The header of the reasoning: what the model is thinking for, or thought for, and the fold.

Invariant: it paints the header only; the rows below it are those of the reasoning, in the same
box. The button over it is real, so that Enter, Tab and assistive technology reach it.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter

from app.i18n import tr
from app.ui.icons import paint_icon
from app.ui.transcript.style import Style
from app.ui.transcript.units.base import Act, Control, Look, Scene, Unit

TEXT_X_PX = 36
"""Where the words begin, and below them the reasoning itself."""


class FoldUnit(Unit):
    """`words` and `faint` may change at any time; `is_open` turns the arrow."""

    __slots__ = ("_width", "faint", "is_open", "words")

    def __init__(self, style: Style) -> None:
        super().__init__(style)
        self.words = ""
        self.faint = ""
        self.is_open = True
        self._width = 0

    def lay_out(self, width: int) -> int:
        self._width = width
        self.height = self.style.px(38)
        return self.height

    def paint(self, painter: QPainter, scene: Scene) -> None:
        style = self.style
        name = "chevron-down" if self.is_open else "chevron-right"
        muted = style.color("muted")
        middle = self.height / 2
        paint_icon(painter, name, style.px(20), middle, style.px(16), muted)
        painter.setFont(style.muted.font)
        painter.setPen(style.color("text") if scene.hovered else muted)
        x = style.px(TEXT_X_PX)
        room = QRectF(x, 0, scene.width - x - 12, self.height)
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, self.words)
        if self.faint:
            wide = QFontMetricsF(style.muted.font).horizontalAdvance(self.words)
            room.setLeft(x + wide + 6)
            painter.setPen(muted)
            painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, f"· {self.faint}")

    def controls(self) -> Sequence[Control]:
        return (
            Control(
                act=Act.TOGGLE,
                name=tr("Reasoning"),
                description=", ".join(filter(None, (self.words, self.faint))),
                rect=QRect(0, 0, self._width, self.height),
                look=Look.COVER,
                checked=self.is_open,
                tip=tr("Fold the reasoning") if self.is_open else tr("Show the reasoning"),
            ),
        )
