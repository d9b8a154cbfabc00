"""A thread that works off one thing after the other, and ends when there is nothing to do.

Invariant: what is put in is worked on in order, off the caller's thread; nobody has to end it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from queue import Empty, SimpleQueue
from typing import Generic, TypeVar

IDLE_S = 0.2

Thing = TypeVar("Thing")


class Worker(Generic[Thing]):
    """`work` is called on the thread; it tells the result by itself."""

    def __init__(self, name: str, work: Callable[[Thing], None]) -> None:
        self._name = name
        self._work = work
        self._things: SimpleQueue[Thing] = SimpleQueue()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def put(self, thing: Thing) -> None:
        with self._lock:
            self._things.put(thing)
            if self._thread is None:
                self._begin()

    def _begin(self) -> None:
        self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._work_off()
        except BaseException:
            with self._lock:  # a mistake costs one thing, not all that come after it
                self._thread = None
                if not self._things.empty():
                    self._begin()
            raise

    def _work_off(self) -> None:
        while True:
            try:
                thing = self._things.get(timeout=IDLE_S)
            except Empty:
                with self._lock:
                    if self._things.empty():
                        self._thread = None
                        return
            else:
                self._work(thing)
