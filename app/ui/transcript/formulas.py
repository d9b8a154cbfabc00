"""Pictures of formulas: asked for by TeX, drawn off the UI thread, kept, tinted when painted.

Invariant: `get` never waits: it answers `None` until the picture is there, and for ever when the
TeX cannot be read, so that its source is shown. Only closed formulas may be asked for.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from contextlib import suppress
from dataclasses import dataclass
from typing import NamedTuple

from PySide6.QtCore import QByteArray, QObject, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPixmap, QPixmapCache

from app.ui.worker import Worker

MAX_TEX_CHARS = 600
MAX_KEPT = 400
DRAWING_COLOR = "#010203"
"""Stands in the drawing for the text colour, which is put in when it is painted."""

TRAILING_PX = 1.0
"""Room that the library leaves after a formula: a comma stands off without it."""

_VIEW_BOX = re.compile(r'viewBox="(\S+) (\S+) (\S+) (\S+)"')


class FormulaKey(NamedTuple):
    tex: str
    display: bool
    size_px: float


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
        scale = painter.device().devicePixelRatioF()
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
    """A bounded store of drawings. `ready` comes on the UI thread after each new one."""

    ready = Signal()
    _drawn = Signal(object, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._kept: OrderedDict[FormulaKey, Formula | None] = OrderedDict()
        self._asked: set[FormulaKey] = set()
        self._worker = Worker("formulas", self._draw)
        self._drawn.connect(self._on_drawn, Qt.ConnectionType.QueuedConnection)

    def get(self, tex: str, *, display: bool, size_px: float) -> Formula | None:
        key = FormulaKey(tex, display, size_px)
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key]
        if len(tex) <= MAX_TEX_CHARS and key not in self._asked:
            self._asked.add(key)
            self._worker.put(key)
        return None

    @property
    def waiting(self) -> bool:
        """Whether a drawing is still being made."""
        return bool(self._asked)

    def _draw(self, key: FormulaKey) -> None:
        formula = draw(key)
        # The window, and this object with it, may have gone meanwhile.
        with suppress(RuntimeError):
            self._drawn.emit(key, formula)

    def _on_drawn(self, key: FormulaKey, formula: Formula | None) -> None:
        self._asked.discard(key)
        self._kept[key] = formula
        while len(self._kept) > MAX_KEPT:
            self._kept.popitem(last=False)
        if formula is not None:
            self.ready.emit()


class Drawings:
    """The drawings that the formulas of one text have already, in the order they are asked."""

    def __init__(self, formulas: Formulas, size_px: float) -> None:
        self._formulas = formulas
        self._size_px = size_px
        self.found: list[Formula] = []
        self.waiting = False

    def width_of(self, tex: str, display: bool) -> float:
        """The width of a closed formula; 0 while it is not drawn."""
        drawing = self._formulas.get(tex, display=display, size_px=self._size_px)
        if drawing is None:
            self.waiting = True
            return 0.0
        self.found.append(drawing)
        return drawing.width


def draw(key: FormulaKey) -> Formula | None:
    """The drawing of a formula; `None` for TeX that cannot be read. Takes milliseconds."""
    import ziamath
    from ziamath.config import config

    config.svg2 = False  # QtSvg shows nothing of SVG 2's symbols
    try:
        svg = str(
            ziamath.zmath.Latex(
                key.tex, size=key.size_px, inline=not key.display, color=DRAWING_COLOR
            ).svg()
        )
    except Exception:  # the library raises many kinds for TeX that it does not know
        return None
    box = _VIEW_BOX.search(svg)
    if box is None:
        return None
    _, top, width, height = (float(number) for number in box.groups())
    return Formula(key, svg, max(0.1, width - TRAILING_PX), -top, height + top)
