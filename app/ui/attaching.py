"""From files, the clipboard and drops to pictures of a message: checked, converted, stored.

Invariant: what cannot be attached is said with its reason, and the rest goes on; the content
decides what something is, not its name. PNG, JPEG and WebP are kept as they are, other pictures
that can be read become PNG (the services take no GIF). Knows no chat.
"""

from __future__ import annotations

import stat
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QMimeData, QSize
from PySide6.QtGui import QImage, QImageReader, QImageWriter

from app.domain.message import Media
from app.i18n import tr

LARGEST_BYTES = 15_000_000
"""More goes over the limits of common gateways once it is base64 (R60)."""
LARGEST_PIXELS = 100_000_000
THUMBNAIL_PX = 160
KEPT_FORMATS = {"png": "image/png", "jpeg": "image/jpeg", "webp": "image/webp"}
NAME_FILTERS = ("*.png", "*.jpg", "*.jpeg", "*.webp", "*.gif", "*.bmp")


class RefusedError(Exception):
    """Something that cannot be attached. `str()` of it is a sentence for the person."""


@dataclass(frozen=True, slots=True)
class Attached:
    """What became of several things: pictures to add, and a sentence for each of the others."""

    media: tuple[Media, ...] = ()
    refused: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Picture:
    """A checked picture: what is to be stored of it."""

    data: bytes
    mime: str
    size: QSize


class Attaching:
    """`store` keeps bytes and names them by their SHA-256, `read` gives them back."""

    def __init__(self, store: Callable[[bytes], str], read: Callable[[str], bytes]) -> None:
        self._store = store
        self._read = read

    def files(self, paths: Iterable[Path]) -> Attached:
        """Attach files. Reads and checks each; a picture of 10 MB takes some 50 ms."""
        media, refused = [], []
        for path in paths:
            try:
                media.append(self._keep(checked(read_file(path), path.name), path.name))
            except RefusedError as reason:
                refused.append(str(reason))
        return Attached(tuple(media), tuple(refused))

    def mime(self, source: QMimeData) -> Attached:
        """Attach what was pasted or dropped: files, else a picture."""
        paths = [Path(url.toLocalFile()) for url in source.urls() if url.isLocalFile()]
        if paths:
            return self.files(paths)
        if source.hasImage():
            image = source.imageData()
            try:
                if not isinstance(image, QImage) or image.isNull():
                    raise RefusedError(tr("The picture on the clipboard cannot be read."))
                name = tr("Pasted picture")
                return Attached((self._keep(as_png(image, name), f"{name}.png"),))
            except RefusedError as reason:
                return Attached(refused=(str(reason),))
        return Attached(refused=(tr("Only pictures can be attached so far."),))

    def thumbnail(self, media: Media) -> QImage:
        """A small picture of `media`; null where its bytes are gone."""
        if media.sha256 is None:
            return QImage()
        try:
            data = self._read(media.sha256)
        except (KeyError, OSError):
            return QImage()
        source = PictureSource(data)
        reader = source.reader
        size = reader.size()
        if size.isValid() and max(size.width(), size.height()) > THUMBNAIL_PX:
            # Scaled while it is decoded: a large JPEG costs a tenth of its full decoding.
            shorter = max(1, min(size.width(), size.height()))
            factor = THUMBNAIL_PX / shorter
            if factor < 1:
                reader.setScaledSize(
                    QSize(round(size.width() * factor) or 1, round(size.height() * factor) or 1)
                )
        return reader.read()

    def _keep(self, picture: Picture, name: str) -> Media:
        try:
            sha256 = self._store(picture.data)
        except OSError as error:
            raise RefusedError(str(error)) from error
        return Media(
            mime=picture.mime,
            sha256=sha256,
            name=" ".join(name.split()),
            size_bytes=len(picture.data),
            width_px=picture.size.width(),
            height_px=picture.size.height(),
        )


class PictureSource:
    """Bytes that are read as a picture. Holds its device: a `QImageReader` does not own it."""

    def __init__(self, data: bytes) -> None:
        self._buffer = QBuffer()
        self._buffer.setData(QByteArray(data))
        self._buffer.open(QIODevice.OpenModeFlag.ReadOnly)
        self.reader = QImageReader(self._buffer)
        self.reader.setDecideFormatFromContent(True)
        self.reader.setAutoTransform(True)
        self.format = bytes(self.reader.format().data()).decode("ascii", "replace")


def read_file(path: Path) -> bytes:
    """A whole file of a size that can be sent. Raises RefusedError."""
    name = path.name
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise RefusedError(tr("{name} is a folder. Attach the pictures in it.", name=name))
        if not stat.S_ISREG(status.st_mode):
            raise RefusedError(tr("{name} is not a file.", name=name))
        if status.st_size > LARGEST_BYTES:
            limit = LARGEST_BYTES // 1_000_000
            raise RefusedError(tr("{name} is larger than {limit} MB.", name=name, limit=limit))
        with path.open("rb") as file:
            return file.read(LARGEST_BYTES + 1)
    except FileNotFoundError:
        raise RefusedError(tr("{name} is not there any more.", name=name)) from None
    except OSError as error:
        raise RefusedError(
            tr("{name} cannot be read: {reason}.", name=name, reason=error.strerror or error)
        ) from error


def checked(data: bytes, name: str) -> Picture:
    """`data` as a picture that services take. Raises RefusedError."""
    source = PictureSource(data)
    reader, found = source.reader, source.format
    size = reader.size()
    if not reader.canRead() or not size.isValid():
        raise RefusedError(
            tr("{name} is not a picture that Linnet can read. PNG, JPEG, WebP work.", name=name)
        )
    if size.width() * size.height() > LARGEST_PIXELS:
        raise RefusedError(
            tr(
                "{name} is too large: {width} × {height} pixels.",
                name=name,
                width=size.width(),
                height=size.height(),
            )
        )
    if found in KEPT_FORMATS:
        # A quarter of the pixels tells whether it is broken, at a fraction of the cost.
        reader.setScaledSize(QSize(max(1, size.width() // 4), max(1, size.height() // 4)))
        if reader.read().isNull():
            raise RefusedError(tr("{name} is damaged.", name=name))
        return Picture(data, KEPT_FORMATS[found], size)
    image = reader.read()
    if image.isNull():
        raise RefusedError(tr("{name} is damaged.", name=name))
    return as_png(image, name)


def as_png(image: QImage, name: str) -> Picture:
    """`image` as a PNG file. Raises RefusedError when that is too large."""
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    QImageWriter(buffer, b"png").write(image)
    buffer.close()
    content = bytes(data.data())
    if len(content) > LARGEST_BYTES:
        limit = LARGEST_BYTES // 1_000_000
        raise RefusedError(tr("{name} is larger than {limit} MB.", name=name, limit=limit))
    return Picture(content, "image/png", image.size())
