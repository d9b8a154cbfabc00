"""The list of keys, in two columns. Closes with Esc."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QDialog, QGridLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app.i18n import tr
from app.ui.shortcuts import shortcuts
from app.ui.theme import SPACE


class ShortcutList(QDialog):
    """Opened with `open()`; deletes itself when closed."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Keyboard shortcuts"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        heading = QLabel(tr("Keyboard shortcuts"))
        heading.setProperty("kind", "heading")
        grid = QGridLayout()
        grid.setHorizontalSpacing(SPACE.l)
        grid.setVerticalSpacing(SPACE.s + 2)
        listed = shortcuts()
        rows = (len(listed) + 1) // 2
        for at, each in enumerate(listed):
            column, row = divmod(at, rows)
            keys = QLabel(QKeySequence(each.keys).toString(QKeySequence.SequenceFormat.NativeText))
            keys.setProperty("kind", "key")
            does = QLabel(each.text)
            does.setBuddy(keys)
            grid.addWidget(keys, row, column * 3, Qt.AlignmentFlag.AlignRight)
            grid.addWidget(does, row, column * 3 + 1)
        grid.setColumnMinimumWidth(2, SPACE.xl)
        close = QPushButton(tr("Close"))
        close.clicked.connect(self.reject)
        column_layout = QVBoxLayout(self)
        column_layout.setContentsMargins(SPACE.xl, SPACE.xl, SPACE.xl, SPACE.l)
        column_layout.setSpacing(SPACE.l)
        column_layout.addWidget(heading)
        column_layout.addLayout(grid)
        column_layout.addWidget(close, 0, Qt.AlignmentFlag.AlignTrailing)
