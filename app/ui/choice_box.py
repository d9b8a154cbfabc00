"""Boxes to choose from on pages that scroll, and one into which any other value can be typed.

Invariant: the wheel scrolls the page, whatever it passes over; a value changes only because a
person chose it. Qt's own boxes take the wheel, and a setting was changed by scrolling past it.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QComboBox, QCompleter, QStyledItemDelegate

MOST_SHOWN = 12
LEAST_LETTERS = 10


class ChoiceBox(QComboBox):
    def __init__(self) -> None:
        super().__init__()
        # As wide as its place: the longest of hundreds of names must not widen the page.
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(LEAST_LETTERS)
        self.setMaxVisibleItems(MOST_SHOWN)
        self.setItemDelegate(QStyledItemDelegate(self))  # its own knows nothing of a style sheet

    def wheelEvent(self, event: QWheelEvent) -> None:
        """The page behind takes it."""
        event.ignore()


class TypedChoiceBox(ChoiceBox):
    """What is typed narrows the choices to those that contain it; it need not be one of them."""

    def __init__(self) -> None:
        super().__init__()
        self.setEditable(True)
        self.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        completer = self.completer()
        if completer is not None:
            completer.setCompletionMode(QCompleter.CompletionMode.PopupCompletion)
            completer.setFilterMode(Qt.MatchFlag.MatchContains)
            completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
            completer.setMaxVisibleItems(MOST_SHOWN)
            popup = completer.popup()
            if popup is not None:
                popup.setProperty("kind", "popup")
                popup.setItemDelegate(QStyledItemDelegate(self))
        self._choices: tuple[str, ...] = ()

    def is_being_typed(self) -> bool:
        line = self.lineEdit()
        return line is not None and line.hasFocus()

    def show_choices(self, choices: Sequence[str], chosen: str) -> None:
        """Offer `choices` and show `chosen`, unless a person is typing."""
        if self.is_being_typed():
            return
        blocked = self.blockSignals(True)
        if tuple(choices) != self._choices:  # hundreds of them, and every setting comes by here
            self._choices = tuple(choices)
            self.clear()
            self.addItems(self._choices)
        self.setCurrentIndex(self.findText(chosen, Qt.MatchFlag.MatchFixedString))
        self.setEditText(chosen)
        line = self.lineEdit()
        if line is not None:
            line.setCursorPosition(0)
        self.blockSignals(blocked)
