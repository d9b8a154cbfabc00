"""Fields for numbers whose text stands where that of the other fields stands.

A style sheet's padding does not reach the text of a spin box, so its margins are set here.
The wheel scrolls the page that they stand on: a value changes only because a person chose it.
"""

from __future__ import annotations

from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QAbstractSpinBox, QDoubleSpinBox, QSpinBox, QWidget

INSET_PX = 11
"""With the spin box's own frame as far as the text of a `QLineEdit` stands from its edge."""


class WholeNumberField(QSpinBox):
    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        _inset(self)

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()


class NumberField(QDoubleSpinBox):
    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        _inset(self)

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()


def _inset(box: QAbstractSpinBox) -> None:
    box.lineEdit().setTextMargins(INSET_PX, 0, 0, 0)
