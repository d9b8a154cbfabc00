"""What of a chat can stay behind when it has grown larger than its service or model takes.

Invariant: pure; proposes only, the oldest first, and never the last question. Nothing is proposed
that helps nothing.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from app.domain.carrying import load_of, request_bytes
from app.domain.conversation import Conversation
from app.domain.estimate import sent_from
from app.domain.kinds import MB
from app.domain.message import Media
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
    """`tokens` with the question, and the model reads `limit_tokens`."""

    tokens: int
    limit_tokens: int


class Crowd:
    """Counts a chat once, then compares each question with it."""

    def __init__(self, conversation: Conversation, service: Service) -> None:
        self._conversation = conversation
        self._service = service
        self._path = path = conversation.path()
        self._first = path.number_of(conversation.context_start_id) or 0
        self._tokens = sent_from(path, self._first).tokens
        self._media = [
            ((message.id, place), media)
            for message in path.with_media(self._first)
            for place, media in enumerate(message.media)
            if not media.left_out
        ]
        self._is_real = service.form is not Form.DEMO

    @cached_property
    def _questions(self) -> Sequence[str]:
        return self._path.questions(self._first)

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
        """Whether the messages so far are more than the model reads, and some can stay behind."""
        total = self._tokens + own_tokens
        if not self._is_real or limit_tokens is None or total <= limit_tokens:
            return None
        return TooLong(total, limit_tokens) if len(self._questions) > 1 else None

    def first_that_fits(self, long: TooLong) -> str:
        """The question to begin with, so that it fits; the last one where nothing does."""
        own = long.tokens - self._tokens
        room = long.limit_tokens * FILLED - own

        def is_small(number: int) -> bool:
            first = self._path.number_of(self._questions[number]) or 0
            return sent_from(self._path, first).tokens <= room

        numbers = range(1, len(self._questions) - 1)
        return self._questions[bisect_left(numbers, True, key=is_small) + 1]
