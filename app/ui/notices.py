"""Short notices over the window: what was done, and the button that takes it back.

Invariant: one is shown at a time, a new one takes its place; it waits while the pointer or the
keyboard is on it, and assistive technology hears it. Nothing is only said here: what must be
decided stays where it belongs.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QRectF, Qt, QTimer
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QEnterEvent,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QApplication, QHBoxLayout, QLabel, QPushButton, QWidget

from app.i18n import tr
from app.ui.buttons import IconButton, paint_shadow
from app.ui.theme import RADIUS, SPACE, Theme

SHOWN_MS = 8000
READING_MS = 60
"""For each letter: a long text stays longer."""
BELOW_PX = 0
SHADOW_PX = 8
LOWER_PX = 2
"""The shadow falls so far below the card."""
NARROWEST_PX, WIDEST_PX = 120, 560


def announce(widget: QWidget, text: str) -> None:
    """Let a screen reader say `text`; without one it costs nothing."""
    if QAccessible.isActive():
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(widget, text))


class Notice(QWidget):
    """A small card at the lower edge of its parent, above the composer."""

    def __init__(self, theme: Theme, parent: QWidget, above: QWidget) -> None:
        """It stands in `parent`, over the widget `above` at its lower edge."""
        super().__init__(parent)
        self._theme = theme
        self._parent = parent
        self._above = above
        self._act: Callable[[], None] | None = None
        self._here = False
        self._label = QLabel()
        self._label.setTextFormat(Qt.TextFormat.PlainText)
        self._label.setWordWrap(True)
        self.action = QPushButton()
        self.action.setProperty("kind", "link")
        self.action.clicked.connect(self._on_action_clicked)
        self.close_button = IconButton(
            theme, "close", tr("Close the notice"), side_px=26, icon_px=14
        )
        self.close_button.clicked.connect(self.hide)
        row = QHBoxLayout(self)
        inside = SPACE.xs + 2
        row.setContentsMargins(
            SPACE.l + SHADOW_PX,
            inside + SHADOW_PX - LOWER_PX,
            SPACE.s + SHADOW_PX,
            inside + SHADOW_PX + LOWER_PX,
        )
        row.setSpacing(SPACE.s)
        row.addWidget(self._label, 1)
        row.addWidget(self.action)
        row.addWidget(self.close_button)
        self._timer = QTimer(self, singleShot=True, interval=SHOWN_MS)
        self._timer.timeout.connect(self._on_time_over)
        theme.changed.connect(self.update)
        for watched in (parent, above):
            watched.installEventFilter(self)
        self.hide()

    def stand_in(self, parent: QWidget, above: QWidget) -> None:
        """Stand in another part of the window from now on, over its widget `above`."""
        if above is self._above:
            return
        for watched in (self._parent, self._above):
            watched.removeEventFilter(self)
        visible = not self.isHidden()
        self._parent, self._above = parent, above
        self.setParent(parent)
        for watched in (parent, above):
            watched.installEventFilter(self)
        self.setVisible(visible)
        self._place()

    def show_text(self, text: str, action: str = "", act: Callable[[], None] | None = None) -> None:
        """Show `text` for a while; `act` runs when the button `action` is pressed."""
        self._act, self._here = act, False
        self._label.setText(text)
        self.action.setText(action)
        self.action.setVisible(act is not None)
        self.setAccessibleName(text)
        self.setVisible(True)
        self._place()
        self.raise_()
        self._timer.start(max(SHOWN_MS, READING_MS * len(text)))
        announce(self, f"{text} {action}".strip())

    def show_here(self, text: str, action: str, act: Callable[[], None]) -> None:
        """Like `show_text`, about this chat alone."""
        self.show_text(text, action, act)
        self._here = True

    def leave(self) -> None:
        """Another chat comes: what was said about this one goes; an Undo stays."""
        if self._act is None or self._here:
            self.hide()

    def withdraw(self, text: str) -> None:
        """What `text` says holds no longer."""
        if text == self.text:
            self.hide()

    @property
    def text(self) -> str:
        return self._label.text()

    def _on_action_clicked(self) -> None:
        act, self._act = self._act, None
        self.hide()
        if act is not None:
            act()

    def _on_time_over(self) -> None:
        focused = QApplication.focusWidget()
        if self.underMouse() or (focused is not None and self.isAncestorOf(focused)):
            self._timer.start()
        else:
            self.hide()

    def _place(self) -> None:
        parent = self.parentWidget()
        if parent is None or not self.isVisible():
            return
        widest = max(NARROWEST_PX, min(WIDEST_PX, parent.width() - 2 * SPACE.l))
        self._label.setMinimumWidth(0)  # of the text before it, which the hints would count
        self._label.setMaximumWidth(WIDEST_PX)
        metrics = self._label.fontMetrics()
        beside = self.sizeHint().width() - self._label.sizeHint().width()
        wanted = metrics.horizontalAdvance(self._label.text()) + 12 + beside
        width = min(widest, max(NARROWEST_PX, wanted))
        self._label.setFixedWidth(max(60, width - beside))
        self.resize(width, self.heightForWidth(width) if self.hasHeightForWidth() else 44)
        left = (parent.width() - width) // 2
        self.move(left, max(0, self._above.y() - self.height() - BELOW_PX))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Resize, QEvent.Type.Move):
            self._place()
        return super().eventFilter(watched, event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.hide()
        else:
            super().keyPressEvent(event)

    def enterEvent(self, event: QEnterEvent) -> None:
        self._timer.start()
        super().enterEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(
            SHADOW_PX, SHADOW_PX - LOWER_PX, -SHADOW_PX, -SHADOW_PX - LOWER_PX
        )
        paint_shadow(painter, box, RADIUS.m, SHADOW_PX)
        painter.setPen(QPen(self._theme.color("control_border"), 1))
        painter.setBrush(self._theme.color("raised" if self._theme.dark else "window"))
        painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), RADIUS.m, RADIUS.m)
