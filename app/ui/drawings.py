"""Drawings (SVG) as pictures, for those who attach one.

Invariant: for a thread too; nothing outside the drawing is read, whatever it names.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Sequence

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QSize, Qt
from PySide6.QtGui import QGuiApplication, QImage, QImageWriter, QPainter

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


def main(arguments: Sequence[str]) -> int:
    """Draw what is piped in, `arguments[0]` pixels long, for a program without Qt."""
    os.environ["QT_QPA_PLATFORM"] = "offscreen"  # there may be no display, and no window is needed
    application = QGuiApplication([])  # fonts belong to one
    made = draw_svg(sys.stdin.buffer.read(), int(arguments[0]))
    sys.stdout.buffer.write(made)
    sys.stdout.buffer.flush()
    del application
    return 0
