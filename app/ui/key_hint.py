"""Says above the message that its service has no key yet, before anything is sent.

Invariant: the keyring is asked when something is written, not before; where it does not answer,
nothing is claimed. Who closes the line is not told again until the next start.
"""

from __future__ import annotations

from PySide6.QtCore import QObject

from app.domain.key_need import may_need_key
from app.domain.settings import Service
from app.i18n import tr
from app.services import Services
from app.ui.chat_page import ChatPage


class KeyHint(QObject):
    """For the chat that is shown on `page`."""

    def __init__(self, services: Services, page: ChatPage) -> None:
        super().__init__(page)
        self._services = services
        self._page = page
        self._closed: set[str] = set()
        self._strip = page.composer.keyless
        self._unsubscribe = services.keys.subscribe(self._on_key_changed)
        page.metaShown.connect(self._show)
        page.composer.changed.connect(self._on_changed)
        self._strip.closed.connect(self._on_closed)
        self._strip.action.clicked.connect(self._on_enter)
        self._strip.action.show()

    def close(self) -> None:
        self._unsubscribe()

    def _on_changed(self) -> None:
        service = self._page.chat.service
        state = self._services.keys.state(service)
        if self._page.composer.parts() and may_need_key(service) and state.place is None:
            self._services.keys.look(service)

    def _on_key_changed(self, service_id: str) -> None:
        if service_id == self._page.chat.service.id:
            self._show()

    def _show(self) -> None:
        service = self._page.chat.service
        self._strip.say(_words(service) if self._is_wanted(service) else None)

    def _is_wanted(self, service: Service) -> bool:
        missing = self._services.keys.state(service).is_missing
        return missing and may_need_key(service) and service.id not in self._closed

    def _on_closed(self) -> None:
        self._closed.add(self._page.chat.service.id)
        self._show()
        self._page.focus_composer()

    def _on_enter(self) -> None:
        self._page.deeds.keyRequested.emit(self._page.chat.service.id)


def _words(service: Service) -> str:
    return tr("{service} has no key yet.", service=service.name)
