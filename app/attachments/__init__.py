"""What a person attaches: from files, data and addresses to parts of a message, and their limits.

`Attachments` is what the window and the terminal use; `limits` says what a service cannot take,
`remedies` what helps. The table of kinds is `app.domain.kinds`.
Invariant: nothing is decoded, converted or read on the loop's thread, and the libraries for it are
imported when first used. Whatever was given, something is said about it: it is taken, or refused
with a sentence. Must not know chats, services' forms and widgets.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from app.attachments.changing import Changing
from app.attachments.downloading import Download, Downloading
from app.attachments.ffmpeg import Tools, find_tools
from app.attachments.keeping import Keeping, Taken
from app.attachments.refusal import RefusedError, UndrawnError
from app.attachments.remedies import Change
from app.attachments.sources import (
    AddressSource,
    DataSource,
    DownloadSource,
    FileSource,
    Source,
    source_of,
)
from app.attachments.taking import DrawSvg, Taking
from app.attachments.work import Progress, StoppedError, Work
from app.domain.message import Media
from app.storage.blobs import Blobs
from app.tasks import Tasks, guarded

__all__ = [
    "AddressSource",
    "Attachments",
    "DataSource",
    "DownloadSource",
    "FileSource",
    "Progress",
    "Refused",
    "RefusedError",
    "Source",
    "Taken",
    "UndrawnError",
    "source_of",
]

Cancel = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Refused:
    """Why it could not be done, as a sentence for the person."""

    sentence: str


class Attachments:
    """`take`, `change` and `poster` are for coroutines; `attach`, `alter` and `ask_thumbnail` are
    the same for widgets: they return at once and call back on the loop, unless cancelled."""

    def __init__(
        self,
        blobs: Blobs,
        thumbnails: Path,
        scratch: Path,
        tasks: Tasks,
        *,
        tools: Tools | None = None,
        draw_svg: DrawSvg | None = None,
        download: Download | None = None,
        keeps_metadata: Callable[[], bool] = lambda: False,
    ) -> None:
        """`thumbnails` and `scratch` are folders, made when needed; `tools` stands in for what is
        found on this computer. Without `download` an address is attached as it is."""
        self.tools = find_tools() if tools is None else tools
        self._tasks = tasks
        self._downloading = Downloading(scratch, download)
        self._keeping = Keeping(blobs, thumbnails, self.tools)
        self._taking = Taking(
            self._keeping, scratch, draw_svg=draw_svg, keeps_metadata=keeps_metadata
        )
        self._changing = Changing(self._keeping, scratch)

    # For coroutines

    async def take(self, source: Source, work: Work | None = None) -> Taken:
        """Attach what `source` names. Raises RefusedError."""
        work = work or Work()
        if isinstance(source, DownloadSource):
            return await self._downloading.taken(source.url, work, self._taking.take)
        return await work.run(self._taking.take, source, work)

    async def change(self, media: Media, change: Change, work: Work | None = None) -> Taken:
        """What takes the place of `media`. Raises RefusedError."""
        work = work or Work()
        return await work.run(self._changing.change, media, change, work)

    async def thumbnail(self, media: Media) -> Path | None:
        """The small picture of a stored attachment, made if need be; `None`: it has none."""
        sha256 = media.sha256
        if sha256 is None:
            return None
        if (known := self._keeping.thumbnails.path(sha256)) is not None:
            return known
        await asyncio.to_thread(self._keeping.poster, media)
        return self._keeping.thumbnails.path(sha256)

    # For widgets

    def attach(
        self,
        source: Source,
        done: Callable[[Taken | Refused], None],
        progress: Callable[[Progress], None] | None = None,
    ) -> Cancel:
        """Attach what `source` names; `done` is called once, unless it is cancelled before."""
        work = Work(progress)
        return self._begin(lambda: self.take(source, work), done, "attach")

    def alter(
        self,
        media: Media,
        change: Change,
        done: Callable[[Taken | Refused], None],
        progress: Callable[[Progress], None] | None = None,
    ) -> Cancel:
        """Do what a remedy says; what comes of it can be looked at before it is used."""
        work = Work(progress)
        return self._begin(lambda: self.change(media, change, work), done, "change attachment")

    def ask_thumbnail(self, media: Media, done: Callable[[Path | None], None]) -> Cancel:
        """The file of a small picture, made if need be; `None` where there is none to make."""

        async def make() -> None:
            guarded(done, await self.thumbnail(media))

        task = self._tasks.spawn(make(), "thumbnail")
        return lambda: None if task.done() else _cancel(task)

    def received(self, data: bytes, said: str, sha256: str) -> Media:
        """What a model gave, stored under its hash, measured. Blocks: for a thread."""
        return self._keeping.received(data, said, sha256)

    def thumbnail_path(self, sha256: str) -> Path | None:
        """Where the small picture lies, if it was made before. One look at the disk."""
        return self._keeping.thumbnails.path(sha256)

    def content_path(self, sha256: str) -> Path | None:
        """Where a stored attachment lies; `None` when it is gone."""
        return self._keeping.content_path(sha256)

    def keep_thumbnail(self, sha256: str, data: bytes) -> None:
        """A small picture that was made elsewhere: a frame of a video, by the window's player."""
        self._keeping.thumbnails.keep(sha256, data)

    def _begin(
        self,
        begin: Callable[[], Awaitable[Taken]],
        done: Callable[[Taken | Refused], None],
        name: str,
    ) -> Cancel:
        async def run() -> None:
            try:
                outcome: Taken | Refused = await begin()
            except RefusedError as refused:
                outcome = Refused(str(refused))
            except StoppedError:
                return
            guarded(done, outcome)

        task = self._tasks.spawn(run(), name)
        return lambda: None if task.done() else _cancel(task)


def _cancel(task: asyncio.Task[None]) -> None:
    task.cancel()
