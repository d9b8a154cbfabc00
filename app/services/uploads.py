"""What lies with services for a while: which of a chat's attachments, and how it is taken away.

Invariant: asking what is there asks nobody; deleting runs in the background and comes back
through a callback on the loop. Without the key of an upload's service it cannot be deleted, and
expires by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from app.domain.conversation import Conversation
from app.domain.errors import ChatError
from app.domain.history import origin
from app.domain.settings import Service
from app.domain.upload import Upload
from app.providers import Providers
from app.services import Services
from app.services.trials import Cancel, cancelling
from app.tasks import Clock, Tasks, guarded

KEPT_S = 48 * 3600.0
"""So long Google keeps a file (wire reference 3.9)."""


class KnownUploads(Protocol):
    """The part of the storage that knows them."""

    def of(self, contents: Collection[str], now: float) -> tuple[tuple[str, str, Upload], ...]: ...

    def forget(self, place: str, sha256: str, mime: str) -> None: ...


@dataclass(frozen=True, slots=True)
class UploadedFile:
    """One upload and the service that has it."""

    service: Service
    sha256: str
    upload: Upload


class UploadedFiles:
    """All that is known to be with services that are still set up."""

    def __init__(
        self,
        known: KnownUploads,
        services: Services,
        providers: Providers,
        tasks: Tasks,
        clock: Clock = Clock(),
    ) -> None:
        self._known = known
        self._services = services
        self._providers = providers
        self._tasks = tasks
        self._clock = clock

    def of(self, conversation: Conversation) -> tuple[UploadedFile, ...]:
        """What of a chat's attachments lies with services now, as far as is known."""
        contents = {
            media.sha256
            for message in conversation.with_media()
            for media in message.media
            if media.sha256 is not None
        }
        by_place = {origin(service): service for service in reversed(self._services.list())}
        return tuple(
            UploadedFile(by_place[place], sha256, upload)
            for place, sha256, upload in self._known.of(contents, self._clock.now())
            if place in by_place
        )

    @property
    def oldest(self) -> float:
        """What was sent before that Unix time is with no service any more."""
        return self._clock.now() - KEPT_S

    def of_all(self, conversations: Iterable[Conversation]) -> tuple[UploadedFile, ...]:
        """What of several chats lies with services, each file once."""
        found = {
            (file.service.id, file.upload.name): file
            for said in conversations
            for file in self.of(said)
        }
        return tuple(found.values())

    def delete(self, files: Sequence[UploadedFile], done: Callable[[int], None]) -> Cancel:
        """Take uploads away; `done` hears how many are still there."""

        async def work() -> None:
            left = 0
            for file in files:
                try:
                    await self._delete(file)
                except ChatError:
                    left += 1
            guarded(done, left)

        return cancelling(self._tasks.spawn(work(), "delete uploads"))

    async def _delete(self, file: UploadedFile) -> None:
        from app.providers.gemini_files import GeminiFiles

        endpoint = await self._services.keys.endpoint(file.service)
        await GeminiFiles(self._providers.connections, endpoint).delete(file.upload)
        self._known.forget(origin(file.service), file.sha256, file.upload.mime)
