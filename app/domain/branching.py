"""A chat of its own that begins with what another one says up to a message.

Invariant: pure; the other chat stays as it is, and shares no message with the new one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from app.domain.conversation import Conversation
from app.domain.message import Message


def branched(
    conversation: Conversation, message_id: str, new_id: Callable[[], str], title: str, now: float
) -> Conversation:
    """All from the root to `message_id`, under new ids, as a chat named `title` of the time `now`.

    O(messages up to there), all of which are read. Raises KeyError for an unknown message.
    """
    names: dict[str | None, str | None] = {None: None}
    messages: dict[str, Message] = {}
    for message in conversation.path(message_id):
        name = names[message.id] = new_id()
        messages[name] = replace(message, id=name, parent_id=names[message.parent_id])
    return replace(
        conversation,
        id=new_id(),
        title=title,
        created_at=now,
        updated_at=now,
        pinned=False,
        unread=False,
        binned_at=None,
        leaf_id=names[message_id],
        context_start_id=names.get(conversation.context_start_id),
        messages=messages,
        children={message.parent_id: (message.id,) for message in messages.values()},
    )
