"""asyncio on the loop of Qt: order, delays, time limits that are never reached, long chains."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Callable, Coroutine, Iterator

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from app.loop import FEW_DELAYED, Loop


@pytest.fixture
def loop(qapp: QApplication) -> Iterator[Loop]:
    hooks = sys.get_asyncgen_hooks()
    with Loop(qapp) as made:
        yield made
    sys.set_asyncgen_hooks(*hooks)
    asyncio.set_event_loop(None)


def run(loop: Loop, work: Coroutine[object, object, None]) -> None:
    loop.run_until_complete(work)


async def until(is_so: Callable[[], bool]) -> None:
    while not is_so():  # noqa: ASYNC110 - the loop itself is what is tried
        await asyncio.sleep(0)


def test_steps_run_in_the_order_they_came(loop: Loop) -> None:
    found: list[str] = []

    async def work() -> None:
        loop.call_later(0.01, found.append, "later")
        loop.call_later(0.002, found.append, "soon")
        for number in range(3):
            loop.call_soon(found.append, str(number))
        cancelled = loop.call_later(0.001, found.append, "never")
        loop.call_soon(found.append, "nor this").cancel()
        cancelled.cancel()
        await until(lambda: len(found) == 5)

    run(loop, work())
    assert found == ["0", "1", "2", "soon", "later"]


def test_a_delay_is_not_cut_short(loop: Loop) -> None:
    async def work() -> None:
        due_at = time.monotonic() + 0.0123
        came = loop.create_future()
        loop.call_later(0.0123, lambda: came.set_result(time.monotonic()))
        assert await came >= due_at

    run(loop, work())


def test_time_limits_leave_nothing_behind(loop: Loop) -> None:
    async def work() -> None:
        for _ in range(10 * FEW_DELAYED):
            async with asyncio.timeout(100):
                await asyncio.sleep(0)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.005):
                await loop.create_future()

    run(loop, work())
    assert len(loop._steps._delayed) <= 2 * FEW_DELAYED


def test_many_steps_leave_the_window_its_turn(loop: Loop) -> None:
    turns: list[None] = []

    async def busy() -> None:
        await until(lambda: len(turns) >= 3)

    timer = QTimer(interval=1)
    timer.timeout.connect(lambda: turns.append(None))
    timer.start()
    run(loop, busy())


def test_a_step_may_wait_for_another_one(loop: Loop, qapp: QApplication) -> None:
    found: list[str] = []

    def wait() -> None:
        loop.call_soon(found.append, "inner")
        while not found:
            qapp.processEvents()
        found.append("outer")

    async def work() -> None:
        loop.call_soon(wait)
        await until(lambda: len(found) == 2)

    run(loop, work())
    assert found == ["inner", "outer"]


def test_the_last_steps_know_their_loop(loop: Loop) -> None:
    found: list[object] = []

    def note(rest: int) -> None:
        found.append(asyncio._get_running_loop())
        if rest:
            loop.call_soon(note, rest - 1)

    async def work() -> None:
        loop.call_soon(note, 5)

    run(loop, work())
    assert set(found) == {loop}
