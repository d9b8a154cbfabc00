"""The program as `linnet` starts it, saying when it painted; with --ask, when the demo answered."""

from __future__ import annotations

import gc
import sys
import time

from app.__main__ import main as start

gc.disable()  # as the start does, which imports the window after that

from app import main as program
from app.engine import Engine

# isort: split
from PySide6.QtCore import QTimer

from app.chat import Chat
from app.ui.theme import Theme
from app.ui.window import MainWindow
from bench.driving import ask

build = program.build


def build_and_tell(engine: Engine, theme: Theme) -> MainWindow:
    """The same window, telling the one who measures."""

    def on_painted() -> None:
        print("painted", time.monotonic(), flush=True)
        if "--ask" in sys.argv:
            QTimer.singleShot(500, window, begin)

    def begin() -> None:
        ask(window, engine, "What can you show me?", follow)

    def follow(chat: Chat) -> None:
        if chat.draft is None:
            print("answered", time.monotonic(), flush=True)

    window = build(engine, theme)
    window.painted.connect(on_painted)
    return window


program.build = build_and_tell
sys.exit(start(sys.argv[1:]))
