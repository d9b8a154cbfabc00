"""Where attachments come in and are looked at: composer, transcript and desk over the engine.

Invariant: the transcript and what takes in files are loaded with their first use; a start without
attachments pays nothing for them.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from app.engine import Engine
from app.ui.addresses import Addresses
from app.ui.attach_door import AttachDoor, AttachRoom
from app.ui.chat_page import ChatPage
from app.ui.chip_viewing import ChipViewing
from app.ui.composer import Composer
from app.ui.drop_overlay import DropOverlay
from app.ui.in_use import InUse, media_in_use
from app.ui.shortcuts import keys_text
from app.ui.theme import Theme
from app.ui.transcript.means import Means
from app.ui.viewing.lending import Lending
from app.ui.window import MainWindow

if TYPE_CHECKING:
    from app.ui.transcript.view import TranscriptView

ROOM = "app.assembly.attach_room"


class Attaching:
    """First the composer, then the page with the transcript in it, then `connect`."""

    def __init__(self, engine: Engine, theme: Theme, window: MainWindow) -> None:
        self._engine = engine
        self._theme = theme
        self._window = window
        self._lending = Lending(engine.paths.lent)
        self._door = AttachDoor(self.is_loaded, self.load, self.room, window)
        self.means = Means(
            service_of=engine.services.get,
            path_of=self._path_of,
            small=engine.thumbnails,
            ask_thumbnail=self._door.ask_thumbnail,
            load=self._door.load_picture,
            lending=self._lending,
        )

    def composer(self) -> Composer:
        composer = Composer(self._theme, self._door.ask_thumbnail, keys_text)
        composer.attachRequested.connect(self._door.choose_files)
        composer.attachMenuRequested.connect(self._door.open_menu)
        return composer

    def transcript(self) -> TranscriptView:
        """Over the stored attachments. An empty chat is shown before it is imported."""
        from app.ui.transcript.view import TranscriptView

        engine = self._engine
        view = TranscriptView(self._theme, means=self.means, clock=engine.clock.monotonic)
        view.set_fold_reasoning(engine.config.settings.fold_reasoning)
        state = self._window.state
        view.follower.places.read(state.places)

        def keep_places() -> None:
            state.places = view.follower.places_now()
            state.write()

        self._window.closed.connect(keep_places)
        return view

    def connect(self, page: ChatPage) -> None:
        """What is pasted, dropped, and chosen on the chips of the window that is filled."""
        window, door, composer = self._window, self._door, page.composer
        door.listen(composer.field, window.notice.show_here)
        DropOverlay(self._theme, page, window).dropped.connect(door.take_mime)
        Addresses(page, window.notice.show_text)
        links = page.deeds.linkRequested.emit
        InUse(composer, lambda: composer.media_put_aside)
        self._engine.ask_before_removing(lambda: media_in_use(window))
        ChipViewing(self._theme, composer.chips, self._path_of, links, self._lending, page)

    def is_loaded(self) -> bool:
        """Whether the room costs nothing to make any more."""
        return ROOM in sys.modules

    def load(self) -> None:
        """Import what the room needs; for a thread."""
        import app.assembly.attach_room  # noqa: F401

    def room(self) -> AttachRoom:
        """Takes in attachments. Imported with what reads pictures, by the first of them."""
        from app.assembly.attach_room import furnish

        return furnish(self._engine, self._theme, self._window)

    def _path_of(self, sha256: str) -> Path | None:
        try:
            return self._engine.blobs.path(sha256)
        except KeyError:
            return None
