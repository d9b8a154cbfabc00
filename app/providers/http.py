"""One request and its answer: opens it, times it, decodes it, and closes it, whatever happens.

Invariant: nothing leaves but `ChatError`; every status and every exception of httpx becomes one.
One credential goes along, and to the service's own host only: no redirect is followed (R44).
Never retries, and knows no dialect: it hands out JSON events.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, urlencode

import httpx

from app.domain import address
from app.domain.errors import ChatError, ErrorKind, Failure, Phase
from app.domain.message import EMPTY
from app.i18n import tr
from app.providers import failures
from app.providers.base import Endpoint, HeldBlobs
from app.providers.body import JSON, Body, encoded
from app.providers.connections import Connections
from app.providers.outages import EXPECTED, outage
from app.providers.pace import Pace
from app.providers.scrubbing import scrub
from app.providers.sse import Decoder, Event, Shape, TooLongError

POOL_S = 10.0
TAIL_S = 10.0  # longest silence after the reason for the end was told (R15)
ERROR_BODY_BYTES = 256 * 1024
ERROR_BODY_S = 10.0
CREDENTIAL_HEADERS = frozenset({"authorization", "x-goog-api-key", "api-key", "x-api-key"})
CREDENTIAL_PARAMETERS = frozenset({"key", "api_key", "api-key", "apikey", "access_token"})


class Exchange:
    """An answer being read: `async with Exchange(...) as answer`, then `read` until `None`.

    Entering sends the request and raises ChatError unless the status is 2xx. Whoever reads sets
    `visible` when something of the answer was shown (R40), and `ended` when the reason for its
    end was seen: from then on a lost connection is no failure (R17), and silence is cut short.
    """

    def __init__(
        self,
        connections: Connections,
        endpoint: Endpoint,
        url: str,
        *,
        body: Mapping[str, Any] | Body | bytes | None = None,
        stream: bool = False,
        method: str = "",
        headers: Mapping[str, str] = EMPTY,
        shown_url: str = "",
    ) -> None:
        """`body` is posted: a mapping as JSON, anything else as it is; else the request is a GET.

        `method` and `headers` are for requests that are no questions. `shown_url` stands in
        failures for an address that is a secret itself.
        """
        self.url = url
        self.status = 0
        self.headers: Mapping[str, str] = httpx.Headers()
        self.decoder = Decoder()
        self.visible = False
        self.ended = False
        self._connections = connections
        self._endpoint = endpoint
        if isinstance(body, Mapping):
            body = Body(HeldBlobs(), [encoded(body)], content_type=JSON)
        self._body = body
        self._method = method or ("GET" if body is None else "POST")
        self._more_headers = headers
        self._shown = shown_url
        # What no failure may show: the key, or of a secret address what makes it one.
        self._secret = endpoint.key or (address.split(url).query if shown_url else None)
        self._stream = stream
        self._open: _Open | None = None
        self._timer: asyncio.Timeout | None = None
        self._limit_s = 0.0
        self._at_end = False
        self._pace = Pace()
        self._lost: Exception | None = None

    @property
    def phase(self) -> Phase:
        """How far it has come, for a failure that happens now."""
        if self._open is None:
            return Phase.HTTP
        return Phase.MID_STREAM if self.visible else Phase.FIRST_EVENT

    async def __aenter__(self) -> Self:
        try:
            response = await self._send()
            self.status, self.headers = response.status_code, response.headers
            if not response.is_success:
                raise ChatError(await self._refusal(response))
        except EXPECTED as error:
            raise ChatError(self._outage(error)) from error
        # httpx's own read limit is one for all bytes; the first and the later ones differ (R23).
        response.request.extensions["timeout"]["read"] = None
        response.stream = _Watched(response.stream, self._on_bytes)
        self._open = _Open(response, response.aiter_bytes())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._open is None:
            return
        if error is None and self.decoder.done and self._lost is None:
            self._connections.drain(self._open.response, self._open.chunks)
        else:
            await self._open.response.aclose()  # the only way to tell it to stop (R24)

    async def read(self) -> list[Event] | None:
        """The next events, or `None` when there are no more. Raises ChatError."""
        tail_until_s = asyncio.get_running_loop().time() + self._tail_s
        while self._open is not None and not self._at_end:
            try:
                if not self.ended:
                    await self._pace.gather()
                chunk = await self._next_chunk(self._open.chunks, tail_until_s)
                events = self.decoder.end() if chunk is None else self.decoder.feed(chunk)
                self._at_end = chunk is None or self.decoder.done
            except TooLongError as error:
                raise ChatError(self.failure(ErrorKind.PROTOCOL, _too_long())) from error
            except EXPECTED as error:
                # What had arrived counts first (R6), then the loss.
                self._lost = error
                self._at_end = True
                events = self.decoder.end()
            if events:
                return events
        self._check_end()
        return None

    def failure(self, kind: ErrorKind, sentence: str, *, retries: int = 0) -> Failure:
        """A failure at this point that the service did not put into words itself."""
        return Failure(
            kind=kind,
            message=sentence,
            phase=self.phase,
            retryable=retries > 0 and not self.visible,
            max_retries=retries or 3,
            http_status=self.status or None,
            trace_id=self._classified("").trace_id,
            url=self._shown_url(),
            detail=self._classified(self.decoder.head).detail,
        )

    def error(self, event: Event) -> ChatError:
        """What the error object of an event means (R17)."""
        return ChatError(self._classified(event.text if event.value is None else event.value))

    async def _send(self) -> httpx.Response:
        service = self._endpoint.service
        parts = address.split(self.url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise httpx.InvalidURL("no scheme, no host, or a bad port")
        client = await self._connections.client(service)
        limits = service.timeouts
        first_s = limits.first_byte_s if self._stream else limits.first_byte_whole_s
        self._limit_s = first_s
        request = client.build_request(
            self._method,
            # A name in the address would become a second credential (R44).
            _without_key(self.url) if self._endpoint.key else self.url,
            content=self._body,
            headers=self._request_headers(),
            timeout=httpx.Timeout(
                connect=limits.connect_s, write=limits.write_s, read=first_s, pool=POOL_S
            ),
        )
        return await client.send(request, stream=True)

    def _request_headers(self) -> dict[str, str]:
        accept = "text/event-stream, application/json" if self._stream else "application/json"
        headers = {"accept": accept}
        if isinstance(self._body, Body):
            headers["content-length"] = str(self._body.length)
            if self._body.content_type:
                headers["content-type"] = self._body.content_type
        headers.update(self._more_headers)
        credential = _credential(self._endpoint)
        for name, value in self._endpoint.headers.items():
            if not (credential and name.strip().lower() in CREDENTIAL_HEADERS):
                headers[name.strip().lower()] = value.strip()
        headers.update(credential)
        for name, value in headers.items():
            if not (name.isascii() and value.isascii() and value.isprintable()):
                raise ChatError(_bad_header(name, credential))
        return headers

    async def _refusal(self, response: httpx.Response) -> Failure:
        """What a status other than 2xx means; its body is read within bounds."""
        body = bytearray()
        try:
            async with asyncio.timeout(ERROR_BODY_S):
                async for chunk in response.aiter_bytes():
                    body += chunk
                    if len(body) > ERROR_BODY_BYTES:
                        break
        except EXPECTED:
            pass  # what arrived of it has to do
        finally:
            await response.aclose()
        return self._classified(bytes(body[:ERROR_BODY_BYTES]).decode("utf-8", "replace"))

    def _classified(self, body: str | Mapping[str, Any]) -> Failure:
        failure = failures.classify(
            self.status,
            self.headers,
            body,
            self.phase,
            key=self._secret,
            url=self._shown_url(),
            now_s=time.time(),
        )
        return self._without_others(failure)

    def _without_others(self, failure: Failure) -> Failure:
        """Secrets that went in headers of their own are echoed like keys (R30)."""
        for secret in self._endpoint.other_secrets:
            message, detail = scrub(failure.message, secret), scrub(failure.detail, secret)
            failure = replace(failure, message=message, detail=detail)
        return failure

    @property
    def _tail_s(self) -> float:
        return min(self._endpoint.service.timeouts.idle_s, TAIL_S)

    async def _next_chunk(self, chunks: AsyncIterator[bytes], tail_until_s: float) -> bytes | None:
        due_s = asyncio.get_running_loop().time() + self._limit_s
        try:
            async with asyncio.timeout_at(tail_until_s if self.ended else due_s) as self._timer:
                return await self._pace.next(chunks)
        finally:
            self._timer = None

    def _on_bytes(self) -> None:
        """Any byte counts, also one that completes nothing yet (R23)."""
        self._limit_s = self._endpoint.service.timeouts.idle_s
        if self._timer is not None and not self.ended:
            self._timer.reschedule(asyncio.get_running_loop().time() + self._limit_s)

    def _check_end(self) -> None:
        """Raise for an answer that ended in a way that no dialect can accept."""
        if self.decoder.shape is Shape.HTML:
            raise ChatError(self._classified(self.decoder.head))
        if self._lost is None or self.ended or self.decoder.done:
            return
        failure = self._outage(self._lost)
        if failure.kind is ErrorKind.TIMEOUT:
            sentence = tr("Nothing came for {seconds} s.", seconds=f"{self._limit_s:g}")
            failure = replace(failure, message=sentence)
        elif not isinstance(self._lost, httpx.DecodingError):
            failure = self._cut_off(failure)
        raise ChatError(failure) from self._lost

    def _cut_off(self, failure: Failure) -> Failure:
        """A connection that was lost within the answer (R18), or before any of it (R40)."""
        if not (self.visible or self.decoder.parsed or self.decoder.garbled):
            sentence = tr("The connection was lost before the answer began.")
            return replace(
                failure,
                kind=ErrorKind.NETWORK,
                message=sentence,
                retryable=True,
                max_retries=failures.NETWORK_RETRIES,
            )
        sentence = tr("The connection was lost within the answer.")
        return replace(failure, kind=ErrorKind.TRUNCATED, message=sentence, retryable=False)

    def _outage(self, error: Exception) -> Failure:
        service, key = self._endpoint.service, self._secret
        failure = outage(error, service, self.phase, url=self._shown_url() or "")
        told = self._classified("") if self.status else None
        return replace(
            failure,
            message=scrub(failure.message, key),
            detail=scrub(failure.detail, key),
            http_status=self.status or None,
            trace_id=told.trace_id if told else None,
        )

    def _shown_url(self) -> str:
        return self._shown or scrub(_without_key(self.url), self._endpoint.key)


async def fetch(connections: Connections, endpoint: Endpoint, url: str) -> list[dict[str, Any]]:
    """The JSON objects that a GET answers with (an array: its elements). Raises ChatError.

    A page, or anything else that is no JSON, is a `protocol` failure.
    """
    found: list[dict[str, Any]] = []
    async with Exchange(connections, endpoint, url) as answer:
        while (events := await answer.read()) is not None:
            found += (event.value for event in events if event.value is not None)
            if answer.decoder.shape is not Shape.JSON:
                break
        if answer.decoder.shape is not Shape.JSON or answer.decoder.cut:
            sentence = tr("The server answered, but not with JSON.")
            raise ChatError(answer.failure(ErrorKind.PROTOCOL, sentence))
    return found


@dataclass(frozen=True, slots=True)
class _Open:
    """An answer with a good status, and its decompressed pieces."""

    response: httpx.Response
    chunks: AsyncIterator[bytes]


class _Watched(httpx.AsyncByteStream):
    """Tells of every piece of the raw body as it comes, before it is decompressed."""

    def __init__(self, inner: object, on_bytes: Callable[[], None]) -> None:
        if not isinstance(inner, httpx.AsyncByteStream):
            raise TypeError("an asynchronous answer is read")
        self._inner = inner
        self._on_bytes = on_bytes
        self._pieces: AsyncIterator[bytes] = inner.__aiter__()

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        piece = await anext(self._pieces)
        self._on_bytes()
        return piece

    async def aclose(self) -> None:
        await self._inner.aclose()


def _credential(endpoint: Endpoint) -> dict[str, str]:
    """The one header that carries the key, or none (R44)."""
    key = (endpoint.key or "").strip()
    auth = endpoint.service.auth.strip().lower()
    if not key or auth in ("", "none"):
        return {}
    return {"authorization": f"Bearer {key}"} if auth == "bearer" else {auth: key}


def _bad_header(name: str, credential: Mapping[str, str]) -> Failure:
    if name in credential:
        sentence = tr("The key holds characters that cannot be sent. Paste it again.")
        return Failure(kind=ErrorKind.AUTH, message=sentence)
    sentence = tr("The header {name} holds characters that cannot be sent.", name=name)
    return Failure(kind=ErrorKind.BAD_REQUEST, message=sentence)


def _without_key(url: str) -> str:
    """`url` without names and keys in it: a credential goes in a header, and is not shown."""
    parts = address.split(url)
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    kept = [pair for pair in pairs if pair[0].lower() not in CREDENTIAL_PARAMETERS]
    query = parts.query if len(kept) == len(pairs) else urlencode(kept)
    if not parts.netloc:
        return url
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], query=query).geturl()


def _too_long() -> str:
    return tr("The answer holds a line longer than any answer can be.")
