"""Where attachments come in; the desk behind it is loaded by the first that does.

Invariant: a start without attachments pays nothing for them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QMimeData, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QImage

from app.domain.message import Media
from app.ui.attach_offers import AttachOffers, Show
from app.ui.message_field import MessageField
from app.ui.offered import kept
from app.ui.worker import Worker

if TYPE_CHECKING:
    from app.ui.attach_desk import AttachDesk
    from app.ui.attach_menu import AttachMenu
    from app.ui.attach_pictures import AttachPictures

Done = Callable[[Media | str], None]
Told = Callable[[float | None], None]

FIRST_THUMBNAIL_MS = 50
"""A draft's pictures come after the window: the first costs the loading of what makes them."""


@dataclass(frozen=True, slots=True)
class AttachRoom:
    """What is behind the door."""

    desk: AttachDesk
    pictures: AttachPictures
    menu: AttachMenu


Act = Callable[[AttachRoom], None]


class AttachDoor(QObject):
    """`make` makes the room, on the running loop; unless all of it `is_loaded`, `load` imports it
    before, on a thread. What comes meanwhile waits, in order."""

    _loaded = Signal()

    def __init__(
        self,
        is_loaded: Callable[[], bool],
        load: Callable[[], None],
        make: Callable[[], AttachRoom],
        window: QObject,
    ) -> None:
        super().__init__(window)
        self._is_loaded = is_loaded
        self._make = make
        self._room: AttachRoom | None = None
        self._waiting: list[Act] = []
        self._worker = Worker[Callable[[], None]]("attach", self._load)
        self._imports = load
        self._loaded.connect(self._on_loaded, Qt.ConnectionType.QueuedConnection)

    def listen(self, field: MessageField, show: Show) -> None:
        """Take what is pasted into `field`, and offer to take some of its text."""
        field.mimePasted.connect(self.take_mime)
        AttachOffers(field, show, self._take_address, self._take_text)

    def choose_files(self) -> None:
        self._with_room(lambda room: room.desk.choose_files())

    def open_menu(self) -> None:
        self._with_room(lambda room: room.menu.open())

    def take_mime(self, given: QMimeData) -> None:
        """Attach what was pasted or dropped, which is there as long as this call lasts."""
        held = given if self._room is not None else kept(given)
        self._with_room(lambda room: room.desk.take_mime(held))

    def _take_address(self, url: str) -> None:
        self._with_room(lambda room: room.desk.take_address(url))

    def _take_text(self, text: str) -> None:
        self._with_room(lambda room: room.desk.take_text(text))

    def load_picture(self, url: str, done: Done, told: Told) -> Callable[[], None]:
        """Fetch the picture at an address that the person chose; what cancels it."""
        going: list[Callable[[], None]] = []
        wanted = True

        def begin(room: AttachRoom) -> None:
            if wanted:
                going.append(room.desk.load_picture(url, done, told))

        def cancel() -> None:
            nonlocal wanted
            wanted = False
            for end in going:
                end()

        self._with_room(begin)
        return cancel

    def ask_thumbnail(self, media: Media, show: Callable[[QImage], None]) -> None:
        """Call `show` with the small picture of `media`, once there is one."""
        if self._room is not None:
            self._room.pictures.ask_thumbnail(media, show)
        else:
            QTimer.singleShot(
                FIRST_THUMBNAIL_MS,
                self,
                lambda: self._with_room(lambda room: room.pictures.ask_thumbnail(media, show)),
            )

    def _with_room(self, act: Act) -> None:
        if self._room is None and not self._waiting and self._is_loaded():
            self._room = self._make()
        if self._room is not None:
            act(self._room)
            return
        self._waiting.append(act)
        if len(self._waiting) == 1:
            self._worker.put(self._imports)

    def _load(self, imports: Callable[[], None]) -> None:
        """On the thread."""
        imports()
        self._loaded.emit()

    def _on_loaded(self) -> None:
        self._room = self._make()
        waiting, self._waiting = self._waiting, []
        for act in waiting:
            act(self._room)
