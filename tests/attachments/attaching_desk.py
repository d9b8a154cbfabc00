"""Attachments with a store of their own, and short ways to ask them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from app.attachments import Attachments, DataSource, FileSource, RefusedError, Source, Taken
from app.domain.message import Media
from app.storage.blobs import Blobs
from app.tasks import Tasks


class Desk:
    def __init__(self, blobs: Blobs, cache: Path, **more: Any) -> None:
        self.blobs = blobs
        self.cache = cache
        self.tasks = Tasks()
        self.attachments = Attachments(
            blobs, cache / "thumbnails", cache / "work", self.tasks, **more
        )

    async def taken(self, source: Source | Path | bytes, name: str = "file") -> Taken:
        if isinstance(source, Path):
            source = FileSource(source)
        elif isinstance(source, bytes):
            source = DataSource(source, name)
        return await self.attachments.take(source)

    async def media(self, source: Source | Path | bytes, name: str = "file") -> Media:
        (media,) = (await self.taken(source, name)).media
        return media

    async def refusal(self, source: Source | Path | bytes, name: str = "file") -> str:
        with pytest.raises(RefusedError) as caught:
            await self.taken(source, name)
        return str(caught.value)

    def content(self, media: Media) -> bytes:
        return self.blobs.read(media.sha256 or "")
