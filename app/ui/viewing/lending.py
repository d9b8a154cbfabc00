"""Copies of stored attachments, under their own names, for other programs: opened, dragged, pasted.

Invariant: a stored file itself is never handed out, because what is changed there would be changed
under its hash. A copy appears whole or not at all, with an ending that only shows it: nothing that
is lent can be run, whatever a service says of it. Whoever owns the folder empties it.
"""

from __future__ import annotations

import hashlib
import mimetypes
from collections.abc import Sequence
from pathlib import Path, PurePath
from threading import get_ident

from app.domain.kinds import TEXT, Kind
from app.i18n import tr
from app.ui.saving import write_whole
from app.ui.viewing.exhibit import Exhibit

LARGEST_DRAGGED_BYTES = 64_000_000
"""So much is copied while the pointer waits."""
_SHOWN_TEXTS = ("txt", "md", "csv", "tsv", "json", "log", "rst", "tex")
_FORBIDDEN = frozenset('\\/:*?"<>|')


class Lending:
    """`lend` is for any thread."""

    def __init__(self, folder: Path) -> None:
        """`folder` is this object's own; it is made when needed."""
        self._folder = folder

    def lend(self, exhibit: Exhibit) -> Path:
        """A file of its own with its content. Raises OSError."""
        place = hashlib.sha256("\n".join(exhibit.key).encode()).hexdigest()[:16]
        target = self._folder / place / lent_name(exhibit)
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not target.exists():
            write_whole(target, exhibit.save, target.with_name(f".{get_ident()}.part"))
        return target


def lent_name(exhibit: Exhibit) -> str:
    """Its name as every system takes it, with an ending that its kind has."""
    kind, media = exhibit.kind, exhibit.media
    plain = "".join(c for c in exhibit.name if c.isprintable() and c not in _FORBIDDEN).strip(" .")
    name = PurePath(plain or tr("attachment"))
    known = _endings(kind, stored=media is not None)
    if name.suffix.lstrip(".").lower() in known:
        return str(name)[-120:]
    mime = media.mime if media is not None else "image/svg+xml"
    # `mimetypes` does not know them as Google spells them: video/mov, audio/mp3.
    own = (mime.partition("/")[2].removeprefix("x-"), *mimetypes.guess_all_extensions(mime))
    ending = next((end for each in own if (end := each.lstrip(".")) in known), known[0])
    return f"{str(name)[-120:]}.{ending}"


def _endings(kind: Kind, *, stored: bool) -> Sequence[str]:
    """What it may end with. A service may name any type; a drawing could run scripts."""
    if kind is TEXT:
        return _SHOWN_TEXTS
    known = [each for each in kind.endings.split() if each != "svg" or not stored]
    return known or ("bin",)
