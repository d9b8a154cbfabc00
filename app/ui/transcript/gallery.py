"""The attachments of a chat, in the order in which they stand in it: looked at large, saved, copied
and dragged out.

Invariant: only what is stored here is shown; nothing is fetched.
"""

from __future__ import annotations

import mimetypes
from collections.abc import Iterable, Iterator, Sequence

from PySide6.QtCore import QSizeF
from PySide6.QtWidgets import QWidget

from app.domain.kinds import kind_of
from app.domain.message import Attached, Media, Message
from app.i18n import tr
from app.ui.transcript.feed import Feed
from app.ui.transcript.means import PathOf
from app.ui.transcript.units.base import Unit
from app.ui.transcript.units.drawn import DrawnUnit
from app.ui.transcript.units.figures import FiguredUnit
from app.ui.transcript.units.media import MediaUnit
from app.ui.viewing.exhibit import Exhibit
from app.ui.viewing.handing_out import PictureCopier, drag_out

GHOST = QSizeF(160, 160)


class Gallery:
    """Opens viewers over the chat that `feed` shows. `copier` copies whole pictures."""

    def __init__(self, feed: Feed, parent: QWidget) -> None:
        self._feed = feed
        self._parent = parent
        self.copier = PictureCopier(parent)

    def exhibit(self, message: Message, unit: Unit, number: int | None) -> Exhibit | None:
        """What attachment `number` of a unit is, where its file is here."""
        path_of = self._feed.around.pictures.path_of
        if number is None:
            return None
        if isinstance(unit, MediaUnit):
            return exhibit_of(message.id, unit.media[number], path_of)
        media = unit.media_of(number) if isinstance(unit, FiguredUnit) else None
        return exhibit_of(message.id, media, path_of) if media is not None else None

    def open_shown(self, message: Message, unit: Unit, number: int) -> None:
        """Show attachment `number` of a unit large."""
        exhibit = self.exhibit(message, unit, number)
        if exhibit is not None:
            self.open(exhibit)

    def open(self, exhibit: Exhibit) -> None:
        """Show an attachment large, with the others of the chat to go on to."""
        exhibits = [
            *exhibits_of(self._feed.messages.with_media(), self._feed.around.pictures.path_of)
        ]
        at = next((at for at, each in enumerate(exhibits) if each == exhibit), None)
        self._show([exhibit] if at is None else exhibits, at or 0)

    def open_drawing(self, unit: Unit) -> None:
        """Show large what a block of code draws."""
        if isinstance(unit, DrawnUnit):
            self._show([unit.exhibit()], 0)

    def offer_to_save(self, exhibit: Exhibit) -> None:
        """Ask where to save an attachment."""
        from app.ui.viewing.viewer import offer_to_save_exhibit

        offer_to_save_exhibit(exhibit, self._parent)

    def drag(self, message: Message, unit: Unit, number: int) -> bool:
        """Let an attachment be dropped elsewhere; whether it can be."""
        exhibit, around = self.exhibit(message, unit, number), self._feed.around
        if exhibit is None or exhibit.media is None:
            return False
        ghost = around.pictures.get(exhibit.media, GHOST * self._parent.devicePixelRatioF())
        return drag_out(exhibit, around.lending, ghost, self._parent)

    def _show(self, exhibits: Sequence[Exhibit], at: int) -> None:
        from app.ui.viewing.viewer import Viewer

        around = self._feed.around
        Viewer(around.style.theme, exhibits, at, around.lending, self._parent).show()


def exhibits_of(messages: Iterable[Attached], path_of: PathOf) -> Iterator[Exhibit]:
    """All stored attachments whose files are there."""
    for message in messages:
        for media in message.media:
            exhibit = exhibit_of(message.id, media, path_of)
            if exhibit is not None:
                yield exhibit


def exhibit_of(message_id: str, media: Media, path_of: PathOf) -> Exhibit | None:
    """One attachment; `None` when its file is gone, or lies somewhere else."""
    sha256 = media.sha256 or ""
    path = path_of(sha256) if sha256 else None
    if path is None:
        return None
    return Exhibit((message_id, sha256), file_name(media), path, media=media)


def file_name(media: Media) -> str:
    """A name to save it under."""
    if media.name:
        return media.name
    kind = kind_of(media)
    ending = mimetypes.guess_extension(media.mime) or ""
    if ending.lstrip(".") not in kind.endings.split():
        ending = ""  # a service may name any type, also one that can be run
    return (tr("picture") if kind.name == "picture" else tr("file")) + ending
