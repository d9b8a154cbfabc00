"""What every wire dialect offers: `stream` an answer, list `models`, and mend a refused request.

Invariant: a provider holds no state about a conversation and never retries; it raises `ChatError`
and nothing else for what the network or the service does wrong. `stream` is the only async
generator; it is consumed under `contextlib.aclosing` in one coroutine.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from app.domain.credentials import KEPT, open_credentials
from app.domain.errors import Failure
from app.domain.message import Message
from app.domain.settings import Sampling, Service
from app.domain.stream import StreamEvent
from app.domain.upload import Upload, Uploading

# The id of the message that asks, in words and unseen by the person, for the rest of an answer.
GO_ON_ID = "go-on"


class BlobSource(Protocol):
    """The bytes of attachments, by their sha256. Every method raises KeyError for what is gone."""

    def read(self, sha256: str) -> bytes: ...

    def size(self, sha256: str) -> int: ...

    def piece(self, sha256: str, offset: int, count: int) -> bytes: ...


class UploadMemory(Protocol):
    """What was uploaded: by place (form and host), sha256 and type."""

    def get(self, place: str, sha256: str, mime: str) -> Upload | None: ...

    def keep(self, place: str, sha256: str, upload: Upload) -> None: ...

    def forget(self, place: str, sha256: str, mime: str) -> None: ...


class HeldBlobs:
    """Blobs in memory, for requests without stored attachments."""

    def __init__(self, held: Mapping[str, bytes] | None = None) -> None:
        self._held = held or {}

    def read(self, sha256: str) -> bytes:
        return self._held[sha256]

    def size(self, sha256: str) -> int:
        return len(self._held[sha256])

    def piece(self, sha256: str, offset: int, count: int) -> bytes:
        return self._held[sha256][offset : offset + count]


class HeldUploads:
    """Uploads that are known as long as the program runs."""

    def __init__(self) -> None:
        self._held: dict[tuple[str, str, str], Upload] = {}

    def get(self, place: str, sha256: str, mime: str) -> Upload | None:
        return self._held.get((place, sha256, mime))

    def keep(self, place: str, sha256: str, upload: Upload) -> None:
        self._held[place, sha256, upload.mime] = upload

    def forget(self, place: str, sha256: str, mime: str) -> None:
        self._held.pop((place, sha256, mime), None)


@dataclass(frozen=True, slots=True)
class Files:
    """Where the content of attachments lies, here and with the services."""

    blobs: BlobSource = field(default_factory=HeldBlobs)
    uploads: UploadMemory = field(default_factory=HeldUploads)


def tell_nobody(uploading: Uploading | None) -> None:
    """For requests that nobody watches."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A service and the key for one request; the key is in no repr."""

    service: Service
    key: str | None = field(default=None, repr=False)

    @property
    def headers(self) -> Mapping[str, str]:
        """More headers to send; where a value is kept and was not asked for, it goes without."""
        sent = self.service.extra_headers.items()
        return {name: value for name, value in sent if value != KEPT}

    @property
    def other_secrets(self) -> tuple[str, ...]:
        """What lets somebody in beside the key."""
        return tuple(open_credentials(self.service.extra_headers).values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Quirks:
    """What was learned about one service and model from refused requests (R2, R21, R59).

    `dropped` are request members that it refuses; `token_limit_field` replaces the service's;
    `stream` is False where only whole answers work, `data_urls` where pictures and videos are
    taken by their address alone. Kept by the library, in memory for the CLI.
    """

    dropped: frozenset[str] = frozenset()
    token_limit_field: str | None = None
    stream: bool | None = None
    data_urls: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatRequest:
    """One question with its history, ready to be encoded. `messages` run from oldest to newest.

    `sampling.model` is empty only where no model is known. `stream` says whether a stream is asked
    for. `continuation_token` repeats a Gemini request (R54 CONTINUATION). `files` has the content
    of attachments; `on_upload` hears how far those are that are uploaded before the question, and
    `None` at the end of that.
    """

    messages: tuple[Message, ...]
    sampling: Sampling
    stream: bool = True
    quirks: Quirks = Quirks()
    continuation_token: str | None = None
    files: Files = field(default_factory=Files)
    on_upload: Callable[[Uploading | None], None] = tell_nobody


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelInfo:
    """One model of a list; `None` is unknown. Sizes in tokens.

    `inputs` are what it reads, in the words of the list: text, image, audio, video, file.
    """

    id: str
    display: str = ""
    context: int | None = None
    max_output: int | None = None
    vision: bool | None = None
    thinking: bool | None = None
    inputs: frozenset[str] | None = None
    details: Mapping[str, str] = field(default_factory=dict)


class Provider(Protocol):
    def stream(self, endpoint: Endpoint, request: ChatRequest) -> AsyncGenerator[StreamEvent, None]:
        """Send `request`; yield what arrives. Raises ChatError; partial events stand before it.

        A normal return means that the answer ended well (R18, R53): `Finished` was yielded, or a
        whole JSON answer came without a reason.
        """
        ...

    async def models(self, endpoint: Endpoint) -> tuple[ModelInfo, ...]:
        """The service's models that can chat. Raises ChatError; not_found: it has no list (R22)."""
        ...

    def mend(self, endpoint: Endpoint, request: ChatRequest, failure: Failure) -> Quirks | None:
        """Quirks under which the refused `request` may be sent once more (R2, R21, R59), or None.

        Pure. Called only when nothing visible had arrived.
        """
        ...
