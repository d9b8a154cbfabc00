"""The licences: every part of the program at the side, the words of its licence beside it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.build import TITLE
from app.house import House
from app.i18n import tr
from app.parts import Part
from app.ui.settings.navigation import Entries, Entry
from app.ui.settings.rows import muted
from app.ui.theme import SPACE, Theme

SIZE_PX = (920, 620)
SMALLEST_PX = (520, 320)
LIST_PX = 230


class Licences(QDialog):
    """Opened with `open()`; deletes itself when closed. The parts are read in a thread."""

    def __init__(self, theme: Theme, house: House, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Licences"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(*SIZE_PX)
        self.setMinimumSize(*SMALLEST_PX)
        self._parts: dict[str, Part] = {}
        self.entries = Entries(theme, tr("Parts of the program"))
        self.text = QPlainTextEdit()
        self.text.setReadOnly(True)
        self.text.setTabChangesFocus(True)
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.WidgetWidth)
        self.text.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self._build()
        self.entries.currentItemChanged.connect(lambda *_: self._show_chosen())
        self._closed = False
        house.find_parts(self._on_parts)

    def _build(self) -> None:
        heading = QLabel(tr("Licences"))
        heading.setProperty("kind", "heading")
        split = QHBoxLayout()
        split.setSpacing(SPACE.m)
        self.entries.setFixedWidth(LIST_PX)
        split.addWidget(self.entries)
        split.addWidget(self.text, 1)
        close = QPushButton(tr("Close"))
        close.clicked.connect(self.reject)
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(close)
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE.xl, SPACE.xl, SPACE.xl, SPACE.l)
        column.setSpacing(SPACE.m)
        column.addWidget(heading)
        column.addWidget(
            muted(
                tr(
                    "{title} is free software under the MIT licence. Qt and FFmpeg in it are under "
                    "the LGPL: their libraries lie in the folder of the program as files of their "
                    "own, and you may put others in their place.",
                    title=TITLE,
                )
            )
        )
        column.addLayout(split, 1)
        column.addLayout(foot)

    def _on_parts(self, parts: tuple[Part, ...]) -> None:
        if self._closed:
            return
        self._parts = {f"{number}": part for number, part in enumerate(parts)}
        self.entries.show_entries(
            tuple(
                Entry(
                    key=key,
                    text=part.name,
                    second=" · ".join(filter(None, (part.version, part.licence))),
                )
                for key, part in self._parts.items()
            )
        )
        self.entries.setCurrentRow(0)
        self.entries.setFocus()

    def _show_chosen(self) -> None:
        part = self._parts.get(self.entries.chosen())
        if part is not None:
            self.text.setPlainText(part.text or part.licence)
            self.text.setAccessibleName(tr("Licence of {name}", name=part.name))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        # Enter belongs to no button here.
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not isinstance(
            self.focusWidget(), QPushButton
        ):
            return
        super().keyPressEvent(event)

    def done(self, result: int) -> None:
        self._closed = True
        super().done(result)
