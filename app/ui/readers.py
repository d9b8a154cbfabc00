"""Who could read the attachments of a chat: its service and model, and others in their place.

Invariant: what is not known of a model stays unknown; a list is fetched at most once, and only
when somebody wants to `learn`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from app.attachments.limits import Reader
from app.chat import Chat
from app.domain.settings import Form, Service
from app.reply import LearnedQuirks
from app.services import ModelInfo, Services


class Readers:
    """`can_convert` says whether this computer has an ffmpeg."""

    def __init__(self, services: Services, quirks: LearnedQuirks, *, can_convert: bool) -> None:
        self._services = services
        self._quirks = quirks
        self._can_convert = can_convert

    def subscribe(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call `listener` when more is known of some models; gives what ends that."""
        return self._services.lists.subscribe(lambda service_id: listener())

    def learn(self, service: Service) -> None:
        """See to it that what the service says of its models is known, soon."""
        if service.form is not Form.DEMO:
            self._services.lists.wanted(service)

    def of_chat(self, chat: Chat) -> Reader:
        service = chat.service
        model = chat.sampling.model or service.default_model
        return self._reader(service, model, self._services.lists.get(service).model(model))

    def models(self, chat: Chat, wanted: Callable[[ModelInfo], bool]) -> Iterator[Reader]:
        """The other `wanted` models of the chat's service."""
        service, own = chat.service, self.of_chat(chat).model
        for model in self._services.lists.get(service).models:
            if model.id != own and wanted(model):
                yield self._reader(service, model.id, model)

    def services(self, chat: Chat) -> Iterator[Reader]:
        """The other services, with their own models."""
        for service in self._services.list():
            if service.id != chat.service.id and service.form is not Form.DEMO:
                model = service.default_model
                known = self._services.lists.get(service).model(model)
                yield self._reader(service, model, known)

    def name(self, reader: Reader) -> str:
        """What to call a model, and its service where that is another matter."""
        model = self._services.lists.name(reader.service, reader.model)
        return f"{model} · {reader.service.name}" if model else reader.service.name

    def _reader(self, service: Service, model: str, known: ModelInfo | None) -> Reader:
        return Reader(
            service=service,
            model=model,
            sees=None if known is None else known.vision,
            inputs=None if known is None else known.inputs,
            context_tokens=None if known is None else known.context,
            data_urls=self._quirks.get(service, model).data_urls is not False,
            can_convert=self._can_convert,
        )
