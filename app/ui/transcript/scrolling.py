"""How far each turn of the wheel, swipe or key moves, and how that looks.

Invariant: the sum of what is moved is exactly the sum of what was asked for, whatever the frame
rate and however the turns overlap; without motion each turn moves at once.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import (
    QElapsedTimer,
    QEvent,
    QObject,
    QPointF,
    QRectF,
    QSizeF,
    Qt,
    QTimer,
)
from PySide6.QtGui import QGuiApplication, QScrollEvent, QScrollPrepareEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QScroller, QWidget

FRAME_MS = 8
GLIDE_MS = 120
NOTCH = 120
TOUCH_RANGE_PX = 1_000_000.0


class Glide(QObject):
    """Spreads a movement over a few frames. `move` is called with whole pixels."""

    def __init__(self, move: Callable[[int], None], duration_ms: Callable[[int], int]) -> None:
        super().__init__()
        self._move = move
        self._duration_ms = duration_ms
        self._left = 0
        self._span_ms = 0
        self._clock = QElapsedTimer()
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(FRAME_MS)
        self._timer.timeout.connect(self._on_frame)

    @property
    def left_px(self) -> int:
        """What is still to be moved."""
        return self._left

    def add(self, pixels: int) -> None:
        """Move by so many pixels more, starting now."""
        if not pixels:
            return
        span = self._duration_ms(GLIDE_MS)
        if span <= 0:
            self._move(pixels)
            return
        if self._left and (self._left < 0) != (pixels < 0):
            self.finish()  # turning back: what is under way is done at once
        self._left += pixels
        self._span_ms = span
        self._clock.start()
        if not self._timer.isActive():
            self._timer.start()

    def finish(self) -> None:
        """Do the rest at once."""
        self._timer.stop()
        rest, self._left = self._left, 0
        if rest:
            self._move(rest)

    def stop(self) -> None:
        """Forget the rest."""
        self._timer.stop()
        self._left = 0

    def _on_frame(self) -> None:
        passed = self._clock.restart()
        self._span_ms -= passed
        if self._span_ms <= FRAME_MS:
            self.finish()
            return
        # The share of the frame in the time that is left, a little more at first: slows down.
        share = min(1.0, 2.2 * passed / (self._span_ms + passed))
        step = round(self._left * share) or (1 if self._left > 0 else -1)
        self._left -= step
        if not self._left:
            self._timer.stop()
        self._move(step)


class Wheel:
    """Turns wheel events into pixels; fractions of a pixel are kept for the next event."""

    def __init__(self) -> None:
        self._rest_y = 0.0
        self._rest_x = 0.0

    def pixels(self, event: QWheelEvent, line_px: int) -> tuple[int, int, bool]:
        """How far to the right and down, and whether to glide there (a notched wheel)."""
        exact = event.pixelDelta()
        # Under X11 Qt's documentation calls the pixels unreliable; the turns are right there.
        if not exact.isNull() and QGuiApplication.platformName() != "xcb":
            return -exact.x(), -exact.y(), False
        turned = event.angleDelta()
        lines = max(1, QApplication.wheelScrollLines())
        per_notch = lines * line_px
        x = self._rest_x - turned.x() / NOTCH * per_notch
        y = self._rest_y - turned.y() / NOTCH * per_notch
        whole_x, whole_y = int(x), int(y)
        self._rest_x, self._rest_y = x - whole_x, y - whole_y
        return whole_x, whole_y, turned.y() % NOTCH == 0


class Touch(QObject):
    """Kinetic scrolling by finger: QScroller's positions as movements of the content."""

    def __init__(self, viewport: QWidget, move: Callable[[int], None]) -> None:
        super().__init__(viewport)
        self._viewport = viewport
        self._move = move
        self._last = 0.0
        self._rest = 0.0
        QScroller.grabGesture(viewport, QScroller.ScrollerGestureType.TouchGesture)

    def handle(self, event: QEvent) -> bool:
        """Whether the event was one of QScroller's."""
        if isinstance(event, QScrollPrepareEvent):
            middle = TOUCH_RANGE_PX / 2
            event.setViewportSize(QSizeF(self._viewport.size()))
            event.setContentPosRange(QRectF(0, 0, 0, TOUCH_RANGE_PX))
            event.setContentPos(QPointF(0, middle))
            self._last = middle
            event.accept()
            return True
        if isinstance(event, QScrollEvent):
            at = event.contentPos().y()
            wanted = at - self._last + self._rest
            self._last = at
            whole = int(wanted)
            self._rest = wanted - whole
            if whole:
                self._move(whole)
            event.accept()
            return True
        return False
