"""The model list of Google's form: all pages of it (wire reference 3.1, R22).

Invariant: a server without a list is told apart from a bad key; a page token that repeats ends it.
"""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlencode

from app.domain import address
from app.domain.errors import ChatError, ErrorKind, Failure, Phase
from app.i18n import tr
from app.providers import gemini_wire as wire
from app.providers.base import Endpoint, ModelInfo
from app.providers.complaints import is_error
from app.providers.connections import Connections
from app.providers.failures import classify
from app.providers.gemini_models import model_info
from app.providers.gemini_request import base_address
from app.providers.http import fetch

PAGE_ROWS = 1000
PAGES = 50
_NO_LIST = frozenset({ErrorKind.NOT_FOUND, ErrorKind.MODEL_NOT_FOUND, ErrorKind.PROTOCOL})


async def list_models(connections: Connections, endpoint: Endpoint) -> tuple[ModelInfo, ...]:
    """The models that can chat. Raises ChatError; not_found: there is no list."""
    if not endpoint.service.models_path:
        raise ChatError(Failure(kind=ErrorKind.NOT_FOUND, message=_no_list()))
    try:
        return await _all_pages(connections, endpoint)
    except ChatError as error:
        if error.failure.kind not in _NO_LIST:
            raise
        told = error.failure
        detail = f"{told.message}\n{told.detail}".strip()
        missing = replace(told, kind=ErrorKind.NOT_FOUND, message=_no_list(), detail=detail)
        raise ChatError(missing) from error


async def _all_pages(connections: Connections, endpoint: Endpoint) -> tuple[ModelInfo, ...]:
    service = endpoint.service
    place = address.join(base_address(service), service.models_path)
    found: dict[str, ModelInfo] = {}
    token, seen = "", set[str]()
    for _ in range(PAGES):
        query = {"pageSize": str(PAGE_ROWS)} | ({"pageToken": token} if token else {})
        url = f"{place}?{urlencode(query)}"
        for page in await fetch(connections, endpoint, url):
            if is_error(page):
                raise ChatError(classify(200, {}, page, Phase.HTTP, key=endpoint.key, url=url))
            rows = map(model_info, wire.items(page, "models") or [page])
            found |= {row.id: row for row in rows if row is not None}
            token = wire.text(page, "nextPageToken")
        if not token or token in seen:
            break
        seen.add(token)
    return tuple(found.values())


def _no_list() -> str:
    return tr("This server offers no list of models. Type the name of a model.")
