"""What can go wrong with the stored chats, in plain words.

Invariant: `StorageError` is the only exception that leaves `app.storage` for what the disk, the
file or another program does wrong. Its text is for the person: what happened and what to do.
"""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import assert_never

from app.i18n import tr


class Trouble(StrEnum):
    READ_ONLY = "read_only"
    FULL = "full"
    NEWER = "newer"
    FOREIGN = "foreign"
    DAMAGED = "damaged"
    BUSY = "busy"
    INTERRUPTED = "interrupted"
    DISK = "disk"


class StorageError(OSError):
    """A failed read or write of `path`. `str()` of it is a sentence for the person."""

    def __init__(self, trouble: Trouble, path: Path) -> None:
        super().__init__(_sentence(trouble, path))
        self.trouble = trouble
        self.path = path


def _sentence(trouble: Trouble, path: Path) -> str:
    match trouble:
        case Trouble.READ_ONLY:
            return tr(
                "Linnet cannot write to {path}. Allow writing to this folder and try again.",
                path=path,
            )
        case Trouble.FULL:
            return tr(
                "The disk is full: {path} could not be saved. Free some space and try again.",
                path=path,
            )
        case Trouble.NEWER:
            return tr(
                "{path} was written by a newer version of Linnet, so it was left untouched. "
                "Update Linnet to open it.",
                path=path,
            )
        case Trouble.FOREIGN:
            return tr(
                "{path} does not hold chats of Linnet, so it was left untouched. "
                "Move it away, or choose another data folder.",
                path=path,
            )
        case Trouble.DAMAGED:
            return tr(
                "{path} is damaged. Put back a copy of it, or move it away to begin anew.",
                path=path,
            )
        case Trouble.BUSY:
            return tr(
                "{path} is held by another program. Close that program and try again.", path=path
            )
        case Trouble.INTERRUPTED:
            return tr("Reading {path} was stopped.", path=path)
        case Trouble.DISK:
            return tr(
                "{path} could not be read or written. Check that its disk is there and not full.",
                path=path,
            )
        case _:
            assert_never(trouble)


def trouble_of(error: sqlite3.Error) -> Trouble | None:
    """What `error` means for the person; `None` when it is a mistake of the program."""
    code = getattr(error, "sqlite_errorcode", None)
    # The low byte is the primary code: https://www.sqlite.org/rescode.html
    match None if code is None else code & 0xFF:
        case sqlite3.SQLITE_FULL:
            return Trouble.FULL
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_PERM:
            return Trouble.READ_ONLY
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED | sqlite3.SQLITE_PROTOCOL:
            return Trouble.BUSY
        case sqlite3.SQLITE_CORRUPT | sqlite3.SQLITE_NOTADB:
            return Trouble.DAMAGED
        case sqlite3.SQLITE_INTERRUPT:
            return Trouble.INTERRUPTED
        case sqlite3.SQLITE_IOERR | sqlite3.SQLITE_NOLFS:
            return Trouble.DISK
        case _:
            return None


def _trouble_of_system(error: OSError) -> Trouble:
    match error.errno:
        case errno.ENOSPC | errno.EDQUOT:
            return Trouble.FULL
        case errno.EACCES | errno.EPERM | errno.EROFS | errno.ENOENT | errno.EISDIR:
            return Trouble.READ_ONLY
        case _:
            return Trouble.DISK


@contextmanager
def plain_words(path: Path) -> Iterator[None]:
    """Raise `StorageError` for what SQLite or the system reports about `path`.

    Other errors of SQLite are mistakes of the program and pass.
    """
    try:
        yield
    except StorageError:
        raise
    except OSError as error:
        raise StorageError(_trouble_of_system(error), path) from error
    except sqlite3.Error as error:
        trouble = trouble_of(error)
        if trouble is None:
            raise
        raise StorageError(trouble, path) from error
