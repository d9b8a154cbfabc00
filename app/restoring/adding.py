"""Adding what was found: attachments first, then the chats that name them.

Invariant: when it fails or is stopped, what had come goes again.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path

from app.attachments.work import Work
from app.i18n import tr
from app.paths import Paths
from app.restoring.looking import blob_file
from app.restoring.results import Brought, Found
from app.storage.blobs import Blobs
from app.storage.database import Database
from app.storage.errors import StorageError
from app.storage.merging import Merging
from app.storage.staging import Staged

LONGEST_BREATH_S = 0.05
_PIECE_BYTES = 1 << 20


class _DamagedError(Exception):
    """An attachment that is not what its name says."""


class Adding:
    """For a thread."""

    def __init__(self, paths: Paths, now: Callable[[], float]) -> None:
        self._paths = paths
        self._now = now
        self._blobs = Blobs(paths.blobs)

    def add(self, found: Found, work: Work) -> Brought:
        """Raises StorageError, StoppedError; then all is as it was."""
        kept: list[tuple[Path, int]] = []
        try:
            damaged = self._copy_attachments(found, kept, work)
        except BaseException:
            _remove(kept)
            raise
        return replace(self._merge(found, kept, work), missing=found.missing + damaged)

    def _copy_attachments(self, found: Found, kept: list[tuple[Path, int]], work: Work) -> int:
        """How many of them were not what their names say."""
        damaged, done_bytes = 0, 0
        for sha256 in found.attachments:
            share = done_bytes / found.attachments_bytes if found.attachments_bytes else None
            work.tell(tr("Copying attachments"), share)
            file = blob_file(found.blobs, sha256)
            if self._blobs.renew(sha256):
                continue  # attached here since
            try:
                self._blobs.keep(_pieces(file, sha256, work))
            except (_DamagedError, OSError) as error:
                if isinstance(error, StorageError):
                    raise
                damaged += 1
            else:
                here = self._blobs.path(sha256)
                kept.append((here, here.stat().st_mtime_ns))
                done_bytes += here.stat().st_size
        return damaged

    def _merge(self, found: Found, kept: list[tuple[Path, int]], work: Work) -> Brought:
        words = tr("Adding chats")
        with Database.open(self._paths.database) as database, closing(Staged(found.staged)) as back:
            merging = Merging(database)
            try:
                for number, (conversation, unsent) in enumerate(back.read(work.check)):
                    work.tell(words, number / found.chats)
                    began = time.monotonic()
                    merging.add(conversation, unsent, self._now())
                    # Whoever writes in the window gets the file in between.
                    time.sleep(min(time.monotonic() - began, LONGEST_BREATH_S))
                work.check()
            except BaseException:
                _remove(kept)  # first: on a full disk, taking back needs the room
                merging.take_back()
                raise
        new, completed = merging.new_chats, merging.completed_chats
        return Brought(new, completed, found.chats - new - completed, missing=0)


def _remove(kept: list[tuple[Path, int]]) -> None:
    for file, stamp in kept:
        with suppress(OSError):
            if file.stat().st_mtime_ns == stamp:  # nobody has attached it meanwhile
                file.unlink()


def _pieces(file: Path, sha256: str, work: Work) -> Iterator[bytes]:
    known = hashlib.sha256()
    with file.open("rb") as source:
        while piece := source.read(_PIECE_BYTES):
            work.check()
            known.update(piece)
            yield piece
    if known.hexdigest() != sha256:
        raise _DamagedError
