"""Where a person's things lie, how large they are, and what the program consists of.

`restoring` brings back what `back_up` put away.

Invariant: everything that reads the disk is done in a thread, and told to whoever asked; a file
that goes away meanwhile counts nothing. Nothing is removed but what no chat needs.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from app.build import NAME
from app.config import Config
from app.log import Log
from app.parts import Part, parts
from app.paths import Paths
from app.restoring import Restoring
from app.storage.backup import back_up
from app.storage.errors import StorageError
from app.tasks import Clock, Tasks


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

    def __init__(
        self,
        paths: Paths,
        log: Log,
        tasks: Tasks,
        sweep: Callable[[], Awaitable[None]],
        config: Config,
        clock: Clock,
        settings_came: Callable[[], Coroutine[Any, Any, None]],
    ) -> None:
        """`sweep` removes what no chat needs any more; `settings_came` is for `Restoring`."""
        self.restoring = Restoring(paths, config, tasks, clock.now, settings_came)
        self.data = paths.data
        self.settings = paths.settings
        self.log = paths.log
        self._paths = paths
        self._tasks = tasks
        self._log = log
        self._sweep = sweep

    def without_keys(self, text: str) -> str:
        """`text` without what looks like a key or is known to be one."""
        return self._log.without_keys(text)

    def measure(self, done: Callable[[Sizes], None]) -> None:
        """Find out how large everything is."""
        self._tasks.spawn(self._measure(done), "measure the data folder")

    def tidy(self, done: Callable[[Sizes], None]) -> None:
        """Remove what no chat needs any more, then find out how large everything is."""
        self._tasks.spawn(self._tidy(done), "tidy the data folder")

    def find_parts(self, done: Callable[[tuple[Part, ...]], None]) -> None:
        """Read the licences of all parts."""
        self._tasks.spawn(self._find_parts(done), "read the licences")

    def back_up(self, parent: Path, done: Callable[[Path, str], None]) -> None:
        """Copy everything into a new folder in `parent`; `done` hears which, and what was wrong."""
        folder = parent / f"{NAME}-{datetime.now():%Y-%m-%d-%H%M%S}"
        self._tasks.spawn(self._back_up(folder, done), "back up")

    async def _back_up(self, folder: Path, done: Callable[[Path, str], None]) -> None:
        others = (self._paths.blobs, self.settings)
        try:
            await asyncio.to_thread(back_up, self._paths.database, others, folder)
        except StorageError as error:
            done(folder, str(error))
        else:
            done(folder, "")

    async def _measure(self, done: Callable[[Sizes], None]) -> None:
        done(await asyncio.to_thread(measured, self._paths))

    async def _tidy(self, done: Callable[[Sizes], None]) -> None:
        with suppress(StorageError):  # what stays is removed at another start
            await self._sweep()
        await self._measure(done)

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
