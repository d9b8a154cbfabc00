"""Choosing a model for the chat that is shown: gathers the services' models for the picker.

Invariant: a list is fetched when the picker opens, or when something is attached that not every
model takes; never before. What was typed is used as it is.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.advice import for_failure
from app.domain.settings import Service
from app.i18n import tr
from app.services import ModelList, Services
from app.ui.chat_page import ChatPage
from app.ui.theme import Theme

if TYPE_CHECKING:
    from app.ui.model_picker import ModelPicker, ServiceModels


class ModelChoice(QObject):
    """Opens at the header's pill."""

    setUpRequested = Signal()

    def __init__(self, theme: Theme, services: Services, page: ChatPage) -> None:
        super().__init__(page)
        self._theme = theme
        self._services = services
        self._page = page
        self._picker: ModelPicker | None = None
        self._unsubscribes: list[Callable[[], None]] = []
        page.header.modelRequested.connect(self.open)
        page.deeds.modelRequested.connect(self.open)

    @property
    def picker(self) -> ModelPicker:
        """Made when it is first wanted."""
        if self._picker is None:
            from app.ui.model_picker import ModelPicker

            self._picker = ModelPicker(self._theme, self._page)
            self._picker.chosen.connect(self._on_chosen)
            self._picker.setUpRequested.connect(self.setUpRequested)
            for told in (self._services.lists, self._services.keys):
                self._unsubscribes.append(told.subscribe(self._on_service_changed))
        return self._picker

    def open(self) -> None:
        picker = self.picker
        chat = self._page.chat
        for service in self._services.list():
            self._services.lists.wanted(service)
        picker.set_chosen(chat.service.id, chat.sampling.model or "")
        picker.set_services(self._gathered())
        picker.popup(self._page.header.model)

    def close(self) -> None:
        for unsubscribe in self._unsubscribes:
            unsubscribe()
        self._unsubscribes.clear()

    def _gathered(self) -> tuple[ServiceModels, ...]:
        from app.ui.model_picker import ServiceModels

        return tuple(
            ServiceModels(
                service_id=service.id,
                name=service.name,
                models=tuple(
                    (model.id, model.display) for model in self._services.lists.get(service).models
                ),
                remark=self._remark(service, self._services.lists.get(service)),
            )
            for service in self._services.list()
        )

    def _remark(self, service: Service, models: ModelList) -> str:
        state = self._services.keys.state(service)
        if state.waiting:
            return state.sentence
        if models.loading:
            return tr("Looking for models…")
        if models.failure is not None:
            return for_failure(models.failure, service).title.rstrip(".")
        return ""

    def _on_service_changed(self, service_id: str) -> None:
        if self._picker is not None and self._picker.isVisible():
            self._picker.set_services(self._gathered())
        self._page.refresh()

    def _on_chosen(self, service_id: str, model: str) -> None:
        self._page.chat.set_service(service_id, model)
        self._page.focus_composer()
