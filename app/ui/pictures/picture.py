"""A picture that can be looked at, copied and saved: a stored file, or a drawing made of text.

Invariant: reading takes as long as it takes and is done on a worker thread; a picture of any size
is read at a size that fits into memory. What cannot be read is a null image, never an exception.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QSize
from PySide6.QtGui import QImage, QImageReader

MAX_PIXELS = 40_000_000
"""160 MB. Larger pictures are read smaller; what is saved is the original."""


@dataclass(frozen=True, slots=True)
class Picture:
    """`key` tells it from others. Of `path`, `data` and `image` one is set: a stored file, the
    text of a drawing, and the drawing itself."""

    key: tuple[str, str]
    name: str
    path: Path | None = None
    data: bytes = b""
    image: QImage | None = None

    def read(self) -> QImage:
        """The whole picture, upright. Takes up to seconds."""
        if self.image is not None:
            return self.image
        return read_file(self.path) if self.path is not None else QImage()

    def save(self, path: Path) -> None:
        """Write the original. Raises OSError."""
        path.write_bytes(self.path.read_bytes() if self.path is not None else self.data)


def read_file(path: Path) -> QImage:
    """The picture in a file, upright, at most `MAX_PIXELS` large."""
    reader = QImageReader(str(path))
    reader.setDecideFormatFromContent(True)  # stored files have no endings
    reader.setAutoTransform(True)
    size = reader.size()
    pixels = size.width() * size.height()
    if pixels > MAX_PIXELS:
        factor = (MAX_PIXELS / pixels) ** 0.5
        scaled = QSize(int(size.width() * factor), int(size.height() * factor))
        reader.setScaledSize(scaled)
    return reader.read()
