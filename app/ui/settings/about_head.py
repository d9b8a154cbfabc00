"""The name of the program with its mark, and the versions that it consists of."""

from __future__ import annotations

import platform

import PySide6
from PySide6.QtCore import Qt, Signal, qVersion
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app import __version__
from app.build import HOMEPAGE, TITLE
from app.i18n import tr
from app.ui.settings.rows import Rows, muted
from app.ui.theme import SPACE, Theme
from app.ui.welcome import Mark

MARK_PX = 48


class AboutHead(QWidget):
    """`pageRequested` carries the address of the program's page, where it has one."""

    pageRequested = Signal(str)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        name = QLabel(f"{TITLE} {__version__}")
        name.setProperty("kind", "title")
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(name)
        words.addWidget(muted(tr("Free software under the MIT licence.")))
        if HOMEPAGE:
            page = QPushButton(tr("The page of the program…"))
            page.setProperty("kind", "link")
            page.clicked.connect(lambda: self.pageRequested.emit(HOMEPAGE))
            words.addWidget(page, 0, Qt.AlignmentFlag.AlignLeft)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACE.m)
        row.addWidget(Mark(theme, MARK_PX), 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, 1)


def add_versions(rows: Rows, package: str) -> None:
    """Rows with what runs here. `package` is the kind of package it came in."""
    kind = package or tr("from its source")
    for what, value in (
        (tr("Version"), tr("{version} ({kind})", version=__version__, kind=kind)),
        ("Python", platform.python_version()),
        ("Qt", f"{qVersion()} (PySide6 {PySide6.__version__})"),
    ):
        label = muted(value, kind="")
        label.setAlignment(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeading)
        label.setAccessibleName(f"{what}: {value}")
        rows.add(what, label)
