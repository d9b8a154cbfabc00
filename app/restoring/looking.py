"""Looking at what is to come back: a back-up, or a chat that was exported.

Invariant: it is only read; what is found lies aside, understood as a whole, and fits on the disk.
"""

from __future__ import annotations

import hashlib
import itertools
import shutil
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from app.attachments.sizes import size_words
from app.attachments.work import Work
from app.domain.conversation import Conversation
from app.domain.message import Role
from app.domain.settings import Sampling, Service
from app.domain.title import title_of
from app.i18n import tr
from app.paths import Paths
from app.restoring.results import Found
from app.storage.blobs import Blobs
from app.storage.staging import Staged, UnusableError, copy_aside
from app.written_chats import HistoryError, read_history

ROOM_FACTOR = 2
"""Chats take more room while they come than they do in the back-up."""

FreeBytes = Callable[[Path], int]


class Looking:
    """For a thread."""

    def __init__(self, paths: Paths, now: Callable[[], float], free_bytes: FreeBytes) -> None:
        self._paths = paths
        self._now = now
        self._free_bytes = free_bytes

    def find(self, place: Path, work: Work) -> Found:
        """Raises UnusableError, HistoryError, StorageError, StoppedError."""
        work.tell(tr("Reading the back-up"))
        self._paths.scratch.mkdir(parents=True, exist_ok=True, mode=0o700)
        held = TemporaryDirectory(
            dir=self._paths.scratch, prefix="back-", ignore_cleanup_errors=True
        )
        folder = Path(held.name)
        try:
            if place.is_dir():
                return self._found_in_folder(place, folder, held, work)
            return self._found_in_file(place, folder, held)
        except BaseException:
            held.cleanup()
            raise

    def _found_in_folder(
        self, place: Path, folder: Path, held: TemporaryDirectory[str], work: Work
    ) -> Found:
        if place.resolve() == self._paths.data.resolve():
            words = tr("This is the folder that Linnet uses now. Choose the folder of a back-up.")
            raise UnusableError(words)
        database = place / self._paths.database.name
        self._need_room(folder, _size(database) * ROOM_FACTOR)
        staged = copy_aside(database, folder, work.check)
        settings = place / self._paths.settings.name
        if settings.is_file():
            with suppress(OSError):  # what cannot be read is not offered
                shutil.copyfile(settings, folder / settings.name)
        return self._counted(place, staged, place / self._paths.blobs.name, held)

    def _found_in_file(self, place: Path, folder: Path, held: TemporaryDirectory[str]) -> Found:
        self._need_room(folder, _size(place))
        blobs = Blobs(folder / "blobs")
        staged = folder / self._paths.database.name
        conversation = _written_chat(place, blobs, self._now())
        with closing(Staged(staged)) as database:
            database.put(conversation)
        return self._counted(place, staged, blobs.folder, held)

    def _counted(
        self, place: Path, staged: Path, blobs: Path, held: TemporaryDirectory[str]
    ) -> Found:
        here = Blobs(self._paths.blobs)
        with closing(Staged(staged)) as database:
            chats, named = len(database.chats), database.attachments()
        needed = sorted(sha256 for sha256 in named if not here.renew(sha256))
        sizes = {
            sha256: size for sha256 in needed if (size := _size(blob_file(blobs, sha256))) >= 0
        }
        total = sum(sizes.values())
        self._need_room(self._paths.data, total + _size(staged) * ROOM_FACTOR)
        return Found(
            place=place,
            chats=chats,
            attachments=tuple(sizes),
            attachments_bytes=total,
            missing=len(needed) - len(sizes),
            has_settings=(staged.parent / self._paths.settings.name).is_file(),
            staged=staged,
            blobs=blobs,
            held=held,
        )

    def _need_room(self, folder: Path, needed_bytes: int) -> None:
        free = self._free_bytes(folder)
        if needed_bytes > free:
            words = tr(
                "There is not enough room on the disk: {needed} are needed, and {free} are free.",
                needed=size_words(needed_bytes),
                free=size_words(free),
            )
            raise UnusableError(words)


def _written_chat(place: Path, blobs: Blobs, now: float) -> Conversation:
    """The chat in an exported file. The same file makes the same ids. Raises HistoryError."""
    numbers = itertools.count(1)
    try:
        with place.open("rb") as file:
            known = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise HistoryError(f"{place}: {error.strerror or error}") from error

    def new_id() -> str:
        return hashlib.sha256(f"{known} {next(numbers)}".encode()).hexdigest()[:32]

    chat_id = new_id()
    nobody = Service(id="")  # what belongs to a service goes to none
    history = read_history(place, nobody, blobs.add, new_id, now, as_it_was=True)
    messages = history.messages
    asked = (title_of(message.parts) for message in messages if message.role is Role.USER)
    conversation = Conversation(
        id=history.id or chat_id,
        title=history.title or next(asked, ""),
        titled_by_person=bool(history.title),
        created_at=messages[0].created_at if messages else now,
        sampling=Sampling(system_prompt=history.system or None),
    )
    for message in messages:
        conversation = conversation.append(message)
    return conversation


def blob_file(blobs: Path, sha256: str) -> Path:
    """Where an attachment lies in a folder of them."""
    return blobs / sha256[:2] / sha256


def _size(file: Path) -> int:
    """-1 where there is none."""
    try:
        return file.stat().st_size if file.is_file() else -1
    except OSError:
        return -1
