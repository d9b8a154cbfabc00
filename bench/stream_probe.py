"""The real window while a service streams: how long the UI thread is busy, and for how long.

    python -m bench.stream_probe HOME DELTAS

Asks the default service of HOME; prints one JSON object when the answer has ended.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from PySide6.QtCore import QAbstractEventDispatcher, Qt, QTimer

from app.chat import Chat
from app.engine import Engine
from app.ui.window import MainWindow
from bench.driving import ask, live

SAMPLE_EVERY = 50
TICK_MS = 4
SETTLED_MS = 3000  # when what follows the start is done


class Busy:
    """How long the UI thread answers nothing, in ms: seen by a clock, and as CPU without a rest."""

    def __init__(self) -> None:
        self.gap_ms = self.cpu_ms = 0.0
        self._ticked, self._cpu = time.perf_counter(), time.thread_time()
        self._tick = QTimer(timerType=Qt.TimerType.PreciseTimer, interval=TICK_MS)
        self._tick.timeout.connect(self._on_tick)
        self._tick.start()
        dispatcher = QAbstractEventDispatcher.instance()
        assert dispatcher
        dispatcher.aboutToBlock.connect(self._on_about_to_block)

    def _on_tick(self) -> None:
        now = time.perf_counter()
        self.gap_ms = max(self.gap_ms, (now - self._ticked) * 1000 - TICK_MS)
        self._ticked = now

    def _on_about_to_block(self) -> None:
        cpu = time.thread_time()
        self.cpu_ms = max(self.cpu_ms, (cpu - self._cpu) * 1000)
        self._cpu = cpu


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
                        "gap_ms": busy[0].gap_ms,
                        "stretch_ms": busy[0].cpu_ms,
                    }
                ),
                flush=True,
            )
            window.close()

    ask(window, engine, "Write a long answer.", follow)


def begin(window: MainWindow, engine: Engine) -> None:
    QTimer.singleShot(SETTLED_MS, window, lambda: watch(window, engine, int(sys.argv[2])))


if __name__ == "__main__":
    live(Path(sys.argv[1]), begin)
