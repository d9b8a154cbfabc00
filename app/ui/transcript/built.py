"""The messages that are built as items, of a chat that may have a hundred thousand.

Invariant: an item that comes back gets the heights that its rows were measured at, so that the
height of the whole does not change. An answer that is being written is never dropped.
"""

from __future__ import annotations

from collections.abc import Callable

from app.ui.transcript.item import MessageItem

KEPT_AROUND = 20
"""Messages kept built on both sides of the visible ones."""
MAX_KEPT = 60


class Built:
    """`make` builds the item of a message number."""

    def __init__(self, make: Callable[[int], MessageItem]) -> None:
        self._make = make
        self.items: dict[int, MessageItem] = {}
        self._measured: dict[int, tuple[int, tuple[int, ...]]] = {}

    def item(self, number: int, column_px: int) -> MessageItem:
        """The item of a message, built where it is not; the column is this wide now."""
        found = self.items.get(number)
        if found is None:
            found = self.items[number] = self._make(number)
            self.recall(number, column_px)
        return found

    def recall(self, number: int, column_px: int) -> None:
        """Give the rows of an item that came back, and is whole, the heights that they had."""
        rows = self.items[number].rows
        width, heights = self._measured.get(number, (0, ()))
        if width == column_px and len(heights) == len(rows):
            for row, height in zip(rows, heights, strict=True):
                row.height = height

    def clear(self) -> None:
        self.items.clear()
        self._measured.clear()

    def drop_from(self, first: int) -> None:
        """Messages from `first` on are others now."""
        for at in [at for at in self.items if at >= first]:
            del self.items[at]
        for at in [at for at in self._measured if at >= first]:
            del self._measured[at]

    def drop_far(self, first: int, last: int, column_px: int) -> None:
        """Keep what is near the visible messages `first` to `last`; O(1) while there are few."""
        if len(self.items) <= MAX_KEPT:
            return
        low, high = first - KEPT_AROUND, last + KEPT_AROUND
        for number in [number for number in self.items if not low <= number <= high]:
            item = self.items[number]
            if item.live:
                continue
            if item.unread is None:
                self._measured[number] = (column_px, tuple(row.height for row in item.rows))
            del self.items[number]
