"""Asks for the addresses of a question's files when a service takes nothing else, and asks again.

Invariant: the question as it was stays, as a version; the answer comes to the chat that was asked.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject

from app.domain.message import Media
from app.i18n import tr
from app.ui.chat_page import ChatPage


class Addresses(QObject):
    """Listens to the deeds of `page`; `tell` shows a sentence."""

    def __init__(self, page: ChatPage, tell: Callable[[str], None]) -> None:
        super().__init__(page)
        self._page = page
        self._tell = tell
        page.deeds.addressesRequested.connect(self._ask)

    def _ask(self, answer_id: str) -> None:
        from app.ui.address_dialog import AddressDialog

        page, chat = self._page, self._page.chat
        found = page.deeds.without_address(answer_id)
        if found is None or not found[1]:
            self._tell(
                tr("The files lie in earlier messages. Leave them out, by the menu of each.")
            )
            return
        question, media = found
        dialog = AddressDialog(media, chat.service.name, page)

        def ask_again(moved: tuple[Media, ...]) -> None:
            if page.chat is chat:
                page.deeds.give_addresses(question, dict(zip(media, moved, strict=True)))

        dialog.given.connect(ask_again)
        dialog.open()
