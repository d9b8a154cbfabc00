"""Domain values as JSON text for the columns of the database, and back.

Invariant: every field of `app.domain.message` comes back equal; members at their default are left
out. Opaque values (`provider_state`, `extras`) are kept as they are, half surrogates included.
Members that a value no longer has are ignored, so that old rows stay readable.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import MISSING, fields
from typing import Any, TypeVar, assert_never

from app.domain.errors import ErrorKind, Failure, Phase
from app.domain.message import (
    EMPTY,
    Finish,
    FinishReason,
    Media,
    Notice,
    Part,
    Reasoning,
    Text,
    Timing,
    ToolCall,
    ToolResult,
    Usage,
)
from app.domain.settings import Sampling

Value = TypeVar("Value")


def to_json(value: object) -> str:
    """Compact JSON. Half surrogates, which UTF-8 cannot hold, make the text plain ASCII."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=_plain)
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return json.dumps(value, separators=(",", ":"), default=_plain)
    return text


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    raise TypeError(f"{type(value).__name__} cannot be stored")


def parts_to_json(parts: tuple[Part, ...]) -> str:
    return to_json([_part_members(part) for part in parts])


def parts_from_json(text: str) -> tuple[Part, ...]:
    """Raises ValueError or KeyError for text that was not made by `parts_to_json`."""
    return tuple(map(_part, json.loads(text)))


def _part_members(part: Part) -> dict[str, Any]:
    match part:
        case Text(text):
            return {"kind": "text", "text": text}
        case Reasoning():
            return {"kind": "reasoning", **members(part)}
        case Media():
            return {"kind": "media", **members(part)}
        case ToolCall():
            return {"kind": "tool_call", **members(part)}
        case ToolResult():
            return {"kind": "tool_result", **members(part)}
        case _:
            assert_never(part)


def _part(data: dict[str, Any]) -> Part:
    match data.pop("kind"):
        case "text":
            return Text(data["text"])
        case "reasoning":
            return make(Reasoning, data)
        case "media":
            return make(Media, data)
        case "tool_call":
            return make(ToolCall, data)
        case "tool_result":
            return make(ToolResult, data)
        case kind:
            raise ValueError(f"unknown part {kind!r}")


def optional_to_json(value: Usage | Finish | Timing | None) -> str | None:
    """`None` for `None` and for a value that says nothing."""
    if value is None:
        return None
    data = members(value)
    if isinstance(value, Finish) and value.failure is not None:
        data["failure"] = members(value.failure)
    return to_json(data)


def usage_from_json(text: str | None) -> Usage | None:
    return None if text is None else make(Usage, json.loads(text))


def timing_from_json(text: str | None) -> Timing:
    return Timing() if text is None else make(Timing, json.loads(text))


def finish_from_json(text: str | None) -> Finish | None:
    if text is None:
        return None
    data = json.loads(text)
    if (reason := data.get("reason")) is not None:
        data["reason"] = FinishReason(reason)
    if (failure := data.get("failure")) is not None:
        data["failure"] = _failure(failure)
    return make(Finish, data)


def _failure(data: dict[str, Any]) -> Failure:
    data["kind"] = ErrorKind(data["kind"])
    data["phase"] = Phase(data.get("phase", Phase.HTTP))
    data["codes"] = tuple(data.get("codes", ()))
    return make(Failure, data)


def notices_to_json(notices: tuple[Notice, ...]) -> str | None:
    return to_json([[notice.code, notice.text] for notice in notices]) if notices else None


def notices_from_json(text: str | None) -> tuple[Notice, ...]:
    if text is None:
        return ()
    return tuple(Notice(code, words) for code, words in json.loads(text))


def mapping_to_json(mapping: Mapping[str, Any]) -> str | None:
    return to_json(mapping) if mapping else None


def mapping_from_json(text: str | None) -> Mapping[str, Any]:
    if text is None:
        return EMPTY
    found: dict[str, Any] = json.loads(text)
    return found


def sampling_to_json(sampling: Sampling) -> str | None:
    return mapping_to_json(members(sampling))


def sampling_from_json(text: str | None) -> Sampling:
    return Sampling() if text is None else make(Sampling, json.loads(text))


def members(value: Any) -> dict[str, Any]:
    """The fields of a dataclass that are not at their default."""
    found = {}
    for field in fields(value):
        member = getattr(value, field.name)
        if field.default is not MISSING:
            default: object = field.default
        elif field.default_factory is not MISSING:
            default = field.default_factory()
        else:
            default = MISSING
        if member != default:
            found[field.name] = member
    return found


def make(kind: type[Value], data: Mapping[str, Any]) -> Value:
    """A dataclass from `data`, less what it does not know. Raises TypeError when one misses."""
    try:
        return kind(**data)
    except TypeError:
        known = {field.name for field in fields(kind)}  # type: ignore[arg-type]
        return kind(**{name: member for name, member in data.items() if name in known})
