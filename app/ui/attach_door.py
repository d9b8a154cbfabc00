"""Where attachments come in; the desk behind it is loaded by the first that does.

Invariant: a start without attachments pays nothing for them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QMimeData, QObject, QTimer
from PySide6.QtGui import QImage

from app.domain.message import Media
from app.ui.attach_offers import AttachOffers, Show
from app.ui.message_field import MessageField

if TYPE_CHECKING:
    from app.ui.attach_desk import AttachDesk
    from app.ui.attach_room import AttachRoom

FIRST_THUMBNAIL_MS = 50
"""A draft's pictures come after the window: the first costs the loading of what makes them."""


class AttachDoor(QObject):
    """`make` makes the room when it is first needed, on the running loop."""

    def __init__(self, make: Callable[[], AttachRoom], window: QObject) -> None:
        super().__init__(window)
        self._make = make
        self._room: AttachRoom | None = None

    @property
    def room(self) -> AttachRoom:
        if self._room is None:
            self._room = self._make()
        return self._room

    @property
    def desk(self) -> AttachDesk:
        return self.room.desk

    def listen(self, field: MessageField, show: Show) -> None:
        """Take what is pasted into `field`, and offer to take some of its text."""
        field.mimePasted.connect(self.take_mime)
        AttachOffers(field, show, self._take_address, self._take_text)

    def choose_files(self) -> None:
        self.desk.choose_files()

    def open_menu(self) -> None:
        self.room.menu.open()

    def take_mime(self, given: QMimeData) -> None:
        self.desk.take_mime(given)

    def _take_address(self, url: str) -> None:
        self.desk.take_address(url)

    def _take_text(self, text: str) -> None:
        self.desk.take_text(text)

    def ask_thumbnail(self, media: Media, show: Callable[[QImage], None]) -> None:
        """Call `show` with the small picture of `media`, once there is one."""
        if self._room is not None:
            self.desk.ask_thumbnail(media, show)
        else:
            QTimer.singleShot(
                FIRST_THUMBNAIL_MS, self, lambda: self.desk.ask_thumbnail(media, show)
            )
