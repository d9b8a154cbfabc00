"""What of a chat can stay behind when it has grown larger than its service or model takes.

Invariant: pure; proposes only, the oldest first, and never the last question. Nothing is proposed
that helps nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.domain.carrying import load_of, request_bytes
from app.domain.conversation import Conversation
from app.domain.estimate import MESSAGE_TOKENS, parts_tokens, sent_messages
from app.domain.kinds import MB
from app.domain.message import Media, Message, Role
from app.domain.settings import Form, Service

FILLED = 0.75
"""Of what a model reads, this much is filled again: an answer has to fit, and a few questions."""

Place = tuple[str, int]
"""A message's id, and which of its attachments."""


@dataclass(frozen=True, slots=True)
class TooMuch:
    """Earlier attachments make `size_bytes` of a request together with the new ones, and
    `limit_bytes` are taken. Without those at `places` it fits, or is as small as it can be."""

    size_bytes: int
    limit_bytes: int
    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class TooLong:
    """`tokens` with the question, and the model reads `limit_tokens`. Beginning with the message
    `first_id` it fits, or is as short as it can be."""

    tokens: int
    limit_tokens: int
    first_id: str


class Crowd:
    """Counts a chat once, then compares each question with it. O(length of the chat)."""

    def __init__(self, conversation: Conversation, service: Service) -> None:
        self._conversation = conversation
        self._service = service
        self._sent = sent_messages(conversation)
        self._tokens = [MESSAGE_TOKENS + parts_tokens(each.parts) for each in self._sent]
        self._total = sum(self._tokens)
        self._media = [
            ((message.id, place), media)
            for message in self._sent
            for place, media in enumerate(message.media)
            if not media.left_out
        ]
        self._is_real = service.form is not Form.DEMO

    def is_of(self, conversation: Conversation, service: Service) -> bool:
        return conversation is self._conversation and service is self._service

    def too_much(self, media: Sequence[Media]) -> TooMuch | None:
        """Whether earlier attachments make the request too large for the service."""
        limit = self._service.largest_request_mb * MB
        if not (self._is_real and limit and self._media):
            return None
        earlier = [each for _, each in self._media]
        load = load_of(self._service, media, earlier)
        if load.request_bytes <= limit or not load.earlier_bytes:
            return None
        over, places = load.request_bytes - limit, list[Place]()
        for at, (place, each) in enumerate(self._media):
            size = 0 if at in load.uploads else request_bytes(self._service, each)
            if over > 0 and size:
                places.append(place)
                over -= size
        return TooMuch(load.request_bytes, limit, tuple(places))

    def too_long(self, own_tokens: int, limit_tokens: int | None) -> TooLong | None:
        """Whether the messages so far are more than the model reads."""
        total = self._total + own_tokens
        if not self._is_real or limit_tokens is None or total <= limit_tokens:
            return None
        first, left = None, total
        for message, tokens in zip(self._sent, self._tokens, strict=True):
            if message is not self._sent[0] and _begins(message):
                first = message.id
                if left <= limit_tokens * FILLED:
                    break
            left -= tokens
        return None if first is None else TooLong(total, limit_tokens, first)


def _begins(message: Message) -> bool:
    return message.role is Role.USER
