"""Where pictures come in for the composer: the file dialog, the clipboard, a drop on the window.

Invariant: nothing that was chosen, pasted or dropped is ignored without a word.
"""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QMimeData, QObject, QStandardPaths, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from app.i18n import tr, trn
from app.ui.attaching import NAME_FILTERS, Attached, Attaching
from app.ui.composer import Composer


class AttachDesk(QObject):
    """`noticed` carries a sentence about what could not be attached."""

    noticed = Signal(str)

    def __init__(self, attaching: Attaching, composer: Composer, window: QWidget) -> None:
        super().__init__(window)
        self._attaching = attaching
        self._composer = composer
        self._window = window
        self._folder = ""
        composer.attachRequested.connect(self.choose_files)
        composer.field.mimePasted.connect(self.take)

    def choose_files(self) -> None:
        """Open the desktop's file dialog; it does not block the window."""
        dialog = QFileDialog(self._window, tr("Attach pictures"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        dialog.setNameFilters(
            [tr("Pictures") + f" ({' '.join(NAME_FILTERS)})", tr("All files") + " (*)"]
        )
        pictures = QStandardPaths.StandardLocation.PicturesLocation
        dialog.setDirectory(self._folder or QStandardPaths.writableLocation(pictures))
        dialog.filesSelected.connect(self._on_files_selected)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def take(self, source: QMimeData) -> None:
        """Attach what was pasted or dropped."""
        self._add(self._attaching.mime(source))

    def _on_files_selected(self, names: list[str]) -> None:
        paths = [Path(name) for name in names]
        if paths:
            self._folder = str(paths[0].parent)
        self._add(self._attaching.files(paths))

    def _add(self, attached: Attached) -> None:
        for media in attached.media:
            self._composer.chips.add(media)
        if len(attached.refused) == 1:
            self.noticed.emit(attached.refused[0])
        elif attached.refused:
            self.noticed.emit(
                trn(
                    "{count} thing could not be attached: {first}",
                    "{count} things could not be attached. The first: {first}",
                    len(attached.refused),
                    first=attached.refused[0],
                )
            )
        self._composer.field.setFocus()
