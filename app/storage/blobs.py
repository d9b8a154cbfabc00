"""The bytes of attachments and of pictures in answers, each once, by their SHA-256.

Invariant: a name is the hash of the content, so a file is never changed; it appears whole or not
at all. The folder is its owner's alone. Must not know who refers to what: `sweep` is told.
"""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from collections.abc import Collection
from pathlib import Path

from app.storage.errors import plain_words

_SHA256 = re.compile("[0-9a-f]{64}")


class Blobs:
    """Every method may raise StorageError."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def add(self, data: bytes) -> str:
        """Keep `data`; its sha256. Does not write what is already there."""
        sha256 = hashlib.sha256(data).hexdigest()
        target = self._place(sha256)
        with plain_words(target):
            if target.exists():
                os.utime(target)  # as good as new: `sweep` must not take it
                return sha256
            self.folder.mkdir(mode=0o700, exist_ok=True)
            target.parent.mkdir(mode=0o700, exist_ok=True)
            handle, partial = tempfile.mkstemp(dir=target.parent, prefix=".")
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(data)
                    file.flush()
                    os.fsync(file.fileno())
                os.replace(partial, target)
            except BaseException:
                Path(partial).unlink(missing_ok=True)
                raise
        return sha256

    def read(self, sha256: str) -> bytes:
        """Raises KeyError when it is not here."""
        return self.path(sha256).read_bytes()

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
                if file.name not in keep and file.stat().st_mtime < stored_before:
                    file.unlink(missing_ok=True)
                    removed += 1
        return removed

    def _place(self, sha256: str) -> Path:
        if not _SHA256.fullmatch(sha256):
            raise KeyError(sha256)
        return self.folder / sha256[:2] / sha256
