"""Readers for stored pictures, which have no endings: what they are, their content says.

Invariant: pictures of pixels only. Qt would read a drawing (SVG) as well, with every file that it
names, on this computer or, on Windows, on another one: a drawing has to be made safe first.
"""

from __future__ import annotations

from pathlib import Path

from PySide6.QtGui import QImageReader

_NO_PIXELS = (b"svg", b"svgz", b"pdf")


def raster_reader(path: Path) -> QImageReader:
    """Reads the picture upright; one that reads nothing for what is not made of pixels."""
    reader = QImageReader(str(path))
    reader.setDecideFormatFromContent(True)
    reader.setAutoTransform(True)
    return QImageReader() if bytes(reader.format().data()) in _NO_PIXELS else reader
