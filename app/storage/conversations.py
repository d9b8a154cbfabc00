"""Conversations as rows: one for a chat, one for each of its messages.

Invariant: what `save` was given is in the file, whole, when it returns, and survives `kill -9`
from then on. A message is written without touching another. An answer without `finish` carries
the name of its writer, whose lock tells whether that program still runs (`lock.py`).
"""

from __future__ import annotations

import json
import sqlite3
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from app.domain.conversation import ChatSummary, Conversation, Unsent
from app.domain.message import Message, Text
from app.domain.stream import mend_surrogates
from app.domain.title import title_of
from app.storage import codec
from app.storage.database import Database
from app.storage.errors import StorageError, Trouble, plain_words
from app.storage.index import forget_chat, index_title
from app.storage.lines import fill_lines
from app.storage.loading import is_same, load, whole
from app.storage.lock import FileLock
from app.storage.putting import mend_answers_of, put_chat, put_message, unfinished

_SUMMARY = (
    "SELECT id, title, updated_at, pinned, unread, message_count, CASE WHEN title = '' THEN "
    # What is only attached names the draft, too. JSON that is damaged names nothing.
    "(SELECT CASE WHEN trim(text) != '' OR NOT json_valid(parts) THEN substr(text, 1, 400) "
    "ELSE json_extract(parts, '$[0].name') END FROM unsent WHERE chat = chat.number) END FROM chat"
)


class Conversations:
    """The stored chats. Every method may raise StorageError; writing ones need the loop's thread.

    `writers` is the folder of the lock files; it is made when the first answer is begun.
    """

    def __init__(self, database: Database, writers: Path | None = None) -> None:
        self._database = database
        self._writers = writers or database.path.with_name(f"{database.path.name}-writers")
        self._lock = FileLock(self._writers / uuid.uuid4().hex)

    def close(self) -> None:
        """Say that this program writes no answer any more. The database stays open."""
        self._lock.release()

    # Reading

    def summaries(self, *, binned: bool = False) -> tuple[ChatSummary, ...]:
        """All chats, pinned first, then newest first; or those in the bin, last binned first."""
        if binned:
            where = "WHERE binned_at IS NOT NULL ORDER BY binned_at DESC"
        else:
            where = "WHERE binned_at IS NULL ORDER BY pinned DESC, updated_at DESC, id DESC"
        return tuple(map(_summary, self._database.rows(f"{_SUMMARY} {where}")))

    def summary(self, chat_id: str) -> ChatSummary:
        """Raises KeyError."""
        rows = self._database.rows(f"{_SUMMARY} WHERE id = ?", (chat_id,))
        if not rows:
            raise KeyError(chat_id)
        return _summary(rows[0])

    def load(self, chat_id: str) -> Conversation:
        """The chat; its messages are read when they are looked at. Raises KeyError."""
        with self._understood():
            found = load(self._database, chat_id)
        if found is None:
            raise KeyError(chat_id)
        return found

    def load_whole(self, chat_id: str, *, damaged_too: bool = False) -> Conversation:
        """The chat with all its messages in memory. Raises KeyError.

        A damaged message is an error, or with `damaged_too` one that says so.
        """
        conversation = self.load(chat_id)
        with self._understood():
            return whole(self._database, conversation, damaged_too=damaged_too)

    def reload(self, conversation: Conversation) -> Conversation | None:
        """What is stored of a chat now; None when it is the same. Raises KeyError."""
        stored = self.load(conversation.id)
        return None if is_same(stored, conversation) else stored

    def unsent(self, chat_id: str) -> Unsent:
        rows = self._database.rows(
            "SELECT text, parts FROM unsent JOIN chat ON chat.number = chat WHERE id = ?",
            (chat_id,),
        )
        with self._understood():
            return Unsent(rows[0][0], codec.parts_from_json(rows[0][1])) if rows else Unsent()

    def blob_references(self) -> frozenset[str]:
        """The sha256 of all attachments that a message, binned or not, or an unsent text names.

        Reads all parts: for a reader's thread.
        """
        found: set[str] = set()
        for table in ("message", "unsent"):
            statement = f"SELECT parts FROM {table} WHERE parts LIKE '%\"sha256\"%'"
            for (parts,) in self._database.rows(statement):
                with self._understood():
                    found.update(part["sha256"] for part in json.loads(parts) if "sha256" in part)
        return frozenset(found)

    # Writing messages

    def save(self, conversation: Conversation, *messages: Message) -> None:
        """Write the chat's own row and these of its messages (new or changed), or nothing.

        Parents come before their children.
        """
        if any(unfinished(message) for message in messages):
            self._announce()
        with self._database.transaction() as connection:
            self.put(connection, conversation, messages)

    def put(
        self,
        connection: sqlite3.Connection,
        conversation: Conversation,
        messages: Iterable[Message],
    ) -> None:
        """As `save`, within a transaction of the caller; finished answers only."""
        number = put_chat(connection, conversation)
        for message in messages:
            put_message(connection, number, message, self._lock.path.name)

    def checkpoint(self, message: Message) -> None:
        """Write how far an unfinished answer has come. One UPDATE; not searchable yet.

        Does nothing when the answer was finished or its chat purged.
        """
        self._database.execute(
            "UPDATE message SET parts = ?, model = ?, usage = ?, timing = ?, notices = ?, "
            "provider_state = ?, extras = ? WHERE id = ? AND finish IS NULL",
            (
                codec.parts_to_json(message.parts),
                message.model,
                codec.optional_to_json(message.usage),
                codec.optional_to_json(message.timing),
                codec.notices_to_json(message.notices),
                codec.mapping_to_json(message.provider_state),
                codec.mapping_to_json(message.extras),
                message.id,
            ),
        )

    def mend_cut_off(self) -> tuple[str, ...]:
        """Finish the answers whose writers are gone, as cut off; the ids of their chats.

        At start, and whenever another program wrote.
        """
        rows = self._database.rows("SELECT DISTINCT writer FROM message WHERE writer IS NOT NULL")
        mended: list[str] = []
        for (writer,) in rows:
            lock = FileLock(self._writers / writer)
            if writer == self._lock.path.name or not self._taken(lock):
                continue
            with self._database.transaction() as connection:
                mended += mend_answers_of(connection, writer)
            lock.release()
        return tuple(dict.fromkeys(mended))

    def mend_places(self) -> None:
        """Say where those messages stand that a program wrote which knows of no places.

        Such is an older Linnet that was open while this one upgraded its file. Called as
        `mend_cut_off`.
        """
        chats = "SELECT DISTINCT chat FROM message WHERE line IS NULL"
        if self._database.rows(chats):
            with self._database.transaction() as connection:
                for (chat,) in connection.execute(chats).fetchall():
                    fill_lines(connection, chat)

    # Writing a chat's own row

    def set_title(self, chat_id: str, title: str, *, by_person: bool) -> None:
        title = mend_surrogates(title)
        with self._database.transaction() as connection:
            number = _number(connection, chat_id)
            connection.execute(
                "UPDATE chat SET title = ?, titled_by_person = ? WHERE number = ?",
                (title, by_person, number),
            )
            index_title(connection, number, title)

    def set_pinned(self, chat_id: str, pinned: bool) -> None:
        self._database.execute("UPDATE chat SET pinned = ? WHERE id = ?", (pinned, chat_id))

    def set_unread(self, chat_id: str, unread: bool) -> None:
        self._database.execute("UPDATE chat SET unread = ? WHERE id = ?", (unread, chat_id))

    def set_binned(self, chat_id: str, binned_at: float | None) -> None:
        """Put into the bin at that Unix time, or (`None`) take out of it."""
        self._database.execute("UPDATE chat SET binned_at = ? WHERE id = ?", (binned_at, chat_id))

    def set_unsent(self, chat_id: str, unsent: Unsent) -> None:
        """Raises KeyError for a chat that was never saved."""
        with self._database.transaction() as connection:
            self.put_unsent(connection, chat_id, unsent)

    def put_unsent(self, connection: sqlite3.Connection, chat_id: str, unsent: Unsent) -> None:
        """As `set_unsent`, within a transaction of the caller."""
        number = _number(connection, chat_id)
        if unsent == Unsent():
            connection.execute("DELETE FROM unsent WHERE chat = ?", (number,))
            return
        connection.execute(
            "INSERT OR REPLACE INTO unsent (chat, text, parts) VALUES (?, ?, ?)",
            (number, mend_surrogates(unsent.text), codec.parts_to_json(unsent.parts)),
        )

    def purge(self, chat_ids: Iterable[str]) -> None:
        """Remove chats for good; unknown ids are passed over."""
        with self._database.transaction() as connection:
            for chat_id in chat_ids:
                rows = connection.execute("SELECT number FROM chat WHERE id = ?", (chat_id,))
                for (number,) in rows.fetchall():
                    forget_chat(connection, number)
                    connection.execute("DELETE FROM chat WHERE number = ?", (number,))

    def empty_bin(self, binned_before: float) -> int:
        """Remove for good what went into the bin before that Unix time; how many chats."""
        rows = self._database.rows("SELECT id FROM chat WHERE binned_at < ?", (binned_before,))
        self.purge(chat_id for (chat_id,) in rows)
        return len(rows)

    def _announce(self) -> None:
        """Hold the lock before a row names this writer."""
        if not self._lock.held:
            self._taken(self._lock)

    @contextmanager
    def _understood(self) -> Iterator[None]:
        """What cannot be read back was damaged on the disk."""
        try:
            yield
        except (ValueError, KeyError, TypeError) as error:
            raise StorageError(Trouble.DAMAGED, self._database.path) from error

    def _taken(self, lock: FileLock) -> bool:
        with plain_words(self._writers):
            self._writers.mkdir(mode=0o700, exist_ok=True)
            return lock.take()


def _summary(row: Any) -> ChatSummary:
    return ChatSummary(
        id=row[0],
        title=row[1],
        updated_at=row[2],
        pinned=bool(row[3]),
        unread=bool(row[4]),
        message_count=row[5],
        draft=title_of((Text(row[6]),)) if row[6] else "",
    )


def _number(connection: sqlite3.Connection, chat_id: str) -> int:
    row = connection.execute("SELECT number FROM chat WHERE id = ?", (chat_id,)).fetchone()
    if row is None:
        raise KeyError(chat_id)
    return int(row[0])
