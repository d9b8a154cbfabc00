"""A line above the message field: what it says about the next question, and what can be done.

Invariant: a screen reader hears of it when it comes, not at each change of its words.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRect, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from app.ui.buttons import IconButton
from app.ui.icons import paint_icon
from app.ui.notices import announce
from app.ui.theme import SPACE, TYPE, Theme
from app.ui.tips import plain_tip

STRIP_PX = 30


class Strip(QWidget):
    """A line above the field that says something and can be closed: queued, or being edited.

    What can be done about it stands beside the words, or below them where there is no room.
    """

    closed = Signal()

    def __init__(self, theme: Theme, icon_name: str, close_name: str, action: str = "") -> None:
        super().__init__()
        self._theme = theme
        self._icon_name = icon_name
        self._text = ""
        self.close_button = IconButton(theme, "close", close_name, side_px=24, icon_px=14)
        self.close_button.clicked.connect(self.closed)
        self._row = row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACE.xs)
        self.action = QPushButton(action)
        self.action.setProperty("kind", "link")
        self.action.hide()
        row.addStretch(1)
        row.addWidget(self.action)
        row.addWidget(self.close_button)
        self.setFixedHeight(STRIP_PX)
        self.hide()

    def say(self, text: str | None) -> None:
        """Show `text` on one line; None hides the strip."""
        text = " ".join((text or "").split())
        if text == self._text:
            return  # it is told at every key
        comes, self._text = not self._text, text
        self.setAccessibleName(text)
        self.setToolTip(plain_tip(text))
        self.setVisible(bool(text))
        self._fit()
        self.update()
        if comes:
            announce(self, text)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        color = self._theme.color("muted")
        paint_icon(painter, self._icon_name, 12, STRIP_PX / 2, 16, color)
        painter.setFont(self._theme.font(TYPE.small))
        painter.setPen(color)
        beside = self.action.isHidden() or self.height() > STRIP_PX
        button = self.close_button if beside else self.action
        room = QRect(28, 0, button.x() - 28 - SPACE.s, STRIP_PX)
        shown = painter.fontMetrics().elidedText(
            self._text, Qt.TextElideMode.ElideRight, room.width()
        )
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, shown)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest:
            self._fit()
        return super().event(event)

    def _fit(self) -> None:
        """As high as it takes to read the words."""
        if self.action.isHidden():
            stacked = False
        else:
            words = QFontMetrics(self._theme.font(TYPE.small)).horizontalAdvance(self._text)
            buttons = self.action.sizeHint().width() + self.close_button.width()
            stacked = 28 + words + SPACE.s + buttons + SPACE.xs > self.width()
        height = STRIP_PX + (self.action.sizeHint().height() if stacked else 0)
        if height != self.height():
            top, bottom = Qt.AlignmentFlag.AlignTop, Qt.AlignmentFlag.AlignBottom
            self._row.setAlignment(self.action, bottom if stacked else Qt.AlignmentFlag(0))
            self._row.setAlignment(self.close_button, top if stacked else Qt.AlignmentFlag(0))
            self.setFixedHeight(height)
