"""How many pixels are worth drawing for a logical one: a screen's own ratio, on paper more.

Letters and lines are sharp on paper by themselves; this is for what is drawn as a picture first.
(Qt writes SVG into a PDF with outlines that are not there, so that formulas are pictures, too.)
"""

from __future__ import annotations

from PySide6.QtGui import QPagedPaintDevice, QPainter

PAPER_SCALE = 4.0
"""Four to a pixel of the design are about 400 to an inch of paper."""


def scale_of(painter: QPainter) -> float:
    device = painter.device()
    if isinstance(device, QPagedPaintDevice):
        return PAPER_SCALE
    return float(device.devicePixelRatioF())
