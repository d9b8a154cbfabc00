"""Bringing back a back-up or an exported chat, as a part of a page.

Invariant: it is looked at first, and the person is told what is in it before anything comes. It
works in the background, can be stopped, and what came of it is said beside the button.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QStandardPaths, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QFileDialog,
    QHBoxLayout,
    QMenu,
    QMessageBox,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.attachments.sizes import size_words
from app.attachments.work import Progress
from app.i18n import tr, trn
from app.restoring import Brought, Found, NotBrought, Restoring
from app.ui.notices import announce
from app.ui.settings.rows import muted
from app.ui.theme import SPACE
from app.ui.usual_folder import usual_folder

STEPS = 1000


class RestoreRow(QWidget):
    """`look_at(place)` is what the dialogs lead to. `ended` comes when something was added."""

    ended = Signal()

    def __init__(self, restoring: Restoring) -> None:
        super().__init__()
        self._restoring = restoring
        self._stop: Callable[[], None] | None = None
        self._doing = ""
        self.button = QPushButton(tr("Bring back"))
        self.button.setMenu(self._menu())
        self.cancel = QPushButton(tr("Cancel"))
        self.cancel.setAccessibleName(tr("Stop bringing back"))
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(tr("Progress of bringing back"))
        self.words = muted(
            tr("Adds the chats of a back-up to those that are here. Nothing here is replaced."),
            kind="caption",
        )
        row = QHBoxLayout()
        row.setSpacing(SPACE.m)
        row.addWidget(self.button)
        row.addWidget(self.cancel)
        row.addWidget(self.bar, 1)
        row.addStretch(0)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE.s)
        column.addLayout(row)
        column.addWidget(self.words)
        self.cancel.clicked.connect(self._on_cancel_clicked)
        self._show_working(None)

    def look_at(self, place: Path) -> None:
        """Find out what `place` holds, and ask whether it shall come."""
        self._show_working(self._restoring.look(place, self._on_progress, self._on_looked))

    def bring(self, found: Found, settings: bool) -> None:
        """Add what was found."""
        stop = self._restoring.bring(found, settings, self._on_progress, self._on_brought)
        self._show_working(stop)

    def _menu(self) -> QMenu:
        menu = QMenu(self)
        menu.addAction(tr("A back-up…"), self._choose_folder)
        menu.addAction(tr("A chat that was saved as JSON…"), self._choose_file)
        return menu

    def _choose_folder(self) -> None:
        dialog = QFileDialog(self, tr("Which back-up shall come back?"))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        self._open(dialog)

    def _choose_file(self) -> None:
        dialog = QFileDialog(self, tr("Which chat shall come back?"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setNameFilter(tr("Chats as JSON") + " (*.json)")
        self._open(dialog)

    def _open(self, dialog: QFileDialog) -> None:
        dialog.setDirectory(usual_folder(QStandardPaths.StandardLocation.DocumentsLocation))
        dialog.fileSelected.connect(lambda path: self.look_at(Path(path)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _on_progress(self, progress: Progress) -> None:
        if progress.words != self._doing:
            self._doing = progress.words
            self._say(f"{progress.words}…")
        self.bar.setRange(0, 0 if progress.share is None else STEPS)
        self.bar.setValue(round((progress.share or 0.0) * STEPS))

    def _on_looked(self, found: Found | NotBrought) -> None:
        self._show_working(None)
        if isinstance(found, NotBrought):
            self._say(found.sentence or tr("Nothing was changed."))
        elif not found.chats and not found.has_settings:
            self._restoring.drop(found)
            self._say(tr("There are no chats in it."))
        elif found.place.is_dir():
            self._ask(found)
        else:
            self.bring(found, settings=False)

    def _ask(self, found: Found) -> None:
        question = QMessageBox(self)
        question.setWindowTitle(tr("Bring back"))
        question.setIcon(QMessageBox.Icon.Question)
        question.setText(trn("Bring back {count} chat?", "Bring back {count} chats?", found.chats))
        question.setInformativeText("\n".join(_facts(found)))
        bring = question.addButton(tr("Bring back"), QMessageBox.ButtonRole.AcceptRole)
        question.addButton(QMessageBox.StandardButton.Cancel)
        question.setDefaultButton(bring)
        box = QCheckBox(tr("Use the settings of the back-up, too"), question)
        if found.has_settings:
            question.setCheckBox(box)
        else:
            box.hide()

        def answered(_: int) -> None:
            if question.clickedButton() is bring:
                self.bring(found, settings=box.isChecked())
            else:
                self._restoring.drop(found)
                self._say(tr("Nothing was changed."))
            question.deleteLater()

        question.finished.connect(answered)
        question.open()

    def _on_brought(self, brought: Brought | NotBrought) -> None:
        self._show_working(None)
        if isinstance(brought, Brought):
            self._say(" ".join(brought.sentences))
            self.ended.emit()
        else:
            self._say(brought.sentence or tr("Stopped. Everything is as it was before."))

    def _on_cancel_clicked(self) -> None:
        if self._stop is not None:
            self.cancel.setEnabled(False)
            self._say(tr("Stopping…"))
            self._stop()

    def _show_working(self, stop: Callable[[], None] | None) -> None:
        self._stop = stop
        self._doing = ""
        if stop is None and self.cancel.hasFocus():
            self.button.setEnabled(True)
            self.button.setFocus()
        self.button.setEnabled(stop is None)
        self.cancel.setEnabled(stop is not None)
        self.cancel.setVisible(stop is not None)
        self.bar.setVisible(stop is not None)
        if stop is not None:
            self.bar.setRange(0, 0)
            self.cancel.setFocus()

    def _say(self, text: str) -> None:
        self.words.setText(text)
        announce(self.words, text)


def _facts(found: Found) -> list[str]:
    said = [tr("They are added to what is here. Nothing here is replaced or deleted.")]
    if found.attachments:
        said.append(
            trn(
                "{count} attachment ({size}) is copied.",
                "{count} attachments ({size}) are copied.",
                len(found.attachments),
                size=size_words(found.attachments_bytes),
            )
        )
    if found.missing:
        said.append(
            trn(
                "{count} attachment is missing in the back-up.",
                "{count} attachments are missing in the back-up.",
                found.missing,
            )
        )
    if found.has_settings:
        said.append(
            tr(
                "If its settings are used, those of now are kept beside them in a file; "
                "keys stay as they are."
            )
        )
    return said
