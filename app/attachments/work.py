"""Work on a thread: it tells how far it is, and hears when it is to stop.

Invariant: nothing is told after a stop; a stop reaches a running program at once (`on_stop`) and
all other work at its next `check`. Knows nothing of what is done.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import ParamSpec, TypeVar

Given = ParamSpec("Given")
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Progress:
    """`words` say what is being done; `share` is from 0 to 1, `None` where nobody knows."""

    words: str
    share: float | None = None


class StoppedError(Exception):
    """The person does not want it any more."""


class Work:
    """One piece of work. `tell` is called on the loop's thread where there is one."""

    def __init__(self, tell: Callable[[Progress], None] | None = None) -> None:
        self._listener = tell
        self._stopped = threading.Event()
        self._end: Callable[[], None] | None = None
        try:
            self._loop: asyncio.AbstractEventLoop | None = asyncio.get_running_loop()
        except RuntimeError:
            self._loop = None

    def tell(self, words: str, share: float | None = None) -> None:
        """Say how far it is. Raises StoppedError when nobody wants to hear it."""
        self.check()
        if self._listener is None:
            return
        progress = Progress(words, share)
        if self._loop is None:
            self._listener(progress)
        else:
            with suppress(RuntimeError):  # the loop is closed: the program ends
                self._loop.call_soon_threadsafe(self._pass_on, progress)

    def check(self) -> None:
        """Raises StoppedError after a stop."""
        if self._stopped.is_set():
            raise StoppedError

    def on_stop(self, end: Callable[[], None] | None) -> None:
        """Call `end` when it is stopped from now on, on any thread; `None` takes it back."""
        self._end = end
        if end is not None and self._stopped.is_set():
            end()

    def stop(self) -> None:
        self._stopped.set()
        if (end := self._end) is not None:
            end()

    async def run(
        self, function: Callable[Given, Result], *args: Given.args, **named: Given.kwargs
    ) -> Result:
        """Call `function` on a thread. When the task is cancelled, the work is stopped."""
        try:
            return await asyncio.to_thread(function, *args, **named)
        except asyncio.CancelledError:
            self.stop()
            raise

    def _pass_on(self, progress: Progress) -> None:
        if self._listener is not None and not self._stopped.is_set():
            self._listener(progress)
