"""Drawings made of the SVG that an answer holds: checked and drawn on a thread, kept.

Invariant: `get` never waits; it answers `None` until the drawing is there, and for ever when it
cannot be drawn safely, which `is_refused` tells. A drawing is a picture of bounded size.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from PySide6.QtCore import QBuffer, QByteArray, QObject, QSize, QSizeF, Qt, Signal
from PySide6.QtGui import QImage, QImageReader

from app.ui.transcript.svg_safety import UnsafeDrawingError, safe_svg
from app.ui.worker import Worker

MAX_KEPT = 12
LARGEST = QSizeF(1200, 900)
SMALLEST_PX = 96
SHARPNESS = 2.0
"""Pixels drawn for each pixel of the size that the drawing has by itself, at most."""
MAX_WORK = 1e9
"""Pixels times elements: about a second."""


@dataclass(frozen=True, slots=True)
class Vector:
    """`size` is what it wants to be shown at, in logical pixels; `svg` was made safe."""

    svg: bytes
    image: QImage
    size: QSizeF


class Vectors(QObject):
    """A bounded store. `ready` comes on the UI thread after each new drawing, or refusal."""

    ready = Signal()
    _drawn = Signal(str, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._kept: OrderedDict[str, Vector | None] = OrderedDict()
        self._asked: set[str] = set()
        self._worker = Worker("drawings", self._work)
        self._drawn.connect(self._on_drawn, Qt.ConnectionType.QueuedConnection)

    def get(self, text: str) -> Vector | None:
        if text in self._kept:
            self._kept.move_to_end(text)
            return self._kept[text]
        if text not in self._asked:
            self._asked.add(text)
            self._worker.put(text)
        return None

    def is_refused(self, text: str) -> bool:
        """Whether it was tried and cannot be drawn."""
        return text in self._kept and self._kept[text] is None

    def _work(self, text: str) -> None:
        vector = draw(text)
        # The window, and this object with it, may have gone meanwhile.
        with suppress(RuntimeError):
            self._drawn.emit(text, vector)

    def _on_drawn(self, text: str, vector: Vector | None) -> None:
        self._asked.discard(text)
        self._kept[text] = vector
        while len(self._kept) > MAX_KEPT:
            self._kept.popitem(last=False)
        self.ready.emit()


def is_drawing(language: str, lines: Sequence[str]) -> bool:
    """Whether a block of code is one drawing."""
    if language not in ("svg", "xml", "html", "") or not lines:
        return False
    first = next((line.lstrip() for line in lines if line.strip()), "")
    last = next((line.rstrip() for line in reversed(lines) if line.strip()), "")
    begins = first.startswith("<svg") or (language == "svg" and first.startswith("<?xml"))
    return begins and last.endswith("</svg>")


def draw(text: str) -> Vector | None:
    """The drawing of some SVG; `None` for what cannot be drawn safely, or shows nothing.

    Drawn by the image reader, which lets other threads run meanwhile.
    """
    try:
        safe = safe_svg(text)
    except UnsafeDrawingError:
        return None
    svg = safe.text.encode()
    buffer = QBuffer()
    buffer.setData(QByteArray(svg))
    buffer.open(QBuffer.OpenModeFlag.ReadOnly)
    reader = QImageReader(buffer, QByteArray(b"svg"))
    size = QSizeF(reader.size())
    if size.isEmpty():
        return None
    size = _shown_size(size)
    area = size.width() * size.height()
    sharpness = min(SHARPNESS, (MAX_WORK / (area * safe.cost)) ** 0.5)
    reader.setScaledSize((size * sharpness).toSize().expandedTo(QSize(1, 1)))
    image = reader.read()
    return None if image.isNull() else Vector(svg, image, size)


def _shown_size(size: QSizeF) -> QSizeF:
    """Small drawings are enlarged, large ones made smaller."""
    if size.width() > LARGEST.width() or size.height() > LARGEST.height():
        return size.scaled(LARGEST, Qt.AspectRatioMode.KeepAspectRatio)
    least = QSizeF(SMALLEST_PX, SMALLEST_PX)
    if size.width() < SMALLEST_PX and size.height() < SMALLEST_PX:
        return size.scaled(least, Qt.AspectRatioMode.KeepAspectRatio)
    return size
