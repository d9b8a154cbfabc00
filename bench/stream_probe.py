"""The real window while a service streams: what the UI thread does, and for how long.

    python -m bench.stream_probe HOME

Asks the default service of HOME; prints one JSON object when the answer has ended.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import psutil
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QAbstractButton

from app.chat import Chat
from app.engine import Engine
from app.ui.window import MainWindow
from bench.clocks import Busy, Frames, cpu_ms
from bench.driving import live, send, typed

SAMPLE_EVERY = 25
SETTLED_MS = 3000  # when what follows the start is done
TYPED_MS = 500
AFTERWARDS_MS = 700  # what the end of an answer brings along belongs to it


class Watch:
    """From the click on Send until a moment after the end."""

    def __init__(self, window: MainWindow, frames: Frames) -> None:
        self._window = window
        self._frames = frames
        self._layout = window.page.transcript.stage.layout
        self._full_at: int | None = None
        """The delta with which the view was full: before, an update costs less."""
        self._process = psutil.Process()
        self._seen = 0
        self._samples: list[float] = []
        self._updates: list[tuple[int, float]] = []
        self._process_s = self._used_s()
        frames.take()
        self._busy = Busy()
        self._cpu = cpu_ms()
        self._start = time.perf_counter()

    def follow(self, chat: Chat) -> None:
        self._seen += 1
        self._updates += [(self._seen, frame) for frame in self._frames.take()]
        if self._full_at is None and self._layout.total_px > self._layout.viewport_px:
            self._full_at = self._seen
        if self._seen % SAMPLE_EVERY == 0:
            self._samples.append(cpu_ms())
        if chat.draft is None:
            self._chat_ended = time.perf_counter()
            QTimer.singleShot(AFTERWARDS_MS, self._window, self._tell)

    def _tell(self) -> None:
        self._busy.stop()
        memory = [each.memory_full_info() for each in self._all()]
        found = {
            "deltas": self._seen,
            "full_at": self._full_at,
            "samples": self._samples,
            "updates": self._updates,
            "stretch_ms": self._busy.longest_ms,
            "stretch_gc_ms": self._busy.longest_with_gc_ms,
            "gap_ms": self._busy.longest_gap_ms,
            "longest": self._busy.longest(),
            "ui_s": (cpu_ms() - self._cpu - self._busy.own_ms) / 1000,
            "cpu_s": self._used_s() - self._process_s,
            "wall_s": time.perf_counter() - self._start,
            "memory_mb": sum(getattr(each, "pss", each.rss) for each in memory) / 1e6,
            "rss_mb": memory[0].rss / 1e6,
        }
        print(json.dumps(found), flush=True)
        self._window.close()

    def _used_s(self) -> float:
        """What the program has used, with the process that draws its formulas."""
        all_times = [each.cpu_times() for each in self._all()]
        return float(sum(times.user + times.system for times in all_times))

    def _all(self) -> list[psutil.Process]:
        return [self._process, *self._process.children(recursive=True)]


def main(home: Path) -> None:
    frames = Frames()
    frames.install()

    def begin(window: MainWindow, engine: Engine) -> None:
        button = typed(window, "Write a long answer.")
        QTimer.singleShot(TYPED_MS, window, lambda: press(window, engine, button))

    def press(window: MainWindow, engine: Engine, button: QAbstractButton) -> None:
        watch = Watch(window, frames)
        send(window, engine, button, watch.follow)

    live(
        home,
        lambda window, engine: QTimer.singleShot(SETTLED_MS, window, lambda: begin(window, engine)),
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
