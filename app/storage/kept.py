"""The messages of a stored chat, read when they are looked at and forgotten again.

Invariant: shows the chat as it was when it was opened: what was added since is not in it. What
lies on the way to a message is known by its line (`lines.py`), so nothing is read to find it. A
message that cannot be read is one that says so: it is drawn, and drawing must not fail.
"""

from __future__ import annotations

import threading
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import cached_property
from typing import Any, NamedTuple

from app.domain.message import Attached, Media, Message, Role
from app.domain.path import Kept
from app.i18n import tr
from app.storage.codec import parts_from_json
from app.storage.database import Database
from app.storage.errors import StorageError
from app.storage.lines import Branches, Place, Stretch
from app.storage.rows import MESSAGE_COLUMNS, message_of, unreadable

HELD = 128
"""Messages that stay decoded; more than are built around the viewport."""
AT_ONCE = 8
"""Read together: whoever looks at one will look at its neighbours."""
STEP = 200
"""Read together by who goes through all of them."""

_SELECT = f"SELECT {MESSAGE_COLUMNS}, line, depth FROM message"


class Source(NamedTuple):
    """A chat in a database, up to message number `last`, of which there are `messages`.

    `version` grows with everything that is written about its messages.
    """

    database: Database
    chat: int
    last: int
    messages: int
    version: int


class KeptMessages(Mapping[str, Message]):
    """By id. Looking at one message belongs to the thread that opened it; iterating does not."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._thread = threading.get_ident()
        self._places: dict[str, Place] = {}
        self._held: OrderedDict[Place, Message] = OrderedDict()
        self._tokens: dict[Stretch, int] = {}
        self._attached: dict[Stretch, Sequence[Attached]] = {}

    @property
    def version(self) -> int:
        return self._source.version

    # A mapping ---------------------------------------------------------------------------

    def __getitem__(self, message_id: str) -> Message:
        return self.at(self.place(message_id))

    def __contains__(self, message_id: object) -> bool:
        with suppress(StorageError):  # asked for while drawing
            return isinstance(message_id, str) and self._find(message_id) is not None
        return False

    def __len__(self) -> int:
        return self._source.messages

    def __iter__(self) -> Iterator[str]:
        """The ids in the order in which the messages came."""
        rows = self.rows("SELECT id FROM message WHERE chat = ? AND number <= ? ORDER BY number")
        return (message_id for (message_id,) in rows)

    # What is known without reading messages ------------------------------------------------

    @cached_property
    def branches(self) -> Branches:
        """How the lines of the chat hang together. O(branches), once."""
        return Branches(self.rows(Branches.QUERY))

    def place(self, message_id: str) -> Place:
        """Where a message stands in the tree. Raises KeyError."""
        found = self._find(message_id)
        if found is None:
            raise KeyError(message_id)
        return found

    def path(self, leaf_id: str) -> KeptPath:
        return KeptPath(self, self.branches.way_to(self.place(leaf_id)))

    def newest_below(self, message_id: str) -> str:
        line, first = self.branches.newest_below(self.place(message_id))
        rows = self.rows(
            "SELECT id FROM message WHERE +chat = ? AND +number <= ? AND line = ? AND depth >= ? "
            "ORDER BY depth DESC LIMIT 1",
            (line, first),
        )
        return str(rows[0][0])

    def with_media(self) -> Iterator[Message]:
        rows = self.rows(f"{_SELECT} WHERE chat = ? AND number <= ? AND media > 0 ORDER BY number")
        return map(message_of, rows)

    def text_tokens(self, stretch: Stretch) -> int:
        """As they were when it was first asked for. O(messages) then, some 60 ns each."""
        if stretch not in self._tokens:
            statement = (
                "SELECT total(tokens) FROM message WHERE line = ? AND depth >= ? AND depth < ?"
            )
            values = (stretch.line, stretch.first, stretch.end)
            with self.reading() as database:
                self._tokens[stretch] = int(database.rows(statement, values)[0][0])
        return self._tokens[stretch]

    def attached(self, stretch: Stretch) -> Sequence[Attached]:
        """As it was when it was first asked for. O(messages with attachments) then."""
        if stretch not in self._attached:
            rows = self.rows(
                "SELECT depth, id, parts FROM message WHERE chat = ? AND number <= ? "
                "AND media > 0 AND line = ? AND depth >= ? AND depth < ? ORDER BY depth",
                (stretch.line, stretch.first, stretch.end),
            )
            self._attached[stretch] = tuple(_attached(*row) for row in rows)
        return self._attached[stretch]

    def rows(self, statement: str, values: Sequence[Any] = ()) -> list[Any]:
        """Of a statement that begins with the chat and its last message. Raises StorageError."""
        with self.reading() as database:
            return database.rows(statement, (self._source.chat, self._source.last, *values))

    @contextmanager
    def reading(self) -> Iterator[Database]:
        """A connection for the calling thread."""
        if threading.get_ident() == self._thread:
            yield self._source.database
        else:
            with self._source.database.reader() as reader:
                yield reader

    # Reading -----------------------------------------------------------------------------

    def at(self, place: Place) -> Message:
        """The message at a place, with its neighbours on the line. Never raises."""
        held = self._held.get(place)
        if held is not None:
            self._held.move_to_end(place)
            return held
        line, depth = place
        first = depth - depth % AT_ONCE
        try:
            found = dict(self.stretch(Stretch(first, first + AT_ONCE, line)))
        except StorageError as error:
            return unreadable(f"{line}.{depth}", str(error))
        for at, message in found.items():
            # One that was decoded before stays the same object.
            self._held.setdefault(at, message)
            self._held.move_to_end(at)
            self._places[message.id] = at
        held = self._held.get(place)
        self._forget()
        if held is None:  # another program deleted it
            return unreadable(f"{line}.{depth}", tr("This message is gone."))
        return held

    def stretch(
        self, stretch: Stretch, database: Database | None = None
    ) -> Iterator[tuple[Place, Message]]:
        """The messages of a stretch, in order. Raises StorageError."""
        statement = (
            f"{_SELECT} WHERE line = ? AND depth >= ? AND depth < ? AND number <= ? ORDER BY depth"
        )
        values = (stretch.line, stretch.first, stretch.end, self._source.last)
        rows = (database or self._source.database).rows(statement, values)
        return ((Place(*row[-2:]), message_of(row)) for row in rows)

    def _forget(self) -> None:
        while len(self._held) > HELD:
            _, message = self._held.popitem(last=False)
            self._places.pop(message.id, None)

    def _find(self, message_id: str) -> Place | None:
        place = self._places.get(message_id)
        if place is not None:
            return place
        rows = self.rows(
            "SELECT line, depth FROM message WHERE +chat = ? AND +number <= ? AND id = ?",
            (message_id,),
        )
        return Place(*rows[0]) if rows else None


class KeptChildren(Mapping[str | None, tuple[str, ...]]):
    """The ids of the messages below each message, oldest first; `None` holds the roots."""

    def __init__(self, messages: KeptMessages) -> None:
        self._messages = messages

    def __getitem__(self, parent_id: str | None) -> tuple[str, ...]:
        rows: list[Any] = []
        with suppress(StorageError):  # asked for while drawing
            rows = self._messages.rows(
                # Not by the index of the chat's messages, which are many.
                "SELECT id FROM message WHERE +chat = ? AND +number <= ? AND parent_id IS ? "
                "ORDER BY number",
                (parent_id,),
            )
        if not rows:
            raise KeyError(parent_id)
        return tuple(child for (child,) in rows)

    def __len__(self) -> int:
        statement = (
            "SELECT count(*) FROM (SELECT DISTINCT parent_id FROM message "
            "WHERE chat = ? AND number <= ?)"
        )
        return int(self._messages.rows(statement)[0][0])

    def __iter__(self) -> Iterator[str | None]:
        statement = "SELECT DISTINCT parent_id FROM message WHERE chat = ? AND number <= ?"
        return (parent for (parent,) in self._messages.rows(statement))


class KeptPath:
    """The messages from a root to one of the messages, by their distance to the root."""

    def __init__(self, messages: KeptMessages, stretches: Sequence[Stretch]) -> None:
        self._messages = messages
        self._stretches = stretches
        self._firsts = [stretch.first for stretch in stretches]

    def __len__(self) -> int:
        return self._stretches[-1].end

    def at(self, number: int) -> Message:
        return self._messages.at(Place(self._line_of(number), number))

    def between(self, first: int, end: int) -> Iterator[Message]:
        with self._messages.reading() as database:
            for part in self._cut(first, end):
                for start in range(part.first, part.end, STEP):
                    step = Stretch(start, min(part.end, start + STEP), part.line)
                    for _, message in self._messages.stretch(step, database):
                        yield message

    def number_of(self, message_id: str) -> int | None:
        try:
            line, depth = self._messages.place(message_id)
        except (KeyError, StorageError):
            return None
        return depth if depth < len(self) and self._line_of(depth) == line else None

    def shared(self, other: Kept) -> int:
        if not isinstance(other, KeptPath):
            return 0
        same = 0
        for mine, its in zip(self._stretches, other._stretches, strict=False):
            if mine.line != its.line:
                break
            same = min(mine.end, its.end)
            if mine.end != its.end:
                break
        return same

    def same_source(self, other: Kept) -> bool:
        return isinstance(other, KeptPath) and self._messages is other._messages

    def text_tokens(self, first: int) -> int:
        return sum(self._messages.text_tokens(part) for part in self._cut(first, len(self)))

    def with_media(self, first: int) -> Sequence[Attached]:
        parts = self._cut(first, len(self))
        return [each for part in parts for each in self._messages.attached(part)]

    def questions(self, first: int) -> Sequence[str]:
        statement = (
            "SELECT id FROM message WHERE line = ? AND depth >= ? AND depth < ? AND role = ? "
            "ORDER BY depth"
        )
        found: list[str] = []
        with self._messages.reading() as database:
            for part in self._cut(first, len(self)):
                values = (part.line, part.first, part.end, Role.USER.value)
                found += [str(row[0]) for row in database.rows(statement, values)]
        return found

    def _line_of(self, number: int) -> int:
        return self._stretches[bisect_right(self._firsts, number) - 1].line

    def _cut(self, first: int, end: int) -> Iterator[Stretch]:
        """The stretches between two numbers."""
        for part in self._stretches:
            low, high = max(first, part.first), min(end, part.end)
            if low < high:
                yield Stretch(low, high, part.line)


def _attached(number: int, message_id: str, text: str) -> Attached:
    media: tuple[Media, ...] = ()
    with suppress(ValueError, KeyError, TypeError):  # damaged: told where it is looked at
        media = tuple(part for part in parts_from_json(text) if isinstance(part, Media))
    return Attached(number, message_id, media)
