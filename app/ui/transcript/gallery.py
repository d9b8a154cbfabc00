"""The attachments of a chat, in the order in which they stand in it: looked at large, and saved.

Invariant: only what is stored here is shown; nothing is fetched.
"""

from __future__ import annotations

import mimetypes
from collections.abc import Iterable, Iterator, Sequence

from PySide6.QtWidgets import QWidget

from app.domain.kinds import kind_of
from app.domain.message import Media, Message
from app.i18n import tr
from app.ui.transcript.feed import Feed
from app.ui.transcript.means import PathOf
from app.ui.transcript.units.base import Unit
from app.ui.transcript.units.drawn import DrawnUnit
from app.ui.transcript.units.media import MediaUnit
from app.ui.viewing.exhibit import Exhibit


class Gallery:
    """Opens viewers over the chat that `feed` shows."""

    def __init__(self, feed: Feed, parent: QWidget) -> None:
        self._feed = feed
        self._parent = parent

    def open(self, message: Message, media: Media) -> None:
        """Show an attachment large, with the others of the chat to go on to."""
        exhibits = [*exhibits_of(self._feed.messages, self._feed.around.pictures.path_of)]
        this = (message.id, media)
        places = (at for at, each in enumerate(exhibits) if (each.key[0], each.media) == this)
        at = next(places, None)
        if at is not None:
            self._show(exhibits, at)

    def open_shown(self, message: Message, unit: Unit, number: int) -> None:
        """Show attachment `number` of a unit large."""
        if isinstance(unit, MediaUnit):
            self.open(message, unit.media[number])

    def open_drawing(self, unit: Unit) -> None:
        """Show large what a block of code draws."""
        if isinstance(unit, DrawnUnit):
            self._show([unit.exhibit()], 0)

    def offer_to_save(self, message: Message, media: Media) -> None:
        """Ask where to save an attachment."""
        from app.ui.viewing.viewer import offer_to_save_exhibit

        exhibit = exhibit_of(message, media, self._feed.around.pictures.path_of)
        if exhibit is not None:
            offer_to_save_exhibit(exhibit, self._parent)

    def _show(self, exhibits: Sequence[Exhibit], at: int) -> None:
        from app.ui.viewing.viewer import Viewer

        around = self._feed.around
        Viewer(around.style.theme, exhibits, at, around.lending, self._parent).show()


def exhibits_of(messages: Iterable[Message], path_of: PathOf) -> Iterator[Exhibit]:
    """All stored attachments whose files are there."""
    for message in messages:
        for media in message.media:
            exhibit = exhibit_of(message, media, path_of)
            if exhibit is not None:
                yield exhibit


def exhibit_of(message: Message, media: Media, path_of: PathOf) -> Exhibit | None:
    """One attachment; `None` when its file is gone, or lies somewhere else."""
    sha256 = media.sha256 or ""
    path = path_of(sha256) if sha256 else None
    if path is None:
        return None
    return Exhibit((message.id, sha256), file_name(media), path, media=media)


def file_name(media: Media) -> str:
    """A name to save it under."""
    if media.name:
        return media.name
    ending = mimetypes.guess_extension(media.mime) or ""
    kind = kind_of(media)
    return (tr("picture") if kind.name == "picture" else tr("file")) + ending
