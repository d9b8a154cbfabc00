"""Google's native form: generateContent, streamGenerateContent and the model list.

Invariant: an answer is complete only with a finishReason (R53), or when it is one whole JSON
document; whatever else ends it is a `ChatError`. The key goes in `x-goog-api-key` alone (R44).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import replace

from app.domain.errors import ChatError, Failure
from app.domain.stream import NoticeGiven, StateReported, StreamEvent
from app.providers import gemini_request as requests
from app.providers.base import ChatRequest, Endpoint, ModelInfo, Quirks
from app.providers.body import Body, Inserts, takes_long
from app.providers.connections import Connections
from app.providers.gemini_files import Pace
from app.providers.gemini_list import list_models
from app.providers.gemini_mending import hints, mended
from app.providers.gemini_reading import Reading
from app.providers.gemini_uploads import GeminiUploads
from app.providers.http import Exchange


class GeminiProvider:
    def __init__(self, connections: Connections, pace: Pace | None = None) -> None:
        self._connections = connections
        self._pace = pace

    async def stream(
        self, endpoint: Endpoint, request: ChatRequest
    ) -> AsyncGenerator[StreamEvent, None]:
        """See `Provider.stream`. The state comes last, also before a failure."""
        endpoint = _with_key_header(endpoint)
        model = request.sampling.model or ""
        url = requests.chat_address(endpoint.service, model, stream=request.stream)
        inserts = Inserts(request.files.blobs)
        uploads = await GeminiUploads(self._connections, endpoint, request, pace=self._pace).made()

        def made() -> Body:
            return inserts.body(requests.encode(endpoint, request, inserts.base64_of, uploads))

        long = takes_long(request.messages)
        body = await asyncio.to_thread(made) if long else made()
        for notice in hints(request.sampling):
            yield NoticeGiven(notice)
        exchange = Exchange(
            self._connections,
            endpoint,
            url,
            body=body,
            stream=request.stream,
        )
        reading = Reading(exchange)
        failure: ChatError | None = None
        async with exchange as answer:
            try:
                while (events := await answer.read()) is not None:
                    for event in events:
                        for found in reading.take(event):
                            yield found
                reading.check_end()
            except ChatError as error:
                failure = error
            for found in reading.last():
                yield found
            if reading.parts:
                yield StateReported(requests.state_of(endpoint.service, model, reading.parts))
            if failure is not None:
                raise failure

    async def models(self, endpoint: Endpoint) -> tuple[ModelInfo, ...]:
        """All pages of the list, without what cannot chat (R22)."""
        return await list_models(self._connections, _with_key_header(endpoint))

    def mend(self, endpoint: Endpoint, request: ChatRequest, failure: Failure) -> Quirks | None:
        """Drop the member that was refused, or the streaming (R2, R21, R59)."""
        return mended(endpoint, request, failure)


def _with_key_header(endpoint: Endpoint) -> Endpoint:
    """A bearer is for OAuth, not for keys (wire reference 3.1)."""
    if endpoint.service.auth.strip().lower() != "bearer":
        return endpoint
    return replace(endpoint, service=replace(endpoint.service, auth="x-goog-api-key"))
