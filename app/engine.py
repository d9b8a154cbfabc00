"""The composition root of all that is not a window: files, settings, keys, services, chats.

Invariant: the window and the terminal stand on the same engine; it knows neither. After `shutdown`
no task runs, no connection is open and everything that was said is on disk.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import uuid
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from app.chat import Surroundings
from app.config import Config
from app.domain.message import Media
from app.domain.settings import Service, Settings
from app.domain.stream import MediaReceived
from app.library import Library
from app.log import Log
from app.paths import Paths, find_paths
from app.providers import Providers
from app.providers.base import BlobSource, Files, HeldUploads, Quirks, UploadMemory
from app.providers.presets import PRESETS
from app.reply import Backend, LearnedQuirks
from app.saving import Store
from app.secrets import Secrets
from app.services import Services
from app.services.uploads import UploadedFiles
from app.storage.blobs import Blobs
from app.storage.errors import StorageError
from app.storage.stored import Stored
from app.storage.thumbnails import Thumbnails
from app.tasks import Clock, Tasks

if TYPE_CHECKING:
    from app.attachments import Attachments
    from app.house import House
    from app.storage.learned import Learned
    from app.updates import Updates

WARM_AFTER_S = 0.5  # the window is furnished by then

KeyOf = Callable[[Service], Awaitable[str | None]]

UNUSED_S = 86_400.0
"""So long an attachment that nothing names is kept: it may be on its way into a question."""


class BlobStore(BlobSource, Protocol):
    """Where the bytes of attachments lie, by their sha256."""

    def add(self, data: bytes) -> str: ...


class Engine:
    """Without `open` there are services but no stored chats. `quirks` is what was learned."""

    def __init__(self, paths: Paths, environment: Mapping[str, str], clock: Clock) -> None:
        self.paths = paths
        self.clock = clock
        self.config = Config(paths.settings, PRESETS)
        self.log = Log(paths.log)
        self.secrets = Secrets(environment, handed_out=self.log.hide)
        self.tasks = Tasks()
        self.providers = Providers()
        self.services = Services(self.config, self.secrets, self.providers, self.tasks, clock)
        self._updates: Updates | None = None
        self.quirks = LearnedQuirks()
        self._stored: Stored | None = None
        self._library: Library | None = None
        self._users: list[Callable[[], Iterable[Media]]] = []
        self.config.subscribe(self._on_settings)

    @property
    def library(self) -> Library:
        """The stored chats, after `open`."""
        if self._library is None:
            raise RuntimeError("the library is not open")
        return self._library

    @property
    def updates(self) -> Updates:
        """What looks for new versions. A start does without it."""
        if self._updates is None:
            from app.updates import open_updates

            fetch = self.providers.fetch_small
            self._updates = open_updates(
                self.paths.updates, self.config, fetch, self.tasks, self.clock
            )
        return self._updates

    def house(self) -> House:
        """What knows where everything lies, for the pages about that."""
        from app.house import House

        move = self.services.keys.headers.move
        return House(self.paths, self.log, self.tasks, self._sweep, self.config, self.clock, move)

    @property
    def blobs(self) -> Blobs:
        """The bytes of attachments, after `open`."""
        if self._stored is None:
            raise RuntimeError("the library is not open")
        return self._stored.blobs

    def open(
        self,
        *,
        settings: Callable[[], Settings] | None = None,
        key_of: KeyOf | None = None,
        retries: bool = True,
    ) -> Library:
        """Open the stored chats and the log. Raises FolderError, StorageError.

        The arguments stand in for the settings, for the stored keys, and for trying again.
        """
        self.paths.make()
        self.log.start()
        stored = self._stored = Stored(self.paths.database, self.paths.blobs)
        self.quirks = LearnedQuirks(
            {place: _quirks(found) for place, found in stored.learned.all().items()},
            _keeping_quirks(stored.learned),
        )
        stored.conversations.mend_cut_off()
        stored.conversations.mend_places()
        around = self.surroundings(
            stored.conversations,
            stored.blobs,
            uploads=stored.uploads,
            attachments=lambda: self.attachments(stored.blobs),
            settings=settings,
            key_of=key_of,
            retries=retries,
        )
        self._library = Library(stored.database, stored.conversations, around)
        return self._library

    def surroundings(
        self,
        store: Store,
        blobs: BlobStore,
        *,
        uploads: UploadMemory | None = None,
        attachments: Callable[[], Attachments] | None = None,
        settings: Callable[[], Settings] | None = None,
        key_of: KeyOf | None = None,
        retries: bool = True,
    ) -> Surroundings:
        """What a chat needs; for chats that are not stored too."""
        return Surroundings(
            backend=Backend(
                provider_of=self.providers.of,
                key_of=key_of or self.services.keys.key_to_ask,
                keep_media=_keeping(blobs, attachments),
                quirks=self.quirks,
                clock=self.clock,
                retries=retries,
                whole=self.services.keys.headers.whole,
            ),
            store=store,
            settings=settings or (lambda: self.config.settings),
            files=Files(_Reading(blobs), uploads or HeldUploads()),
            tasks=self.tasks,
            new_id=new_id,
        )

    def attachments(
        self, blobs: Blobs, draw_svg: Callable[[bytes, int], bytes] | None = None
    ) -> Attachments:
        """What makes attachments of files and keeps them in `blobs`; its first call is slow.

        `draw_svg` is the window's or the terminal's: without it drawings go as text.
        """
        from app.attachments import Attachments

        return Attachments(
            blobs,
            self.paths.thumbnails,
            self.paths.scratch,
            self.tasks,
            draw_svg=draw_svg,
            download=self.providers.download,
            keeps_metadata=lambda: not self.config.settings.strip_metadata,
        )

    @property
    def thumbnails(self) -> Thumbnails:
        """The small pictures of attachments that were made so far."""
        return Thumbnails(self.paths.thumbnails)

    @property
    def uploads(self) -> UploadedFiles:
        """What lies with services, after `open`."""
        if self._stored is None:
            raise RuntimeError("the library is not open")
        return UploadedFiles(
            self._stored.uploads, self.services, self.providers, self.tasks, self.clock
        )

    def start(self) -> None:
        """What a window needs from now on: follow other programs, and put the house in order."""
        self.library.watch()
        self.tasks.spawn(self._keep_house(), "keep house")
        self.tasks.spawn(self.services.keys.headers.move(), "move secrets out of the settings")

    def ask_before_removing(self, user: Callable[[], Iterable[Media]]) -> None:
        """From now on keep the attachments that `user` names, whatever the messages say."""
        self._users.append(user)

    def warm(self, service: Service) -> None:
        """Do in the background what a first question to `service` would wait for."""
        self.tasks.spawn(self._warm(service), "warm the first service")

    async def shutdown(self) -> None:
        """Write what waits, end every task, close every connection."""
        if self._updates is not None:
            self._updates.close()
        if self._library is not None:
            self._library.close()
        await self.tasks.cancel_all()
        await self.providers.aclose()
        self.secrets.close()
        if self._stored is not None:
            self._stored.close()
        self.log.close()

    async def _warm(self, service: Service) -> None:
        await asyncio.sleep(WARM_AFTER_S)
        await self.providers.warm(service)

    async def _keep_house(self) -> None:
        """Remove what was lent, what is old in the bin, and the bytes that no message names."""
        await asyncio.to_thread(shutil.rmtree, self.paths.lent, ignore_errors=True)
        await asyncio.to_thread(_remove_left, self.paths.scratch, self.clock.now() - UNUSED_S)
        if self._stored is not None:
            with suppress(StorageError):
                self.library.trash.delete_old()
                self._stored.uploads.forget_expired(self.clock.now())
                await self._sweep()

    async def _sweep(self) -> None:
        """Remove the bytes that no message names and nobody uses. Raises StorageError."""
        users = (self.library.trash.media_in_hand, *self._users)
        in_use = frozenset(m.sha256 for user in users for m in user() if m.sha256 is not None)
        await asyncio.to_thread(self._remove_unneeded, in_use)

    def _remove_unneeded(self, in_use: frozenset[str]) -> None:
        """For a thread."""
        if self._stored is not None:
            self.thumbnails.sweep(self._stored.sweep(self.clock.now() - UNUSED_S, in_use))

    def _on_settings(self, old: Settings, new: Settings) -> None:
        """A service that lies elsewhere or is asked otherwise may take what it refused before."""
        for service in old.services:
            now = new.service(service.id)
            if now is None or _place(now) != _place(service):
                self.quirks.forget(service.id)
                if self._stored is not None:
                    with suppress(StorageError):
                        self._stored.learned.forget(service.id)


def build(
    home: Path | None = None,
    *,
    environment: Mapping[str, str] | None = None,
    clock: Clock = Clock(),
) -> Engine:
    """An engine over the data folder `home`, or the usual one. Reads the settings, no more."""
    environment = os.environ if environment is None else environment
    return Engine(find_paths(home, environment), environment, clock)


def new_id() -> str:
    """An id for a chat or a message, like no other."""
    return uuid.uuid4().hex


def _remove_left(scratch: Path, before: float) -> None:
    """Folders of programs that were killed while they worked; nobody works in one for a day."""
    with suppress(OSError):
        for folder in scratch.iterdir():
            if folder.stat().st_mtime < before:
                shutil.rmtree(folder, ignore_errors=True)


def _keeping(
    blobs: BlobStore, attachments: Callable[[], Attachments] | None
) -> Callable[[MediaReceived], Media]:
    def keep(event: MediaReceived) -> Media:
        if event.data is None:
            return Media(mime=event.mime, url=event.url)
        try:
            sha256 = blobs.add(event.data)
        except StorageError as error:
            raise OSError(str(error)) from error
        if attachments is None:
            return Media(mime=event.mime, sha256=sha256, size_bytes=len(event.data))
        return attachments().received(event.data, event.mime, sha256)

    return keep


def _keeping_quirks(learned: Learned) -> Callable[[str, str, Quirks], None]:
    def keep(service_id: str, model: str, quirks: Quirks) -> None:
        # Not written, it is learned again.
        with suppress(StorageError):
            learned.save(service_id, model, asdict(quirks))

    return keep


class _Reading:
    """Blobs for requests: a disk that fails is like a file that is gone."""

    def __init__(self, blobs: BlobSource) -> None:
        self._blobs = blobs

    def read(self, sha256: str) -> bytes:
        with _gone(sha256):
            return self._blobs.read(sha256)

    def size(self, sha256: str) -> int:
        with _gone(sha256):
            return self._blobs.size(sha256)

    def piece(self, sha256: str, offset: int, count: int) -> bytes:
        with _gone(sha256):
            return self._blobs.piece(sha256, offset, count)


@contextmanager
def _gone(sha256: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise KeyError(sha256) from error


def _quirks(found: Mapping[str, Any]) -> Quirks:
    return Quirks(
        dropped=frozenset(found.get("dropped", ())),
        token_limit_field=found.get("token_limit_field"),
        stream=found.get("stream"),
        data_urls=found.get("data_urls"),
    )


def _place(service: Service) -> Service:
    """What refusals depend on: the service without what only the person sees or chooses."""
    return replace(service, name="", preset="", models=(), default_model="", notes="", key_env="")
