"""Draws what the library tells: rows that came, went or changed, answers that began or ended."""

from __future__ import annotations

from PySide6.QtCore import QTimer

from app.i18n import tr
from app.library import Library, LibraryChange, LibraryEvent
from app.ui.window import MainWindow


class LibraryWatch:
    """From its making until `close`."""

    def __init__(self, library: Library, window: MainWindow) -> None:
        self._library = library
        self._window = window
        self._told = ""
        self._due = QTimer(window, singleShot=True, interval=0)
        self._due.timeout.connect(self._show_rows)
        self._turn = QTimer(window, singleShot=True, interval=0)
        """Runs until the loop comes round: what is told meanwhile is drawn together."""
        self._unsubscribe = library.subscribe(self._on_library_changed)

    def close(self) -> None:
        self._due.stop()
        self._turn.stop()
        self._unsubscribe()

    def _on_library_changed(self, change: LibraryChange) -> None:
        window = self._window
        match change.kind:
            case LibraryEvent.LIST | LibraryEvent.ROW:
                # Much is told with a question, and with a deed for many chats: drawn after it.
                if self._library.replying() or self._turn.isActive():
                    self._due.start()
                else:
                    self._turn.start()
                    self._show_rows()
            case LibraryEvent.REPLYING:
                window.sidebar.show_replying()
            case LibraryEvent.PROBLEM:
                self._tell_problem()
            case LibraryEvent.ENDED:
                pass  # the desktop's notices see to it

    def _show_rows(self) -> None:
        self._window.sidebar.refresh()
        self._window.follow_chat()

    def _tell_problem(self) -> None:
        """What is wrong; and when it is over, that it is."""
        problem, before = self._library.problem or "", self._told
        self._told = problem
        notice = self._window.notice
        if problem:
            notice.show_text(problem)
        elif notice.isVisible() and notice.text == before:
            notice.show_text(tr("Everything is saved now."))
