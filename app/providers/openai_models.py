"""The model list of the OpenAI form (R22), in the shapes that servers give it.

Invariant: a server without a list is told apart from a bad key and from a server without models;
an entry that cannot chat is left out only where the server says so itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from app.domain import address
from app.domain.errors import ChatError, ErrorKind, Failure
from app.i18n import tr
from app.providers.base import Endpoint, ModelInfo
from app.providers.complaints import is_error
from app.providers.connections import Connections
from app.providers.http import Exchange
from app.providers.sse import Event, Shape

Json = Mapping[str, Any]

NO_LIST = frozenset({ErrorKind.NOT_FOUND, ErrorKind.MODEL_NOT_FOUND, ErrorKind.PROTOCOL})
_CONTEXT = ("max_model_len", "context_length", "max_context_length", "context_window")
_OUTPUT = ("max_output_tokens", "max_completion_tokens", "max_output_length")
_DETAILS = ("owned_by", "type", "state", "arch", "quantization")
_NO_CHAT = frozenset({"embeddings", "embedding", "rerank", "reranker", "image", "audio"})


async def list_models(connections: Connections, endpoint: Endpoint) -> tuple[ModelInfo, ...]:
    """The models that can chat, in the server's order. Raises ChatError; not_found: no list."""
    service = endpoint.service
    if not service.models_path:
        raise ChatError(Failure(kind=ErrorKind.NOT_FOUND, message=_no_list()))
    url = address.join(service.base_url, service.models_path)
    try:
        rows = await _rows(connections, endpoint, url)
    except ChatError as error:
        if error.failure.kind not in NO_LIST:
            raise
        told = error.failure
        detail = f"{told.message}\n{told.detail}".strip()
        missing = replace(
            told, kind=ErrorKind.NOT_FOUND, message=_no_list(), detail=detail, retryable=False
        )
        raise ChatError(missing) from error
    found = {info.id: info for row in rows if (info := model_info(row)) is not None}
    return tuple(found.values())


async def _rows(connections: Connections, endpoint: Endpoint, url: str) -> list[object]:
    events: list[Event] = []
    async with Exchange(connections, endpoint, url) as answer:
        while (more := await answer.read()) is not None:
            events += more
        for event in events:
            if event.value is not None and is_error(event.value, event.name):
                raise answer.error(event)
        rows = rows_of([event.value for event in events if event.value is not None])
        decoder = answer.decoder
        if rows is None or decoder.shape is not Shape.JSON or decoder.garbled:
            raise ChatError(answer.failure(ErrorKind.PROTOCOL, _no_list()))
    return rows


def rows_of(documents: list[dict[str, Any]]) -> list[object] | None:
    """The entries of a list in any known shape, `None` where there is no list (R22)."""
    if len(documents) == 1:
        only = documents[0]
        for name in ("data", "models"):
            if name in only:
                value = only[name]
                if value is None:  # servers written in Go, without models
                    return []
                return value if isinstance(value, list) else None
    # A bare array was taken apart by the decoder.
    rows: list[object] = [row for row in documents if _name(row)]
    return rows or (None if documents else [])


def model_info(row: object) -> ModelInfo | None:
    """What an entry says, `None` where it has no name or cannot chat."""
    if isinstance(row, str):
        return ModelInfo(id=row) if row else None
    if not isinstance(row, Mapping) or not (name := _name(row)):
        return None
    if str(row.get("type", "")).lower() in _NO_CHAT:
        return None
    top = _map(row.get("top_provider"))
    display = row.get("display_name") or row.get("name") or ""
    return ModelInfo(
        id=name,
        display=str(display) if display != name else "",
        context=_size(row, _CONTEXT) or _size(_map(row.get("meta")), ("n_ctx_train",)),
        max_output=_size(row, _OUTPUT) or _size(top, _OUTPUT),
        vision=_vision(row),
        thinking=_thinking(row),
        inputs=_inputs(row),
        details=dict(_details(row)),
    )


def _name(row: Json) -> str:
    for member in ("id", "name", "model"):
        value = row.get(member)
        if isinstance(value, str) and value:
            return value
    return ""


def _vision(row: Json) -> bool | None:
    if (kind := str(row.get("type", "")).lower()) in ("vlm", "llm"):
        return kind == "vlm"
    if (inputs := _inputs(row)) is not None:
        return "image" in inputs
    able = _map(row.get("capabilities")).get("vision")
    return able if isinstance(able, bool) else None


def _inputs(row: Json) -> frozenset[str] | None:
    found = _map(row.get("architecture")).get("input_modalities")
    return frozenset(map(str, found)) if isinstance(found, list) else None


def _thinking(row: Json) -> bool | None:
    able = _map(row.get("capabilities")).get("reasoning")
    if isinstance(able, bool):
        return able
    known = row.get("supported_parameters")
    if isinstance(known, list):
        return "reasoning" in known or "include_reasoning" in known
    return None


def _details(row: Json) -> Iterator[tuple[str, str]]:
    for name in _DETAILS:
        if isinstance(value := row.get(name), str) and value:
            yield name, value
    for name, price in _map(row.get("pricing")).items():
        if isinstance(price, str | int | float):
            yield f"price of {name}", str(price)


def _size(row: Json, names: tuple[str, ...]) -> int | None:
    for name in names:
        value = row.get(name)
        if isinstance(value, int) and not isinstance(value, bool) and value > 0:
            return value
    return None


def _map(value: object) -> Json:
    return value if isinstance(value, Mapping) else {}


def _no_list() -> str:
    return tr("This server offers no list of models. Type the name of a model.")
