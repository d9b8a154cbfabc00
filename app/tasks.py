"""Everything that runs beside the caller: tasks, timers and the calling of listeners.

Invariant: a task is held until it ends and has a name; a bug in a task, a timer or a listener goes
to `sys.excepthook` and stops nobody else. Time is asked for here alone, so that a test can pass a
clock of its own. Must not know what the tasks do.
"""

from __future__ import annotations

import asyncio
import random
import sys
import time
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar, TypeVarTuple

Given = TypeVarTuple("Given")
Result = TypeVar("Result")


class Timer(Protocol):
    def cancel(self) -> None: ...


def _call_later(delay_s: float, call: Callable[[], None]) -> Timer:
    return asyncio.get_running_loop().call_later(delay_s, guarded, call)


async def _wait(event: asyncio.Event, timeout_s: float) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(timeout_s):
            await event.wait()


def _jitter() -> float:
    return random.uniform(0.75, 1.25)


@dataclass(frozen=True, slots=True)
class Clock:
    """Where time comes from. `now` is Unix time, for what is written down; it may jump back.

    `monotonic` never goes back and is for durations. `wait` returns when the event is set or the
    seconds are over. `jitter` is the random factor of a delay (R41).
    """

    now: Callable[[], float] = time.time
    monotonic: Callable[[], float] = time.monotonic
    call_later: Callable[[float, Callable[[], None]], Timer] = _call_later
    wait: Callable[[asyncio.Event, float], Coroutine[Any, Any, None]] = _wait
    jitter: Callable[[], float] = _jitter


def guarded(call: Callable[[*Given], object], *given: *Given) -> None:
    """Call something of someone else's. A bug in it is told to `sys.excepthook`."""
    try:
        call(*given)
    except Exception as bug:
        sys.excepthook(type(bug), bug, bug.__traceback__)


class Listeners(Generic[*Given]):
    """Those who want to hear of something, in the order in which they came."""

    def __init__(self) -> None:
        self._listeners: list[Callable[[*Given], None]] = []

    def add(self, listener: Callable[[*Given], None]) -> Callable[[], None]:
        """Call `listener` from now on, until the returned function is called."""
        self._listeners.append(listener)

        def remove() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return remove

    def tell(self, *given: *Given) -> None:
        """Call each, also after one of them has failed."""
        for listener in tuple(self._listeners):
            guarded(listener, *given)


class Tasks:
    """The running tasks of one engine."""

    def __init__(self) -> None:
        self._running: set[asyncio.Task[Any]] = set()

    @property
    def running(self) -> tuple[str, ...]:
        """The names of the tasks that have not ended, for diagnostics and tests."""
        return tuple(sorted(task.get_name() for task in self._running))

    def spawn(self, work: Coroutine[Any, Any, Result], name: str) -> asyncio.Task[Result]:
        """Start `work` on the running loop and hold it. A bug goes to `sys.excepthook`."""
        task = asyncio.get_running_loop().create_task(work, name=name)
        self._running.add(task)
        task.add_done_callback(self._on_done)
        return task

    async def cancel_all(self) -> None:
        """End every task and wait until the last has cleaned up. The caller's own is left out."""
        while others := self._running - {asyncio.current_task()}:
            for task in others:
                task.cancel()
            await asyncio.wait(others)

    def _on_done(self, task: asyncio.Task[Any]) -> None:
        self._running.discard(task)
        if not task.cancelled() and (bug := task.exception()) is not None:
            sys.excepthook(type(bug), bug, bug.__traceback__)
