"""Lines: the tree of a chat's messages as few runs, so that a place in it is found by counting.

Invariant: the first child of a message goes on with its line, every other child begins a line of
its own. A line is called by the number of the message that begins it; `depth` is the distance to
the root. Where a message stands is written with it and never changes.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from typing import NamedTuple


class Place(NamedTuple):
    line: int
    depth: int


class Stretch(NamedTuple):
    """The messages of a line from depth `first` up to, not with, `end`."""

    first: int
    end: int
    line: int


class Branches:
    """All lines of a chat: where each begins, and which one it leaves there."""

    QUERY = (
        "SELECT head.line, head.depth, parent.line FROM message AS head "
        "LEFT JOIN message AS parent ON parent.id = head.parent_id "
        "WHERE head.chat = ? AND +head.number <= ? AND head.number = head.line"
    )

    def __init__(self, rows: Iterable[tuple[int, int, int | None]]) -> None:
        """`rows` are those of `QUERY`."""
        self._begins: dict[int, tuple[int, int | None]] = {}
        self._leaving: dict[int, list[Place]] = {}
        for line, depth, parent in rows:
            self._begins[line] = (depth, parent)
            if parent is not None:
                self._leaving.setdefault(parent, []).append(Place(line, depth))

    def way_to(self, place: Place) -> Sequence[Stretch]:
        """The stretches from the root to a place."""
        found: list[Stretch] = []
        line: int | None = place.line
        end = place.depth + 1
        while line is not None:
            first, parent = self._begins[line]
            found.append(Stretch(first, end, line))
            line, end = parent, first
        found.reverse()
        return found

    def newest_below(self, place: Place) -> Place:
        """Where the newest versions below a place begin that are all on one line."""
        line, depth = place
        while below := [each for each in self._leaving.get(line, ()) if each.depth > depth]:
            nearest = min(each.depth for each in below)
            line, depth = max(each for each in below if each.depth == nearest)
        return Place(line, depth)


def place_below(connection: sqlite3.Connection, parent_id: str | None, number: int) -> Place:
    """Where message `number`, which is the newest, stands below its parent."""
    row = connection.execute(
        "SELECT line, depth FROM message WHERE id = ?", (parent_id,)
    ).fetchone()
    if row is None:
        return Place(number, 0)
    line, depth = row[0], row[1] + 1
    others = connection.execute(
        "SELECT 1 FROM message WHERE parent_id = ? AND number <> ? AND line IS NOT NULL",
        (parent_id, number),
    ).fetchone()
    return Place(number if others else line, depth)
