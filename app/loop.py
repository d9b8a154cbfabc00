"""asyncio on the loop of Qt, at a price that suits hundreds of small steps a second.

Invariant: steps that are ready run one after another in the order they came, and after a few
milliseconds the window has its turn. One timer serves all delays: a time limit that is never
reached, of which each read from a connection sets one, is an entry in a list and no timer of Qt.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from heapq import heapify, heappop, heappush
from itertools import count
from math import ceil

import qasync
from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtWidgets import QApplication

TURN_S = 0.004
THREADS = 4  # qasync would start ten, with a megabyte or two of memory
FEW_DELAYED = 64
LONGEST_MS = 24 * 3600 * 1000


class Loop(qasync.QEventLoop):  # type: ignore[misc]
    """Runs what asyncio asks for; sockets and threads are qasync's matter."""

    def __init__(self, application: QApplication) -> None:
        self._steps = Steps(self._running)
        super().__init__(application)
        self.set_default_executor(qasync.QThreadExecutor(THREADS))

    def _add_callback(self, handle: asyncio.Handle, delay: float = 0) -> asyncio.Handle:
        self._steps.add(handle, delay)
        return handle

    @contextmanager
    def _running(self) -> Iterator[None]:
        """qasync takes the last events when it runs no more, and steps ask which loop runs."""
        before = asyncio._get_running_loop()
        asyncio._set_running_loop(self)
        try:
            yield
        finally:
            asyncio._set_running_loop(before)

    def close(self) -> None:
        super().close()
        self._steps.stop()


class Steps(QObject):
    """What is to be run, now or later, each heap within `running()`."""

    def __init__(
        self,
        running: Callable[[], AbstractContextManager[None]],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__()
        self._running = running
        self._clock = clock
        self._ready: deque[asyncio.Handle] = deque()
        self._delayed: list[tuple[float, int, asyncio.Handle]] = []
        self._numbers = count()
        self._sweep_at = FEW_DELAYED
        self._soon = QTimer(self, singleShot=True, interval=0)
        self._soon.timeout.connect(self._run_ready)
        self._later = QTimer(self, singleShot=True, timerType=Qt.TimerType.PreciseTimer)
        self._later.timeout.connect(self._take_due)
        self._due_at = 0.0

    def add(self, handle: asyncio.Handle, delay_s: float) -> None:
        """Run `handle` after so many seconds, unless it is cancelled before."""
        if delay_s <= 0:
            self._ready.append(handle)
            if not self._soon.isActive():
                self._soon.start()
            return
        at = self._clock() + delay_s
        heappush(self._delayed, (at, next(self._numbers), handle))
        if len(self._delayed) > self._sweep_at:
            self._sweep()
        if not self._later.isActive() or at < self._due_at:
            self._wait_until(at)

    def stop(self) -> None:
        """Run nothing any more."""
        self._ready.clear()
        self._delayed.clear()
        self._soon.stop()
        self._later.stop()

    def _run_ready(self) -> None:
        self._soon.start()  # a step may wait for another one in a loop of its own
        with self._running():
            self._run_some()
        if not self._ready:
            self._soon.stop()

    def _run_some(self) -> None:
        until = self._clock() + TURN_S
        for _ in range(len(self._ready)):
            if not self._ready:
                break
            handle = self._ready.popleft()
            if not handle.cancelled():
                handle._run()
            if self._clock() > until:
                break

    def _take_due(self) -> None:
        now = self._clock()
        while self._delayed and self._delayed[0][0] <= now:
            self.add(heappop(self._delayed)[2], 0)
        while self._delayed and self._delayed[0][2].cancelled():
            heappop(self._delayed)
        if self._delayed:
            self._wait_until(self._delayed[0][0])

    def _wait_until(self, at: float) -> None:
        self._due_at = at
        wait_ms = ceil((at - self._clock()) * 1000)
        self._later.start(min(max(0, wait_ms), LONGEST_MS))

    def _sweep(self) -> None:
        """Forget what was cancelled."""
        self._delayed = [entry for entry in self._delayed if not entry[2].cancelled()]
        heapify(self._delayed)
        self._sweep_at = max(FEW_DELAYED, 2 * len(self._delayed))
