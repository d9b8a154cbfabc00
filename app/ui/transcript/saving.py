"""Saves a block of code where the person says.

Invariant: asks for the file first and tells when it could not be written; never blocks.
"""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from app.i18n import tr


def offer_to_save(text: str, name: str, parent: QWidget) -> None:
    """Ask for a file, `name` proposed, and write `text` there."""
    dialog = QFileDialog(parent, tr("Save code"))
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.selectFile(name)
    dialog.fileSelected.connect(lambda path: write(Path(path), text, parent))
    dialog.finished.connect(dialog.deleteLater)
    dialog.open()


def write(path: Path, text: str, parent: QWidget) -> None:
    """Write `text` with a line end; a failure is told in a box of its own."""
    try:
        path.write_text(text + "\n", encoding="utf-8", errors="replace")
    except OSError as problem:
        box = QMessageBox(
            QMessageBox.Icon.Warning,
            tr("Save code"),
            tr("The file could not be saved: {reason}", reason=problem.strerror or problem),
            parent=parent,
        )
        box.finished.connect(box.deleteLater)
        box.open()
