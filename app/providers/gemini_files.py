"""Google's Files API: files are uploaded in pieces, waited for, asked for and deleted (3.9, R61).

Invariant: nothing leaves but `ChatError`; an upload that lost its connection goes on where the
service says that it is. The address of a running upload is a capability: it is in no failure and
no log, and it is only ever called at the service's own host, without the key.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from app.domain import address
from app.domain.errors import ChatError, ErrorKind, Failure
from app.domain.upload import Upload, Uploading
from app.i18n import tr
from app.providers import gemini_wire as wire
from app.providers.base import BlobSource, Endpoint
from app.providers.body import Body, Span
from app.providers.connections import Connections
from app.providers.gemini_request import base_address
from app.providers.http import Exchange

PIECE_BYTES = 8 * 1024 * 1024
GRANULE_BYTES = 256 * 1024
MOST_STARTS = 3
MOST_STALLS = 8  # pieces in a row after which not one more byte was there
ANSWER_S = 60.0  # a piece is answered at once, or its connection is lost
GONE = frozenset({403, 404})
_OFFSET_STATUS = frozenset({400, 409, 412, 416})
_LOST = frozenset(
    {
        ErrorKind.NETWORK,
        ErrorKind.TIMEOUT,
        ErrorKind.TRUNCATED,
        ErrorKind.SERVER,
        ErrorKind.OVERLOADED,
        ErrorKind.RATE_LIMIT,
        ErrorKind.PROTOCOL,
    }
)

Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """Seconds. `again` are the waits while a connection is lost, the last one again and again
    until `patience` is over; a file is looked at after `look`, the last one again, for `ready`.
    """

    again: tuple[float, ...] = (1.0, 2.0, 4.0, 8.0, 15.0)
    patience: float = 600.0
    look: tuple[float, ...] = (2.0, 2.0, 3.0, 4.0, 5.0)
    ready: float = 600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Sendable:
    """A stored file on its way: `mime` as Google spells it."""

    sha256: str
    mime: str
    name: str
    size_bytes: int


class _StartAgainError(Exception):
    """The service knows nothing of the upload any more."""


class GeminiFiles:
    """The files of one service and key. Every method raises ChatError."""

    def __init__(
        self, connections: Connections, endpoint: Endpoint, pace: Pace | None = None
    ) -> None:
        self._connections = connections
        self._pace = pace or Pace()
        service = endpoint.service
        quick = replace(service.timeouts, first_byte_whole_s=ANSWER_S)
        self._endpoint = replace(endpoint, service=replace(service, timeouts=quick))
        self._base = base_address(service)

    async def upload(
        self, file: Sendable, blobs: BlobSource, told: Callable[[Uploading], None]
    ) -> Upload:
        """Upload a file and wait until questions can refer to it."""
        for start in range(MOST_STARTS):
            url = await self._begin(file)
            sending = _Sending(self, url, file, blobs, told, self._pace)
            try:
                found = await sending.run()
                break
            except _StartAgainError as error:
                if start == MOST_STARTS - 1:
                    raise ChatError(_not_finished(file.name)) from error
        told(_state(file, file.size_bytes, processing=True))
        return _upload(await self._ready(found, file.name), file.mime)

    async def state(self, upload: Upload, name: str) -> Upload | None:
        """The file as it is now, waited for if need be; `None` when it is gone (R61)."""
        try:
            found = await self._look(upload.name)
        except ChatError as error:
            if error.failure.http_status in GONE:
                return None
            raise
        if wire.text(found, "state") == "FAILED":
            return None
        return _upload(await self._ready(found, name), upload.mime)

    async def delete(self, upload: Upload) -> None:
        """Take a file away; one that is gone is no failure."""
        try:
            await self.call(self._address(upload.name), method="DELETE")
        except ChatError as error:
            if error.failure.http_status not in GONE:
                raise

    async def call(
        self,
        url: str,
        *,
        method: str = "POST",
        headers: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | Body | bytes | None = None,
        session: bool = False,
    ) -> tuple[Mapping[str, str], Json]:
        """The headers and the object of an answer. A `session` is called without the key."""
        endpoint = replace(self._endpoint, key=None) if session else self._endpoint
        exchange = Exchange(
            self._connections,
            endpoint,
            url,
            body=body,
            method=method,
            headers=headers or {},
            shown_url=f"{self._base}/files" if session else "",
        )
        found: Json = {}
        async with exchange as answer:
            while (events := await answer.read()) is not None:
                for event in events:
                    found.update(event.value or {})
        return answer.headers, found

    async def _begin(self, file: Sendable) -> str:
        """Announce a file; the address for its content, at the service's own host."""
        version = address.last_segment(self._base)
        url = f"{self._base.removesuffix(version).rstrip('/')}/upload/{version}/files"
        headers = {
            "x-goog-upload-protocol": "resumable",
            "x-goog-upload-command": "start",
            "x-goog-upload-header-content-length": str(file.size_bytes),
            "x-goog-upload-header-content-type": file.mime,
        }
        about = {"file": {"displayName": file.name}}
        answered, _ = await self.call(url, headers=headers, body=about)
        given = address.split(answered.get("x-goog-upload-url", ""))
        if not given.path:
            raise ChatError(_no_files_api(self._endpoint.service.name or self._base))
        here = address.split(self._base)
        return given._replace(scheme=here.scheme, netloc=here.netloc).geturl()

    async def _ready(self, found: Json, name: str) -> Json:
        """Look again until the file can be used."""
        loop = asyncio.get_running_loop()
        until, waits = loop.time() + self._pace.ready, [*self._pace.look]
        while (state := wire.text(found, "state")) in ("PROCESSING", "STATE_UNSPECIFIED"):
            if loop.time() >= until:
                raise ChatError(_too_slow(name))
            await asyncio.sleep(waits.pop(0) if len(waits) > 1 else waits[0])
            try:
                found = await self._look(wire.text(found, "name"))
            except ChatError as error:
                if error.failure.kind not in _LOST:
                    raise
        if state == "FAILED":
            raise ChatError(_not_processed(name, wire.member(found, "error")))
        return found

    async def _look(self, name: str) -> Json:
        _, found = await self.call(self._address(name), method="GET")
        file = wire.member(found, "file")
        return dict(file) if isinstance(file, Mapping) else found

    def _address(self, name: str) -> str:
        return f"{self._base}/{name}"


class _Sending:
    """One upload from its announcement to its end."""

    def __init__(
        self,
        files: GeminiFiles,
        url: str,
        file: Sendable,
        blobs: BlobSource,
        told: Callable[[Uploading], None],
        pace: Pace,
    ) -> None:
        self._files = files
        self._url = url
        self._file = file
        self._blobs = blobs
        self._told = told
        self._pace = pace
        self._offset = 0
        self._furthest = 0
        self._stalls = 0

    async def run(self) -> Json:
        """The file as the service has it. Raises _StartAgainError."""
        while True:
            try:
                status, found = await self._send_piece()
            except ChatError as error:
                status, found = await self._find_out(error)
            if status == "final":
                return found
            if status != "active" or self._stalls > MOST_STALLS:
                raise _StartAgainError
            self._stalls = 0 if self._offset > self._furthest else self._stalls + 1
            self._furthest = max(self._furthest, self._offset)

    async def _send_piece(self) -> tuple[str, Json]:
        file, offset = self._file, self._offset
        count = min(PIECE_BYTES, file.size_bytes - offset)
        command = "upload, finalize" if offset + count == file.size_bytes else "upload"
        body = Body(
            self._blobs,
            [Span(file.sha256, offset, count, as_base64=False)],
            lambda sent: self._told(_state(file, offset + sent)),
        )
        headers = {"x-goog-upload-offset": str(offset), "x-goog-upload-command": command}
        status, found = await self._call(headers, body)
        self._offset = offset + count
        if status not in ("active", "final", "cancelled") or self._is_stuck(status):
            return await self._ask()
        return status, found

    def _is_stuck(self, status: str) -> bool:
        """Whether all was sent, and the service still waits for more."""
        return status == "active" and self._offset == self._file.size_bytes

    async def _find_out(self, error: ChatError) -> tuple[str, Json]:
        """After a failure: wait, and ask how much is there, until the service answers."""
        loop = asyncio.get_running_loop()
        until, waits, tries = loop.time() + self._pace.patience, self._pace.again, self._stalls
        while True:
            failure = error.failure
            if failure.http_status in (404, 410):
                raise _StartAgainError from error
            refused = failure.http_status in _OFFSET_STATUS
            if not (refused or failure.kind in _LOST) or loop.time() >= until:
                raise error
            self._told(_state(self._file, self._offset, waiting=True))
            await asyncio.sleep(waits[min(tries, len(waits) - 1)])
            tries += 1
            before = self._offset
            try:
                status, found = await self._ask()
            except ChatError as still:
                error = still
                continue
            if refused and self._offset == before:
                raise _StartAgainError from error  # it refuses the very piece that it wants
            return status, found

    async def _ask(self) -> tuple[str, Json]:
        """How much has arrived. Sets where it goes on."""
        headers, found = await self._files.call(
            self._url, headers={"x-goog-upload-command": "query"}, body=b"", session=True
        )
        status = headers.get("x-goog-upload-status", "")
        received = headers.get("x-goog-upload-size-received", "")
        if status == "final":
            file = wire.member(found, "file")
            if not isinstance(file, Mapping):
                raise _StartAgainError  # it is there, but nobody says under which name
            return status, dict(file)
        if not received.isdigit() or int(received) > self._file.size_bytes:
            raise _StartAgainError
        self._offset = int(received)
        return status, found

    async def _call(self, headers: Mapping[str, str], body: Body) -> tuple[str, Json]:
        answered, found = await self._files.call(
            self._url, headers=headers, body=body, session=True
        )
        status = answered.get("x-goog-upload-status", "")
        file = wire.member(found, "file")
        if status == "final" and not isinstance(file, Mapping):
            raise _StartAgainError
        return status, dict(file) if isinstance(file, Mapping) else found


def _state(
    file: Sendable, sent_bytes: int, *, waiting: bool = False, processing: bool = False
) -> Uploading:
    return Uploading(
        name=file.name,
        sent_bytes=sent_bytes,
        size_bytes=file.size_bytes,
        waiting=waiting,
        processing=processing,
    )


def _upload(found: Json, mime: str) -> Upload:
    return Upload(
        name=wire.text(found, "name"),
        uri=wire.text(found, "uri"),
        mime=mime,
        expires_at=_moment(wire.text(found, "expirationTime")),
    )


def _moment(text: str) -> float | None:
    try:
        return datetime.fromisoformat(text).timestamp()
    except ValueError:
        return None


def _no_files_api(service: str) -> Failure:
    sentence = tr("{service} takes no uploads. Switch them off in its settings.", service=service)
    return Failure(kind=ErrorKind.PROTOCOL, message=sentence)


def _not_finished(name: str) -> Failure:
    sentence = tr("{name} could not be uploaded: the service lost it again and again.", name=name)
    return Failure(kind=ErrorKind.SERVER, message=sentence)


def _too_slow(name: str) -> Failure:
    sentence = tr("{name} is uploaded, but the service is still preparing it.", name=name)
    return Failure(kind=ErrorKind.TIMEOUT, message=sentence, retryable=True)


def _not_processed(name: str, error: object) -> Failure:
    reason = wire.text(error, "message") or tr("it gave no reason")
    sentence = tr("The service could not read {name}: {reason}", name=name, reason=reason)
    return Failure(kind=ErrorKind.BAD_REQUEST, message=sentence)
