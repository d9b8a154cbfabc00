"""Pictures that an answer names by their address: not asked for, on their way, there, or refused.

Invariant: an address is asked when the person wants it and never before; a data address holds its
picture itself and needs no asking. What was loaded stays until the program ends and is not made a
part of the chat: the answer names an address, and what lies there may be another picture tomorrow.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from functools import partial

from PySide6.QtCore import QObject, QTimer, QUrl, Signal

from app.domain.message import Media
from app.ui.in_use import InUse

Done = Callable[[Media | str], None]
"""Hears the stored picture, or a sentence: why there is none."""
Load = Callable[[str, Done, Callable[[float | None], None]], Callable[[], None]]
"""Fetches what lies at an address, tells how far it is, and can be cancelled by what it returns."""


class Standing(Enum):
    UNASKED = auto()
    LOADING = auto()
    THERE = auto()
    REFUSED = auto()


@dataclass(frozen=True, slots=True)
class Remote:
    """`share` of it is here; `media` is the stored picture, `sentence` why there is none."""

    standing: Standing = Standing.UNASKED
    share: float | None = None
    media: Media | None = None
    sentence: str = ""


_UNASKED = Remote()


class RemotePictures(QObject):
    """`changed` carries the address of which something is known now."""

    changed = Signal(str)

    def __init__(self, load: Load, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._load = load
        self._known: dict[str, Remote] = {}
        self._cancels: dict[str, Callable[[], None]] = {}
        InUse(self, lambda: (each.media for each in self._known.values() if each.media is not None))

    def look(self, url: str) -> Remote:
        """What is known of it now."""
        if url not in self._known and url.startswith("data:"):
            self._known[url] = Remote(Standing.LOADING)
            QTimer.singleShot(0, self, partial(self._begin, url))
        return self._known.get(url, _UNASKED)

    def load(self, url: str) -> None:
        """The person wants to see it; again, where it was refused."""
        if self.look(url).standing in (Standing.UNASKED, Standing.REFUSED):
            self._note(url, Remote(Standing.LOADING))
            self._begin(url)

    def press(self, url: str) -> None:
        """Fetch it; or leave it, where it is on its way."""
        if self.look(url).standing is Standing.LOADING:
            self.cancel(url)
        else:
            self.load(url)

    def cancel(self, url: str) -> None:
        """Leave it, as if it had not been asked for."""
        cancel = self._cancels.pop(url, None)
        if cancel is not None:
            cancel()
            self._note(url, _UNASKED)

    def _begin(self, url: str) -> None:
        over: list[bool] = []

        def done(found: Media | str) -> None:
            over.append(True)
            self._cancels.pop(url, None)
            if isinstance(found, Media):
                self._note(url, Remote(Standing.THERE, media=found))
            else:
                self._note(url, Remote(Standing.REFUSED, sentence=found))

        def told(share: float | None) -> None:
            if self.look(url).standing is Standing.LOADING:
                self._note(url, Remote(Standing.LOADING, share))

        cancel = self._load(url, done, told)
        if not over:
            self._cancels[url] = cancel

    def _note(self, url: str, remote: Remote) -> None:
        self._known[url] = remote
        self.changed.emit(url)


def host_of(url: str) -> str:
    """In its ASCII form: letters of other scripts can imitate known names."""
    return bytes(QUrl.toAce(QUrl(url).host()).data()).decode("ascii", "replace")
