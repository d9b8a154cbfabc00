"""The pictures of a chat, in the order in which they stand in it: looked at large, and saved.

Invariant: only what is stored here is a picture; nothing is fetched.
"""

from __future__ import annotations

import mimetypes
from collections.abc import Iterable, Iterator

from PySide6.QtWidgets import QWidget

from app.domain.message import Media, Message
from app.i18n import tr
from app.ui.pictures.picture import Picture
from app.ui.pictures.viewer import PictureViewer, offer_to_save_picture
from app.ui.transcript.feed import Feed
from app.ui.transcript.pictures import PathOf
from app.ui.transcript.units.base import Unit
from app.ui.transcript.units.drawn import DrawnUnit


class Gallery:
    """Opens viewers over the chat that `feed` shows."""

    def __init__(self, feed: Feed, parent: QWidget) -> None:
        self._feed = feed
        self._parent = parent

    def open(self, message: Message, sha256: str) -> None:
        """Show a picture large, with the others of the chat to go on to."""
        around = self._feed.around
        pictures = [*pictures_of(self._feed.messages, around.pictures.path_of)]
        key = (message.id, sha256)
        at = next((at for at, each in enumerate(pictures) if each.key == key), None)
        if at is not None:
            self._show(pictures, at)

    def open_drawing(self, unit: Unit) -> None:
        """Show large what a block of code draws."""
        if isinstance(unit, DrawnUnit):
            self._show([unit.picture()], 0)

    def offer_to_save(self, message: Message, media: Media) -> None:
        """Ask where to save an attachment."""
        picture = picture_of(message, media, self._feed.around.pictures.path_of)
        if picture is not None:
            offer_to_save_picture(picture, self._parent)

    def _show(self, pictures: list[Picture], at: int) -> None:
        PictureViewer(self._feed.around.style.theme, pictures, at, self._parent).show()


def is_picture(media: Media) -> bool:
    """Whether it is a stored image."""
    return media.sha256 is not None and media.mime.startswith("image/")


def pictures_of(messages: Iterable[Message], path_of: PathOf) -> Iterator[Picture]:
    """All stored pictures whose files are there."""
    for message in messages:
        for media in message.media:
            picture = picture_of(message, media, path_of) if is_picture(media) else None
            if picture is not None:
                yield picture


def picture_of(message: Message, media: Media, path_of: PathOf) -> Picture | None:
    """One attachment as a picture, which may be none; `None` when its file is gone."""
    sha256 = media.sha256 or ""
    path = path_of(sha256) if sha256 else None
    return Picture((message.id, sha256), file_name(media), path) if path is not None else None


def file_name(media: Media) -> str:
    """A name to save it under."""
    if media.name:
        return media.name
    ending = mimetypes.guess_extension(media.mime) or ""
    return (tr("picture") if media.mime.startswith("image/") else tr("file")) + ending
