"""Something that can be looked at, copied and saved: a stored attachment, or a drawing of text.

Invariant: reading takes as long as it takes and is done on a worker thread; a picture of any size
is read at a size that fits into memory. What cannot be read is a null image, never an exception.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, QSize
from PySide6.QtGui import QImage

from app.domain.kinds import PICTURE, TEXT, Kind, kind_of
from app.domain.message import Media
from app.domain.recognition import SVG
from app.ui.in_use import InUse
from app.ui.raster import raster_reader

MAX_PIXELS = 40_000_000
"""160 MB. Larger pictures are read smaller; what is saved is the original."""
LONGEST_CONVERTED_PX = 6000


@dataclass(frozen=True, slots=True)
class Exhibit:
    """`key` tells it from others. Of `path` and `image` one is set: a stored file, or a drawing,
    which is written as `data`. `media` holds what is known of a stored file."""

    key: tuple[str, str]
    name: str
    path: Path | None = None
    data: bytes = b""
    image: QImage | None = None
    media: Media | None = None

    @property
    def kind(self) -> Kind:
        if self.media is not None and self.media.mime == SVG:
            return TEXT  # as a drawing it would have to be made safe first
        return PICTURE if self.media is None else kind_of(self.media)

    @property
    def size_bytes(self) -> int:
        """How much `save` writes."""
        if self.path is None:
            return len(self.data)
        known = self.media.size_bytes if self.media is not None else None
        try:
            return self.path.stat().st_size if known is None else known
        except OSError:
            return 0

    def picture(self) -> QImage:
        """The whole picture, upright. Takes up to seconds."""
        if self.image is not None:
            return self.image
        if self.path is None:
            return QImage()
        found = read_file(self.path)
        if found.isNull() and self.media is not None:
            return _converted(self.path, self.media)
        return found

    def save(self, path: Path) -> None:
        """Write the original. Raises OSError."""
        if self.path is not None:
            shutil.copyfile(self.path, path)  # a video may be larger than the memory
        else:
            path.write_bytes(self.data)


def read_file(path: Path) -> QImage:
    """The picture in a file, upright, at most `MAX_PIXELS` large."""
    reader = raster_reader(path)
    size = reader.size()
    pixels = size.width() * size.height()
    if pixels > MAX_PIXELS:
        factor = (MAX_PIXELS / pixels) ** 0.5
        scaled = QSize(int(size.width() * factor), int(size.height() * factor))
        reader.setScaledSize(scaled)
    return reader.read()


def _converted(path: Path, media: Media) -> QImage:
    """A picture of a type that Qt does not read (HEIC), read by what attaches it."""
    from app.attachments import RefusedError, pictures

    try:
        made = pictures.shrunk(
            path.read_bytes(), media.mime, media.name, longest_px=LONGEST_CONVERTED_PX
        )
    except (OSError, KeyError, RefusedError):
        return QImage()
    return QImage.fromData(made.data)


def keep_while_shown(exhibits: Sequence[Exhibit], owner: QObject) -> None:
    """Nobody removes what they show, as long as `owner` is there."""
    shown = tuple(each.media for each in exhibits if each.media is not None)
    InUse(owner, lambda: shown)
