"""Waits for what is drawn in threads: formulas, pictures, colours of code.

Invariant: `ready` never blocks; it says `None` as often as another moment is needed.
"""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtGui import QImage, QPainter

from app.ui.sharpness import PAPER_SCALE
from app.ui.transcript.rows import Row
from app.ui.transcript.surroundings import Surroundings
from app.ui.transcript.units.base import Scene
from app.ui.transcript.units.code import CodeUnit
from app.ui.transcript.units.media import MediaUnit

COLOUR_BUDGET_S = 0.004


def ready(row: Row, around: Surroundings, width_px: int) -> Iterator[None]:
    """Measure a row, once all that is in it is there."""
    row.measure(width_px)
    unit = row.unit
    if isinstance(unit, MediaUnit):
        for _ in range(2):  # again at the size that a picture turned out to have
            _ask_for_pictures(unit, around, width_px)
            while around.pictures.waiting:
                yield None
            row.mark_stale()
            row.measure(width_px)
    while getattr(row.unit, "wants_formulas", False) and around.formulas.waiting:
        yield None
        row.mark_stale()
        row.measure(width_px)
    if isinstance(unit, CodeUnit):
        while unit.lines.colours.waiting:
            if unit.lines.colours.at_hand:
                unit.colour_more(COLOUR_BUDGET_S)
            yield None


def _ask_for_pictures(unit: MediaUnit, around: Surroundings, width_px: int) -> None:
    """Paint it nowhere: what is painted for the first time is decoded by that."""
    nowhere = QImage(1, 1, QImage.Format.Format_ARGB32_Premultiplied)
    nowhere.setDevicePixelRatio(PAPER_SCALE)
    painter = QPainter(nowhere)
    unit.paint(painter, Scene(around.style, 0, unit.height, width_px))
    painter.end()
