"""A back-up that is to come back: copied aside, checked and understood as a whole.

Invariant: the back-up itself is only read, and nothing of it comes further before all of it is
known to be right. `UnusableError` is all that leaves for what is wrong with it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

from app.domain.conversation import Conversation, Unsent
from app.i18n import tr
from app.storage.conversations import Conversations
from app.storage.database import Database, upgrade_needed
from app.storage.errors import StorageError, Trouble, plain_words

_PIECE_BYTES = 1 << 20

Check = Callable[[], None]
"""Called between two steps; what it raises ends the work."""


class UnusableError(OSError):
    """A back-up that cannot come back. `str()` of it is a sentence for the person."""


class Staged:
    """The chats of a back-up, readable. For the thread that opens it. Raises StorageError."""

    def __init__(self, database: Path) -> None:
        self._path = database
        self._database = Database.open(database)
        self._conversations = Conversations(self._database)
        self._conversations.mend_cut_off()
        rows = self._database.rows("SELECT id FROM chat ORDER BY number")
        self.chats: tuple[str, ...] = tuple(chat_id for (chat_id,) in rows)

    def close(self) -> None:
        self._conversations.close()
        self._database.close()

    def put(self, conversation: Conversation) -> None:
        """Add a chat that comes from no database."""
        self._conversations.save(conversation, *conversation.messages.values())

    def read(self, check: Check) -> Iterator[tuple[Conversation, Unsent]]:
        """Every chat, whole, with what was not sent in it. Raises StorageError."""
        for chat_id in self.chats:
            check()
            conversation = self._conversations.load_whole(chat_id)
            if not _is_tree(conversation):
                raise StorageError(Trouble.DAMAGED, self._path)
            yield conversation, self._conversations.unsent(chat_id)

    def attachments(self) -> frozenset[str]:
        """The sha256 of all that a message names. Reads all messages."""
        return self._conversations.blob_references()


def _is_tree(conversation: Conversation) -> bool:
    seen: set[str | None] = {None}
    for message in conversation.messages.values():
        if message.parent_id not in seen:
            return False
        seen.add(message.id)
    return conversation.leaf_id in seen


def copy_aside(database: Path, folder: Path, check: Check) -> Path:
    """A copy of the back-up's `database` in `folder`. Raises UnusableError, StorageError."""
    staged = folder / database.name
    try:
        if not database.is_file():
            raise UnusableError(
                tr(
                    "{folder} is no back-up of Linnet: there are no chats in it.",
                    folder=database.parent,
                )
            )
        upgrade_needed(database)  # says whether it is ours
        wal = database.with_name(f"{database.name}-wal")
        if wal.exists() and wal.stat().st_size:  # a program has it open, or ended in the middle
            with Database.read(database) as reader:
                reader.copy_to(staged)
        else:  # opened where it lies, it would get companions
            _copy(database, staged, check)
        with Database.open(staged) as copy:
            check()
            if copy.faults():
                raise StorageError(Trouble.DAMAGED, database)
        check()
        with closing(Staged(staged)) as found:
            for _ in found.read(check):
                pass
    except StorageError as error:
        raise _refusal(error, database, staged) from error
    return staged


def _copy(source: Path, target: Path, check: Check) -> None:
    with plain_words(source), source.open("rb") as file, plain_words(target):
        descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as copy:
            while piece := file.read(_PIECE_BYTES):
                check()
                copy.write(piece)


def _refusal(error: StorageError, database: Path, staged: Path) -> OSError:
    folder = database.parent
    match error.trouble:
        case Trouble.NEWER:
            words = tr(
                "{folder} was backed up by a newer version of Linnet. Update Linnet to bring it "
                "back.",
                folder=folder,
            )
        case Trouble.FOREIGN:
            words = tr("{folder} is no back-up of Linnet.", folder=folder)
        case Trouble.DAMAGED:
            words = tr(
                "The back-up in {folder} is damaged, so nothing of it was taken. Try another one.",
                folder=folder,
            )
        case Trouble.READ_ONLY | Trouble.DISK if error.path != staged:
            words = tr("{path} cannot be read. Check that its disk is there.", path=database)
        case _:
            return error
    return UnusableError(words)
