"""Fields for numbers whose text stands where that of the other fields stands.

A style sheet's padding does not reach the text of a spin box, so its margins are set here.
"""

from __future__ import annotations

from PySide6.QtWidgets import QAbstractSpinBox, QDoubleSpinBox, QSpinBox, QWidget

from app.ui.theme import SPACE


class WholeNumberField(QSpinBox):
    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        _inset(self)


class NumberField(QDoubleSpinBox):
    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        _inset(self)


def _inset(box: QAbstractSpinBox) -> None:
    box.lineEdit().setTextMargins(SPACE.s, 0, 0, 0)
