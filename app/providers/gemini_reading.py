"""One reply in Google's form on its way from JSON events to stream events, and its verdict.

Invariant: an answer is complete only with a finishReason (R53), or when it is one whole JSON
document; whatever else ends it is a `ChatError`.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from app.domain.errors import ChatError, ErrorKind
from app.domain.message import FinishReason, Notice
from app.domain.stream import NoticeGiven, StreamEvent
from app.i18n import tr, trn
from app.providers.complaints import is_error, read
from app.providers.gemini_reply import Assembly
from app.providers.http import Exchange
from app.providers.sse import Decoder, Event, Shape

LOG = logging.getLogger(__name__)
_OF_A_STREAM = (":", "data:", "event:", "id:", "retry:")


class Reading:
    """Tells `exchange` how far the answer has come; `parts` is what goes back to the model."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._assembly = Assembly()

    @property
    def parts(self) -> list[dict[str, Any]]:
        return self._assembly.parts

    def take(self, event: Event) -> Iterator[StreamEvent]:
        """What one JSON event says. Raises ChatError for an error in any of its forms (R57)."""
        assembly, exchange = self._assembly, self._exchange
        if not _is_failure(event):
            if event.value is None:
                LOG.info("An event of an answer was no JSON object and was passed over.")
            for found in assembly.feed(event.value or {}):
                exchange.visible = assembly.visible
                yield found
            exchange.ended = assembly.finished is not None
        elif assembly.finished is None:
            raise exchange.error(event)
        else:  # the answer stands (R17)
            said = exchange.error(event).failure.message
            sentence = tr("After its end the service reported: {words}", words=said)
            yield NoticeGiven(Notice("failed_after_end", sentence))

    def last(self) -> Iterator[StreamEvent]:
        """What could not be read (R11); what was cut off is told otherwise."""
        decoder = self._exchange.decoder
        skipped = decoder.garbled - decoder.cut
        if skipped > 0 and self._assembly.visible:
            sentence = trn(
                "One piece of this answer could not be read and was left out.",
                "{count} pieces of this answer could not be read and were left out.",
                skipped,
            )
            yield NoticeGiven(Notice("events_skipped", sentence))

    def check_end(self) -> None:
        """Raises ChatError unless the answer ended well (R18, R53, R55)."""
        assembly = self._assembly
        finished = assembly.finished
        if finished is not None:
            if finished.reason is FinishReason.ERROR:
                word = finished.native or ""
                said = assembly.finish_message or tr("The model stopped with {word}.", word=word)
                raise self._failed(ErrorKind.SERVER, said, word)
        elif not assembly.visible:
            raise self._nothing()
        elif not _is_one_document(self._exchange.decoder):
            sentence = tr("The answer ended before it was complete.")
            raise self._failed(ErrorKind.TRUNCATED, sentence)

    def _nothing(self) -> ChatError:
        """Nothing to show and no reason for the end: what came instead?"""
        assembly, decoder = self._assembly, self._exchange.decoder
        if reason := assembly.block_reason:
            said = assembly.block_message or tr(
                "The provider's filter refused the question: {category}.", category=reason
            )
            return self._failed(ErrorKind.BLOCKED, said, reason)
        if _is_empty(decoder):
            sentence = tr("The server sent an empty answer.")
            return self._failed(ErrorKind.PROTOCOL, sentence, retries=1)
        words = read(decoder.head).message
        sentence = tr("The server sent a text in place of an answer: {text}", text=words)
        return self._failed(ErrorKind.PROTOCOL, sentence)

    def _failed(
        self, kind: ErrorKind, sentence: str, code: str = "", *, retries: int = 0
    ) -> ChatError:
        failure = self._exchange.failure(kind, sentence, retries=retries)
        return ChatError(replace(failure, codes=(code,) if code else ()))


def _is_failure(event: Event) -> bool:
    if event.value is None:
        return event.name == "error"
    return is_error(event.value, event.name)


def _is_empty(decoder: Decoder) -> bool:
    """Whether nothing came, or only heartbeats, or documents that say nothing."""
    if decoder.parsed or decoder.garbled or decoder.shape is not Shape.EVENTS:
        return not decoder.garbled
    lines = decoder.head.replace("\r", "\n").split("\n")
    return all(not line.strip() or line.startswith(_OF_A_STREAM) for line in lines)


def _is_one_document(decoder: Decoder) -> bool:
    """Whether a whole answer came, which needs no reason for its end (wire reference 1.5)."""
    begins = decoder.head.lstrip("\ufeff \t\r\n")[:1]
    whole = decoder.parsed == 1 and not decoder.garbled and not decoder.cut
    return decoder.shape is Shape.JSON and begins == "{" and whole
