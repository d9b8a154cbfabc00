"""`linnet --selftest`: tries every part that a package can lack, and prints what it found as JSON.

Invariant: it ends by itself, with 0 only when everything works; it asks no service, and without
`--home` it touches nothing of the person's; without a display the window is drawn nowhere. For
whoever builds, installs or reports a mistake.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtWidgets import QApplication

from app.build import NAME
from app.call import read_call
from app.selftest import parts
from app.selftest.parts import Found
from app.selftest.window import try_window
from app.ui import desktop


def main(arguments: Sequence[str]) -> int:
    """Try everything; the exit code."""
    if not desktop.has_display():
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    desktop.prepare()
    application = QApplication([NAME])
    application.setQuitOnLastWindowClosed(False)
    desktop.identify(application)
    home = read_call(arguments).home
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        found = _try_all(application, home or Path(folder))
    wrong = sorted(name for name, part in found.items() if "error" in part)
    print(json.dumps({"ok": not wrong, "wrong": wrong, **found}, indent=1), flush=True)
    return 1 if wrong else 0


def _try_all(application: QApplication, home: Path) -> dict[str, Found]:
    tried = (
        ("program", parts.program),
        ("files", parts.files),
        ("tls", parts.tls),
        ("keyring", parts.keyring),
        ("pictures", parts.pictures),
        ("documents", parts.documents),
        ("media", parts.media),
        ("printing", parts.printing),
        ("code", parts.code),
        ("formulas", parts.formulas),
        ("signatures", parts.signatures),
        ("window", lambda: try_window(application, home)),
    )
    return {name: _tried(part) for name, part in tried}


def _tried(part: Callable[[], Found]) -> Found:
    """What a part says of itself, or what is wrong with it."""
    try:
        return part()
    except Exception as error:  # a package can lack anything
        return {"error": f"{type(error).__name__}: {error}"}
