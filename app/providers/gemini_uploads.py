"""Which attachments of a question are uploaded first, and where they lie then (R60, R61).

Invariant: what was uploaded before is used again until it expires or is gone; before each
question every upload is asked for once. What goes inline is left alone.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

from app.domain.carrying import uploaded
from app.domain.history import origin
from app.domain.kinds import spelled
from app.domain.message import Media, Role
from app.domain.upload import Upload
from app.providers.base import ChatRequest, Endpoint
from app.providers.connections import Connections
from app.providers.gemini_files import GeminiFiles, Pace, Sendable

EXPIRES_SOON_S = 600.0
"""An upload that has no longer than this is made anew."""

Key = tuple[str, str]


class GeminiUploads:
    """The uploads of one question."""

    def __init__(
        self,
        connections: Connections,
        endpoint: Endpoint,
        request: ChatRequest,
        *,
        pace: Pace | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._files = GeminiFiles(connections, endpoint, pace)
        self._service = endpoint.service
        self._request = request
        self._memory = request.files.uploads
        self._place = origin(endpoint.service)
        self._now = now

    async def made(self) -> dict[Key, str]:
        """Upload what has to be; sha256 and type of each upload, and its address. Raises ChatError.

        What is stored no more is left out.
        """
        found: dict[Key, str] = {}
        if not self._service.takes_uploads:
            return found
        media, earlier = self._attached()
        places = uploaded(self._service, media, earlier, lambda each: self._known(each) is not None)
        for at in sorted(places):
            key = (media[at].sha256 or "", media[at].mime)
            if key not in found:
                found[key] = (await self._one(media[at])).uri
        if found:
            self._request.on_upload(None)
        return found

    def _attached(self) -> tuple[list[Media], int]:
        """What is stored here of the attachments, and how many of them went before."""
        messages = [each for each in self._request.messages if each.role is not Role.ASSISTANT]
        last = messages[-1:] if self._request.messages[-1:] == tuple(messages[-1:]) else []
        before = [m for each in messages if each not in last for m in self._stored(each.media)]
        now = [m for each in last for m in self._stored(each.media)]
        return [*before, *now], len(before)

    def _stored(self, media: tuple[Media, ...]) -> list[Media]:
        """With their sizes as they are, not as they were written down."""
        found = []
        for each in media:
            if each.sha256 is not None:
                try:
                    size_bytes = self._request.files.blobs.size(each.sha256)
                except KeyError:
                    continue
                found.append(replace(each, size_bytes=size_bytes))
        return found

    def _known(self, media: Media) -> Upload | None:
        """An upload that is worth asking for."""
        known = self._memory.get(self._place, media.sha256 or "", spelled(media.mime))
        if known is None:
            return None
        left_s = None if known.expires_at is None else known.expires_at - self._now()
        return known if left_s is None or left_s > EXPIRES_SOON_S else None

    async def _one(self, media: Media) -> Upload:
        sha256, mime = media.sha256 or "", spelled(media.mime)
        name = media.name or sha256[:12]
        if (known := self._known(media)) is not None:
            still = await self._files.state(known, name)
            if still is not None:
                return still
            self._memory.forget(self._place, sha256, mime)
        file = Sendable(sha256=sha256, mime=mime, name=name, size_bytes=media.size_bytes or 0)
        made = await self._files.upload(file, self._request.files.blobs, self._request.on_upload)
        self._memory.keep(self._place, sha256, made)
        return made
