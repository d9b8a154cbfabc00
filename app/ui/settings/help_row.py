"""Licences to read and diagnostics to copy, as a row of a page."""

from __future__ import annotations

from PySide6.QtCore import QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from app.config import Config
from app.house import House, Sizes
from app.i18n import tr
from app.ui.notices import announce
from app.ui.settings.diagnostics import diagnostics
from app.ui.settings.licences import Licences
from app.ui.settings.rows import muted
from app.ui.theme import SPACE, Theme

SAID_MS = 4000


class HelpRow(QWidget):
    """The sizes in the diagnostics are those that it was told last."""

    def __init__(self, theme: Theme, config: Config, house: House, package: str) -> None:
        super().__init__()
        self._theme = theme
        self._config = config
        self._house = house
        self._package = package
        self._sizes: Sizes | None = None
        self.licences = QPushButton(tr("Licences…"))
        self.copy_button = QPushButton(tr("Copy diagnostics"))
        self._said = muted(kind="good")
        self._unsay = QTimer(self, singleShot=True, interval=SAID_MS)
        self._unsay.timeout.connect(lambda: self._said.setText(""))
        row = QHBoxLayout()
        row.setSpacing(SPACE.m)
        row.addWidget(self.licences)
        row.addWidget(self.copy_button)
        row.addWidget(self._said, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE.s)
        column.addLayout(row)
        column.addWidget(
            muted(
                tr("Diagnostics hold versions and sizes: no key, no name, nothing that was said."),
                kind="caption",
            )
        )
        self.licences.clicked.connect(self._on_licences_clicked)
        self.copy_button.clicked.connect(self._on_copy_clicked)

    def take_sizes(self, sizes: Sizes) -> None:
        self._sizes = sizes

    def _on_licences_clicked(self) -> None:
        Licences(self._theme, self._house, self.window()).open()

    def _on_copy_clicked(self) -> None:
        text = diagnostics(self._house, self._package, self._config.settings, self._sizes)
        QGuiApplication.clipboard().setText(text)
        self._said.setText(tr("Copied."))
        announce(self._said, tr("Copied."))
        self._unsay.start()
