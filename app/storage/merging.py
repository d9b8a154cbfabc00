"""Chats from elsewhere, written among those that are here, and taken back again.

Invariant: a chat comes whole or not at all, in a transaction of its own, so that whoever writes
beside it waits a moment only. Taking back leaves what the person went on with meanwhile.
"""

from __future__ import annotations

import json
from dataclasses import replace

from app.domain.conversation import Conversation, Unsent
from app.domain.merging import Merged, merge
from app.domain.message import Message
from app.storage.conversations import Conversations
from app.storage.database import Database
from app.storage.index import forget_message


class Merging:
    """Over a connection of the thread that uses it. Every method may raise StorageError."""

    def __init__(self, database: Database) -> None:
        self.new_chats = 0
        self.completed_chats = 0
        self._database = database
        self._conversations = Conversations(database)
        self._done: list[tuple[Conversation | None, Merged]] = []

    def add(self, coming: Conversation, unsent: Unsent, now: float) -> Merged:
        """Put a chat beside the others, or together with itself. `unsent` comes with a new one.

        One from a bin lies in the bin from `now` on, and not as long as it lay there before.
        """
        with self._database.transaction() as connection:
            try:
                # What is damaged here is what a back-up is brought for.
                here = self._conversations.load_whole(coming.id, damaged_too=True)
            except KeyError:
                here = None
            if coming.binned_at is not None:
                coming = replace(coming, binned_at=now)
            merged = merge(here, coming, self._taken(coming))
            if here is None or merged.added:
                self._conversations.put(connection, merged.conversation, merged.added)
            if here is None and unsent != Unsent():
                self._conversations.put_unsent(connection, coming.id, unsent)
        self.new_chats += here is None
        self.completed_chats += here is not None and bool(merged.added)
        self._done.append((here, merged))
        return merged

    def take_back(self) -> None:
        """Undo all of it, last first."""
        while self._done:
            before, merged = self._done.pop()
            if before is None and self._untouched(merged.conversation):
                self._conversations.purge((merged.conversation.id,))
            elif before is not None:
                self._take_out(before, merged.added)

    def _taken(self, coming: Conversation) -> frozenset[str]:
        """Which ids of its messages belong to other chats here."""
        statement = (
            "SELECT message.id FROM json_each(?) JOIN message ON message.id = json_each.value "
            "JOIN chat ON chat.number = message.chat WHERE chat.id <> ?"
        )
        ids = json.dumps(list(coming.messages))
        return frozenset(i for (i,) in self._database.rows(statement, (ids, coming.id)))

    def _untouched(self, conversation: Conversation) -> bool:
        statement = "SELECT message_count, updated_at FROM chat WHERE id = ?"
        rows = self._database.rows(statement, (conversation.id,))
        return rows == [(len(conversation.messages), conversation.updated_at)]

    def _take_out(self, before: Conversation, added: tuple[Message, ...]) -> None:
        with self._database.transaction() as connection:
            for message in reversed(added):
                found = connection.execute(
                    "SELECT number, chat FROM message WHERE id = :id AND NOT EXISTS "
                    "(SELECT 1 FROM message WHERE parent_id = :id)",
                    {"id": message.id},
                ).fetchone()
                if found is None:
                    continue
                forget_message(connection, found[0])
                connection.execute("DELETE FROM message WHERE number = ?", (found[0],))
                connection.execute(
                    "UPDATE chat SET message_count = message_count - 1, updated_at = ?, leaf_id = "
                    "CASE leaf_id WHEN ? THEN ? ELSE leaf_id END WHERE number = ?",
                    (before.updated_at, message.id, message.parent_id, found[1]),
                )
