"""Bodies of requests that hold stored content: written piece by piece, of known length.

Invariant: memory does not grow with the content; each time it is iterated it begins anew, so that
a request can be sent again. Nothing is open between two pieces.
"""

from __future__ import annotations

import asyncio
import base64
import json
import re
import uuid
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.domain.carrying import base64_bytes
from app.domain.errors import ChatError, ErrorKind, Failure
from app.domain.message import Message
from app.domain.stream import mend_surrogates
from app.i18n import tr
from app.providers.base import BlobSource

PIECE_BYTES = 768 * 1024
"""Of the content; a multiple of three, so that the base64 of pieces joins."""
MANY_MESSAGES = 200
JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Span:
    """A part of stored content, as it is or as base64. Offsets and counts in bytes of it."""

    sha256: str
    offset: int
    count: int
    as_base64: bool

    @property
    def length(self) -> int:
        return base64_bytes(self.count) if self.as_base64 else self.count


class Body:
    """What httpx sends: `length` bytes of `content_type` (empty: not said).

    `sent` is called with how many have been handed over.
    """

    def __init__(
        self,
        blobs: BlobSource,
        parts: Sequence[bytes | Span],
        sent: Callable[[int], None] | None = None,
        content_type: str = "",
    ) -> None:
        self.content_type = content_type
        self.length = sum(part.length if isinstance(part, Span) else len(part) for part in parts)
        self._blobs = blobs
        self._parts = parts
        self._sent = sent

    def __aiter__(self) -> AsyncIterator[bytes]:
        return _Pieces(self._blobs, self._parts, self._sent)


class _Pieces:
    def __init__(
        self,
        blobs: BlobSource,
        parts: Sequence[bytes | Span],
        sent: Callable[[int], None] | None,
    ) -> None:
        self._blobs = blobs
        self._left = [*reversed(parts)]
        self._sent = sent
        self._handed_over = 0

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        if self._sent is not None:
            self._sent(self._handed_over)  # what went before is on its way
        if not self._left:
            raise StopAsyncIteration
        part = self._left.pop()
        if isinstance(part, bytes):
            piece = part
        else:
            count = min(part.count, PIECE_BYTES)
            if count < part.count:
                rest = Span(part.sha256, part.offset + count, part.count - count, part.as_base64)
                self._left.append(rest)
            piece = await asyncio.to_thread(_read, self._blobs, part, count)
        self._handed_over += len(piece)
        return piece


class Inserts:
    """Stand-ins for the base64 of stored content while a body is put together."""

    def __init__(self, blobs: BlobSource) -> None:
        self._blobs = blobs
        self._mark = uuid.uuid4().hex
        self._known: list[str] = []

    def base64_of(self, sha256: str) -> str:
        """What stands in the body for the content. Raises KeyError when it is gone."""
        self._blobs.size(sha256)
        self._known.append(sha256)
        return f"{self._mark}-{len(self._known) - 1};"

    def body(self, value: Mapping[str, Any]) -> Body:
        """`value` as JSON with the content in its places. Raises ChatError."""
        text = encoded(value)
        pieces = re.split(rb"%s-(\d+);" % self._mark.encode(), text)
        parts: list[bytes | Span] = []
        for at, piece in enumerate(pieces):
            if at % 2 == 0:
                parts.append(piece)
                continue
            sha256 = self._known[int(piece)]
            try:
                parts.append(Span(sha256, 0, self._blobs.size(sha256), as_base64=True))
            except KeyError as error:
                raise _gone() from error
        return Body(self._blobs, parts, content_type=JSON)


def takes_long(messages: Sequence[Message]) -> bool:
    """Whether a body of these messages is better made in a thread."""
    return len(messages) > MANY_MESSAGES or any(message.media for message in messages)


def plain_base64(blobs: BlobSource) -> Callable[[str], str]:
    """Where a whole body is wanted at once. The function raises KeyError."""
    return lambda sha256: base64.b64encode(blobs.read(sha256)).decode("ascii")


def encoded(body: Mapping[str, Any]) -> bytes:
    """`body` as JSON in UTF-8; half surrogates are mended. Raises ChatError for NaN."""
    try:
        text = json.dumps(body, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    except (ValueError, TypeError) as error:
        sentence = tr("The request is no JSON: {reason}", reason=error)
        raise ChatError(Failure(kind=ErrorKind.BAD_REQUEST, message=sentence)) from error
    return mend_surrogates(text).encode("utf-8")


def _read(blobs: BlobSource, span: Span, count: int) -> bytes:
    try:
        piece = blobs.piece(span.sha256, span.offset, count)
    except KeyError as error:
        raise _gone() from error
    if len(piece) != count:
        raise _gone()
    return base64.b64encode(piece) if span.as_base64 else piece


def _gone() -> ChatError:
    sentence = tr("An attachment is not on the disk any more. Attach it again.")
    return ChatError(Failure(kind=ErrorKind.BAD_REQUEST, message=sentence))
