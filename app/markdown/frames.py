"""What is open while blocks are read: containers, and what an open leaf waits for.

All values are frozen: the parser replaces them, so that a list of them is a snapshot.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, fields
from itertools import islice
from typing import Generic, TypeAlias, TypeVar

from app.markdown.definitions import Definition
from app.markdown.tree import Footnote, Item, Leaf, Quote

_K = TypeVar("_K", bound=Hashable)
_V = TypeVar("_V")


@dataclass(frozen=True, slots=True)
class QuoteFrame:
    box: Quote
    first_leaf: int
    start: int


@dataclass(frozen=True, slots=True)
class FootnoteFrame:
    box: Footnote
    first_leaf: int
    start: int


@dataclass(frozen=True, slots=True)
class ItemFrame:
    """`box` is for the later leaves, `first_box`, with the marker, for the first.

    `width`: columns of indentation that belong to the item. `delimiter`: `-`, `*`, `.`, `)`.
    `tight`: no blank line stands before it.
    """

    box: Item
    first_leaf: int
    start: int
    first_box: Item
    width: int
    delimiter: str
    tight: bool


Frame: TypeAlias = QuoteFrame | FootnoteFrame | ItemFrame


@dataclass(frozen=True, slots=True)
class Fence:
    """An open code fence, `indent` columns in."""

    mark: str
    indent: int


@dataclass(frozen=True, slots=True)
class Grid:
    """An open table. `padded`: cells that its rows lacked so far; bounded, see `tables`."""

    padded: int


@dataclass(frozen=True, slots=True, eq=False)
class Formula:
    """Open block math, which is text after all when it is never closed.

    `before` is the state before its first line, `source` its source lines (only grows).
    `alone`: nothing else stood on the line that opened it.
    """

    closer: str
    alone: bool
    before: Snapshot
    source: list[str]


Inside: TypeAlias = Fence | Grid | Formula | None


@dataclass(frozen=True, slots=True)
class Growth(Generic[_K, _V]):
    """A dictionary that only grows, as it was: its first `floor` entries are not repeated."""

    floor: int
    tail: tuple[tuple[_K, _V], ...]

    @classmethod
    def of(cls, entries: dict[_K, _V], floor: int) -> Growth[_K, _V]:
        tail = tuple(islice(entries.items(), floor, None)) if floor < len(entries) else ()
        return cls(floor, tail)

    def put_back(self, entries: dict[_K, _V]) -> None:
        while len(entries) > self.floor:
            entries.popitem()
        entries.update(self.tail)


@dataclass(frozen=True, slots=True)
class SavedLeaf:
    """An open leaf as it was. Its lists have only grown since, or were replaced."""

    leaf: Leaf
    values: tuple[object, ...]
    line_count: int
    row_count: int

    @classmethod
    def of(cls, leaf: Leaf) -> SavedLeaf:
        values = tuple(getattr(leaf, name) for name in _LEAF_FIELDS)
        return cls(leaf, values, len(leaf.lines), len(leaf.rows))

    def put_back(self) -> Leaf:
        for name, value in zip(_LEAF_FIELDS, self.values, strict=True):
            setattr(self.leaf, name, value)
        del self.leaf.lines[self.line_count :]
        del self.leaf.rows[self.row_count :]
        return self.leaf


_LEAF_FIELDS = tuple(field.name for field in fields(Leaf))


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All that lines read after it may change; costs the open blocks, not the document."""

    settled: int
    leaves: tuple[SavedLeaf, ...]
    open_leaf: Leaf | None
    stack: tuple[Frame, ...]
    inside: Inside
    source_count: int
    blank_lines: list[str]
    blank_count: int
    chars: int
    line: int
    last_id: int
    gap: int | None
    after_blank: bool
    definitions: Growth[str, Definition]
    footnotes: Growth[str, int]
    loose: Growth[int, None]
