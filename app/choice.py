"""Which service and which parameters a chat uses: its own choice, else the settings', else demo.

Invariant: pure, and always an answer: a chat whose service was removed goes on with the default.
"""

from __future__ import annotations

from dataclasses import replace

from app.domain.conversation import Conversation
from app.domain.settings import Sampling, Service, Settings
from app.providers.presets import DEMO


def service_of(conversation: Conversation, settings: Settings) -> Service:
    """The service of the chat's next question."""
    for service_id in (conversation.service_id, settings.default_service):
        if service_id == DEMO.id:
            return settings.service(service_id) or DEMO
        if service_id and (service := settings.service(service_id)) is not None:
            return service
    return settings.services[0] if settings.services else DEMO


def default_service(settings: Settings) -> Service:
    """The service of new chats: the chosen one, else the first, else the demo."""
    return service_of(Conversation(id=""), settings)


def sampling_of(conversation: Conversation, settings: Settings) -> Sampling:
    """The chat's parameters over the settings'; `model` is "" only where none is known."""
    service = service_of(conversation, settings)
    own = conversation.sampling
    default = settings.sampling
    if conversation.service_id not in ("", service.id):
        own = replace(own, model=None)  # it named a model of the service that is gone
    if service.id != (settings.default_service or default_service(settings).id):
        default = replace(default, model=None)  # the default model belongs to the default service
    chosen = own.over(default)
    if not chosen.model:
        first = service.models[0] if service.models else ""
        chosen = replace(chosen, model=service.default_model or first)
    return chosen
