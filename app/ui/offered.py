"""What another program offers in a paste or a drop, told without reading a picture.

Invariant: pure; loaded at the start, so it knows neither widgets nor what attaches things.
"""

from __future__ import annotations

from PySide6.QtCore import QMimeData, Qt, QUrl
from PySide6.QtGui import QDropEvent, QTextDocumentFragment

from app.domain.kinds import is_link

# As they lie on the clipboard, without decoding. The best that programs offer come first.
PICTURE_TYPES = {
    "image/png": "png",
    "image/jpeg": "jpg",
    "image/webp": "webp",
    "image/svg+xml": "svg",
    "image/gif": "gif",
    "image/tiff": "tiff",
    "image/bmp": "bmp",
}
_WORDS = ("text/plain", "text/html")
# Copied files as file managers of GNOME offer them: "copy" or "cut", then an address a line.
_GNOME_FILES = "x-special/gnome-copied-files"
_GNOME_MARK = "x-special/nautilus-clipboard"


def accept_copy(event: QDropEvent) -> None:
    """Take what is dropped as a copy: a program that hears of a move deletes its own."""
    if event.possibleActions() & Qt.DropAction.CopyAction:
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
    else:
        event.acceptProposedAction()


def has_picture(given: QMimeData) -> bool:
    """Whether it holds a picture, decoded or in a form of its own."""
    return given.hasImage() or any(name.startswith("image/") for name in given.formats())


def could_be_attached(given: QMimeData) -> bool:
    """Files, pictures and addresses. Asked at every step of a drag: looks at the types alone."""
    return given.hasUrls() or has_picture(given) or given.hasFormat(_GNOME_FILES)


def urls_in(given: QMimeData) -> list[QUrl]:
    """The addresses in it, of copied files too."""
    if urls := given.urls():
        return urls
    lines = bytes(given.data(_GNOME_FILES).data()).decode("utf-8", "replace").splitlines()
    if not lines and given.text().startswith(_GNOME_MARK):
        lines = given.text().splitlines()[1:]
    return [QUrl(line) for line in lines[1:] if line]


def has_files(given: QMimeData) -> bool:
    return any(url.isLocalFile() for url in urls_in(given))


def is_meant_as_text(given: QMimeData) -> bool:
    """A spreadsheet offers text and a picture of it: the text is meant. A browser offers the
    address of a picture and the picture: that is meant."""
    if has_files(given):
        return False
    if not has_picture(given):
        return bool(text_in(given))
    return given.hasFormat("text/plain") and len(given.text().split()) > 1


def text_in(given: QMimeData) -> str:
    """Its words, where there are any; marked-up ones without their marks."""
    if given.hasText():
        return given.text()
    return QTextDocumentFragment.fromHtml(given.html()).toPlainText() if given.hasHtml() else ""


def shows_picture(given: QMimeData) -> bool:
    """Whether a browser says that the address is that of a picture, whatever it ends with."""
    return "<img" in given.html()[:4096].lower() if given.hasHtml() else False


def kept(given: QMimeData) -> QMimeData:
    """What can be used of it, for later: the other program may be asked no more by then."""
    held = QMimeData()
    best = next((kind for kind in PICTURE_TYPES if given.hasFormat(kind)), None)
    if best is None and given.hasImage():
        held.setImageData(given.imageData())
    for kind in given.formats():
        if kind in (best, _GNOME_FILES, *_WORDS):
            held.setData(kind, given.data(kind))
    if given.hasUrls():
        held.setUrls(given.urls())
    return held


def names_something_to_see(url: QUrl) -> bool:
    return is_link(url.toString(QUrl.ComponentFormattingOption.FullyEncoded))
