"""Small requests that cost nothing: what listens at an address, and whether it wants a key.

Invariant: no model is ever asked. An empty question is refused by every server before it would
cost anything; how it is refused tells address and key apart.
"""

from __future__ import annotations

from typing import Any

from app.domain import address
from app.domain.errors import ChatError, Failure
from app.domain.settings import Form, Service
from app.providers.base import Endpoint
from app.providers.complaints import is_error
from app.providers.connections import Connections
from app.providers.gemini_request import chat_address
from app.providers.http import Exchange, fetch


async def knock(connections: Connections, endpoint: Endpoint) -> Failure | None:
    """Send an empty question to the chat address; how it was refused, `None` when it was not."""
    exchange = Exchange(connections, endpoint, _chat_address(endpoint.service), body={})
    try:
        async with exchange as answer:
            events = await answer.read() or []
            wrong = (each for each in events if each.value and is_error(each.value, each.name))
            if (found := next(wrong, None)) is not None:
                return answer.error(found).failure
    except ChatError as error:
        return error.failure
    return None


async def objects(connections: Connections, endpoint: Endpoint, path: str) -> list[dict[str, Any]]:
    """The JSON objects at `path` of the server itself. Raises ChatError."""
    url = address.join(address.with_path(endpoint.service.base_url, ""), path)
    return await fetch(connections, endpoint, url)


def _chat_address(service: Service) -> str:
    if service.form is Form.GEMINI:
        return chat_address(service, service.default_model or "none", stream=False)
    return address.join(service.base_url, service.path)
