"""Where there is no display: one demo question through the real window, unseen.

Prints the answer as it streams and the path of the picture that it took at the end.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QTimer

from app.chat import Chat
from app.domain.message import Text
from app.engine import Engine
from app.ui.window import MainWindow
from bench.driving import ask, live

QUESTION = "What can you show me?"
SETTLE_MS = 700  # until folds have closed and formulas are drawn
PICTURE = "linnet.png"


def text_of(chat: Chat) -> str:
    """What the model has said so far, or the whole answer once it is a message."""
    if chat.draft is not None:
        return chat.draft.text
    answer = chat.conversation.path()[-1]
    return "".join(part.text for part in answer.parts if isinstance(part, Text))


def play(window: MainWindow, engine: Engine) -> None:
    printed = 0

    def follow(chat: Chat) -> None:
        nonlocal printed
        text = text_of(chat)
        print(text[printed:], end="", flush=True)
        printed = max(printed, len(text))
        if chat.draft is None:
            QTimer.singleShot(SETTLE_MS, window, take_picture)

    def take_picture() -> None:
        path = Path(tempfile.gettempdir(), PICTURE)
        window.grab().save(str(path))
        print(f"\n\nThe window at the end: {path}")
        window.close()

    print(f"> {QUESTION}\n")
    ask(window, engine, QUESTION, follow)


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        home = sys.argv[sys.argv.index("--home") + 1] if "--home" in sys.argv else folder
        live(Path(home), play)
    return 0


if __name__ == "__main__":
    sys.exit(main())
