"""Saves something where the person says.

Invariant: asks for the file first and tells when it could not be written; never blocks.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

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
        write(path)
    except OSError as problem:
        box = QMessageBox(
            QMessageBox.Icon.Warning,
            title,
            tr("The file could not be saved: {reason}", reason=problem.strerror or problem),
            parent=parent,
        )
        box.finished.connect(box.deleteLater)
        box.open()


def text_writer(text: str) -> Write:
    """Writes `text` with a line end."""
    return lambda path: path.write_text(text + "\n", encoding="utf-8", errors="replace")
