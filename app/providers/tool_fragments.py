"""Puts the fragments of tool calls where they belong (R19), whatever ids and indexes they carry.

Invariant: calls are numbered in the order in which they began; nothing is parsed and nothing is
guessed about arguments.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.domain.stream import ToolCallDelta, mend_surrogates


@dataclass(slots=True)
class _Call:
    id: str | None
    index: int | None


class ToolFragments:
    """Keeps the ids and indexes of the calls seen so far, and which one is current."""

    def __init__(self) -> None:
        self._calls: list[_Call] = []
        self._current: int | None = None

    def __len__(self) -> int:
        return len(self._calls)

    def place(self, fragment: Mapping[str, Any]) -> ToolCallDelta:
        """The delta that `fragment` of `tool_calls` means. O(calls)."""
        function = fragment.get("function")
        if not isinstance(function, Mapping):
            function = {}
        call_id, index = _id(fragment.get("id")), _index(fragment.get("index"))
        name = function.get("name")
        name = mend_surrogates(name) if isinstance(name, str) else ""
        ordinal = self._ordinal(call_id, index, has_name=bool(name))
        self._current = ordinal
        extra = fragment.get("extra_content")
        return ToolCallDelta(
            ordinal=ordinal,
            id=self._calls[ordinal].id,
            name=name,
            arguments=_arguments(function.get("arguments")),
            extra={"extra_content": dict(extra)} if isinstance(extra, Mapping) and extra else {},
        )

    def _ordinal(self, call_id: str | None, index: int | None, *, has_name: bool) -> int:
        at_index = self._latest(index)
        if call_id is not None:
            for ordinal, call in enumerate(self._calls):
                if call.id == call_id:
                    return ordinal
            if at_index is not None and self._calls[at_index].id is None:
                self._calls[at_index].id = call_id
                return at_index
            return self._begin(call_id, index)
        if at_index is not None:
            return at_index
        if has_name or self._current is None:
            return self._begin(None, index)
        return self._current

    def _latest(self, index: int | None) -> int | None:
        if index is None:
            return None
        found = (n for n in reversed(range(len(self._calls))) if self._calls[n].index == index)
        return next(found, None)

    def _begin(self, call_id: str | None, index: int | None) -> int:
        self._calls.append(_Call(call_id, index))
        return len(self._calls) - 1


def _id(value: object) -> str | None:
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    return mend_surrogates(str(value)) or None


def _index(value: object) -> int | None:
    if isinstance(value, str) and value.strip().isdecimal() and len(value) < 9:
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _arguments(value: object) -> str:
    """Text as it came; an object as JSON."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    return json.dumps(value, ensure_ascii=False)
