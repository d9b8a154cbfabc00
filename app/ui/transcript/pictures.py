"""Decoded pictures of stored attachments: asked for by content, decoded on a worker thread, kept.

Invariant: `get` never waits and never decodes; a picture is decoded near the size in which it is
shown, so a camera's picture costs what its thumbnail costs. What cannot be decoded stays a frame.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from PySide6.QtCore import QObject, QSize, QSizeF, Qt, Signal
from PySide6.QtGui import QImage, QImageReader, QPixmap

from app.ui.worker import Worker

MAX_KEPT = 60
STEP_PX = 64
"""Sizes are rounded up to this, so that a resize does not decode again each time."""

PathOf = Callable[[str], Path | None]
"""Where the bytes of a content hash lie; `None` when they are gone."""


class PictureKey(NamedTuple):
    sha256: str
    width_px: int
    height_px: int


class Pictures(QObject):
    """A bounded store. `ready` comes on the UI thread after each new picture."""

    ready = Signal()
    _decoded = Signal(object, QImage, QSize)

    def __init__(self, path_of: PathOf, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.path_of = path_of
        self._kept: OrderedDict[PictureKey, QPixmap | None] = OrderedDict()
        self._asked: set[PictureKey] = set()
        self._sizes: dict[str, QSize] = {}
        """Small enough to keep all."""
        self._worker = Worker("pictures", self._decode)
        self._decoded.connect(self._on_decoded, Qt.ConnectionType.QueuedConnection)

    def get(self, sha256: str, size: QSizeF) -> QPixmap | None:
        """The picture to cover `size` device pixels, or `None` until it is decoded."""
        key = _key_of(sha256, size)
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key]
        if key not in self._asked:
            path = self.path_of(sha256)
            if path is None:
                self._kept[key] = None
                return None
            self._asked.add(key)
            self._worker.put((key, path))
        return None

    def is_broken(self, sha256: str, size: QSizeF) -> bool:
        """Whether it was tried, and is gone or cannot be decoded."""
        key = _key_of(sha256, size)
        return key in self._kept and self._kept[key] is None

    def size_of(self, sha256: str) -> QSize | None:
        """The whole picture's own size, once it was decoded."""
        return self._sizes.get(sha256)

    def _decode(self, wanted: tuple[PictureKey, Path]) -> None:
        key, path = wanted
        image, size = decode(path, QSize(key.width_px, key.height_px))
        # The window, and this object with it, may have gone meanwhile.
        with suppress(RuntimeError):
            self._decoded.emit(key, image, size)

    def _on_decoded(self, key: PictureKey, image: QImage, size: QSize) -> None:
        self._asked.discard(key)
        if not size.isEmpty():
            self._sizes[key.sha256] = size
        self._kept[key] = None if image.isNull() else QPixmap.fromImage(image)
        while len(self._kept) > MAX_KEPT:
            self._kept.popitem(last=False)
        self.ready.emit()


def _key_of(sha256: str, size: QSizeF) -> PictureKey:
    wide, tall = (int(-(-side // STEP_PX) * STEP_PX) for side in (size.width(), size.height()))
    return PictureKey(sha256, wide, tall)


def decode(path: Path, cover: QSize) -> tuple[QImage, QSize]:
    """The picture, upright, scaled so that it covers `cover`, and its own size.

    A null image if it cannot be read.
    """
    reader = QImageReader(str(path))
    reader.setAutoTransform(True)
    size = reader.size()
    turned = bool(reader.transformation().value & 4)  # a quarter turn swaps the sides
    if size.isValid():
        wanted = cover.transposed() if turned else cover
        if size.width() > wanted.width() and size.height() > wanted.height():
            aspect = Qt.AspectRatioMode.KeepAspectRatioByExpanding
            reader.setScaledSize(size.scaled(wanted, aspect))
    image = reader.read()
    if image.isNull() or not size.isValid():
        return image, image.size()
    return image, size.transposed() if turned else size
