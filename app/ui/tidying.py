"""Collects garbage on the thread of the window, in steps that nobody notices.

Invariant: Python's own collector stays off while the window lives. It runs in whatever thread
allocates, and an object of Qt that dies in a worker's thread takes the program with it; and its
longest runs would be the longest gap while an answer streams. Each step looks through what is new
since the last one; all is looked through only while the person is elsewhere.
"""

from __future__ import annotations

import gc
import linecache
import time
from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtGui import QGuiApplication

LOOK_MS = 250
SETTLED_AFTER_MS = 1500
MANY_NEW = 5_000
"""So many new objects are looked through in about two milliseconds."""
WHOLE_AFTER_S = 600.0
WHOLE_AT_LAST_AFTER_S = 3600.0
"""Then all is looked through even while somebody may be looking: a tenth of a second."""


class Tidying(QObject):
    """`busy()` says whether an answer is being written."""

    def __init__(
        self,
        busy: Callable[[], bool],
        parent: QObject,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(parent)
        self._busy = busy
        self._clock = clock
        self._whole_at = clock()
        gc.disable()
        self._timer = QTimer(self, interval=LOOK_MS)
        self._timer.timeout.connect(self.look)
        self._timer.start()
        QTimer.singleShot(SETTLED_AFTER_MS, self, self._settle)

    def close(self) -> None:
        """Leave the collector as it usually is."""
        self._timer.stop()
        gc.unfreeze()
        gc.enable()

    def look(self) -> None:
        """Tidy up if there is something to tidy and the moment is good."""
        since_s = self._clock() - self._whole_at
        away = QGuiApplication.applicationState() is not Qt.ApplicationState.ApplicationActive
        if since_s > (WHOLE_AFTER_S if away else WHOLE_AT_LAST_AFTER_S) and not self._busy():
            gc.unfreeze()
            self._collect()
            self._whole_at = self._clock()
        elif gc.get_count()[0] > MANY_NEW:
            self._collect()

    def _settle(self) -> None:
        """What the start has made stays: it is not looked through again."""
        # Qt's binding has read the sources of all modules; they lie here.
        linecache.clearcache()
        self._collect()

    def _collect(self) -> None:
        """What survives is taken for what stays, until all is looked through again."""
        gc.collect()
        gc.freeze()
