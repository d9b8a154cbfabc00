"""What a start, a link or the desktop asks of the window that is there, and how macOS asks it.

Invariant: a question is filled in and never sent. What comes before somebody listens is kept until
then.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

from PySide6.QtCore import QEvent, QMimeData, QObject, QUrl
from PySide6.QtGui import QFileOpenEvent
from PySide6.QtWidgets import QApplication

from app.call import Call
from app.ui.window import MainWindow


def answer(window: MainWindow, call: Call) -> None:
    """Do in the filled `window` what `call` asks for."""
    if call.chat_id:
        window.open_chat(call.chat_id)
    if not call.starts_a_chat:
        return
    window.new_chat()
    field = window.page.composer.field
    if call.prompt:
        field.add_text(call.prompt)
    if call.files:
        files = QMimeData()
        files.setUrls([QUrl.fromLocalFile(str(file)) for file in call.files])
        field.mimePasted.emit(files)


class OpenEvents(QObject):
    """Made right after the application: a start by a file brings its event at once.

    Only macOS sends such events. Elsewhere nothing is watched: of each event of the program a
    filter would make a call of Python.
    """

    def __init__(self, application: QApplication, platform: str = sys.platform) -> None:
        super().__init__(application)
        self._kept: list[str] = []
        self._listener: Callable[[str], None] = self._kept.append
        if platform == "darwin":
            application.installEventFilter(self)

    def listen(self, listener: Callable[[str], None]) -> None:
        """Call `listener` with the address of each, from now on and for what has come."""
        self._listener = listener
        for word in self._kept:
            listener(word)
        self._kept.clear()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QFileOpenEvent):
            self._listener(bytes(event.url().toEncoded().data()).decode("ascii"))
            return True
        return super().eventFilter(watched, event)
