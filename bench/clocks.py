"""How long the UI thread is busy without a look at its events, and what each frame costs it.

All times are CPU times of the thread that makes the clock, in ms, unless called otherwise.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Iterator
from contextlib import contextmanager
from statistics import quantiles
from typing import Any, NamedTuple

from PySide6.QtCore import QAbstractEventDispatcher, Qt, QTimer
from PySide6.QtGui import QPaintEvent

from app.ui.transcript import overlay, view
from app.ui.transcript.overlay import OverlayButton
from app.ui.transcript.view import TranscriptView

BEAT_MS = 4


def cpu_ms() -> float:
    return time.thread_time() * 1000


class Stretch(NamedTuple):
    """One turn of the event loop: `gc_ms` of `cpu_ms` went into collecting garbage.

    It ended `at_s` after the first one began; `beat`: a beat was among what it did.
    """

    cpu_ms: float
    gc_ms: float
    at_s: float
    beat: bool


class Busy:
    """What the thread does between two looks at its events, in which nothing is answered.

    Stretches are what Qt's dispatcher says; a timer is served after all that is posted, and would
    take several looks for one. By the clock on the wall a beat tells what comes late.
    """

    def __init__(self) -> None:
        self.stretches: list[Stretch] = []
        self.longest_gap_ms = 0.0
        """By the clock on the wall."""
        self._gc_ms = self._collecting_since = 0.0
        self._beats = False
        gc.callbacks.append(self._on_collecting)
        self._start = self._beat_at = time.perf_counter()
        self._dispatcher = QAbstractEventDispatcher.instance()
        self._dispatcher.awake.connect(self._on_look)
        self._beat = QTimer(timerType=Qt.TimerType.PreciseTimer, interval=BEAT_MS)
        self._beat.timeout.connect(self._on_beat)
        self._beat.start()
        self._cpu = cpu_ms()

    def stop(self) -> None:
        self._beat.stop()
        self._dispatcher.awake.disconnect(self._on_look)
        gc.callbacks.remove(self._on_collecting)

    @property
    def longest_ms(self) -> float:
        """Without the collection of garbage."""
        return max(stretch.cpu_ms - stretch.gc_ms for stretch in self.stretches)

    @property
    def longest_with_gc_ms(self) -> float:
        return max(stretch.cpu_ms for stretch in self.stretches)

    @property
    def own_ms(self) -> float:
        """What the beats themselves took, at least: in one turn of ten there was nothing else."""
        beats = [stretch.cpu_ms for stretch in self.stretches if stretch.beat]
        return len(beats) * quantiles(beats, n=10)[0]

    def longest(self, count: int = 8) -> list[tuple[float, float]]:
        """The longest stretches: seconds since the start, and how long. To look into them."""
        found = sorted(self.stretches, reverse=True)[:count]
        return [(stretch.at_s, stretch.cpu_ms) for stretch in found]

    def _on_look(self) -> None:
        cpu = cpu_ms()
        at_s = time.perf_counter() - self._start
        self.stretches.append(Stretch(cpu - self._cpu, self._gc_ms, at_s, self._beats))
        self._cpu, self._gc_ms, self._beats = cpu, 0.0, False

    def _on_beat(self) -> None:
        self._beats = True
        now = time.perf_counter()
        self.longest_gap_ms = max(self.longest_gap_ms, (now - self._beat_at) * 1000 - BEAT_MS)
        self._beat_at = now

    def _on_collecting(self, phase: str, _: dict[str, Any]) -> None:
        if phase == "start":
            self._collecting_since = cpu_ms()
        else:
            self._gc_ms += cpu_ms() - self._collecting_since


class Frames:
    """What each frame of a transcript costs: laying out, its painting, and that of its buttons.

    What other parts of the window do between the two does not count.
    """

    def __init__(self) -> None:
        self.frames: list[float] = []
        self._spent: float | None = None
        self._within = 0

    def install(self) -> None:
        """Measure the transcripts that are made from now on."""
        frames = self

        class Measured(TranscriptView):
            def refresh(self, *, whole: bool = True) -> None:
                with frames.counted():
                    super().refresh(whole=whole)

            def paintEvent(self, event: QPaintEvent) -> None:
                with frames.counted():
                    super().paintEvent(event)
                QTimer.singleShot(0, self, frames.end)

        class MeasuredButton(OverlayButton):
            def paintEvent(self, event: QPaintEvent) -> None:
                with frames.counted():
                    super().paintEvent(event)

        setattr(view, "TranscriptView", Measured)  # noqa: B010
        setattr(overlay, "OverlayButton", MeasuredButton)  # noqa: B010

    @contextmanager
    def counted(self) -> Iterator[None]:
        """Count what is done within; one may lie within another."""
        start = cpu_ms()
        self._within += 1
        try:
            yield
        finally:
            self._within -= 1
            if not self._within:
                self._spent = (self._spent or 0.0) + cpu_ms() - start

    def end(self) -> None:
        if self._spent is not None:
            self.frames.append(self._spent)
            self._spent = None

    def take(self) -> list[float]:
        """The frames since the last time."""
        taken, self.frames = self.frames, []
        self._spent = None
        return taken
