"""The bin: chats that were put away, and their end.

Invariant: what is deleted here cannot come back, not even from memory; it goes a chat at a time, so
that a full bin holds up nobody.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress

from app.domain.conversation import ChatSummary, Conversation
from app.domain.message import Media
from app.storage.conversations import Conversations
from app.storage.errors import StorageError
from app.tasks import Clock, Tasks

KEPT_DAYS = 30
DAY_S = 86_400.0


class Trash:
    """`forget` takes a chat out of memory; `note` tells what went wrong, or None.

    `media_in_hand` are the attachments of open chats that must not go with those of deleted ones.
    """

    def __init__(
        self,
        conversations: Conversations,
        clock: Clock,
        tasks: Tasks,
        forget: Callable[[str], object],
        note: Callable[[str | None], None],
        media_in_hand: Callable[[], Iterable[Media]],
    ) -> None:
        self.media_in_hand = media_in_hand
        self._conversations = conversations
        self._clock = clock
        self._tasks = tasks
        self._forget = forget
        self._note = note

    def chats(self) -> tuple[ChatSummary, ...]:
        """What is in the bin, last put there first. Raises StorageError."""
        return self._conversations.summaries(binned=True)

    def written_since(self, moment: float) -> Iterator[Conversation]:
        """Those chats of it to which something was said since. Raises StorageError."""
        for row in self.chats():
            if row.updated_at >= moment:
                with suppress(KeyError):  # another program deleted it
                    yield self._conversations.load(row.id)

    def delete_old(self) -> int:
        """Delete for good what has been in the bin for 30 days; how many chats."""
        return self._conversations.empty_bin(self._clock.now() - KEPT_DAYS * DAY_S)

    def delete_all(self, done: Callable[[], None]) -> None:
        """Delete for good what is in the bin now; then call `done`."""
        self._tasks.spawn(self._delete_all(done), "empty the bin")

    async def _delete_all(self, done: Callable[[], None]) -> None:
        try:
            for row in self.chats():
                self._forget(row.id)
                self._conversations.purge((row.id,))
                await asyncio.sleep(0)
        except StorageError as error:
            self._note(str(error))
        else:
            self._note(None)
        done()
