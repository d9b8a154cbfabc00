"""A stored chat as a conversation whose messages stay where they are until they are looked at.

Invariant: costs the same for any number of messages. Two readings of the same state are told to be
the same by the version of the chat, which grows with every change of a message.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from app.domain.conversation import Conversation
from app.domain.overlay import Overlay
from app.storage import codec
from app.storage.database import Database
from app.storage.kept import KeptChildren, KeptMessages, Source
from app.storage.rows import MESSAGE_COLUMNS, decoded, message_of

_CHAT = (
    "SELECT number, title, titled_by_person, created_at, updated_at, pinned, unread, binned_at, "
    "service_id, sampling, leaf_id, context_start_id, message_count, version, "
    "(SELECT max(number) FROM message WHERE chat = chat.number) FROM chat WHERE id = ?"
)


def load(database: Database, chat_id: str) -> Conversation | None:
    """None for an unknown one. Raises StorageError, or ValueError for a damaged row."""
    heads = database.rows(_CHAT, (chat_id,))
    return _conversation(database, chat_id, heads[0]) if heads else None


def whole(
    database: Database, conversation: Conversation, *, damaged_too: bool = False
) -> Conversation:
    """With all its messages in memory. Raises as `decoded` does, unless `damaged_too`."""
    rows = database.rows(
        f"SELECT {MESSAGE_COLUMNS} FROM message "
        "WHERE chat = (SELECT number FROM chat WHERE id = ?) ORDER BY number",
        (conversation.id,),
    )
    understood = message_of if damaged_too else decoded
    messages = [understood(row) for row in rows]
    children: dict[str | None, tuple[str, ...]] = {}
    for message in messages:
        children[message.parent_id] = (*children.get(message.parent_id, ()), message.id)
    held = {message.id: message for message in messages}
    return replace(conversation, messages=held, children=children)


def is_same(stored: Conversation, conversation: Conversation) -> bool:
    """Whether a conversation is what was just loaded, and no message changed since."""
    here, there = _version_of(conversation), _version_of(stored)
    if here is None:
        return stored == conversation
    bare = [replace(each, messages={}, children={}) for each in (stored, conversation)]
    return here == there and bare[0] == bare[1]


def _conversation(database: Database, chat_id: str, head: Any) -> Conversation:
    count, version, last = head[12:]
    messages = KeptMessages(Source(database, head[0], last or 0, count, version))
    return Conversation(
        id=chat_id,
        title=head[1],
        titled_by_person=bool(head[2]),
        created_at=head[3],
        updated_at=head[4],
        pinned=bool(head[5]),
        unread=bool(head[6]),
        binned_at=head[7],
        service_id=head[8],
        sampling=codec.sampling_from_json(head[9]),
        leaf_id=head[10],
        context_start_id=head[11],
        messages=Overlay(messages),
        children=Overlay(KeptChildren(messages)),
    )


def _version_of(conversation: Conversation) -> int | None:
    """Which state of the storage a conversation was read from; None: it was made here."""
    messages = conversation.messages
    base = messages.base if isinstance(messages, Overlay) else None
    return base.version if isinstance(base, KeptMessages) else None
