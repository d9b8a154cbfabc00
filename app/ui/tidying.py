"""Collects garbage on the thread of the window, at moments when nobody notices.

Invariant: Python's own collector stays off while the window lives. It runs in whatever thread
allocates, and an object of Qt that dies in a worker's thread takes the program with it; and its
longest runs would be the longest gap while an answer streams.
"""

from __future__ import annotations

import gc
import linecache
from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer

LOOK_MS = 250
SETTLED_AFTER_MS = 1500
MANY_YOUNG = 5_000
"""So many new objects are looked through in about two milliseconds."""
WHOLE_EVERY = 80
"""Every so many looks all objects made since the start are gone through, when it is quiet."""


class Tidying(QObject):
    """`busy()` says whether an answer is being written."""

    def __init__(self, busy: Callable[[], bool], parent: QObject) -> None:
        super().__init__(parent)
        self._busy = busy
        self._looks = 0
        gc.disable()
        self._timer = QTimer(self, interval=LOOK_MS)
        self._timer.timeout.connect(self._on_look)
        self._timer.start()
        QTimer.singleShot(SETTLED_AFTER_MS, self, self._settle)

    def close(self) -> None:
        """Leave the collector as it usually is."""
        self._timer.stop()
        gc.enable()

    def _settle(self) -> None:
        """What the start has made stays: it is not looked through again."""
        # Qt's binding has read the sources of all modules; they lie here.
        linecache.clearcache()
        gc.collect()
        gc.freeze()

    def _on_look(self) -> None:
        self._looks += 1
        if self._looks >= WHOLE_EVERY and not self._busy():
            self._looks = 0
            gc.collect()
        elif gc.get_count()[0] > MANY_YOUNG:
            gc.collect(1)
