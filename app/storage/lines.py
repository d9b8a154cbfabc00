"""Lines: the tree of a chat's messages as few runs, so that a place in it is found by counting.

Invariant: the first child of a message goes on with its line, every other child begins a line of
its own. A line is called by the number of the message that begins it; `depth` is the distance to
the root. Where a message stands is written with it and never changes.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from app.domain.estimate import text_tokens
from app.domain.message import Media
from app.storage.codec import parts_from_json


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
            # What begins at the root leaves no line, even where a damaged row names a parent.
            line, end = parent if first else None, first
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


def fill_lines(connection: sqlite3.Connection, chat: int) -> None:
    """Write where all messages of a chat stand, as `place_below` gives it, and what of them is
    asked for without reading them."""
    places: dict[str, tuple[int, int]] = {}
    parents: set[str] = set()
    last = 0
    while rows := connection.execute(
        "SELECT number, id, parent_id, parts FROM message WHERE chat = ? AND number > ? "
        "ORDER BY number LIMIT 200",
        (chat, last),
    ).fetchall():
        values = []
        for last, message_id, parent_id, text in rows:
            line, depth = places.get(parent_id, (last, -1))
            places[message_id] = last if parent_id in parents else line, depth + 1
            parents.add(parent_id)
            try:
                parts = parts_from_json(text)
            except (ValueError, KeyError, TypeError):
                parts = ()  # damaged: told when it is looked at
            media = sum(isinstance(part, Media) for part in parts)
            values.append((*places[message_id], text_tokens(parts), media, last))
        connection.executemany(
            "UPDATE message SET line = ?, depth = ?, tokens = ?, media = ? WHERE number = ?", values
        )
