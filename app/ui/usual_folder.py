"""Where a dialog for files begins, before the person has chosen a folder in it.

Invariant: the folder is there. In one that is not, Qt begins where the program was started.
"""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QStandardPaths

_HOME = QStandardPaths.StandardLocation.HomeLocation


def usual_folder(kind: QStandardPaths.StandardLocation) -> str:
    """The person's folder for documents, or for pictures; home where there is none."""
    folders = map(QStandardPaths.writableLocation, (kind, _HOME))
    return next((folder for folder in folders if Path(folder).is_dir()), "")
