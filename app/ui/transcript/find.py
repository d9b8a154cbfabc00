"""Find in chat: all places of some words, reasoning included, and the walk through them.

Invariant: a hit is a range of a row's text, as it is shown. Rows are searched a few at a time,
so that a long chat or message does not hold up the window; the hits stay in reading order.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple, TypeAlias

from PySide6.QtCore import QElapsedTimer, QObject, QTimer, Signal

from app.domain.message import Message
from app.ui.transcript.flow import utf16_length
from app.ui.transcript.item import MessageItem
from app.ui.transcript.layout import Layout
from app.ui.transcript.rows import Row

SLICE_MS = 6
HITS_PER_REST = 500
MOST_ROWS = 2_000
"""Of a longer message its beginning is marked at the scroll bar."""
Searched: TypeAlias = Iterator[Row | None]
"""The rows of a message, after a `None` for each slice of it that was read first."""

_MARKUP = re.compile(r"[*_~`\\]")


class FoundAt(NamedTuple):
    """A hit: message number, row, start and end in Qt's units."""

    item: int
    row: int
    start: int
    end: int


class Finder(QObject):
    """Searches messages by slices. `changed` comes when there are more hits or another one."""

    changed = Signal()
    jumped = Signal(object)

    def __init__(self, rows_of: Callable[[int], Searched], parent: QObject) -> None:
        """`rows_of` gives the rows of a message number; first `None` while it makes them."""
        super().__init__(parent)
        self._rows_of = rows_of
        self._messages: Sequence[Message] = ()
        self._pattern: re.Pattern[str] | None = None
        self._loose: re.Pattern[str] | None = None
        self._queue: list[int] = []
        self._at = -1
        self._under_way: Iterator[None] | None = None
        self._hits: list[FoundAt] = []
        self._by_item: dict[int, list[FoundAt]] = {}
        self._first: dict[int, list[FoundAt]] = {}
        self._current: FoundAt | None = None
        self._start = 0
        self._timer = QTimer(self)
        self._timer.setInterval(0)
        self._timer.timeout.connect(self._on_slice)

    @property
    def active(self) -> bool:
        return self._pattern is not None

    @property
    def total(self) -> int:
        return len(self._hits)

    @property
    def number(self) -> int:
        """The current hit, from 1; 0 when there is none."""
        if self._current is None:
            return 0
        return bisect_left(self._hits, self._current) + 1

    @property
    def current(self) -> FoundAt | None:
        return self._current

    @property
    def searching(self) -> bool:
        """Whether there are messages that were not searched to their end."""
        return bool(self._queue) or self._under_way is not None

    @property
    def found_items(self) -> list[int]:
        """The messages with hits, in order."""
        return sorted(self._by_item)

    def found_rows(self, item: int) -> Sequence[FoundAt]:
        """The first hit of each row of a message, in order."""
        return self._first.get(item, ())

    def hits(self) -> list[FoundAt]:
        return self._hits

    def hits_in(self, item: int, row: int, low: int, high: int) -> list[FoundAt]:
        """The hits that begin in a row at `low` or later and before `high`. O(log hits)."""
        found = self._by_item.get(item, [])
        first = bisect_left(found, FoundAt(item, row, low, 0))
        return found[first : bisect_left(found, FoundAt(item, row, high, 0))]

    def search(self, words: str, messages: Sequence[Message], start: int) -> None:
        """Find `words`; the first hit at or after message `start` becomes the current one."""
        self._messages = messages
        self._hits.clear()
        self._by_item.clear()
        self._first.clear()
        self._current = None
        self._start = start
        self._queue.clear()
        self._under_way = None
        self._timer.stop()
        self._pattern = self._loose = None
        if words:
            self._pattern = re.compile(re.escape(words), re.IGNORECASE)
            self._loose = re.compile(re.escape(_MARKUP.sub("", words)), re.IGNORECASE)
            count = len(messages)
            # From the place of reading to the end, then from the start to it.
            self._queue = [*range(start - 1, -1, -1), *range(count - 1, start - 1, -1)]
            self._timer.start()
            self._on_slice()
        self.changed.emit()

    def search_again(self, item: int, messages: Sequence[Message]) -> None:
        """A message changed: look at it again."""
        self._messages = messages
        if self._pattern is None:
            return
        self._requeue(item)
        self._forget(item)
        self._queue.append(item)
        self._timer.start()
        self.changed.emit()

    def truncate(self, count: int, messages: Sequence[Message]) -> None:
        """Messages from `count` on are others now."""
        self._messages = messages
        if self._pattern is None:
            return
        self._requeue(count)
        for item in [item for item in self._by_item if item >= count]:
            self._forget(item)
        self._queue = [*range(len(messages) - 1, count - 1, -1), *self._queue]
        self._timer.start()

    def step(self, forward: bool) -> None:
        """Make the next or previous hit the current one, round the end."""
        if not self._hits:
            return
        at = bisect_left(self._hits, self._current) if self._current is not None else -1
        at = (at + (1 if forward else -1)) % len(self._hits)
        self._go_to(self._hits[at])

    def _on_slice(self) -> None:
        clock = QElapsedTimer()
        clock.start()
        before = len(self._hits)
        while (self._queue or self._under_way) and clock.elapsed() < SLICE_MS:
            if self._under_way is None:
                self._at = self._queue.pop()
                self._under_way = self._searching_item(self._at)
            if next(self._under_way, self) is self:
                self._under_way = None
        if not self.searching:
            self._timer.stop()
        if self._current is None and self._hits:
            at = bisect_left(self._hits, FoundAt(self._start, 0, 0, 0))
            if at < len(self._hits) or not self.searching:
                self._go_to(self._hits[at % len(self._hits)])
        if len(self._hits) != before or not self.searching:
            self.changed.emit()

    def _searching_item(self, item: int) -> Iterator[None]:
        """Search one message, resting after every row and after so many hits."""
        if self._pattern is None or self._loose is None or item >= len(self._messages):
            return
        message = self._messages[item]
        source = _MARKUP.sub("", message.text) + _MARKUP.sub("", message.reasoning)
        if not self._loose.search(source):
            return
        found: list[FoundAt] = []
        first: list[FoundAt] = []
        number = 0
        for row in self._rows_of(item):
            yield
            if row is None:
                continue
            for start, end in _places(self._pattern, row.built().text):
                if not first or first[-1].row != number:
                    first.append(FoundAt(item, number, start, end))
                found.append(FoundAt(item, number, start, end))
                if len(found) % HITS_PER_REST == 0:
                    yield
            number += 1
        if found:
            self._by_item[item], self._first[item] = found, first
            at = bisect_left(self._hits, found[0])
            self._hits[at:at] = found

    def _requeue(self, first: int) -> None:
        """A message from `first` on that is being searched is another now: begin it again."""
        if self._under_way is not None and self._at >= first:
            self._under_way = None
            self._queue.append(self._at)

    def _forget(self, item: int) -> None:
        gone = self._by_item.pop(item, [])
        self._first.pop(item, None)
        if gone:
            low = bisect_left(self._hits, gone[0])
            del self._hits[low : low + len(gone)]
            if self._current in gone:
                self._current = None

    def _go_to(self, hit: FoundAt) -> None:
        self._current = hit
        self.jumped.emit(hit)
        self.changed.emit()


def shares_of(finder: Finder, layout: Layout) -> tuple[list[float], float | None]:
    """Where the finds are and where the current one is, as shares of the whole height.

    A mark for each row, and for each message that is not built. Cost: what is built.
    """
    if not finder.active:
        return [], None
    total = max(1, layout.total_px)
    tops: list[int] = []
    for number in finder.found_items:
        tops += _tops(layout, number, finder.found_rows(number))
    current = finder.current
    if current is None:
        return [top / total for top in tops], None
    (top,) = _tops(layout, current.item, (current,))
    return [top / total for top in tops], top / total


def _tops(layout: Layout, number: int, hits: Sequence[FoundAt]) -> list[int]:
    """How far down the whole some rows of a message are; of a high row the find's own line."""
    y = layout.index.top(number)
    item: MessageItem | None = layout.items.get(number)
    if item is None or len(item.rows) > MOST_ROWS:
        return [y]
    found: list[int] = []
    at = 0
    for hit in hits:
        y += sum(row.shown for row in item.rows[at : hit.row])
        at = hit.row
        line = 0
        if at < len(item.rows):
            row = item.rows[at]
            # A row that was built and not yet laid out has no lines, and the height of before.
            unit = row.unit if row.width == layout.column_px else None
            if unit is not None and row.shown > layout.viewport_px // 4:
                line = min(row.shown, row.gap + int(unit.caret(hit.start).top()))
        found.append(y + line)
    return found


def _places(pattern: re.Pattern[str], text: str) -> Iterator[tuple[int, int]]:
    """Where the pattern stands in a text, in Qt's units. Cost: its length."""
    narrow = text.isascii()
    at = offset = 0
    for match in pattern.finditer(text):
        if narrow:
            yield match.span()
            continue
        offset += utf16_length(text[at : match.start()])
        start, at = offset, match.end()
        offset += utf16_length(match.group())
        yield start, offset
