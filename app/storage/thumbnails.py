"""Small pictures of attachments, made once and kept in the cache folder by the content's sha256.

Invariant: a file here is whole or not there; losing one costs nothing but making it again, so
nothing here raises.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path

LARGE = "-large"


class Thumbnails:
    """JPEG and PNG files without an ending: their content tells which."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path(self, sha256: str, *, large: bool = False) -> Path | None:
        """Where it lies; `None` when it was not made yet. One look at the disk."""
        place = self._place(sha256, large=large)
        return place if place.is_file() else None

    def keep(self, sha256: str, data: bytes, *, large: bool = False) -> None:
        """Does nothing for an empty picture, nor when the disk is full."""
        if not data:
            return
        place = self._place(sha256, large=large)
        with suppress(OSError):
            place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle, partial = tempfile.mkstemp(dir=place.parent, prefix=".")
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(data)
                os.replace(partial, place)
            except OSError:
                Path(partial).unlink(missing_ok=True)

    def sweep(self, keep: Collection[str]) -> int:
        """Remove those of contents that are not in `keep`; how many files."""
        removed = 0
        for file in self._folder.glob("??/*"):
            if file.name.removesuffix(LARGE) not in keep:
                with suppress(OSError):
                    file.unlink(missing_ok=True)
                    removed += 1
        return removed

    def _place(self, sha256: str, *, large: bool) -> Path:
        return self._folder / sha256[:2] / (sha256 + LARGE if large else sha256)
