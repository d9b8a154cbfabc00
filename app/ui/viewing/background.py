"""Work of a pane on a thread, and its result carried back to the window's.

Invariant: a pane may go at any moment, while its work is going on: what carries the result belongs
to the work and not to the pane, so nothing speaks through an object that is being destroyed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from PySide6.QtCore import QObject, Qt, Signal

from app.ui.worker import Worker

Thing = TypeVar("Thing")
Found = TypeVar("Found")


class _Carrier(QObject):
    arrived = Signal(object, object)


class Background(Generic[Thing, Found]):
    """`work` is called on a thread and must not touch a widget; `done` hears what was asked and
    what was found, on the window's thread, while its receiver lives."""

    def __init__(
        self, name: str, work: Callable[[Thing], Found], done: Callable[[Thing, Found], None]
    ) -> None:
        self._work = work
        self._carrier = _Carrier()
        self._carrier.arrived.connect(done, Qt.ConnectionType.QueuedConnection)
        self._worker = Worker[Thing](name, self._run)

    def put(self, thing: Thing) -> None:
        self._worker.put(thing)

    def _run(self, thing: Thing) -> None:
        self._carrier.arrived.emit(thing, self._work(thing))
