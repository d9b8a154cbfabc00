"""Backing up everything into a folder that the person chooses, as a part of a page.

Invariant: it copies in the background; what came of it is said beside the button.
"""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from app.build import NAME
from app.house import House
from app.i18n import tr
from app.ui.desktop import open_folder
from app.ui.notices import announce
from app.ui.settings.rows import muted
from app.ui.theme import SPACE


class BackupRow(QWidget):
    """`into(folder)` is what the dialog leads to."""

    def __init__(self, house: House) -> None:
        super().__init__()
        self._house = house
        self._made: Path | None = None
        self.button = QPushButton(tr("Back up…"))
        self.show_button = QPushButton(tr("Open folder"))
        self.show_button.setAccessibleName(tr("Open the folder of the copy"))
        self.words = muted(
            tr(
                "A copy of all chats, attachments and settings; keys stay in the keyring. It can "
                "be brought back, and it is a folder like this one: {name} --home FOLDER opens it.",
                name=NAME,
            ),
            kind="caption",
        )
        row = QHBoxLayout()
        row.setSpacing(SPACE.m)
        row.addWidget(self.button)
        row.addWidget(self.show_button)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE.s)
        column.addLayout(row)
        column.addWidget(self.words)
        self.show_button.hide()
        self.button.clicked.connect(self._on_clicked)
        self.show_button.clicked.connect(self._on_show_clicked)

    def into(self, folder: Path) -> None:
        """Make the copy in a new folder in `folder`."""
        self.show_button.hide()
        self._say(tr("Copying…"))
        self._house.back_up(folder, self._on_done)

    def _on_clicked(self) -> None:
        dialog = QFileDialog(self, tr("Where shall the copy lie?"))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.fileSelected.connect(lambda path: self.into(Path(path)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _on_done(self, made: Path, problem: str) -> None:
        self._made = made
        self.show_button.setVisible(not problem)
        self._say(problem or tr("Everything was copied to {folder}.", folder=made))

    def _say(self, text: str) -> None:
        self.words.setText(text)
        announce(self.words, text)

    def _on_show_clicked(self) -> None:
        if self._made is not None:
            open_folder(self._made)
