"""The real window over a database, with one answer of the demo in it, looked at as a picture."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from PySide6.QtCore import QSize, QTimer
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QApplication

from app.domain.message import Text
from app.domain.settings import Form
from app.engine import Engine
from app.engine import build as build_engine
from app.main import build, make_theme, run
from app.reply import Change
from app.selftest.parts import Found
from app.ui.instance import Instance
from app.ui.window import MainWindow

LIMIT_MS = 60_000
SETTLE_MS = 700
"""Until folds have closed and formulas are drawn."""
QUESTION = "What can you show me?"
COLOURS = 8
"""A picture of a working window has more."""


def try_window(application: QApplication, home: Path) -> Found:
    """Open it, ask, look, close it."""
    engine = build_engine(home)
    engine.paths.make()
    instance = Instance(engine.paths.data)
    if not instance.take():
        return {"error": f"Linnet is open on {home}"}
    engine.open()
    window = build(engine, make_theme(engine, application))
    found: Found = {"platform": QGuiApplication.platformName(), "sqlite": sqlite3.sqlite_version}
    window.filled.connect(lambda: _ask(window, engine, found))
    QTimer.singleShot(LIMIT_MS, window, window.close)
    window.show()
    run(application, engine, window, instance)
    if "characters" not in found:
        found["error"] = "no answer came in time"
    elif found["colours"] < COLOURS:
        found["error"] = "the window stays empty"
    return found


def _ask(window: MainWindow, engine: Engine, found: Found) -> None:
    """Ask the demo, and close the window when its answer is drawn."""
    chat = window.page.chat
    demo = next(each for each in engine.services.list() if each.form is Form.DEMO)
    chat.set_service(demo.id, None)
    chat.subscribe(lambda change: follow() if change is Change.STATE else None)

    def follow() -> None:
        if chat.draft is None and len(chat.conversation.path()) > 1:
            QTimer.singleShot(SETTLE_MS, window, look)

    def look() -> None:
        answer = chat.conversation.path()[-1]
        found["characters"] = sum(len(p.text) for p in answer.parts if isinstance(p, Text))
        picture = window.grab().toImage().scaled(QSize(200, 140))
        found["colours"] = _count_colours(picture)
        window.close()

    chat.send((Text(QUESTION),))


def _count_colours(picture: QImage) -> int:
    points = ((x, y) for x in range(picture.width()) for y in range(picture.height()))
    return len({picture.pixel(x, y) for x, y in points})
