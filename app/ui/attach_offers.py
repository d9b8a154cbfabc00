"""Offers to attach what was pasted as text: a link to a picture or video, a very long text.

Invariant: what was pasted stands in the field, as pasted text does; only who takes the offer has
it attached in its place.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QLocale, QObject
from PySide6.QtGui import QTextCursor

from app.domain import address
from app.domain.kinds import PICTURE, VIDEO, is_youtube
from app.i18n import tr
from app.ui.message_field import MessageField

LONG_CHARS = 8_000
_ENDINGS = frozenset((*PICTURE.endings.split(), *VIDEO.endings.split()))

Take = Callable[[str], None]
Show = Callable[[str, str, Callable[[], None]], None]
"""A sentence, the words on its button, and what that does."""


class AttachOffers(QObject):
    """Listens to `field`, whose child it is."""

    def __init__(self, field: MessageField, show: Show, take_address: Take, take_text: Take):
        super().__init__(field)
        self._take_address = take_address
        self._take_text = take_text
        self._show = show
        field.textPasted.connect(self._on_text_pasted)

    def _on_text_pasted(self, text: str, place: QTextCursor) -> None:
        if is_link(text):
            words = tr("This is a link to a picture or a video.")
            self._offer(words, tr("Attach it"), place, self._take_address, text.strip())
        elif len(text) > LONG_CHARS:
            count = QLocale().toString(len(text))
            words = tr("This text is long: {count} characters.", count=count)
            self._offer(words, tr("Attach it as a file"), place, self._take_text, text)

    def _offer(self, words: str, button: str, place: QTextCursor, take: Take, text: str) -> None:
        def accept() -> None:
            place.removeSelectedText()  # what is left of it: the field may hold another draft now
            take(text)

        self._show(words, button, accept)


def is_link(text: str) -> bool:
    """Whether it is the address of a picture or a video and nothing else."""
    url = text.strip()
    if len(url.split()) != 1:
        return False
    parts = address.split(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return False
    _, dot, ending = parts.path.rpartition(".")
    return is_youtube(url) or (bool(dot) and ending.lower() in _ENDINGS)
