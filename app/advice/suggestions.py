"""Other addresses worth a try when a service that was just set up does not answer (R43).

Invariant: pure; nothing is called. A suggestion never moves the key to another host, and offers
http in place of https only for this computer and its own network.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from app.domain import address
from app.domain.errors import ErrorKind, Failure
from app.domain.local_servers import LM_STUDIO_PORT
from app.domain.settings import Form, Service
from app.i18n import tr

_FULL_PATHS = ("/chat/completions", "/completions", "/chat", "/models", "/responses")


@dataclass(frozen=True, slots=True)
class Suggestion:
    """`service` is the one that failed with another address; `text` says what is different."""

    text: str
    service: Service


def suggestions(service: Service, failure: Failure) -> tuple[Suggestion, ...]:
    """Likely corrections of address and path, best first; empty where the address is not it."""
    if service.form is Form.DEMO or not address.host(service.base_url):
        return ()
    found: list[Suggestion] = []
    if failure.kind in {ErrorKind.NOT_FOUND, ErrorKind.PROTOCOL}:
        found += _paths(service)
    if failure.kind in {ErrorKind.NETWORK, ErrorKind.PROTOCOL} or _wants_https(failure):
        found += _schemes(service)
    return tuple(found)


def _wants_https(failure: Failure) -> bool:
    """What web servers say in clear text behind a port for https."""
    said = failure.message.lower()
    return failure.kind is ErrorKind.BAD_REQUEST and ("https port" in said or "plain http" in said)


def _paths(service: Service) -> list[Suggestion]:
    path = address.split(service.base_url).path.rstrip("/")
    for tail in _FULL_PATHS:
        if path.endswith(tail) and service.form is Form.OPENAI:
            return [_base(service, path.removesuffix(tail), tr("Without {path}", path=tail))]
    if service.form is Form.GEMINI:
        return _gemini_paths(service, path)
    if address.port(service.base_url) == LM_STUDIO_PORT and service.path == "/chat":
        # /api/v1/chat of LM Studio is another protocol than the gateway's.
        lm_studio = replace(
            service,
            base_url=address.with_path(service.base_url, "/v1"),
            path="/chat/completions",
        )
        return [Suggestion(tr("The chat address of LM Studio"), lm_studio)]
    if address.is_version(address.last_segment(service.base_url)):
        other = path.rpartition("/")[0]
        return [_base(service, other, tr("Without /{segment}", segment=path.rpartition("/")[2]))]
    return [_base(service, path + "/v1", tr("With /v1"))]


def _gemini_paths(service: Service, path: str) -> list[Suggestion]:
    """The version is added by itself, so the commonest slip is more than the base address."""
    head, mark, _ = path.partition("/models")
    if mark:
        return [_base(service, head, tr("Without {path}", path=path.removeprefix(head)))]
    if path.endswith("/openai"):
        openai = replace(service, form=Form.OPENAI, path="/chat/completions", auth="bearer")
        return [Suggestion(tr("In the OpenAI form"), openai)]
    return []


def _schemes(service: Service) -> list[Suggestion]:
    scheme = address.split(service.base_url).scheme
    if scheme == "http" and not address.is_loopback(service.base_url):
        return [_scheme(service, "https")]
    if scheme == "https" and address.is_private(service.base_url):
        return [_scheme(service, "http")]
    return []


def _scheme(service: Service, scheme: str) -> Suggestion:
    other = replace(service, base_url=address.with_scheme(service.base_url, scheme))
    return Suggestion(tr("With {scheme}://", scheme=scheme), other)


def _base(service: Service, path: str, text: str) -> Suggestion:
    return Suggestion(text, replace(service, base_url=address.with_path(service.base_url, path)))
