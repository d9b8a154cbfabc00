"""How many tokens a question will be, roughly, before anybody counts them.

Invariant: pure and cheap: four bytes of UTF-8 are taken for a token, which fits English and, at
three bytes a character, Chinese and Japanese within a quarter. It is shown as an estimate only.
"""

from __future__ import annotations

from collections.abc import Iterable

from app.domain.conversation import Conversation
from app.domain.kinds import media_tokens
from app.domain.message import Media, Message, Part, Text

BYTES_PER_TOKEN = 4
MESSAGE_TOKENS = 4


def parts_tokens(parts: Iterable[Part]) -> int:
    """Tokens of what is sent of these parts. O(length)."""
    total = 0
    for part in parts:
        match part:
            case Text(text):
                size = len(text) if text.isascii() else len(text.encode(errors="replace"))
                total += -(-size // BYTES_PER_TOKEN)
            case Media():
                total += media_tokens(part) or 0
            case _:
                pass
    return total


def history_tokens(conversation: Conversation) -> int:
    """Tokens of the messages that go along with the next question. O(length of the chat)."""
    total = 0
    for message in sent_messages(conversation):
        total += MESSAGE_TOKENS + parts_tokens(message.parts)
    return total


def sent_messages(conversation: Conversation) -> tuple[Message, ...]:
    """The shown messages from the first that is still sent."""
    path = conversation.path()
    start = conversation.context_start_id
    for at, message in enumerate(path):
        if message.id == start:
            return path[at:]
    return path
