"""A mapping with changes laid over it: what changed is held here, the rest stays where it is.

Invariant: frozen; `put` gives another one, at the cost of the changes so far, however long the
base is. So a chat that lies in a file is changed without being read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Generic, TypeVar

Key = TypeVar("Key")
Value = TypeVar("Value")


class Overlay(Mapping[Key, Value], Generic[Key, Value]):
    """`rewritten` stands for what `base` says of the same keys, `added` comes after all of it."""

    __slots__ = ("added", "base", "rewritten")

    def __init__(
        self,
        base: Mapping[Key, Value],
        rewritten: Mapping[Key, Value] | None = None,
        added: Mapping[Key, Value] | None = None,
    ) -> None:
        self.base = base
        self.rewritten: Mapping[Key, Value] = rewritten or {}
        self.added: Mapping[Key, Value] = added or {}

    def put(self, key: Key, value: Value) -> Overlay[Key, Value]:
        """With `value` in the place of what was there, or at the end."""
        if key not in self.added and key in self.base:
            return Overlay(self.base, {**self.rewritten, key: value}, self.added)
        return Overlay(self.base, self.rewritten, {**self.added, key: value})

    def __getitem__(self, key: Key) -> Value:
        for held in (self.added, self.rewritten):
            if key in held:
                return held[key]
        return self.base[key]

    def __contains__(self, key: object) -> bool:
        return key in self.added or key in self.rewritten or key in self.base

    def __len__(self) -> int:
        return len(self.base) + len(self.added)

    def __iter__(self) -> Iterator[Key]:
        yield from self.base
        yield from self.added

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Overlay) and self.base is other.base:
            return bool(self.rewritten == other.rewritten and self.added == other.added)
        return super().__eq__(other)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        held = len(self.rewritten) + len(self.added)
        return f"<{held} changes over {len(self.base)} entries>"


def with_change(mapping: Mapping[Key, Value], key: Key, value: Value) -> Mapping[Key, Value]:
    """`mapping` with one entry more, or another one."""
    if isinstance(mapping, Overlay):
        return mapping.put(key, value)
    return {**mapping, key: value}


def changed_values(new: Mapping[Key, Value], old: Mapping[Key, Value]) -> list[Value]:
    """What `new` holds that is not the same object in `old`. O(changes) over the same base."""
    pairs = [(new, old)]
    if isinstance(new, Overlay) and isinstance(old, Overlay) and new.base is old.base:
        pairs = [(new.rewritten, old.rewritten), (new.added, old.added)]
    return [v for here, there in pairs for k, v in here.items() if there.get(k) is not v]
