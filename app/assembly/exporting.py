"""Printing and saving chats: the desk for it, made when it is first asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from app.chat import Chat
from app.i18n import tr
from app.ui.transcript.means import Means
from app.ui.window import MainWindow

if TYPE_CHECKING:
    from app.ui.export.desk import ExportDesk


class Exporting(QObject):
    """Listens to the window, and lives as long."""

    def __init__(self, means: Means, window: MainWindow) -> None:
        super().__init__(window)
        self._means = means
        self._window = window
        self._made: ExportDesk | None = None
        window.saveRequested.connect(self._save)
        window.printRequested.connect(self._print)

    def _save(self, chat: Chat) -> None:
        self._desk().save(chat)

    def _print(self, chat: Chat) -> None:
        self._desk().print(chat)

    def _desk(self) -> ExportDesk:
        from app.ui.export.desk import ExportDesk

        if self._made is None:
            self._made = ExportDesk(self._means, self._window)
            notice = self._window.notice
            self._made.noticed.connect(notice.show_text)
            self._made.busy.connect(lambda words, stop: notice.show_text(words, tr("Stop"), stop))
            self._window.closed.connect(self._made.stop)
        return self._made
