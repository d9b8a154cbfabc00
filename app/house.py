"""Where a person's things lie, how large they are, and what the program consists of.

Invariant: everything that reads the disk is done in a thread, and told to whoever asked; a file
that goes away meanwhile counts nothing. Changes nothing.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from app.log import Log
from app.parts import Part, parts
from app.paths import Paths
from app.tasks import Tasks


@dataclass(frozen=True, slots=True)
class Sizes:
    """In bytes. `attachments` is how many there are."""

    chats_bytes: int
    attachments: int
    attachments_bytes: int
    cache_bytes: int
    log_bytes: int

    @property
    def all_bytes(self) -> int:
        return self.chats_bytes + self.attachments_bytes + self.cache_bytes + self.log_bytes


class House:
    """`done` is called on the loop, unless the program ends before."""

    def __init__(self, paths: Paths, log: Log, tasks: Tasks) -> None:
        self.data = paths.data
        self.settings = paths.settings
        self.log = paths.log
        self._paths = paths
        self._tasks = tasks
        self._log = log

    def without_keys(self, text: str) -> str:
        """`text` without what looks like a key or is known to be one."""
        return self._log.without_keys(text)

    def measure(self, done: Callable[[Sizes], None]) -> None:
        """Find out how large everything is."""
        self._tasks.spawn(self._measure(done), "measure the data folder")

    def find_parts(self, done: Callable[[tuple[Part, ...]], None]) -> None:
        """Read the licences of all parts."""
        self._tasks.spawn(self._find_parts(done), "read the licences")

    async def _measure(self, done: Callable[[Sizes], None]) -> None:
        done(await asyncio.to_thread(measured, self._paths))

    async def _find_parts(self, done: Callable[[tuple[Part, ...]], None]) -> None:
        done(await asyncio.to_thread(parts))


def measured(paths: Paths) -> Sizes:
    """Reads whole folders: for a thread."""
    blobs = list(_sizes(paths.blobs))
    name = paths.database.name
    own = (each for each in paths.data.glob(f"{name}*") if each.is_file())
    return Sizes(
        chats_bytes=sum(map(_size, own)),
        attachments=len(blobs),
        attachments_bytes=sum(blobs),
        cache_bytes=sum(_sizes(paths.cache)),
        log_bytes=sum(map(_size, paths.log.parent.glob(f"{paths.log.name}*"))),
    )


def _sizes(folder: Path) -> Iterator[int]:
    for place, _, names in os.walk(folder):
        yield from (_size(Path(place, name)) for name in names)


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError:
        return 0
