"""The bar that finds words in the chat that is shown: field, count, up, down, close.

Invariant: it finds nothing itself; it tells what to look for and shows how many hits there are.
"""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QWidget

from app.i18n import tr
from app.ui.buttons import IconButton
from app.ui.theme import SPACE, Theme


class FindBar(QWidget):
    """`stepRequested` carries +1 for the next hit, -1 for the one before."""

    wordsChanged = Signal(str)
    stepRequested = Signal(int)
    closed = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setProperty("kind", "findbar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.field = QLineEdit()
        self.field.setAccessibleName(tr("Find in this chat"))
        self.field.setPlaceholderText(tr("Find in this chat"))
        self.field.setMaximumWidth(320)
        self.count = QLabel()
        self.count.setProperty("kind", "caption")
        self.count.setMinimumWidth(64)
        self.count.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.previous = IconButton(theme, "chevron-up", tr("Previous hit"), tr("Shift+Enter"))
        self.next = IconButton(theme, "chevron-down", tr("Next hit"), tr("Enter"))
        self.close_button = IconButton(theme, "close", tr("Close the search"), tr("Esc"))
        row = QHBoxLayout(self)
        row.setContentsMargins(SPACE.l, SPACE.s, SPACE.m, SPACE.s)
        row.setSpacing(SPACE.xs)
        row.addStretch(1)
        row.addWidget(self.field, 2)
        for widget in (self.count, self.previous, self.next, self.close_button):
            row.addWidget(widget)
        self.field.textChanged.connect(self.wordsChanged)
        self.previous.clicked.connect(lambda: self.stepRequested.emit(-1))
        self.next.clicked.connect(lambda: self.stepRequested.emit(1))
        self.close_button.clicked.connect(self.close_bar)
        self.show_count(0, 0)
        self.hide()

    def open_bar(self, words: str = "") -> None:
        """Show the bar; `words`, the selected text for instance, replace what was in it."""
        self.show()
        if words:
            self.field.setText(words)
        elif self.field.text():
            self.wordsChanged.emit(self.field.text())
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.field.selectAll()

    def close_bar(self) -> None:
        self.hide()
        self.closed.emit()

    def show_count(self, current: int, count: int) -> None:
        """Show which hit of how many is current, from 1; 0 of 0 when there is none."""
        some = count > 0
        self.previous.setEnabled(some)
        self.next.setEnabled(some)
        if some:
            text = tr("{current} of {count}", current=current, count=count)
        else:
            text = tr("No hits") if self.field.text() else ""
        self.count.setText(text)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        match event.key():
            case Qt.Key.Key_Return | Qt.Key.Key_Enter:
                back = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
                self.stepRequested.emit(-1 if back else 1)
            case Qt.Key.Key_Escape:
                self.close_bar()
            case _:
                super().keyPressEvent(event)
