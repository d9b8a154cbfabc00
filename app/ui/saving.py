"""Saves something where the person says.

Invariant: asks for the file first and tells when it could not be written; a file that is there
already is replaced only by a whole one.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from app.i18n import tr

Write = Callable[[Path], object]
"""Writes the file. Raises OSError."""


def offer_to_save(title: str, name: str, write: Write, parent: QWidget) -> None:
    """Ask for a file under `title`, `name` proposed, and have it written."""
    dialog = QFileDialog(parent, title)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.selectFile(name)
    dialog.fileSelected.connect(lambda path: save(title, Path(path), write, parent))
    dialog.finished.connect(dialog.deleteLater)
    dialog.open()


def save(title: str, path: Path, write: Write, parent: QWidget) -> None:
    """Have the file written; a failure is told in a box of its own."""
    try:
        write_whole(path, write, path.with_name(f".{path.name}.part"))
    except OSError as problem:
        box = QMessageBox(
            QMessageBox.Icon.Warning,
            title,
            tr("The file could not be saved: {reason}", reason=problem.strerror or problem),
            parent=parent,
        )
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.finished.connect(box.deleteLater)
        box.open()


def write_whole(path: Path, write: Write, part: Path) -> None:
    """Have `part` written, which then takes the place of `path`. Raises OSError."""
    try:
        write(part)
        os.replace(part, path)
    except BaseException:
        with suppress(OSError):
            part.unlink()
        raise


def text_writer(text: str) -> Write:
    """Writes `text` with a line end."""
    return lambda path: path.write_text(text + "\n", encoding="utf-8", errors="replace")
