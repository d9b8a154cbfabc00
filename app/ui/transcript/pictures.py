"""Decoded pictures of stored attachments: asked for by content, decoded on a worker thread, kept.

Invariant: `get` never waits and never decodes. A picture comes from its thumbnail where that is
sharp enough on this screen, else from a middle-sized copy that is made once; a camera's picture is
never decoded whole to be shown small. What cannot be decoded stays a frame.
"""

from __future__ import annotations

from collections import OrderedDict
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QObject, QSize, QSizeF, Qt, Signal
from PySide6.QtGui import QImage, QImageReader, QPixmap

from app.domain.kinds import PICTURE, kind_of
from app.domain.message import Media
from app.domain.recognition import SVG
from app.ui.raster import raster_reader
from app.ui.transcript.means import Means
from app.ui.transcript.svg_safety import MAX_CHARS
from app.ui.transcript.vectors import draw
from app.ui.worker import Worker

MAX_KEPT = 60
STEP_PX = 64
"""Sizes are rounded up to this, so that a resize does not decode again each time."""
SMALL_PX = 512
"""The longer side of a thumbnail; a shorter one is the whole picture."""
LARGE_PX = 2048
QUALITY = 88


class PictureKey(NamedTuple):
    sha256: str
    width_px: int
    height_px: int


class Wish(NamedTuple):
    key: PictureKey
    media: Media
    path: Path | None


class Pictures(QObject):
    """A bounded store. `ready` comes on the UI thread after each new picture."""

    ready = Signal()
    _decoded = Signal(object, QImage, QSize)

    def __init__(self, means: Means, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.path_of = means.path_of
        self._small = means.small
        self._ask_thumbnail = means.ask_thumbnail
        self._kept: OrderedDict[PictureKey, QPixmap | None] = OrderedDict()
        self._asked: set[PictureKey] = set()
        self._made: set[str] = set()
        self._sizes: dict[str, QSize] = {}
        """Small enough to keep all."""
        self._worker = Worker("pictures", self._work)
        self._decoded.connect(self._on_decoded, Qt.ConnectionType.QueuedConnection)

    def get(self, media: Media, size: QSizeF) -> QPixmap | None:
        """The picture to cover `size` device pixels, or `None` until it is decoded."""
        key = _key_of(media, size)
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key]
        if key not in self._asked:
            path = self.path_of(key.sha256)
            if path is None:
                self._kept[key] = None
                return None
            self._asked.add(key)
            self._worker.put(Wish(key, media, path))
        return None

    def is_broken(self, media: Media, size: QSizeF) -> bool:
        """Whether it was tried, and is gone or cannot be decoded."""
        key = _key_of(media, size)
        return key in self._kept and self._kept[key] is None

    @property
    def waiting(self) -> bool:
        """Whether a picture is still being decoded."""
        return bool(self._asked)

    def size_of(self, sha256: str) -> QSize | None:
        """The whole picture's own size, once it was looked at."""
        return self._sizes.get(sha256)

    # On the thread -----------------------------------------------------------------------

    def _work(self, wish: Wish) -> None:
        image = self._read(wish)
        size = own_size(wish.path) if wish.path is not None else QSize()
        # The window, and this object with it, may have gone meanwhile.
        with suppress(RuntimeError):
            self._decoded.emit(wish, image, size if size.isValid() else image.size())

    def _read(self, wish: Wish) -> QImage:
        """The smallest that is sharp enough; a null image if it cannot be read."""
        key = wish.key
        cover = QSize(key.width_px, key.height_px)
        pictured = kind_of(wish.media) is PICTURE
        small = self._small.path(key.sha256)
        if small is not None and (not pictured or suffices(small, cover, SMALL_PX)):
            return decode(small, cover)
        if not pictured or wish.path is None:
            return QImage()
        if wish.media.mime == SVG:
            return _drawing(wish.path)
        large = self._small.path(key.sha256, large=True)
        if large is not None and suffices(large, cover, LARGE_PX):
            return decode(large, cover)
        image = decode(wish.path, QSize(LARGE_PX, LARGE_PX), cover=False)
        if image.isNull():  # of a type that Qt does not read
            return decode(small, cover) if small is not None else image
        if max(image.width(), image.height()) >= LARGE_PX:
            self._small.keep(key.sha256, written(image), large=True)
        return _scaled(image, cover)

    # On the window's thread ----------------------------------------------------------------

    def _on_decoded(self, wish: Wish, image: QImage, size: QSize) -> None:
        key, sha256 = wish.key, wish.key.sha256
        self._asked.discard(key)
        if not size.isEmpty():
            self._sizes[sha256] = size
        self._kept[key] = None if image.isNull() else QPixmap.fromImage(image)
        while len(self._kept) > MAX_KEPT:
            self._kept.popitem(last=False)
        if image.isNull() and sha256 not in self._made:
            self._made.add(sha256)
            self._ask_thumbnail(wish.media, lambda made: self._on_made(sha256))
        self.ready.emit()

    def _on_made(self, sha256: str) -> None:
        for key in [key for key in self._kept if key.sha256 == sha256]:
            if self._kept[key] is None:
                del self._kept[key]
        self.ready.emit()


def _key_of(media: Media, size: QSizeF) -> PictureKey:
    wide, tall = (int(-(-side // STEP_PX) * STEP_PX) for side in (size.width(), size.height()))
    return PictureKey(media.sha256 or "", wide, tall)


def own_size(path: Path) -> QSize:
    """Of the picture, upright, as its head says; not valid where Qt cannot tell."""
    reader = raster_reader(path)
    size = reader.size()
    return size.transposed() if reader.transformation().value & 4 else size


def suffices(path: Path, cover: QSize, bound_px: int) -> bool:
    """Whether a smaller copy, made within `bound_px`, is as sharp as the picture itself here."""
    size = QImageReader(str(path)).size()
    whole = max(size.width(), size.height()) < bound_px
    return whole or (size.width() >= cover.width() and size.height() >= cover.height())


def decode(path: Path, wanted: QSize, *, cover: bool = True) -> QImage:
    """The picture, upright, no larger than needed to cover `wanted`, or to fit into it.

    A null image if it cannot be read.
    """
    reader = raster_reader(path)
    size = reader.size()
    if size.isValid():
        turned = reader.transformation().value & 4  # a quarter turn swaps the sides
        room = wanted.transposed() if turned else wanted
        scaled = size.scaled(room, _mode(cover=cover))
        if scaled.width() < size.width():
            reader.setScaledSize(scaled)
    return reader.read()


def _drawing(path: Path) -> QImage:
    """A drawing that was made safe; a null image if it cannot be."""
    try:
        if path.stat().st_size > 4 * MAX_CHARS:
            return QImage()
        vector = draw(path.read_text(encoding="utf-8", errors="replace"))
    except OSError:
        return QImage()
    return QImage() if vector is None else vector.image


def written(image: QImage) -> bytes:
    """As a file to keep."""
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    if image.hasAlphaChannel():
        image.save(buffer, "PNG")  # type: ignore[call-overload]
    else:
        image.save(buffer, "JPEG", QUALITY)  # type: ignore[call-overload]
    buffer.close()
    return bytes(data.data())


def _scaled(image: QImage, cover: QSize) -> QImage:
    size = image.size().scaled(cover, _mode(cover=True))
    if size.width() >= image.width():
        return image
    smooth = Qt.TransformationMode.SmoothTransformation
    return image.scaled(size, Qt.AspectRatioMode.IgnoreAspectRatio, smooth)


def _mode(*, cover: bool) -> Qt.AspectRatioMode:
    modes = Qt.AspectRatioMode
    return modes.KeepAspectRatioByExpanding if cover else modes.KeepAspectRatio
