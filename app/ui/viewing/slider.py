"""A slider for time and volume: drawn from the palette, a click goes straight to its place.

Invariant: keys and assistive technology are Qt's own; only the drawing and the click are ours.
"""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSlider, QWidget

from app.ui.buttons import paint_focus_ring
from app.ui.theme import RADIUS, Theme

GROOVE_PX = 4.0
KNOB_PX = 12.0
HIGH_PX = 24


class Slider(QSlider):
    """Horizontal. `sliderMoved` comes from the mouse, `valueChanged` from everything."""

    def __init__(self, theme: Theme, name: str, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._theme = theme
        self.setAccessibleName(name)
        self.setToolTip(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setFixedHeight(HIGH_PX)

    def sizeHint(self) -> QSize:
        return QSize(120, HIGH_PX)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme, middle = self._theme, self.height() / 2
        span = self.maximum() - self.minimum()
        share = (self.sliderPosition() - self.minimum()) / span if span else 0.0
        at = self._knob_x(share)
        groove = QRectF(0, middle - GROOVE_PX / 2, self.width(), GROOVE_PX)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("control_border"))
        painter.drawRoundedRect(groove, GROOVE_PX / 2, GROOVE_PX / 2)
        color = theme.color("accent" if self.isEnabled() else "disabled")
        painter.setBrush(color)
        groove.setRight(at)
        painter.drawRoundedRect(groove, GROOVE_PX / 2, GROOVE_PX / 2)
        if self.isEnabled():
            painter.drawEllipse(QPointF(at, middle), KNOB_PX / 2, KNOB_PX / 2)
        if self.hasFocus():
            paint_focus_ring(painter, QRectF(self.rect()), RADIUS.s, theme.color("accent"))
        painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.setSliderDown(True)
            self._go(event.position().x())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self.isSliderDown():
            self._go(event.position().x())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self.setSliderDown(False)

    def _go(self, x: float) -> None:
        room = max(1.0, self.width() - KNOB_PX)
        share = min(max(0.0, (x - KNOB_PX / 2) / room), 1.0)
        self.setSliderPosition(self.minimum() + round(share * (self.maximum() - self.minimum())))

    def _knob_x(self, share: float) -> float:
        return KNOB_PX / 2 + share * max(0.0, self.width() - KNOB_PX)
