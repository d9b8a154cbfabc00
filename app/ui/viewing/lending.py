"""Copies of stored attachments, under their own names, for other programs: opened, dragged, pasted.

Invariant: a stored file itself is never handed out, because what is changed there would be changed
under its hash. A copy has an ending that only shows it: nothing that is lent can be run. Whoever
owns the folder empties it.
"""

from __future__ import annotations

import hashlib
import mimetypes
from pathlib import Path, PurePath

from app.domain.kinds import TEXT
from app.i18n import tr
from app.ui.viewing.exhibit import Exhibit

LARGEST_DRAGGED_BYTES = 64_000_000
"""So much is copied while the pointer waits."""
_SHOWN_TEXTS = frozenset(("txt", "md", "csv", "tsv", "json", "log", "rst", "tex"))
_FORBIDDEN = frozenset('\\/:*?"<>|')


class Lending:
    """`lend` is for any thread, one at a time."""

    def __init__(self, folder: Path) -> None:
        """`folder` is this object's own; it is made when needed."""
        self._folder = folder

    def lend(self, exhibit: Exhibit) -> Path:
        """A file of its own with its content. Raises OSError."""
        place = hashlib.sha256("\n".join(exhibit.key).encode()).hexdigest()[:16]
        target = self._folder / place / lent_name(exhibit)
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not target.exists():
            exhibit.save(target)
        return target


def lent_name(exhibit: Exhibit) -> str:
    """Its name as every system takes it, with an ending that its kind has."""
    kind, media = exhibit.kind, exhibit.media
    plain = "".join(c for c in exhibit.name if c.isprintable() and c not in _FORBIDDEN).strip(" .")
    name = PurePath(plain or tr("attachment"))
    known = _SHOWN_TEXTS if kind is TEXT else frozenset(kind.endings.split())
    if name.suffix.lstrip(".").lower() in known:
        return str(name)[-120:]
    mime = media.mime if media is not None else "image/svg+xml"
    ending = ".txt" if kind is TEXT else mimetypes.guess_extension(mime) or _ending(mime)
    return str(name)[-120:] + ending


def _ending(mime: str) -> str:
    """What `mimetypes` does not know as Google spells it: video/mov, audio/mp3."""
    subtype = mime.partition("/")[2].removeprefix("x-")
    return f".{subtype}" if subtype.isalnum() else ""
