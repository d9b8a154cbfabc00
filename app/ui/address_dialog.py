"""Asks where pictures and videos of a question lie, for a service that takes addresses only.

Invariant: nothing is asked and nothing fetched; what is given begins with https:// or http://. An
attachment without an address stays as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.attachments import RefusedError
from app.attachments.sources import at_address
from app.domain.kinds import kind_of
from app.domain.message import Media
from app.i18n import tr
from app.ui.theme import SPACE
from app.ui.tips import plain_tip

WIDE_PX = 520


class AddressDialog(QDialog):
    """`given` carries the attachments in their order, those with an address in place of the file.

    Opened with `open()`.
    """

    given = Signal(object)

    def __init__(self, media: Sequence[Media], service: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("Give an address"))
        self.setMinimumWidth(WIDE_PX)
        self._media = tuple(media)
        heading = QLabel(tr("Where does the same file lie on the web?"))
        heading.setProperty("kind", "heading")
        heading.setWordWrap(True)
        name = service or tr("The service")
        sentence = QLabel(tr("{service} fetches it from there by itself.", service=name))
        sentence.setProperty("kind", "muted")
        sentence.setTextFormat(Qt.TextFormat.PlainText)
        sentence.setWordWrap(True)
        form = QFormLayout()
        form.setSpacing(SPACE.m)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        self.fields = tuple(self._field(form, each) for each in self._media)
        self.problem = QLabel()
        self.problem.setProperty("kind", "danger")
        self.problem.setTextFormat(Qt.TextFormat.PlainText)
        self.problem.setWordWrap(True)
        self.problem.hide()
        self.send = QPushButton(tr("Ask again"))
        self.send.setProperty("kind", "primary")
        self.send.setDefault(True)
        self.send.setEnabled(False)
        self.send.clicked.connect(self._on_send)
        cancel = QPushButton(tr("Cancel"))
        cancel.clicked.connect(self.reject)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(cancel)
        row.addWidget(self.send)
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE.xl, SPACE.xl, SPACE.xl, SPACE.l)
        column.setSpacing(SPACE.m)
        column.addWidget(heading)
        column.addWidget(sentence)
        column.addLayout(form)
        column.addWidget(self.problem)
        column.addLayout(row)

    def _field(self, form: QFormLayout, media: Media) -> QLineEdit:
        name = media.name or kind_of(media).title
        label = QLabel(self.fontMetrics().elidedText(name, Qt.TextElideMode.ElideMiddle, 160))
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setToolTip(plain_tip(name))
        field = QLineEdit()
        field.setPlaceholderText("https://")
        field.setAccessibleName(tr("Address of {name}", name=name))
        field.textChanged.connect(self._on_changed)
        form.addRow(label, field)
        return field

    def _on_changed(self) -> None:
        self.problem.hide()
        self.send.setEnabled(any(field.text().strip() for field in self.fields))

    def _on_send(self) -> None:
        found: list[Media] = []
        for media, field in zip(self._media, self.fields, strict=True):
            url = field.text().strip()
            try:
                found.append(_moved(media, url) if url else media)
            except RefusedError as refused:
                self.problem.setText(str(refused))
                self.problem.show()
                field.setFocus()
                return
        self.accept()
        self.given.emit(tuple(found))


def _moved(media: Media, url: str) -> Media:
    """The same attachment, at its address. Raises RefusedError."""
    there = at_address(url)
    if not isinstance(there, Media):
        raise RefusedError(tr("This holds the file itself. Give an address of the web."))
    return replace(there, mime=there.mime or media.mime, name=media.name or there.name)
