"""The real window while a service streams: how long the UI thread is busy, and for how long.

    python -m bench.stream_probe HOME DELTAS

Asks the default service of HOME; prints one JSON object when the answer has ended.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from PySide6.QtCore import QAbstractEventDispatcher

from app.chat import Chat
from app.engine import Engine
from app.ui.window import MainWindow
from bench.driving import ask, live

SAMPLE_EVERY = 50


class Busy:
    """The longest stretch between two rests of the event loop, in ms of wall and of CPU time."""

    def __init__(self) -> None:
        self.wall_ms = self.cpu_ms = 0.0
        self._wall, self._cpu = time.perf_counter(), time.thread_time()
        self._counting = False
        dispatcher = QAbstractEventDispatcher.instance()
        assert dispatcher
        dispatcher.awake.connect(self._on_awake)
        dispatcher.aboutToBlock.connect(self._on_about_to_block)

    def _on_awake(self) -> None:
        self._wall, self._cpu = time.perf_counter(), time.thread_time()
        self._counting = True

    def _on_about_to_block(self) -> None:
        if self._counting:
            self._counting = False
            self.wall_ms = max(self.wall_ms, (time.perf_counter() - self._wall) * 1000)
            self.cpu_ms = max(self.cpu_ms, (time.thread_time() - self._cpu) * 1000)


def watch(window: MainWindow, engine: Engine, deltas: int) -> None:
    samples: list[float] = []
    seen = 0
    busy: list[Busy] = []

    def follow(chat: Chat) -> None:
        nonlocal seen
        seen += 1
        if seen == SAMPLE_EVERY:  # what the first request imports is measured elsewhere
            busy.append(Busy())
        if seen % SAMPLE_EVERY == 0 and seen <= deltas:
            samples.append(time.thread_time())
        if chat.draft is None:
            quarter = len(samples) // 4
            per_delta = quarter * SAMPLE_EVERY
            print(
                json.dumps(
                    {
                        "first_ms": (samples[quarter] - samples[0]) * 1000 / per_delta,
                        "last_ms": (samples[-1] - samples[-1 - quarter]) * 1000 / per_delta,
                        "longest_wall_ms": busy[0].wall_ms,
                        "longest_cpu_ms": busy[0].cpu_ms,
                    }
                ),
                flush=True,
            )
            window.close()

    ask(window, engine, "Write a long answer.", follow)


if __name__ == "__main__":
    live(Path(sys.argv[1]), lambda window, engine: watch(window, engine, int(sys.argv[2])))
