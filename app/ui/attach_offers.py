"""Offers to attach what was pasted as text: a link to a picture, a very long text.

Invariant: what was pasted stands in the field, as pasted text does; only who takes the offer has
it attached in its place.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QLocale, QObject
from PySide6.QtGui import QTextCursor

from app.domain.kinds import is_link
from app.i18n import tr
from app.ui.message_field import MessageField

LONG_CHARS = 8_000

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
            words = tr("This is a link to a picture, a video or another file.")
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
