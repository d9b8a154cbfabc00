"""Where attachments come from: files, data that was pasted or dropped, addresses.

Invariant: values, and one way to read the first two (`Content`). An address is never asked here:
what lies there is guessed from how it ends.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from urllib.parse import parse_qs, unquote, unquote_to_bytes

from app.attachments.naming import plain_name
from app.attachments.refusal import RefusedError
from app.attachments.sizes import size_words
from app.domain import address
from app.domain.kinds import is_youtube
from app.domain.message import Media
from app.domain.recognition import HEAD_BYTES
from app.i18n import tr

# How addresses end, and what lies there. A type that services do not take is tried all the same.
_ENDINGS: Mapping[str, str] = {
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "webp": "image/webp",
    "heic": "image/heic",
    "heif": "image/heif",
    "gif": "image/gif",
    "bmp": "image/bmp",
    "mp4": "video/mp4",
    "m4v": "video/mp4",
    "mov": "video/mov",
    "webm": "video/webm",
    "mpeg": "video/mpeg",
    "mpg": "video/mpeg",
    "avi": "video/avi",
    "wmv": "video/wmv",
    "flv": "video/x-flv",
    "3gp": "video/3gpp",
    "wav": "audio/wav",
    "mp3": "audio/mp3",
    "flac": "audio/flac",
    "ogg": "audio/ogg",
    "aac": "audio/aac",
    "aiff": "audio/aiff",
    "pdf": "application/pdf",
    "txt": "text/plain",
    "md": "text/markdown",
    "csv": "text/csv",
    "json": "application/json",
}

_FOREIGN = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")  # one letter would be a drive of Windows


@dataclass(frozen=True, slots=True)
class FileSource:
    path: Path


@dataclass(frozen=True, slots=True)
class DataSource:
    """Content without a file: from the clipboard, from a browser, a long text."""

    data: bytes
    name: str


@dataclass(frozen=True, slots=True)
class AddressSource:
    url: str


@dataclass(frozen=True, slots=True)
class DownloadSource:
    """What lies at an address, to be fetched: for services that take no addresses."""

    url: str


Source = FileSource | DataSource | AddressSource | DownloadSource


class Content(Protocol):
    """What can be read of a source; every method raises RefusedError."""

    @property
    def name(self) -> str: ...

    @property
    def size_bytes(self) -> int: ...

    def head(self) -> bytes: ...

    def pieces(self) -> Iterator[bytes]: ...

    def span(self, offset: int, count: int) -> bytes: ...

    def whole(self, largest_bytes: int) -> bytes: ...

    def check_size(self, largest_bytes: int) -> None: ...


class HeldContent:
    """Content that is in memory. Raises RefusedError for none."""

    def __init__(self, data: bytes, name: str) -> None:
        self.name = plain_name(name)
        self.size_bytes = len(data)
        self._data = data
        if not data:
            raise RefusedError(tr("{name} is empty.", name=self.name))

    def head(self) -> bytes:
        return self._data[:HEAD_BYTES]

    def pieces(self) -> Iterator[bytes]:
        yield self._data

    def span(self, offset: int, count: int) -> bytes:
        return self._data[offset : offset + count]

    def whole(self, largest_bytes: int) -> bytes:
        self.check_size(largest_bytes)
        return self._data

    def check_size(self, largest_bytes: int) -> None:
        check_size(self.name, self.size_bytes, largest_bytes)


def check_size(name: str, size_bytes: int, largest_bytes: int) -> None:
    """Raises RefusedError for more than can be attached."""
    if size_bytes > largest_bytes:
        raise RefusedError(
            tr(
                "{name} is too large: {size}, and {limit} is the most that can be attached.",
                name=name,
                size=size_words(size_bytes),
                limit=size_words(largest_bytes),
            )
        )


def source_of(text: str) -> Source:
    """What a person means by `text`: an address, or the path of a file."""
    scheme = address.split(text).scheme
    if scheme == "file":
        return FileSource(_path_of(text))
    if scheme in ("http", "https", "data") or _FOREIGN.match(text.strip()):
        return AddressSource(text.strip())
    path = Path(text)
    with suppress(RuntimeError):  # ~name, and nobody has that name
        path = path.expanduser()
    return FileSource(path)


def _path_of(url: str) -> Path:
    """The path in a file address; on Windows a drive stands behind its first slash."""
    path = unquote(address.split(url).path)
    return Path(path.lstrip("/") if path[2:3] == ":" else path)


def at_address(url: str) -> Media | DataSource:
    """What lies at an address, or the content that it holds itself. Raises RefusedError."""
    parts = address.split(url)
    if parts.scheme == "data":
        return _held_in(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise RefusedError(
            tr("{url} is no address of a file: it begins with https:// or http://.", url=url[:200])
        )
    if is_youtube(url):
        video = parse_qs(parts.query).get("v", [""])[0] or parts.path.strip("/")
        return Media(mime="video/mp4", url=url, name=plain_name(f"YouTube {video}"))
    last = plain_name(unquote(parts.path))
    ending = last.rpartition(".")[2].lower() if "." in last else ""
    return Media(mime=_ENDINGS.get(ending, ""), url=url, name=last or parts.hostname)


def _held_in(url: str) -> DataSource:
    head, comma, content = url.partition(",")
    try:
        if not comma:
            raise ValueError
        data = (
            base64.b64decode(unquote(content), validate=True)
            if head.endswith(";base64")
            else unquote_to_bytes(content)
        )
    except (binascii.Error, ValueError) as error:
        raise RefusedError(tr("The data address holds nothing that can be read.")) from error
    mime = head.removeprefix("data:").partition(";")[0]
    ending = next((end for end, known in _ENDINGS.items() if known == mime), "")
    return DataSource(data, f"{tr('attachment')}.{ending}" if ending else tr("attachment"))
