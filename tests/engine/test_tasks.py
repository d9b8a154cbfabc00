"""Tasks are held, bugs are told, and nothing is left at the end."""

from __future__ import annotations

import asyncio
import gc

import pytest

from app.tasks import Clock, Listeners, Tasks, guarded


@pytest.fixture
def bugs(monkeypatch: pytest.MonkeyPatch) -> list[BaseException]:
    found: list[BaseException] = []
    monkeypatch.setattr("sys.excepthook", lambda kind, bug, trace: found.append(bug))
    return found


async def bug() -> None:
    raise ZeroDivisionError


async def test_a_task_is_held_until_it_ends() -> None:
    tasks, go = Tasks(), asyncio.Event()
    tasks.spawn(go.wait(), "waits")
    await asyncio.sleep(0)
    gc.collect()
    assert tasks.running == ("waits",)
    go.set()
    await tasks.cancel_all()
    assert tasks.running == ()


async def test_a_bug_in_a_task_is_told(bugs: list[BaseException]) -> None:
    tasks = Tasks()
    with pytest.raises(ZeroDivisionError):
        await tasks.spawn(bug(), "bug")
    assert [type(found) for found in bugs] == [ZeroDivisionError]


async def test_cancelling_waits_for_the_last_cleaning_up(bugs: list[BaseException]) -> None:
    tasks = Tasks()
    cleaned: list[str] = []

    async def slow_to_end() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            tasks.spawn(asyncio.Event().wait(), "begun while cleaning up")
            cleaned.append("done")

    tasks.spawn(slow_to_end(), "slow")
    await asyncio.sleep(0)
    await tasks.cancel_all()
    assert (cleaned, tasks.running, bugs) == (["done"], (), [])


async def test_whoever_cancels_all_is_left_out() -> None:
    tasks = Tasks()
    tasks.spawn(asyncio.Event().wait(), "other")
    await tasks.spawn(tasks.cancel_all(), "the end")


def test_a_bug_in_a_listener_stops_nobody_else(bugs: list[BaseException]) -> None:
    listeners = Listeners[int]()
    heard: list[int] = []
    listeners.add(lambda number: heard.append(1 // number))
    leave = listeners.add(heard.append)
    listeners.tell(0)
    assert heard == [0]
    assert len(bugs) == 1
    leave()
    listeners.tell(1)
    assert heard == [0, 1]


def test_a_listener_may_leave_while_it_is_told() -> None:
    listeners = Listeners[()]()
    heard: list[str] = []

    def once() -> None:
        leave()
        heard.append("once")

    leave = listeners.add(once)
    listeners.add(lambda: heard.append("always"))
    listeners.tell()
    listeners.tell()
    assert heard == ["once", "always", "always"]


async def test_the_real_clock_waits_and_calls(bugs: list[BaseException]) -> None:
    clock = Clock()
    called, never = asyncio.Event(), asyncio.Event()
    clock.call_later(0.001, called.set)
    clock.call_later(60.0, never.set).cancel()
    clock.call_later(0.0, lambda: 1 // 0)
    await clock.wait(called, 5.0)
    assert called.is_set()
    before = clock.monotonic()
    await clock.wait(never, 0.001)
    assert clock.monotonic() >= before
    assert [type(found) for found in bugs] == [ZeroDivisionError]
    assert clock.now() > 1_700_000_000


def test_keyboard_interrupt_is_no_bug(bugs: list[BaseException]) -> None:
    def interrupted() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        guarded(interrupted)
    assert bugs == []
