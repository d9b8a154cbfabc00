"""Chats and messages written into their rows, within a transaction of the caller.

Invariant: what is finished can be found by its words from the same moment on. A message keeps its
chat, its parent and its place in the tree.
"""

from __future__ import annotations

import sqlite3
from contextlib import suppress
from typing import Any

from app.domain.conversation import Conversation
from app.domain.errors import ErrorKind, Failure, Phase
from app.domain.estimate import text_tokens
from app.domain.message import Finish, Media, Message, Role
from app.domain.stream import mend_surrogates
from app.i18n import tr
from app.storage import codec
from app.storage.index import index_message, index_title
from app.storage.lines import place_below


def unfinished(message: Message) -> bool:
    """Whether it is an answer that is being written."""
    return message.role is Role.ASSISTANT and message.finish is None


def put_chat(connection: sqlite3.Connection, conversation: Conversation) -> int:
    """Write the row of a chat; its number."""
    values = {
        "id": conversation.id,
        "title": mend_surrogates(conversation.title),
        "titled_by_person": conversation.titled_by_person,
        "created_at": conversation.created_at,
        "updated_at": conversation.updated_at,
        "pinned": conversation.pinned,
        "unread": conversation.unread,
        "binned_at": conversation.binned_at,
        "service_id": conversation.service_id,
        "sampling": codec.sampling_to_json(conversation.sampling),
        "leaf_id": conversation.leaf_id,
        "context_start_id": conversation.context_start_id,
    }
    row = connection.execute("SELECT number, title FROM chat WHERE id = ?", (conversation.id,))
    number, title = row.fetchone() or (None, None)
    if number is None:
        number = _insert(connection, "chat", values)
    else:
        _update(connection, "chat", number, values)
    if title != values["title"]:
        index_title(connection, number, conversation.title)
    return int(number)


def put_message(connection: sqlite3.Connection, chat: int, message: Message, writer: str) -> None:
    """Write a message, new or changed; an unfinished one bears the name of its writer."""
    values = _message_values(message, writer if unfinished(message) else None)
    found = connection.execute(
        "SELECT number, chat, parent_id FROM message WHERE id = ?", (message.id,)
    ).fetchone()
    if found is None:
        number = _insert(connection, "message", {"chat": chat, **values})
        place = place_below(connection, message.parent_id, number)
        connection.execute(
            "UPDATE message SET line = ?, depth = ? WHERE number = ?", (*place, number)
        )
        connection.execute(
            "UPDATE chat SET message_count = message_count + 1 WHERE number = ?", (chat,)
        )
    elif found[1:] == (chat, message.parent_id):
        number = found[0]
        _update(connection, "message", number, values)
    else:
        raise ValueError("a message keeps its chat and its parent")
    if not unfinished(message):
        index_message(connection, number, message.parts)


def mend_answers_of(connection: sqlite3.Connection, writer: str) -> list[str]:
    """Finish the answers of a writer that is gone, as cut off; the ids of their chats."""
    rows = connection.execute(
        "SELECT message.number, chat.id, parts FROM message "
        "JOIN chat ON chat.number = message.chat WHERE writer = ?",
        (writer,),
    ).fetchall()
    for number, _, text in rows:
        failure = Failure(
            kind=ErrorKind.TRUNCATED,
            message=tr("Linnet was closed while this answer was being written."),
            phase=Phase.FIRST_EVENT if text == "[]" else Phase.MID_STREAM,
        )
        connection.execute(
            "UPDATE message SET finish = ?, writer = NULL WHERE number = ?",
            (codec.optional_to_json(Finish(failure=failure)), number),
        )
        with suppress(ValueError, KeyError, TypeError):  # damaged: told when the chat is opened
            parts = codec.parts_from_json(text)
            index_message(connection, number, parts)
            media = sum(isinstance(part, Media) for part in parts)
            counts = {"tokens": text_tokens(parts), "media": media}  # a checkpoint writes neither
            _update(connection, "message", number, counts)
    return [chat_id for _, chat_id, _ in rows]


def _message_values(message: Message, writer: str | None) -> dict[str, Any]:
    """The columns of a message; `writer` names the program that still writes it."""
    return {
        "id": message.id,
        "parent_id": message.parent_id,
        "role": message.role.value,
        "parts": codec.parts_to_json(message.parts),
        "created_at": message.created_at,
        "service_id": message.service_id,
        "service_name": mend_surrogates(message.service_name),
        "model": mend_surrogates(message.model),
        "usage": codec.optional_to_json(message.usage),
        "finish": codec.optional_to_json(message.finish),
        "timing": codec.optional_to_json(message.timing),
        "notices": codec.notices_to_json(message.notices),
        "provider_state": codec.mapping_to_json(message.provider_state),
        "extras": codec.mapping_to_json(message.extras),
        "writer": writer,
        "tokens": text_tokens(message.parts),
        "media": len(message.media),
    }


def _insert(connection: sqlite3.Connection, table: str, values: dict[str, Any]) -> int:
    names, marks = ", ".join(values), ", ".join("?" * len(values))
    cursor = connection.execute(
        f"INSERT INTO {table} ({names}) VALUES ({marks})", tuple(values.values())
    )
    return int(cursor.lastrowid or 0)


def _update(
    connection: sqlite3.Connection, table: str, number: int, values: dict[str, Any]
) -> None:
    names = ", ".join(f"{name} = ?" for name in values)
    connection.execute(f"UPDATE {table} SET {names} WHERE number = ?", (*values.values(), number))
