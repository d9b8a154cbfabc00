"""The outlines of the window, painted while its parts are still being loaded.

Invariant: needs the tokens only; grounds and lines stand where the real parts will stand.
"""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from app.ui.tokens import DARK, LIGHT, RADIUS

HEADER_PX = 52
FOOT_PX = 55
COMPOSER_PX = (776, 90)


def paint_outline(painter: QPainter, size: QSize, sidebar_px: int, *, dark: bool) -> None:
    """Sidebar, header line and composer of a window of `size`; no sidebar where it has no width."""
    tokens = DARK if dark else LIGHT
    line = QColor(tokens.line)
    width, height = size.width(), size.height()
    painter.fillRect(0, 0, width, height, QColor(tokens.window))
    if sidebar_px:
        painter.fillRect(0, 0, sidebar_px, height, QColor(tokens.sidebar))
        painter.fillRect(sidebar_px, 0, 1, height, line)
        painter.fillRect(0, height - FOOT_PX, sidebar_px, 1, line)
        sidebar_px += 1
    painter.fillRect(sidebar_px, HEADER_PX - 1, width - sidebar_px, 1, line)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(QColor(tokens.control_border), 1))
    painter.setBrush(QColor(tokens.raised if dark else tokens.window))
    room = width - sidebar_px - 32
    wide = min(COMPOSER_PX[0], room)
    left = sidebar_px + 16 + (room - wide) / 2
    box = QRectF(left + 0.5, height - 16 - COMPOSER_PX[1] + 0.5, wide - 1, COMPOSER_PX[1] - 1)
    painter.drawRoundedRect(box, RADIUS.l, RADIUS.l)
    painter.setPen(Qt.PenStyle.NoPen)
