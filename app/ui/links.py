"""Opening a link: where it leads is shown first, and only web and mail addresses open at all.

Invariant: nothing opens without a person's yes to it or to its host, and what is shown is what is
opened.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

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


def host_of(address: str) -> str:
    """The host in its ASCII form: letters of other scripts can imitate known names."""
    return bytes(QUrl.toAce(QUrl(address).host()).data()).decode("ascii", "replace")


class LinkQuestion(QDialog):
    """Shows the whole address, with the host apart, before it opens. Opened with `open()`."""

    def __init__(
        self, address: str, parent: QWidget, trust: Callable[[str], object] | None = None
    ) -> None:
        """`trust` hears the host to which links are to open without the question; without it that
        is not offered."""
        super().__init__(parent)
        self._address = address
        self._tell_trusted = trust
        self.setWindowTitle(tr("Open a link"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(440)
        may_open = can_open(address)
        self._host = host_of(address)
        where = self._host or QUrl(address).path()
        heading = QLabel(
            tr("Open {host}?", host=where) if may_open else tr("This link cannot be opened.")
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
        self.trust = QCheckBox(
            tr("Open links to {host} without asking, until Linnet ends", host=self._host)
        )
        self.trust.setVisible(may_open and bool(self._host) and trust is not None)
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
        for widget in (heading, whole, sentence, self.trust):
            column.addWidget(widget)
        column.addLayout(row)
        self.open_button.setFocus()

    def _on_open_clicked(self) -> None:
        self.accept()
        if self._tell_trusted is not None and self.trust.isChecked():
            self._tell_trusted(self._host)
        open_link(self._address)

    def _on_copy_clicked(self) -> None:
        QGuiApplication.clipboard().setText(self._address)
        self.reject()
