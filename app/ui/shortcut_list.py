"""The list of keys, in two columns, or in one where the screen is narrow. Closes with Esc."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QDialog,
    QGridLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.i18n import tr
from app.ui.room import fit, screen_room, scrolled
from app.ui.shortcuts import Shortcut, shortcuts
from app.ui.theme import SPACE

SWAPPED = {"send": "break_line", "break_line": "send"}


class ShortcutList(QDialog):
    """Opened with `open()`; deletes itself when closed. It never grows beyond the screen."""

    def __init__(self, parent: QWidget, *, send_with_enter: bool = True) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Keyboard shortcuts"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        heading = QLabel(tr("Keyboard shortcuts"))
        heading.setProperty("kind", "heading")
        close = QPushButton(tr("Close"))
        close.clicked.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE.xl, SPACE.xl, SPACE.xl, SPACE.l)
        column.setSpacing(SPACE.l)
        column.addWidget(heading)
        column.addWidget(close, 0, Qt.AlignmentFlag.AlignTrailing)
        listed = _listed(send_with_enter=send_with_enter)
        grid = _grid(listed, 2)
        if grid.sizeHint().width() + 2 * SPACE.xl > screen_room(parent).width():
            grid = _grid(listed, 1)
        area = scrolled(grid, tr("Keyboard shortcuts"))
        column.insertWidget(1, area, 1)
        fit(self, area, grid)


def _listed(*, send_with_enter: bool) -> tuple[Shortcut, ...]:
    """All keys, with those for sending as they are set."""
    listed = shortcuts()
    if send_with_enter:
        return listed
    keys = {each.name: each.keys for each in listed}
    return tuple(
        Shortcut(each.name, keys[SWAPPED.get(each.name, each.name)], each.text, each.local)
        for each in listed
    )


def _grid(listed: tuple[Shortcut, ...], columns: int) -> QWidget:
    content = QWidget()
    grid = QGridLayout(content)
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setHorizontalSpacing(SPACE.l)
    grid.setVerticalSpacing(SPACE.s + 2)
    rows = -(-len(listed) // columns)
    for at, each in enumerate(listed):
        column, row = divmod(at, rows)
        keys = QLabel(QKeySequence(each.keys).toString(QKeySequence.SequenceFormat.NativeText))
        keys.setProperty("kind", "key")
        does = QLabel(each.text)
        does.setBuddy(keys)
        grid.addWidget(keys, row, column * 3, Qt.AlignmentFlag.AlignRight)
        grid.addWidget(does, row, column * 3 + 1)
    for column in range(columns - 1):
        grid.setColumnMinimumWidth(column * 3 + 2, SPACE.xl)
    grid.setRowStretch(rows, 1)
    return content
