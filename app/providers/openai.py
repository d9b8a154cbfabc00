"""The OpenAI form: chat/completions at any path, and the model list beside it.

Invariant: an answer counts as complete only by R18: a finish reason, `[DONE]`, or one whole JSON
reply; whatever else ends it is a `ChatError`, and the text that had come stands before it.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import replace

from app.domain.errors import ChatError, ErrorKind, Failure, Phase
from app.domain.stream import StreamEvent
from app.providers import openai_request as requests
from app.providers.base import ChatRequest, Endpoint, ModelInfo, Quirks
from app.providers.connections import Connections
from app.providers.failures import refuses_streaming
from app.providers.http import Exchange
from app.providers.openai_models import list_models
from app.providers.openai_reading import Reading

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
        body = await requests.body(service, request)
        exchange = Exchange(
            self._connections,
            endpoint,
            requests.chat_address(service),
            body=body,
            stream=requests.asks_for_stream(request),
        )
        reading = Reading(exchange, repeated=request.quirks.stream is False)
        failure: ChatError | None = None
        try:
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
        except ChatError as error:
            raise ChatError(requests.explained(service, request, error.failure)) from error

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
