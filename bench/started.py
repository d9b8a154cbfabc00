"""The program as `linnet` starts it, saying when it painted and when everything was to be seen.

With --ask also when the demo has answered.
"""

from __future__ import annotations

import gc
import sys
import time

gc.disable()  # as the start does, which imports the window after that

from app import main as program

# isort: split
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer

from app.ui.window import MainWindow

if TYPE_CHECKING:
    from app.chat import Chat
    from app.engine import Engine
    from app.ui.theme import Theme

fill = program.fill


class Watched(MainWindow):
    """The main window, telling the one who measures."""

    def __init__(self, *given: object) -> None:
        super().__init__(*given)  # type: ignore[arg-type]
        self.painted.connect(lambda: print("painted", time.monotonic(), flush=True))
        self.filled.connect(lambda: print("filled", time.monotonic(), flush=True))


def fill_and_ask(window: MainWindow, engine: Engine, theme: Theme) -> None:
    fill(window, engine, theme)
    if "--ask" in sys.argv:
        window.filled.connect(lambda: QTimer.singleShot(500, window, lambda: begin(window, engine)))


def begin(window: MainWindow, engine: Engine) -> None:
    from bench.driving import ask  # noqa: PLC0415 - it loads the whole program

    ask(window, engine, "What can you show me?", follow)


def follow(chat: Chat) -> None:
    if chat.draft is None:
        print("answered", time.monotonic(), flush=True)


vars(program).update(MainWindow=Watched, fill=fill_and_ask)
sys.exit(program.main(sys.argv[1:]))
