"""Opening a link: where it leads is shown first, and only web and mail addresses open at all.

Invariant: nothing opens without a person's yes, and what is shown is what is opened.
"""

from __future__ import annotations

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app.i18n import tr
from app.ui.theme import SPACE

SCHEMES = frozenset({"http", "https", "mailto"})
LONGEST_SHOWN = 600


def can_open(address: str) -> bool:
    """Whether `address` is of a kind that may be opened."""
    url = QUrl(address, QUrl.ParsingMode.StrictMode)
    if not url.isValid() or url.scheme().lower() not in SCHEMES:
        return False
    return bool(url.host()) or url.scheme().lower() == "mailto"


def open_link(address: str) -> None:
    """Hand `address` to the system. Call it for addresses that a person chose only."""
    QDesktopServices.openUrl(QUrl(address))


class LinkQuestion(QDialog):
    """Shows the whole address, with the host apart, before it opens. Opened with `open()`."""

    def __init__(self, address: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._address = address
        self.setWindowTitle(tr("Open a link"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(440)
        may_open = can_open(address)
        url = QUrl(address)
        # The host in its ASCII form: letters of other scripts can imitate known names.
        host = bytes(QUrl.toAce(url.host()).data()).decode("ascii", "replace") or url.path()
        heading = QLabel(
            tr("Open {host}?", host=host) if may_open else tr("This link cannot be opened.")
        )
        heading.setProperty("kind", "heading")
        heading.setTextFormat(Qt.TextFormat.PlainText)
        heading.setWordWrap(True)
        whole = QLabel(address if len(address) <= LONGEST_SHOWN else address[:LONGEST_SHOWN] + "…")
        whole.setProperty("kind", "muted")
        whole.setTextFormat(Qt.TextFormat.PlainText)
        whole.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        whole.setWordWrap(True)
        whole.setAccessibleName(tr("Address: {address}", address=address))
        sentence = QLabel(tr("Only web and mail addresses open from a chat."))
        sentence.setVisible(not may_open)
        self.open_button = QPushButton(tr("Open"))
        self.open_button.setProperty("kind", "primary")
        self.open_button.setVisible(may_open)
        self.open_button.setDefault(may_open)
        self.copy_button = QPushButton(tr("Copy the address"))
        cancel = QPushButton(tr("Cancel"))
        self.open_button.clicked.connect(self._on_open_clicked)
        self.copy_button.clicked.connect(self._on_copy_clicked)
        cancel.clicked.connect(self.reject)
        row = QHBoxLayout()
        row.addStretch(1)
        for button in (cancel, self.copy_button, self.open_button):
            row.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE.xl, SPACE.xl, SPACE.xl, SPACE.l)
        column.setSpacing(SPACE.m)
        for label in (heading, whole, sentence):
            column.addWidget(label)
        column.addLayout(row)

    def _on_open_clicked(self) -> None:
        self.accept()
        open_link(self._address)

    def _on_copy_clicked(self) -> None:
        QGuiApplication.clipboard().setText(self._address)
        self.reject()
