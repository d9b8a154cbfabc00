"""The thread behind what is drawn and read: a mistake costs one thing, not all that follow."""

from __future__ import annotations

import threading
from queue import SimpleQueue

import pytest

from app.ui.worker import Worker


def test_a_mistake_does_not_end_the_work(monkeypatch: pytest.MonkeyPatch) -> None:
    told: SimpleQueue[str] = SimpleQueue()
    monkeypatch.setattr(threading, "excepthook", lambda args: told.put(str(args.exc_value)))
    done = threading.Event()

    def work(thing: str) -> None:
        if thing == "wrong":
            raise ValueError(thing)
        done.set()

    worker = Worker[str]("worker", work)
    worker.put("wrong")
    worker.put("right")
    assert done.wait(10)
    assert told.get(timeout=10) == "wrong"
    assert told.empty()
