"""The OpenAI form: chat/completions at any path, and the model list beside it.

Invariant: an answer counts as complete only by R18: a finish reason, `[DONE]`, or one whole JSON
reply; whatever else ends it is a `ChatError`, and the text that had come stands before it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Iterator
from dataclasses import replace
from functools import partial

from app.domain.errors import ChatError, ErrorKind, Failure, Phase
from app.domain.message import FinishReason, Notice
from app.domain.stream import Finished, NoticeGiven, StreamEvent
from app.i18n import tr, trn
from app.providers import openai_request as requests
from app.providers.base import ChatRequest, Endpoint, ModelInfo, Quirks
from app.providers.body import JSON_CONTENT, Inserts
from app.providers.complaints import is_error, read
from app.providers.connections import Connections
from app.providers.failures import refuses_streaming
from app.providers.http import Exchange
from app.providers.openai_models import list_models
from app.providers.openai_reply import Assembly
from app.providers.sse import Event, Shape

LOG = logging.getLogger(__name__)
# R2, and one more of the same kind. An answer in JSON is never dropped: it is what was asked for.
MENDABLE = frozenset(
    {
        *requests.LIMIT_FIELDS,
        "temperature",
        "top_p",
        "stream_options",
        "reasoning_effort",
        "reasoning",
        "include_thoughts",
        "extra_body",
    }
)


class OpenAIProvider:
    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    async def stream(
        self, endpoint: Endpoint, request: ChatRequest
    ) -> AsyncGenerator[StreamEvent, None]:
        """See `Provider.stream`. The state comes last, also before a failure."""
        service = endpoint.service
        inserts = Inserts(request.files.blobs)
        encode = partial(requests.encode, service, request, inserts.base64_of)
        has_media = any(message.media for message in request.messages)
        body = inserts.body(await asyncio.to_thread(encode) if has_media else encode())
        exchange = Exchange(
            self._connections,
            endpoint,
            requests.chat_address(service),
            body=body,
            headers=JSON_CONTENT,
            stream=requests.asks_for_stream(request),
        )
        reading = _Reading(exchange, repeated=request.quirks.stream is False)
        failure: ChatError | None = None
        async with exchange as answer:
            try:
                while (events := await answer.read()) is not None:
                    for event in events:
                        for found in reading.take(event):
                            yield found
            except ChatError as error:
                failure = error
            for found in reading.finish():
                yield found
            failure = reading.judged(failure)
            for found in reading.last(complete=failure is None):
                yield found
            if failure is not None:
                raise failure

    async def models(self, endpoint: Endpoint) -> tuple[ModelInfo, ...]:
        """See `Provider.models` (R22)."""
        return await list_models(self._connections, endpoint)

    def mend(self, endpoint: Endpoint, request: ChatRequest, failure: Failure) -> Quirks | None:
        """Drop or rename the refused member (R2), else ask without streaming (R21)."""
        service, quirks = endpoint.service, request.quirks
        if failure.phase is Phase.MID_STREAM:
            return None
        if failure.kind is ErrorKind.BAD_REQUEST and failure.http_status in (400, 422):
            members = requests.own_members(service, request).keys() & MENDABLE
            refused = requests.blamed_member(failure, sorted(members))
            if refused in requests.LIMIT_FIELDS and quirks.token_limit_field is None:
                first, second = requests.LIMIT_FIELDS
                return replace(quirks, token_limit_field=second if refused == first else first)
            if refused is not None:
                return replace(quirks, dropped=quirks.dropped | {refused})
        if not (requests.asks_for_stream(request) and service.stream_fallback):
            return None
        return replace(quirks, stream=False) if refuses_streaming(failure) else None


class _Reading:
    """One reply on its way from JSON events to stream events, and the verdict on its end."""

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
