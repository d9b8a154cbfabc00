"""The numbered steps from an empty file to today's tables.

Invariant: step n turns version n - 1 into version n, within a transaction of its caller. A step
that was ever released is never changed; a new need is a new step at the end.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

from app.storage.codec import parts_from_json
from app.storage.index import index_message, index_title
from app.storage.lines import fill_lines

Migration = Callable[[sqlite3.Connection], None]


def _run(connection: sqlite3.Connection, statements: str) -> None:
    # Not executescript: that would commit the transaction of the caller.
    for statement in statements.split(";\n"):
        if statement.strip():
            connection.execute(statement)


def _chats_and_messages(connection: sqlite3.Connection) -> None:
    """`number` orders siblings and is the key in the full-text index; ids come from outside.

    `writer` names the running program that writes an unfinished answer (see `lock.py`). A parent
    is checked at the commit only, so that a chat of any length goes in one statement.
    """
    _run(
        connection,
        """
        CREATE TABLE chat (
            number INTEGER PRIMARY KEY,
            id TEXT NOT NULL UNIQUE,
            title TEXT NOT NULL,
            titled_by_person INTEGER NOT NULL,
            created_at REAL NOT NULL,
            updated_at REAL NOT NULL,
            pinned INTEGER NOT NULL,
            unread INTEGER NOT NULL,
            binned_at REAL,
            service_id TEXT NOT NULL,
            sampling TEXT,
            leaf_id TEXT,
            context_start_id TEXT,
            message_count INTEGER NOT NULL DEFAULT 0
        );
        CREATE INDEX chat_row ON chat
            (pinned, updated_at, id, title, unread, message_count, binned_at)
            WHERE binned_at IS NULL;
        CREATE INDEX chat_in_bin ON chat (binned_at) WHERE binned_at IS NOT NULL;
        CREATE TABLE message (
            number INTEGER PRIMARY KEY,
            id TEXT NOT NULL UNIQUE,
            chat INTEGER NOT NULL REFERENCES chat (number) ON DELETE CASCADE,
            parent_id TEXT REFERENCES message (id) DEFERRABLE INITIALLY DEFERRED,
            role TEXT NOT NULL,
            parts TEXT NOT NULL,
            created_at REAL NOT NULL,
            service_id TEXT NOT NULL,
            service_name TEXT NOT NULL,
            model TEXT NOT NULL,
            usage TEXT,
            finish TEXT,
            timing TEXT,
            notices TEXT,
            provider_state TEXT,
            extras TEXT,
            writer TEXT
        );
        CREATE INDEX message_of_chat ON message (chat, number);
        CREATE INDEX message_parent ON message (parent_id);
        CREATE INDEX message_unfinished ON message (writer) WHERE writer IS NOT NULL;
        CREATE TABLE unsent (
            chat INTEGER PRIMARY KEY REFERENCES chat (number) ON DELETE CASCADE,
            text TEXT NOT NULL,
            parts TEXT NOT NULL
        );
        """,
    )


def _full_text_search(connection: sqlite3.Connection) -> None:
    _run(
        connection,
        """
        CREATE VIRTUAL TABLE chat_index USING fts5 (
            title, tokenize = "unicode61 remove_diacritics 2", prefix = '1 2 3'
        );
        CREATE VIRTUAL TABLE message_index USING fts5 (
            said, thought, tokenize = "unicode61 remove_diacritics 2", prefix = '1 2 3'
        );
        """,
    )
    for number, title in connection.execute("SELECT number, title FROM chat").fetchall():
        index_title(connection, number, title)
    for (number,) in connection.execute("SELECT number FROM message").fetchall():
        row = connection.execute("SELECT parts FROM message WHERE number = ?", (number,))
        index_message(connection, number, parts_from_json(row.fetchone()[0]))


def _learned(connection: sqlite3.Connection) -> None:
    """What was learned about a service's model from requests that it refused."""
    _run(
        connection,
        """
        CREATE TABLE learned (
            service_id TEXT NOT NULL,
            model TEXT NOT NULL,
            quirks TEXT NOT NULL,
            PRIMARY KEY (service_id, model)
        );
        """,
    )


def _uploads(connection: sqlite3.Connection) -> None:
    """What lies with services: `place` is a form and a host, `name` the service's own."""
    _run(
        connection,
        """
        CREATE TABLE upload (
            place TEXT NOT NULL,
            sha256 TEXT NOT NULL,
            mime TEXT NOT NULL,
            name TEXT NOT NULL,
            uri TEXT NOT NULL,
            expires_at REAL,
            PRIMARY KEY (place, sha256, mime)
        );
        """,
    )


def _lines(connection: sqlite3.Connection) -> None:
    """Where a message stands (`lines.py`), and what of it is asked for without reading it.

    `version` of a chat grows with every change of a message, so that another program sees it.
    """
    _run(
        connection,
        """
        ALTER TABLE chat ADD COLUMN version INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE message ADD COLUMN line INTEGER;
        ALTER TABLE message ADD COLUMN depth INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE message ADD COLUMN tokens INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE message ADD COLUMN media INTEGER NOT NULL DEFAULT 0;
        """,
    )
    for (chat,) in connection.execute("SELECT number FROM chat").fetchall():
        fill_lines(connection, chat)
    _run(
        connection,
        """
        CREATE INDEX message_line ON message (line, depth, tokens);
        CREATE INDEX message_branch ON message (chat) WHERE number = line;
        CREATE INDEX message_media ON message (chat, line, depth) WHERE media > 0;
        """,
    )
    for event, row in (("UPDATE", "NEW"), ("DELETE", "OLD")):
        connection.execute(
            f"CREATE TRIGGER message_{event.lower()} AFTER {event} ON message BEGIN "
            f"UPDATE chat SET version = version + 1 WHERE number = {row}.chat; END"
        )


MIGRATIONS: tuple[Migration, ...] = (
    _chats_and_messages,
    _full_text_search,
    _learned,
    _uploads,
    _lines,
)
