"""The real window over long chats: opening, scrolling, jumping, resizing, one after the other.

    python -m bench.reading_probe HOME CHAT

Prints one JSON object. `CHAT` is one of `bench.library`; its folder was filled before.
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import psutil
from PySide6.QtCore import QPoint, QPointF, Qt, QTimer
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication

from app.engine import Engine
from app.ui.transcript.view import TranscriptView
from app.ui.window import MainWindow
from bench.clocks import Busy, Frames, cpu_ms
from bench.driving import live
from bench.library import BETWEEN, LARGE, VISITS

SETTLED_MS = 3000
REST_MS = 400  # until what follows an action is done
NOTCH, NOTCH_MS = 120, 40
NOTCHES, JUMPS, RESIZES = 120, 60, 40

Script = Iterator[int]
"""Yields the ms to wait before the next step."""


class Reader:
    """`found` is what is printed at the end."""

    def __init__(self, window: MainWindow, engine: Engine, frames: Frames) -> None:
        self.found: dict[str, float] = {}
        self._window = window
        self._library = engine.library
        self._frames = frames
        self._random = random.Random(1)

    @property
    def _view(self) -> TranscriptView:
        return self._window.page.transcript

    def read(self, chat_id: str) -> Script:
        """Open a chat and move about in it."""
        before = resident_mb()
        yield from self._open(chat_id)
        self.found["memory_mb"] = resident_mb() - before
        for turn in (NOTCH, -NOTCH):
            yield from self._wheel(turn, NOTCHES)
        self.found["wheel_ms"] = max(self._frames.take())
        bar = self._view.verticalScrollBar()
        for _ in range(JUMPS):
            bar.setValue(self._random.randrange(bar.maximum()))
            yield NOTCH_MS
        self.found["jump_ms"] = max(self._frames.take())
        size = self._window.size()
        whole = []
        for number in range(RESIZES):
            width = size.width() - 7 * (number % 20) - 7
            whole.append(spent_ms(partial(self._resize, width, size.height())))
            yield NOTCH_MS
        self.found["resize_ms"] = max(self._frames.take())
        self.found["resize_window_ms"] = max(whole)

    def visit(self) -> Script:
        """See answers of 100 KB for the first time, each in another way."""
        yield from self._open(VISITS)
        self.found["end_ms"] = self.found.pop("open_frame_ms")
        messages = [message.id for message in self._window.page.chat.conversation.path()]
        each = BETWEEN + 2
        large = [number * each + each - 1 for number in range(LARGE)]
        layout = self._view.stage.layout
        index, bar = layout.index, self._view.verticalScrollBar()

        def to_the_middle() -> None:
            bar.setValue((index.top(large[1]) + index.top(large[1] + 1)) // 2)

        visits: dict[str, Callable[[], object]] = {
            "top_ms": lambda: self._view.show_message(messages[large[0]]),
            "middle_ms": to_the_middle,
        }
        for name, action in visits.items():
            yield REST_MS
            self._frames.take()
            action()
            yield REST_MS
            self.found[name] = max(self._frames.take())
        for name, number, turn in (("down_ms", large[2], -NOTCH), ("up_ms", large[3], NOTCH)):
            self._view.show_message(messages[number - 3 if turn < 0 else number + 3])
            yield REST_MS
            self._frames.take()
            yield from self._wheel(turn, 40)
            self.found[name] = max(self._frames.take())

    def _open(self, chat_id: str) -> Script:
        self._frames.take()
        self.found["read_ms"] = spent_ms(lambda: self._library.open(chat_id))
        start = cpu_ms()
        self._window.open_chat(chat_id)
        while not self._frames.frames:
            yield 1
        self.found["open_ms"] = cpu_ms() - start
        self.found["open_frame_ms"] = max(self._frames.take())
        yield REST_MS
        self._frames.take()

    def _wheel(self, turn: int, times: int) -> Script:
        viewport = self._view.viewport()
        middle = QPointF(viewport.rect().center())
        for _ in range(times):
            event = QWheelEvent(
                middle,
                viewport.mapToGlobal(middle),
                QPoint(),
                QPoint(0, turn),
                Qt.MouseButton.NoButton,
                Qt.KeyboardModifier.NoModifier,
                Qt.ScrollPhase.NoScrollPhase,
                False,
            )
            QApplication.sendEvent(viewport, event)
            yield NOTCH_MS
        yield REST_MS

    def _resize(self, width: int, height: int) -> None:
        self._window.resize(width, height)
        QApplication.sendPostedEvents()


def spent_ms(action: Callable[[], object]) -> float:
    start = cpu_ms()
    action()
    return cpu_ms() - start


def resident_mb() -> float:
    return float(psutil.Process().memory_info().rss) / 1e6


def play(script: Script, end: Callable[[], None]) -> None:
    """Go through the steps, with the event loop in between."""

    def step() -> None:
        wait_ms = next(script, None)
        if wait_ms is None:
            end()
        else:
            QTimer.singleShot(wait_ms, step)

    QTimer.singleShot(SETTLED_MS, step)


def main(home: Path, chat_id: str) -> None:
    frames = Frames()
    frames.install()

    def begin(window: MainWindow, engine: Engine) -> None:
        reader = Reader(window, engine, frames)
        busy = Busy()

        def end() -> None:
            reader.found["stretch_ms"] = busy.longest_with_gc_ms
            busy.stop()
            print(json.dumps(reader.found), flush=True)
            window.close()

        play(reader.visit() if chat_id == VISITS else reader.read(chat_id), end)

    live(home, begin)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
