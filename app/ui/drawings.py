"""Drawings (SVG) as pictures, for those who attach one.

Invariant: for a thread too; nothing outside the drawing is read, whatever it names.
"""

from __future__ import annotations

import re

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QSize, Qt
from PySide6.QtGui import QImage, QImageWriter, QPainter

MOST_BYTES = 20_000_000
# What is not in the drawing itself; and declarations that could put such a name in unseen.
_OUTSIDE = re.compile(rb"""href\s*=\s*(?:"\s*(?!#|data:)[^"]*"|'\s*(?!#|data:)[^']*')""")
# A picture of one clear pixel: Qt complains of none.
_NOTHING = (
    b'href="data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAA'
    b'AAC0lEQVR4nGNgYAAAAAMAAbitOmMAAAAASUVORK5CYII="'
)
_DECLARED = re.compile(rb"<!(?:ATTLIST|ENTITY)|\0")


def draw_svg(data: bytes, longest_px: int) -> bytes:
    """A PNG with the given longer side; empty for a drawing that is broken or not to be trusted."""
    from PySide6.QtSvg import QSvgRenderer

    if len(data) > MOST_BYTES or _DECLARED.search(data):
        return b""
    renderer = QSvgRenderer(QByteArray(_OUTSIDE.sub(_NOTHING, data)))
    size = renderer.defaultSize()
    if not renderer.isValid() or size.isEmpty():
        return b""
    size = size.scaled(QSize(longest_px, longest_px), Qt.AspectRatioMode.KeepAspectRatio)
    image = QImage(size.expandedTo(QSize(1, 1)), QImage.Format.Format_ARGB32)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    renderer.render(painter)
    painter.end()
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    QImageWriter(buffer, b"png").write(image)
    return bytes(buffer.data().data())
