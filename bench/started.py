"""The program as `linnet` starts it. Says when it painted; then asks the demo and says its end."""

from __future__ import annotations

import sys
import time

from app import main as program

# isort: split
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QAbstractButton


class Watched(program.MainWindow):
    """The main window, telling the one who measures."""

    def __init__(self, *given: object) -> None:
        super().__init__(*given)  # type: ignore[arg-type]
        self.painted.connect(self._tell)

    def _tell(self) -> None:
        print("painted", time.monotonic(), flush=True)
        if "--ask" in sys.argv:
            QTimer.singleShot(500, self, self._ask)

    def _ask(self) -> None:
        self.page.composer.set_unsent("What can you show me?", ())
        buttons = self.findChildren(QAbstractButton)
        next(b for b in buttons if b.accessibleName() == "Send").click()
        (chat_id,) = self._library.replying()
        chat = self._library.open(chat_id)
        chat.subscribe(lambda _: chat.draft or print("answered", time.monotonic(), flush=True))


program.MainWindow = Watched  # type: ignore[misc]
sys.exit(program.main(sys.argv[1:]))
