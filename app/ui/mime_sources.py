"""What a paste or a drop brings: the files, pictures and addresses in it, as sources to attach.

Invariant: pure; files come before the data of a picture, and that before its address: a browser
offers both, and the address may need a login. A link to a page is no attachment. Knows no widget.
"""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QMimeData, QUrl
from PySide6.QtGui import QImage, QImageWriter

from app.attachments import AddressSource, DataSource, FileSource, Source
from app.i18n import tr
from app.ui.offered import PICTURE_TYPES, names_something_to_see, shows_picture, urls_in


def sources_in(given: QMimeData) -> tuple[Source, ...]:
    """What can be attached of it; none where there is only text, or nothing."""
    urls = urls_in(given)
    if any(url.isLocalFile() for url in urls):
        return tuple(_at(url) for url in urls)
    picture = _picture_in(given)
    if picture is not None:
        return (picture,)
    if shows_picture(given) or any(_is_attached(url) for url in urls):
        return tuple(_at(url) for url in urls)
    return ()


def _is_attached(url: QUrl) -> bool:
    """A page stays a link in the text; of what is no address of the web at all a chip tells."""
    return url.scheme() not in ("http", "https") or names_something_to_see(url)


def _at(url: QUrl) -> Source:
    if url.isLocalFile():
        return FileSource(Path(url.toLocalFile()))
    return AddressSource(bytes(url.toEncoded().data()).decode("ascii"))


def _picture_in(given: QMimeData) -> DataSource | None:
    stem = next((url.fileName().rpartition(".")[0] for url in given.urls()), "")
    stem = stem or tr("Pasted picture")
    for mime, ending in PICTURE_TYPES.items():
        data = bytes(given.data(mime).data()) if given.hasFormat(mime) else b""
        if data:
            return DataSource(data, f"{stem}.{ending}")
    image = given.imageData() if given.hasImage() else None
    if not isinstance(image, QImage) or image.isNull():
        return None
    # Written as it is, in a few milliseconds; made small beside the window's thread.
    ending = "png" if image.hasAlphaChannel() else "bmp"
    return DataSource(written(image, ending), f"{stem}.{ending}")


def written(image: QImage, ending: str) -> bytes:
    """The picture as a file of that kind. A bmp takes a few milliseconds, a png many."""
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    QImageWriter(buffer, ending.encode()).write(image)
    buffer.close()
    return bytes(data.data())
