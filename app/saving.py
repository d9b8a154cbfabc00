"""Keeps one chat on disk: what differs from what was written last, now or as soon as it can be.

Invariant: what could not be written stays pending and is tried again, so a full disk loses nothing
while the program runs. The answer that is being written is on disk at most a second late. Must
not know how rows look, nor who changed what.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Protocol

from app.domain.conversation import Conversation, Unsent
from app.domain.message import Message
from app.storage.errors import StorageError
from app.tasks import Clock, Timer

CHECKPOINT_DELAY_S = 0.7  # with the write itself, and a busy loop, less than a second (kill -9)
UNSENT_DELAY_S = 0.6
AGAIN_DELAY_S = 5.0


class Store(Protocol):
    """The part of the storage that writes chats. Every method raises StorageError."""

    def save(self, conversation: Conversation, *messages: Message) -> None: ...

    def checkpoint(self, message: Message) -> None: ...

    def set_unsent(self, chat_id: str, unsent: Unsent) -> None: ...


class Nowhere:
    """The store of a chat that is to leave no trace."""

    def save(self, conversation: Conversation, *messages: Message) -> None:
        pass

    def checkpoint(self, message: Message) -> None:
        pass

    def set_unsent(self, chat_id: str, unsent: Unsent) -> None:
        pass


class MemoryBlobs:
    """The attachments of such a chat."""

    def __init__(self) -> None:
        self._held: dict[str, bytes] = {}

    def add(self, data: bytes) -> str:
        sha256 = hashlib.sha256(data).hexdigest()
        self._held[sha256] = data
        return sha256

    def read(self, sha256: str) -> bytes:
        """Raises KeyError, as the others do."""
        return self._held[sha256]

    def size(self, sha256: str) -> int:
        return len(self._held[sha256])

    def piece(self, sha256: str, offset: int, count: int) -> bytes:
        return self._held[sha256][offset : offset + count]


class Saving:
    """`problem` is why the last write failed, as a sentence; None when all is on disk."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        told: Callable[[], None],
        conversation: Conversation,
        unsent: Unsent,
        *,
        stored: bool,
    ) -> None:
        """`stored`: the chat was read from disk as it is. A new one is written with its first word.

        `told` is called when `problem` has changed.
        """
        self.problem: str | None = None
        self._store = store
        self._clock = clock
        self._told = told
        self._wanted = conversation
        self._unsent = unsent
        self._on_disk = conversation if stored else None
        self._unsent_on_disk = unsent if stored else Unsent()
        self._live: Callable[[], Message] | None = None
        self._live_changed = False
        self._timer: Timer | None = None
        self._due_at = 0.0

    @property
    def pending(self) -> bool:
        """Whether something waits to be written."""
        return self._timer is not None

    def save(self, conversation: Conversation) -> None:
        """Write what changed since the last write. O(what is in memory) to compare."""
        self._wanted = conversation
        self.write()

    def begin_live(self, message: Callable[[], Message]) -> None:
        """From now on `message()` is what is to be kept of the answer that is being written."""
        self._live = message
        self._live_changed = False

    def mark_live(self) -> None:
        """The answer grew. O(1); a checkpoint follows within a second."""
        if not self._live_changed:
            self._live_changed = True
            self._later(CHECKPOINT_DELAY_S if self.problem is None else AGAIN_DELAY_S)

    def end_live(self) -> None:
        """What is saved next holds the whole answer."""
        self._live = None
        self._live_changed = False

    def set_unsent(self, unsent: Unsent) -> None:
        """Write `unsent` soon; typing costs no write for each key."""
        self._unsent = unsent
        if unsent != self._unsent_on_disk:
            self._later(UNSENT_DELAY_S)

    def adopt(self, conversation: Conversation) -> None:
        """The disk holds `conversation` now: another program wrote it."""
        self._wanted = self._on_disk = conversation

    def flush(self) -> None:
        """Write what waits, if anything does."""
        if self.pending:
            self.write()

    def write(self) -> None:
        """Write all that differs from the disk, at once."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        before, self.problem = self.problem, None
        try:
            self._write_conversation()
            if self._live is not None and self._live_changed:
                self._store.checkpoint(self._live())
                self._live_changed = False
            if self._unsent != self._unsent_on_disk:
                self._store.set_unsent(self._wanted.id, self._unsent)
                self._unsent_on_disk = self._unsent
        except StorageError as error:
            self.problem = str(error)
            self._later(AGAIN_DELAY_S)
        if self.problem != before:
            self._told()

    def _write_conversation(self) -> None:
        wanted, on_disk = self._wanted, self._on_disk
        if wanted is on_disk:
            return
        if on_disk is None and not wanted.messages and self._unsent == Unsent():
            return  # an empty new chat leaves no trace
        self._store.save(wanted, *wanted.changed_since(on_disk))
        self._on_disk = wanted

    def _later(self, delay_s: float) -> None:
        due_at = self._clock.monotonic() + delay_s
        if self._timer is not None:
            if self._due_at <= due_at:
                return
            self._timer.cancel()
        self._due_at = due_at
        self._timer = self._clock.call_later(delay_s, self.write)
