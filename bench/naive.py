"""The naive way: the whole text goes into a QTextBrowser again, 30 times a second.

    python -m bench.naive [TEXT]

Qt reads the Markdown itself, which is the fastest of the naive ways; the deltas come from a timer
and no network. Prints one JSON object when all is there.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication, QTextBrowser

from bench.clocks import Busy, cpu_ms
from bench.measure import Result
from bench.sample import TEXTS
from bench.streaming import PER_DELTA, PER_SECOND, Found, stream

RENDERS_PER_SECOND = 30


class Naive(QTextBrowser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self._text = text
        self._shown = 0
        self._start = time.perf_counter()
        self._timer = QTimer(
            self, timerType=Qt.TimerType.PreciseTimer, interval=1000 // RENDERS_PER_SECOND
        )
        self._timer.timeout.connect(self._render)
        self._timer.start()

    def _render(self) -> None:
        deltas = int((time.perf_counter() - self._start) * PER_SECOND)
        self._shown = min(len(self._text), deltas * PER_DELTA)
        self.setMarkdown(self._text[: self._shown])
        self.verticalScrollBar().setValue(self.verticalScrollBar().maximum())
        if self._shown == len(self._text):
            self._timer.stop()
            QTimer.singleShot(100, self, self.close)


def measure() -> Iterator[Result]:
    done = subprocess.run([sys.executable, "-m", "bench.naive"], stdout=subprocess.PIPE, check=True)
    naive: Found = json.loads(done.stdout)
    ours = stream("mixed")
    detail = f"{ours['ui_s']:.1f} against {naive['ui_s']:.1f} s of CPU"
    ratio = ours["ui_s"] / naive["ui_s"]
    yield Result("CPU, against rendering the whole text at 30 Hz", ratio, "times", None, detail)
    detail = f"{ours['stretch_gc_ms']:.0f} against {naive['stretch_ms']:.0f} ms"
    ratio = ours["stretch_gc_ms"] / naive["stretch_ms"]
    yield Result("Longest stretch, against the same", ratio, "times", None, detail)


def main(text: str = "mixed") -> None:
    application = QApplication(sys.argv)
    browser = Naive(TEXTS[text]())
    browser.resize(1000, 800)
    browser.show()
    busy, cpu, start = Busy(), cpu_ms(), time.perf_counter()
    application.exec()
    wall_s = time.perf_counter() - start
    stretch_ms = busy.longest_with_gc_ms
    found = {"ui_s": (cpu_ms() - cpu) / 1000, "wall_s": wall_s, "stretch_ms": stretch_ms}
    print(json.dumps(found))


if __name__ == "__main__":
    main(*sys.argv[1:])
