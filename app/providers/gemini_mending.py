"""What may be changed about a refused request in Google's form (R2, R21, R59), and hints before.

Invariant: pure; names a member only when the request had it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from app.domain.errors import ErrorKind, Failure
from app.domain.message import Notice
from app.domain.settings import Sampling
from app.i18n import tr
from app.providers.base import ChatRequest, Endpoint, Quirks
from app.providers.failures import refuses_streaming
from app.providers.gemini_models import generation, thinking_config

# Members that a model may refuse, and how a refusal names them (R2, R59). An answer in JSON is not
# among them: without it the answer is another one than was asked for.
_BLAMED: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(pattern))
    for name, pattern in (
        ("temperature", "temperature"),
        ("topP", r"top_?p\b"),
        ("maxOutputTokens", "max_?output_?tokens"),
        ("systemInstruction", "system_?instruction|developer instruction"),
    )
)
_ABOUT_THINKING = re.compile("think|include_?thoughts")


def mended(endpoint: Endpoint, request: ChatRequest, failure: Failure) -> Quirks | None:
    """See `Provider.mend`."""
    quirks, sampling = request.quirks, request.sampling
    said = f"{failure.param or ''} {failure.message}".lower()
    if failure.kind is ErrorKind.BAD_REQUEST and failure.http_status in (400, 422):
        control = endpoint.service.reasoning_control
        thinking = thinking_config(sampling, control, quirks.dropped)
        if thinking and _ABOUT_THINKING.search(said):
            wished = thinking.keys() - {"includeThoughts"}
            refused = "thinkingConfig" if "thoughts" in said or not wished else "thinkingLevel"
            return _without(quirks, refused)
        sent = _sent(sampling) - quirks.dropped
        for name, pattern in _BLAMED:
            if name in sent and pattern.search(said):
                return _without(quirks, name)
    if request.stream and endpoint.service.stream_fallback and refuses_streaming(failure):
        return replace(quirks, stream=False)
    return None


def hints(sampling: Sampling) -> Iterator[Notice]:
    """R58: from generation 3 on the sampling is best left alone."""
    version = generation(sampling.model or "")
    changed = sampling.temperature not in (None, 1) or sampling.top_p is not None
    if changed and version is not None and version >= (3, 0):
        sentence = tr("Gemini 3 is made for temperature 1; other values can make it repeat itself.")
        yield Notice("sampling", sentence)


def _sent(sampling: Sampling) -> set[str]:
    """The members that the person's wishes put into a request."""
    wishes = {
        "temperature": sampling.temperature,
        "topP": sampling.top_p,
        "maxOutputTokens": sampling.max_tokens,
        "systemInstruction": sampling.system_prompt or None,
    }
    return {name for name, value in wishes.items() if value is not None}


def _without(quirks: Quirks, name: str) -> Quirks:
    return replace(quirks, dropped=quirks.dropped | {name})
