"""One reply in the OpenAI form on its way from JSON events to stream events, and its verdict.

Invariant: an answer is complete only by R18: a finish reason, `[DONE]`, or one whole JSON reply;
whatever else ends it is a `ChatError`.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import replace

from app.domain.errors import ChatError, ErrorKind, Failure, Phase
from app.domain.message import FinishReason, Notice
from app.domain.stream import Finished, NoticeGiven, StreamEvent
from app.i18n import tr, trn
from app.providers.complaints import is_error, read
from app.providers.http import Exchange
from app.providers.openai_reply import Assembly
from app.providers.sse import Event, Shape

LOG = logging.getLogger(__name__)


class Reading:
    """Tells `exchange` how far the answer has come."""

    def __init__(self, exchange: Exchange, *, repeated: bool = False) -> None:
        """`repeated`: this is asked again without streaming, so nothing more is tried (R21)."""
        self._exchange = exchange
        self._repeated = repeated
        self._assembly = Assembly()
        self._garbled = 0
        self._complaint: Event | None = None

    def take(self, event: Event) -> Iterator[StreamEvent]:
        """The events of one JSON object. Raises ChatError for an error in it (R17)."""
        assembly, exchange = self._assembly, self._exchange
        ended_well = assembly.reason not in (None, FinishReason.ERROR)
        if _is_failure(event):
            if not ended_well:
                yield from self._show(assembly.flush())
                assembly.note_end(event.value or {})
                raise exchange.error(event)
            words = exchange.error(event).failure.message
            sentence = tr("After its end the service reported: {words}", words=words)
            yield NoticeGiven(Notice("failed_after_end", sentence))
        elif event.value is None:
            self._garbled += 1
            LOG.info("An event of an answer was no JSON object and was passed over.")
        else:
            if "choices" not in event.value and _complains(event):
                self._complaint = event
            yield from self._show(assembly.feed(event.value))
            if assembly.reason is FinishReason.ERROR and not ended_well:
                yield from self._show(assembly.flush())
                sentence = tr("The service broke the answer off with an error.")
                raise ChatError(exchange.failure(ErrorKind.SERVER, sentence, retries=3))
            exchange.ended = assembly.reason is not None
            if exchange.ended and not ended_well:
                # What follows may take its time; a stop meanwhile finds the answer complete.
                yield from self.finish()
                yield from filter(None, (assembly.finished(),))

    def finish(self) -> Iterator[StreamEvent]:
        """What was held back, whatever the end."""
        yield from self._show(self._assembly.flush())

    def judged(self, failure: ChatError | None) -> ChatError | None:
        """The failure that the end of the body means, `None` when the answer is complete (R18)."""
        if failure is not None:
            phase = self._exchange.phase
            told = failure.failure
            if phase is Phase.MID_STREAM and told.phase is not phase:  # shown by `finish` only now
                return ChatError(replace(told, phase=phase, retryable=False))
            return failure
        assembly, decoder = self._assembly, self._exchange.decoder
        if assembly.reason is not None:
            return None
        if not assembly.visible:
            return ChatError(self._nothing())
        is_whole = decoder.shape is Shape.JSON and assembly.has_message and not decoder.cut
        if decoder.done or is_whole:
            return None
        sentence = tr("The connection ended before the answer did.")
        return ChatError(self._exchange.failure(ErrorKind.TRUNCATED, sentence))

    def last(self, *, complete: bool) -> Iterator[StreamEvent]:
        """What follows the content: remarks, the state and, where it ended well, the end."""
        skipped = self._garbled - self._exchange.decoder.cut  # what was cut off is told otherwise
        if skipped > 0 and self._assembly.visible:
            sentence = trn(
                "One piece of this answer could not be read and was left out.",
                "{count} pieces of this answer could not be read and were left out.",
                skipped,
            )
            yield NoticeGiven(Notice("events_skipped", sentence))
        yield from self._assembly.state()
        if complete:
            yield from self._assembly.end(done=self._exchange.decoder.done)
        elif self._assembly.reason is FinishReason.ERROR and self._assembly.visible:
            yield Finished(FinishReason.ERROR, self._assembly.native)

    def _show(self, events: Iterator[StreamEvent]) -> Iterator[StreamEvent]:
        for event in events:
            self._exchange.visible = self._assembly.visible
            yield event

    def _nothing(self) -> Failure:
        """No text, no reasoning, no call, no picture and no reason: what came instead?"""
        exchange, decoder = self._exchange, self._exchange.decoder
        if self._complaint is not None:
            return exchange.error(self._complaint).failure
        if self._garbled and not decoder.parsed:
            sentence = tr("What the server sent is not an answer of this form.")
            return exchange.failure(ErrorKind.PROTOCOL, sentence)
        said = _plain_text(decoder.head) if decoder.shape is Shape.EVENTS else ""
        if said and not decoder.parsed:
            sentence = tr("The server sent a text in place of an answer: {text}", text=said)
            return exchange.failure(ErrorKind.PROTOCOL, sentence)
        sentence = tr("The server sent an empty answer.")
        return exchange.failure(ErrorKind.PROTOCOL, sentence, retries=0 if self._repeated else 1)


def _is_failure(event: Event) -> bool:
    if event.value is None:
        return event.name == "error"
    return is_error(event.value, event.name)


def _complains(event: Event) -> bool:
    """Whether an object that is no completion says what is wrong, without calling it an error."""
    said = read(event.value or {})
    return bool(said.status or (said.message and said.message not in said.codes))


def _plain_text(head: str) -> str:
    """What of a body is neither an event nor a comment: the words of a proxy, perhaps."""
    fields = ("data", "event", "id", "retry")
    lines = (line.strip() for line in head.splitlines())
    kept = [line for line in lines if line and line.partition(":")[0] not in ("", *fields)]
    return read("\n".join(kept)).message if kept else ""
