"""The bytes of attachments and of pictures in answers, each once, by their SHA-256.

Invariant: a name is the hash of the content, so a file is never changed; it appears whole or not
at all. The folder is its owner's alone. Must not know who refers to what: `sweep` is told.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
import tempfile
from collections.abc import Collection, Iterable
from contextlib import suppress
from pathlib import Path

from app.storage.errors import plain_words

_SHA256 = re.compile("[0-9a-f]{64}")
_ASIDE = ".swept-"


class Blobs:
    """Every method may raise StorageError."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def add(self, data: bytes) -> str:
        """Keep `data`; its sha256. Does not write what is already there."""
        sha256 = hashlib.sha256(data).hexdigest()
        return sha256 if self.renew(sha256) else self.keep((data,))

    def keep(self, pieces: Iterable[bytes]) -> str:
        """Keep what comes in pieces, however large; its sha256.

        What `pieces` raises passes, and nothing is kept then.
        """
        known = hashlib.sha256()
        with plain_words(self.folder):
            self.folder.mkdir(mode=0o700, exist_ok=True)
            handle, partial = tempfile.mkstemp(dir=self.folder, prefix=".")
        try:
            with os.fdopen(handle, "wb") as file:
                for piece in pieces:
                    known.update(piece)
                    with plain_words(self.folder):
                        file.write(piece)
                with plain_words(self.folder):
                    file.flush()
                    os.fsync(file.fileno())
            sha256 = known.hexdigest()
            if self.renew(sha256):
                Path(partial).unlink(missing_ok=True)
                return sha256
            target = self._place(sha256)
            with plain_words(target):
                target.parent.mkdir(mode=0o700, exist_ok=True)
                os.replace(partial, target)
        except BaseException:
            Path(partial).unlink(missing_ok=True)
            raise
        return sha256

    def read(self, sha256: str) -> bytes:
        """Raises KeyError when it is not here."""
        return self.path(sha256).read_bytes()

    def size(self, sha256: str) -> int:
        """Bytes. Raises KeyError when it is not here."""
        return self.path(sha256).stat().st_size

    def piece(self, sha256: str, offset: int, count: int) -> bytes:
        """Up to `count` bytes from `offset` on. Raises KeyError when it is not here."""
        with self.path(sha256).open("rb") as file:
            file.seek(offset)
            return file.read(count)

    def path(self, sha256: str) -> Path:
        """The file to read it from; not to be changed. Raises KeyError when it is not here."""
        place = self._place(sha256)
        if not place.is_file():
            raise KeyError(sha256)
        return place

    def sweep(self, keep: Collection[str], stored_before: float) -> int:
        """Remove what is not in `keep` and was stored before that Unix time; how many files.

        The time protects what was stored for a message that is not written yet. Reads the whole
        folder: not for the loop.
        """
        removed = 0
        with plain_words(self.folder):
            for file in self.folder.glob("??/*"):
                own = self._is_own(file) and file.name not in keep
                if own and _is_older(file, stored_before):
                    with suppress(FileNotFoundError):
                        os.replace(file, self.folder / f"{_ASIDE}{file.name}")
            # Looked at again: in between another process may have needed one anew.
            for file in self.folder.glob(".*"):
                sha256 = file.name.removeprefix(_ASIDE)
                is_old = _is_older(file, stored_before)
                with suppress(FileNotFoundError):
                    if sha256 != file.name and (sha256 in keep or not is_old):
                        os.replace(file, self._place(sha256))
                    elif is_old:
                        file.unlink()
                        removed += 1
        return removed

    def _is_own(self, file: Path) -> bool:
        """Whether it was stored here, and not linked or put here by somebody."""
        return bool(_SHA256.fullmatch(file.name)) and file.parent.name == file.name[:2]

    def renew(self, sha256: str) -> bool:
        """Whether it is here; then it is as good as new, and `sweep` does not take it."""
        target = self._place(sha256)
        with plain_words(target):
            try:
                os.utime(target)
            except FileNotFoundError:
                return False
        return True

    def _place(self, sha256: str) -> Path:
        if not _SHA256.fullmatch(sha256):
            raise KeyError(sha256)
        return self.folder / sha256[:2] / sha256


def _is_older(file: Path, unix_s: float) -> bool:
    """Of one that is gone: no (another process clears away, too). Nor of what is no file."""
    try:
        status = file.lstat()
    except FileNotFoundError:
        return False
    return stat.S_ISREG(status.st_mode) and status.st_mtime < unix_s
