"""What helps to find the way in a long chat: marks at the scroll bar, and the way back to the end.

Invariant: the marks are painted over the bar's own drawing and do not change how it works.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QAbstractSlider,
    QScrollBar,
    QStyle,
    QStyleOptionSlider,
    QToolButton,
    QWidget,
)

from app.i18n import tr, trn
from app.ui.icons import paint_icon
from app.ui.theme import TYPE, Theme

MARK_PX = 3
SIDE_PX = 34
MARGIN_PX = 14


class MarkedScrollBar(QScrollBar):
    """`set_marks` takes heights as shares (0 to 1) of the whole content."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(Qt.Orientation.Vertical, parent)
        self._theme = theme
        self._marks: tuple[float, ...] = ()
        self._current: float | None = None
        self._handle = QRect()

    def set_marks(self, marks: Sequence[float], current: float | None) -> None:
        shown = tuple(marks)
        if (shown, current) != (self._marks, self._current):
            self._marks, self._current = shown, current
            self.update()

    def sliderChange(self, change: QAbstractSlider.SliderChange) -> None:
        """Qt paints the bar at each new value; while a chat grows, its handle hardly moves."""
        handle = self._place(QStyle.SubControl.SC_ScrollBarSlider)
        if handle != self._handle:
            self._handle = handle
            super().sliderChange(change)

    def _place(self, part: QStyle.SubControl) -> QRect:
        option = QStyleOptionSlider()
        self.initStyleOption(option)
        return self.style().subControlRect(QStyle.ComplexControl.CC_ScrollBar, option, part, self)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._marks:
            return
        groove = self._place(QStyle.SubControl.SC_ScrollBarGroove)
        painter = QPainter(self)
        painter.setPen(Qt.PenStyle.NoPen)
        drawn: set[int] = set()
        for mark in self._marks:
            y = round(groove.top() + mark * (groove.height() - MARK_PX))
            if y not in drawn:
                drawn.add(y)
                self._paint_mark(painter, groove.left(), y, groove.width(), "warning")
        if self._current is not None:
            y = round(groove.top() + self._current * (groove.height() - MARK_PX))
            self._paint_mark(painter, groove.left() - 2, y, groove.width() + 4, "accent")
        painter.end()

    def _paint_mark(self, painter: QPainter, x: int, y: int, width: int, color: str) -> None:
        painter.fillRect(QRectF(x, y, width, MARK_PX), self._theme.color(color))


class JumpButton(QToolButton):
    """`place` puts it at the bottom of its parent, in the middle of the column."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._parent = parent
        self._new = 0
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName(tr("Jump to latest"))
        self.setToolTip(tr("Jump to latest"))
        self.hide()

    def set_new(self, count: int) -> None:
        """How many messages came while the reader was away."""
        self._new = count
        self.setAccessibleDescription(self._words())

    def place(self, center_x: int) -> None:
        words = self._words()
        wide = SIDE_PX
        if words:
            wide += QFontMetrics(self._theme.font(TYPE.small)).horizontalAdvance(words) + 14
        y = self._parent.height() - SIDE_PX - MARGIN_PX
        self.setGeometry(center_x - wide // 2, y, wide, SIDE_PX)
        self.update()

    def _words(self) -> str:
        return trn("{count} new message", "{count} new messages", self._new) if self._new else ""

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        width = 2 if self.hasFocus() else 1
        edge = theme.color("accent" if self.hasFocus() else "control_border")
        painter.setPen(QPen(edge, width))
        painter.setBrush(theme.color("selected" if self.underMouse() else "window"))
        painter.drawRoundedRect(rect, rect.height() / 2, rect.height() / 2)
        color = theme.color("text")
        paint_icon(painter, "arrow-down", SIDE_PX / 2, SIDE_PX / 2, 16, color)
        words = self._words()
        if words:
            painter.setFont(theme.font(TYPE.small))
            painter.setPen(color)
            room = QRectF(SIDE_PX - 4, 0, rect.width() - SIDE_PX, SIDE_PX)
            painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, words)
        painter.end()
