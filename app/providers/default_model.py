"""Which model a service is asked for while the person has chosen none.

Invariant: pure; a model that the person chose stays. Names say what a model is made for, because
few lists do.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from app.domain.settings import Form, Service
from app.providers import presets
from app.providers.base import ModelInfo
from app.providers.gemini_models import newest_flash

# Parts of the names of models that embed, draw, speak or listen instead of chatting.
NOT_FOR_CHAT = re.compile(
    "embed|rerank|whisper|transcribe|tts|audio|realtime|moderation|dall-e|image|sora"
    "|davinci|babbage",
    re.IGNORECASE,
)


def best_model(service: Service, models: tuple[ModelInfo, ...]) -> str:
    """The default model, given what the service offers; the person's own choice stays."""
    ids = [model.id for model in models]
    template = presets.preset(service.preset)
    untouched = service.default_model == (template.default_model if template else "")
    if service.form is Form.GEMINI and untouched and (flash := newest_flash(ids)) is not None:
        return flash
    if service.default_model in ids or (service.default_model and not untouched):
        return service.default_model
    return first_to_chat(ids)


def first_to_chat(ids: Iterable[str]) -> str:
    """The first model that is not plainly made for something else; empty where there is none."""
    known = tuple(ids)
    able = [each for each in known if not NOT_FOR_CHAT.search(each)]
    return next(iter((*able, *known)), "")


def without_list(service: Service) -> str:
    """What to ask a service for that has no list: Google's own default; else it may choose."""
    return presets.GEMINI.default_model if service.form is Form.GEMINI else ""
