"""Files of the person, read safely: whole, unchanged, and nothing that would hang or lie.

Invariant: what is no plain file is never opened; every failure is a `RefusedError` with the name
in it; what was read is what lay there at one moment, or it is refused. Writes nothing.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.attachments.naming import plain_name
from app.attachments.refusal import RefusedError
from app.attachments.sources import check_size
from app.domain.recognition import HEAD_BYTES
from app.i18n import tr

PIECE_BYTES = 1024 * 1024


class OpenFile:
    """A plain file that is open. `size_bytes` is above 0."""

    def __init__(self, descriptor: int, name: str, status: os.stat_result) -> None:
        self.name = name
        self.size_bytes = status.st_size
        self._descriptor = descriptor
        self._seen = (status.st_size, status.st_mtime_ns)

    def head(self) -> bytes:
        """What tells the format."""
        with told(self.name):
            os.lseek(self._descriptor, 0, os.SEEK_SET)
            return os.read(self._descriptor, HEAD_BYTES)

    def pieces(self) -> Iterator[bytes]:
        """The content from its beginning. Raises RefusedError at the end for a changed file."""
        read_bytes = 0
        with told(self.name):
            os.lseek(self._descriptor, 0, os.SEEK_SET)
            while piece := os.read(self._descriptor, PIECE_BYTES):
                read_bytes += len(piece)
                if read_bytes > self.size_bytes:
                    break
                yield piece
            now = os.fstat(self._descriptor)
        if read_bytes != self.size_bytes or (now.st_size, now.st_mtime_ns) != self._seen:
            raise RefusedError(
                tr(
                    "{name} changed while it was read. Attach it again when it is finished.",
                    name=self.name,
                )
            )

    def span(self, offset: int, count: int) -> bytes:
        """Up to `count` bytes from `offset` on."""
        with told(self.name):
            os.lseek(self._descriptor, offset, os.SEEK_SET)
            return os.read(self._descriptor, count)

    def whole(self, largest_bytes: int) -> bytes:
        """All of it. Raises RefusedError for more than that."""
        self.check_size(largest_bytes)
        return b"".join(self.pieces())

    def check_size(self, largest_bytes: int) -> None:
        """Raises RefusedError for a file that is larger."""
        check_size(self.name, self.size_bytes, largest_bytes)


@contextmanager
def opened(path: Path) -> Iterator[OpenFile]:
    """Open a plain file that is not empty. Raises RefusedError."""
    name = plain_name(path.name) or plain_name(str(path))
    with told(name):
        _check_plain(os.stat(path), name)
        # A pipe that took the file's place since would hang the opening.
        flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
        descriptor = os.open(path, flags)
    try:
        with told(name):
            status = os.fstat(descriptor)
        _check_plain(status, name)
        if status.st_size == 0:
            raise RefusedError(tr("{name} is empty.", name=name))
        yield OpenFile(descriptor, name, status)
    finally:
        os.close(descriptor)


@contextmanager
def told(name: str) -> Iterator[None]:
    """Turns what the system reports about the file `name` into a sentence."""
    try:
        yield
    except OSError as error:
        raise RefusedError(_sentence(error, name)) from error
    except ValueError as error:  # a zero character in the path
        raise RefusedError(tr("{name} is not there.", name=name)) from error


def _check_plain(status: os.stat_result, name: str) -> None:
    if stat.S_ISDIR(status.st_mode):
        raise RefusedError(tr("{name} is a folder. Attach the files in it.", name=name))
    if not stat.S_ISREG(status.st_mode):
        raise RefusedError(
            tr("{name} is a pipe or a device, and only files can be attached.", name=name)
        )


def _sentence(error: OSError, name: str) -> str:
    match error.errno:
        case errno.ENOENT | errno.ENOTDIR | errno.ESTALE:
            return tr("{name} is not there any more.", name=name)
        case errno.EACCES | errno.EPERM:
            return tr("{name} may not be read. Allow reading it and try again.", name=name)
        case errno.ENAMETOOLONG:
            return tr("{name} is not there.", name=name)
        case _:
            reason = error.strerror or str(error)
            return tr("{name} could not be read: {reason}.", name=name, reason=reason)
