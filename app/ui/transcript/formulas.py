"""Pictures of formulas: asked for by TeX, drawn elsewhere, kept, tinted when painted.

Invariant: `get` never waits: it answers `None` until the picture is there, and for ever when the
TeX cannot be read, so that its source is shown. Only closed formulas may be asked for.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from PySide6.QtCore import QByteArray, QObject, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPixmap, QPixmapCache

from app.tex import DRAWING_COLOR, TRAILING_PX, Drawing, FormulaKey, draw
from app.ui.sharpness import scale_of
from app.ui.transcript.formula_process import FormulaProcess
from app.ui.worker import Worker

MAX_TEX_CHARS = 600
MAX_KEPT = 400
MAX_IN_A_TEXT = 300
"""Of a paragraph with more formulas the rest stands as its source."""


@dataclass(frozen=True, slots=True)
class Formula:
    """A drawing with its measures in logical pixels; `ascent` is above the baseline.

    `width` is what it takes in a line; its drawing goes on for `TRAILING_PX`.
    """

    key: FormulaKey
    svg: str
    width: float
    ascent: float
    descent: float

    def paint(self, painter: QPainter, x: float, baseline: float, color: QColor) -> None:
        """Paint with the left end of the baseline at (x, baseline)."""
        scale = scale_of(painter)
        corner = QPointF(x, baseline - self.ascent)
        place = painter.transform().map(corner)
        snapped = QPointF(round(place.x() * scale) / scale, round(place.y() * scale) / scale)
        painter.drawPixmap(corner + snapped - place, self._pixmap(color, scale))

    def _pixmap(self, color: QColor, scale: float) -> QPixmap:
        name = f"linnet-formula/{self.key!r}/{color.name()}/{scale}"
        found = QPixmap()
        if QPixmapCache.find(name, found):
            return found
        from PySide6.QtSvg import QSvgRenderer

        width, height = self.width + TRAILING_PX, self.ascent + self.descent
        found = QPixmap(max(1, round(width * scale)), max(1, round(height * scale)))
        found.setDevicePixelRatio(scale)
        found.fill(Qt.GlobalColor.transparent)
        painter = QPainter(found)
        tinted = self.svg.replace(DRAWING_COLOR, color.name())
        QSvgRenderer(QByteArray(tinted.encode())).render(painter, QRectF(0, 0, width, height))
        painter.end()
        QPixmapCache.insert(name, found)
        return found


class Formulas(QObject):
    """A bounded store of drawings. `ready` comes on the UI thread after new ones."""

    ready = Signal()
    _drawn = Signal(list)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._kept: OrderedDict[FormulaKey, Formula | None] = OrderedDict()
        self._asked: set[FormulaKey] = set()
        self._process = FormulaProcess(self)
        self._process.drawn.connect(self._on_drawn)
        self._process.failed.connect(self._on_failed)
        self._worker: Worker[FormulaKey] | None = None
        """Draws where no process can be had."""
        self._drawn.connect(self._on_drawn, Qt.ConnectionType.QueuedConnection)

    def get(self, tex: str, *, display: bool, size_px: float) -> Formula | None:
        key = FormulaKey(tex, display, size_px)
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key]
        if len(tex) <= MAX_TEX_CHARS and key not in self._asked:
            self._asked.add(key)
            if self._worker is None:
                self._process.ask(key)
            else:
                self._worker.put(key)
        return None

    @property
    def in_a_process(self) -> bool:
        """Whether what draws runs beside the program."""
        return self._process.running

    @property
    def waiting(self) -> bool:
        """Whether a drawing is still being made."""
        return bool(self._asked)

    def _on_failed(self, left: Sequence[FormulaKey]) -> None:
        self._worker = Worker("formulas", self._draw)
        for key in left:
            self._worker.put(key)

    def _draw(self, key: FormulaKey) -> None:
        found = draw(key)
        # The window, and this object with it, may have gone meanwhile.
        with suppress(RuntimeError):
            self._drawn.emit([(key, found)])

    def _on_drawn(self, found: Sequence[tuple[FormulaKey, Drawing | None]]) -> None:
        for key, drawing in found:
            self._asked.discard(key)
            self._kept[key] = None if drawing is None else Formula(key, *drawing)
        while len(self._kept) > MAX_KEPT:
            self._kept.popitem(last=False)
        if any(drawing is not None for _, drawing in found):
            self.ready.emit()


class Drawings:
    """The drawings that the formulas of one text have already, in the order they are asked."""

    def __init__(self, formulas: Formulas, size_px: float) -> None:
        self._formulas = formulas
        self._size_px = size_px
        self.found: list[Formula] = []
        self.waiting = False

    def width_of(self, tex: str, display: bool) -> float:
        """The width of a closed formula; 0 while it is not drawn, and for one too many."""
        if len(self.found) >= MAX_IN_A_TEXT:
            return 0.0
        drawing = self._formulas.get(tex, display=display, size_px=self._size_px)
        if drawing is None:
            self.waiting = True
            return 0.0
        self.found.append(drawing)
        return drawing.width
