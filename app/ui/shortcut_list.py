"""The list of keys, in two columns, or in one where the screen is narrow. Closes with Esc."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QDialog,
    QGridLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from app.i18n import tr
from app.ui.shortcuts import Shortcut, shortcuts
from app.ui.theme import SPACE
from app.ui.window_state import TITLE_BAR_PX

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
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(SPACE.xl, SPACE.xl, SPACE.xl, SPACE.l)
        self._column.setSpacing(SPACE.l)
        self._column.addWidget(heading)
        self._column.addWidget(close, 0, Qt.AlignmentFlag.AlignTrailing)
        listed = _listed(send_with_enter=send_with_enter)
        room = parent.screen().availableSize() - QSize(0, TITLE_BAR_PX)
        grid = _grid(listed, 2)
        margins = 2 * SPACE.xl
        if grid.sizeHint().width() + margins > room.width():
            grid = _grid(listed, 1)
        self._show(grid, room)

    def _show(self, grid: QWidget, room: QSize) -> None:
        area = QScrollArea()
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setWidgetResizable(True)
        area.setWidget(grid)
        area.setAccessibleName(tr("Keyboard shortcuts"))
        self._column.insertWidget(1, area, 1)
        around = self.sizeHint() - area.sizeHint()
        bar = area.verticalScrollBar().sizeHint().width()
        wanted = grid.sizeHint() + around
        if wanted.height() > room.height():
            wanted += QSize(bar, 0)
        self.resize(wanted.boundedTo(room))


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
