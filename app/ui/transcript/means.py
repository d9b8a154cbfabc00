"""What the program lends a transcript: services by id, stored files, small pictures of them.

Invariant: functions and small objects only, each with a stand-in that has nothing; the transcript
knows no engine, no store and no network.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import QDir
from PySide6.QtGui import QImage

from app.domain.message import Media
from app.domain.settings import Service
from app.i18n import tr
from app.ui.transcript.remote import Done, Load
from app.ui.viewing.lending import Lending

ServiceOf = Callable[[str], Service | None]
"""A service by its id; `None` when it was removed."""
PathOf = Callable[[str], Path | None]
"""Where the bytes of a content hash lie; `None` when they are gone."""
AskThumbnail = Callable[[Media, Callable[[QImage], None]], None]
"""Has a small picture made and kept, and hands it over where there is one."""


class SmallPictures(Protocol):
    """Small and middle-sized pictures of contents, made once; from any thread."""

    def path(self, sha256: str, *, large: bool = False) -> Path | None: ...

    def keep(self, sha256: str, data: bytes, *, large: bool = False) -> None: ...


class _NoSmallPictures:
    def path(self, sha256: str, *, large: bool = False) -> Path | None:
        return None

    def keep(self, sha256: str, data: bytes, *, large: bool = False) -> None:
        return None


def _refuse(done: Done) -> Callable[[], None]:
    done(tr("Nothing can be loaded here."))
    return lambda: None


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """`lending` hands copies of stored files to other programs."""

    service_of: ServiceOf = lambda service_id: None
    path_of: PathOf = lambda sha256: None
    small: SmallPictures = field(default_factory=_NoSmallPictures)
    ask_thumbnail: AskThumbnail = lambda media, show: None
    load: Load = lambda url, done, told: _refuse(done)
    lending: Lending = field(default_factory=lambda: Lending(Path(QDir.tempPath()) / "linnet-lent"))
