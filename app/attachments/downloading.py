"""What lies at an address, fetched because the person asked for it, and attached as a file.

Invariant: what was fetched is gone from the scratch folder when it was taken or refused. How it is
fetched comes in from outside.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

from app.attachments.keeping import Taken
from app.attachments.refusal import RefusedError
from app.attachments.scratch import scratch_folder
from app.attachments.sources import AddressSource, FileSource, Source, at_address
from app.attachments.work import Work
from app.domain.errors import ChatError
from app.domain.message import Media
from app.i18n import tr

Download = Callable[[str, Path, Callable[[int, int | None], None]], Awaitable[None]]
"""Writes what lies at an address to a file and tells how far it is. Raises ChatError, OSError."""

FORBIDDEN = '<>:"/\\|?*'
"""On Windows `C:name` lies on another drive, and `a:b` within the file `a`."""


class Downloading:
    """Without `download` an address is attached as it is."""

    def __init__(self, scratch: Path, download: Download | None) -> None:
        self._scratch = scratch
        self._download = download

    async def taken(self, url: str, work: Work, take: Callable[[Source, Work], Taken]) -> Taken:
        """What `take` makes of the file at `url`. Raises RefusedError."""
        named = at_address(url)
        if self._download is None or not isinstance(named, Media):
            return await work.run(take, AddressSource(url), work)

        def told(done: int, whole: int | None) -> None:
            share = done / whole if whole else None
            work.tell(tr("Loading {name}", name=named.name), share)

        with scratch_folder(self._scratch) as folder:
            target = folder / _file_name(named.name)
            try:
                await self._download(url, target, told)
            except ChatError as error:
                raise RefusedError(error.failure.message) from error
            except OSError as error:
                raise RefusedError(error.strerror or str(error)) from error
            return await work.run(take, FileSource(target), work)


def _file_name(name: str) -> str:
    """A name that every system takes for one of a file within a folder, whatever the address."""
    return "".join("_" if c in FORBIDDEN else c for c in name).strip(" .") or tr("attachment")
