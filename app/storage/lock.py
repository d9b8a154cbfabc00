"""A file that is locked while the program that made it runs.

Invariant: the operating system lets go of the lock when the process ends in whatever way, `kill
-9` included, so that neither clocks nor process numbers have to be trusted.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path


class FileLock:
    """Holds the lock on `path` from `take` to `release`; a second holder, also within the same
    process, is refused."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._handle: int | None = None

    @property
    def held(self) -> bool:
        return self._handle is not None

    def take(self) -> bool:
        """Whether the lock was had. Does not wait. Raises OSError when the file cannot be made."""
        if self._handle is not None:
            return True
        handle = os.open(self.path, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o600)
        if not _lock(handle):
            os.close(handle)
            return False
        self._handle = handle
        return True

    def release(self, *, remove: bool = True) -> None:
        """Let go, and remove the file. Does nothing when the lock is not held."""
        if self._handle is None:
            return
        handle, self._handle = self._handle, None
        if remove and sys.platform != "win32":
            self.path.unlink(missing_ok=True)  # before letting go: nobody can take what is gone
        os.close(handle)
        if remove and sys.platform == "win32":  # an open file cannot be removed there
            self.path.unlink(missing_ok=True)


if sys.platform == "win32":
    import msvcrt

    def _lock(handle: int) -> bool:
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _lock(handle: int) -> bool:
        # flock, not lockf: it belongs to the open file, so closing another handle keeps it.
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True
