"""What is plainly wrong with the settings of a service, before anything is asked.

Invariant: pure; a remark is a sentence, and never stops anybody.
"""

from __future__ import annotations

from app.domain import address
from app.domain.local_servers import LM_STUDIO_PORT
from app.domain.settings import Form, Service
from app.i18n import tr


def remarks(service: Service) -> tuple[str, ...]:
    """Sentences about address and path; empty where nothing catches the eye."""
    if service.form is Form.DEMO:
        return ()
    url = service.base_url.strip()
    parts = address.split(url)
    found = []
    if address.PLACEHOLDER in url:
        found.append(
            tr("Put the domain of your service in place of {word}.", word=address.PLACEHOLDER)
        )
    elif parts.scheme not in ("http", "https") or not parts.hostname:
        found.append(tr("The address has to begin with https:// or http:// and a host."))
    elif parts.scheme == "http" and service.auth != "none" and not address.is_private(url):
        found.append(tr("With http:// the key and the chat travel in the clear."))
    if service.path.rstrip("/") == "/chat" and address.port(url) == LM_STUDIO_PORT:
        found.append(tr("The /chat of LM Studio is another protocol. Use /chat/completions."))
    return tuple(found)
