"""Rows that name a folder of the program and show it in the file manager."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QWidget

from app.i18n import tr
from app.ui.desktop import open_folder
from app.ui.settings.rows import Rows
from app.ui.theme import SPACE


class Place(QWidget):
    """A path to read and to copy, and a button that opens its folder."""

    def __init__(self, path: Path, folder: Path, what: str) -> None:
        super().__init__()
        self.path = QLineEdit(str(path))
        self.path.setProperty("kind", "plain")
        self.path.setReadOnly(True)
        self.path.setCursorPosition(0)
        self.path.setToolTip(str(path))
        self.path.setAccessibleName(what)
        self.button = QPushButton(tr("Open folder"))
        self.button.setAccessibleName(tr("Open folder: {what}", what=what))
        self.button.clicked.connect(lambda: open_folder(folder))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACE.m)
        row.addWidget(self.path, 1)
        row.addWidget(self.button)


def add_place(rows: Rows, what: str, path: Path) -> Place:
    """A row for a file or folder; a file is shown by the folder it lies in."""
    place = Place(path, path.parent if path.suffix else path, what)
    rows.add(what, place)
    return place
