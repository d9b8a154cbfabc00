"""How many tokens a question will be, roughly, before anybody counts them.

Invariant: pure and cheap: four bytes of UTF-8 are taken for a token, which fits English and, at
three bytes a character, Chinese and Japanese within a quarter. It is shown as an estimate only.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from app.domain.conversation import Conversation
from app.domain.kinds import media_tokens
from app.domain.message import Media, Part, Text
from app.domain.path import Path

BYTES_PER_TOKEN = 4
MESSAGE_TOKENS = 4


def parts_tokens(parts: Iterable[Part]) -> int:
    """Tokens of what is sent of these parts. O(length)."""
    parts = tuple(parts)
    return text_tokens(parts) + media_tokens_of(p for p in parts if isinstance(p, Media))


def text_tokens(parts: Iterable[Part]) -> int:
    """Tokens of the texts alone. O(length)."""
    total = 0
    for part in parts:
        if isinstance(part, Text):
            text = part.text
            size = len(text) if text.isascii() else len(text.encode(errors="replace"))
            total += -(-size // BYTES_PER_TOKEN)
    return total


def media_tokens_of(media: Iterable[Media]) -> int:
    return sum(media_tokens(each) or 0 for each in media)


@dataclass(frozen=True, slots=True)
class Sent:
    """What goes along with the next question: `texts` in tokens, and all attachments."""

    messages: int
    texts: int
    media: tuple[Media, ...]

    @property
    def tokens(self) -> int:
        return MESSAGE_TOKENS * self.messages + self.texts + media_tokens_of(self.media)


def sent_of(conversation: Conversation) -> Sent:
    """What is sent of a conversation again. Of what is stored only the attachments are read."""
    path = conversation.path()
    return sent_from(path, path.number_of(conversation.context_start_id) or 0)


def sent_from(path: Path, first: int) -> Sent:
    """What would be sent again, beginning with message number `first`."""
    held, instead = path.in_memory(first)
    texts = path.kept.text_tokens(first) if path.kept is not None else 0
    texts += sum(text_tokens(message.parts) for message in held)
    texts -= sum(text_tokens(message.parts) for message in instead)
    media = tuple(each for message in path.with_media(first) for each in message.media)
    return Sent(len(path) - first, texts, media)
