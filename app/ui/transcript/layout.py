"""Which rows are visible and where: an anchor in a row, walked up and down to fill the viewport.

Invariant: what is read never moves by itself. The anchor names a row, so growing, folding or
estimates above or below it change nothing that is seen; content is never placed by the value of
the scroll bar, which only follows. Pixels are whole. Knows no widget.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from app.ui.transcript.height_index import HeightIndex
from app.ui.transcript.item import MessageItem
from app.ui.transcript.rows import Row

KEPT_AROUND = 20
"""Messages kept built on both sides of the visible ones."""
MAX_KEPT = 60
TAIL_PX = 24
"""Room below the last message."""


class Placed(NamedTuple):
    """A row in the viewport; `y` is its top, `height` what it shows."""

    item: int
    row: int
    y: int
    height: int


@dataclass(slots=True)
class Anchor:
    """The row at the top of the viewport and how many of its pixels are above it.

    `height` is what the row showed then, to find the place again at another width.
    """

    item: int = 0
    row: int = 0
    offset: int = 0
    height: int = 0


class Layout:
    """`make` builds the item of a message number; `item_source` is its text as it was written."""

    def __init__(
        self, make: Callable[[int], MessageItem], item_source: Callable[[int], str]
    ) -> None:
        self._make = make
        self.item_source = item_source
        self.index = HeightIndex()
        self.items: dict[int, MessageItem] = {}
        self.anchor = Anchor()
        self.follows = True
        self.column_px = 744
        self.viewport_px = 600
        self.placed: list[Placed] = []
        self._reflowed = False
        self._measured: dict[int, tuple[int, tuple[int, ...]]] = {}

    # Content -----------------------------------------------------------------------------

    def reset(self, heights: list[int]) -> None:
        """Other messages, with these estimated heights."""
        self.index = HeightIndex(heights)
        self.items.clear()
        self._measured.clear()
        self.anchor = Anchor()
        self.follows = True
        self.placed = []

    def replace_from(self, first: int, heights: list[int], keep: set[int]) -> None:
        """Messages from `first` on have changed; items of the numbers in `keep` stay built."""
        self.index.truncate(first)
        for at in [at for at in self.items if at >= first and at not in keep]:
            del self.items[at]
        for at in [at for at in self._measured if at >= first]:
            del self._measured[at]
        for number, height in enumerate(heights, first):
            item = self.items.get(number)
            self.index.append(height if item is None else item.height)
        if self.anchor.item >= len(self.index):
            self.anchor = Anchor(max(0, len(self.index) - 1), 0, 0)

    def item(self, number: int) -> MessageItem:
        found = self.items.get(number)
        if found is None:
            found = self.items[number] = self._make(number)
            width, heights = self._measured.get(number, (0, ()))
            if width == self.column_px and len(heights) == len(found.rows):
                for row, height in zip(found.rows, heights, strict=True):
                    row.height = height
        return found

    def forget_units(self) -> None:
        """Build everything again when it is next seen; places stay."""
        self.items.clear()
        self._measured.clear()
        self._reflowed = True

    def set_size(self, column_px: int, viewport_px: int) -> None:
        """The room there is, in logical pixels."""
        self._reflowed = self._reflowed or column_px != self.column_px
        self.column_px = column_px
        self.viewport_px = viewport_px

    @property
    def count(self) -> int:
        return len(self.index)

    @property
    def total_px(self) -> int:
        return self.index.total + TAIL_PX

    # Moving ------------------------------------------------------------------------------

    def scroll_by(self, pixels: int) -> None:
        """Move the content up by so many pixels, exactly; the ends hold."""
        self.anchor.offset += pixels
        if pixels < 0:
            self.follows = False

    def jump_to(self, y: int) -> None:
        """Go to a height of the whole, by estimates: for a dragged scroll bar."""
        self.follows = False
        number, rest = self.index.find(y)
        if not self.count:
            return
        self.show(number, 0, rest)

    def show(self, item: int, row: int = 0, offset: int = 0) -> None:
        """Put a row at the top of the viewport, `offset` pixels further."""
        self.follows = False
        self.anchor = Anchor(item, row, offset)

    def hold(self, item: int, row: int) -> None:
        """Anchor at a visible row, so that it stays where it is while others change."""
        for placed in self.placed:
            if (placed.item, placed.row) == (item, row):
                self.follows = False
                self.anchor = Anchor(item, row, -placed.y, placed.height)
                return

    def follow(self) -> None:
        self.follows = True

    def value(self) -> int:
        """The pixels above the viewport, estimated where nothing was measured."""
        anchor = self.anchor
        if not self.count:
            return 0
        above = self.index.top(anchor.item)
        item = self.items.get(anchor.item)
        if item is not None:
            above += sum(row.shown for row in item.rows[: anchor.row])
        return above + anchor.offset

    # Placing -----------------------------------------------------------------------------

    def place(self) -> list[Placed]:
        """Measure what is visible and return it from top to bottom; cost: what is visible."""
        self.placed = []
        if not self.count:
            return self.placed
        touched: set[int] = set()
        if self.follows:
            self._place_from_end(touched)
        else:
            self._clamp_anchor()
            ended, bottom = self._place_from_anchor(touched)
            if ended and bottom + TAIL_PX <= self.viewport_px:
                self._place_from_end(touched)
                self.follows = True
        self._note_heights(touched)
        if self.placed:
            first = self.placed[0]
            self.anchor = Anchor(first.item, first.row, -first.y, first.height)
        self._reflowed = False
        self._evict()
        return self.placed

    def placed_row(self, placed: Placed) -> Row:
        return self.items[placed.item].rows[placed.row]

    def note_height(self, number: int) -> None:
        """A built message has grown or shrunk."""
        item = self.items.get(number)
        if item is not None and number < len(self.index):
            self.index.set(number, item.height)

    # Inside ------------------------------------------------------------------------------

    def _measure(self, item: int, row: int, touched: set[int]) -> int:
        touched.add(item)
        return self.item(item).rows[row].measure(self.column_px)

    def _clamp_anchor(self) -> None:
        anchor = self.anchor
        anchor.item = min(max(0, anchor.item), self.count - 1)
        rows = self.item(anchor.item).rows
        anchor.row = min(max(0, anchor.row), len(rows) - 1)
        if self._reflowed and anchor.height and anchor.offset > 0:
            height = rows[anchor.row].measure(self.column_px)
            anchor.offset = round(anchor.offset * height / anchor.height)

    def _before(self, item: int, row: int) -> tuple[int, int] | None:
        if row > 0:
            return item, row - 1
        if item == 0:
            return None
        return item - 1, len(self.item(item - 1).rows) - 1

    def _after(self, item: int, row: int) -> tuple[int, int] | None:
        if row + 1 < len(self.item(item).rows):
            return item, row + 1
        return (item + 1, 0) if item + 1 < self.count else None

    def _place_from_anchor(self, touched: set[int]) -> tuple[bool, int]:
        """Place downwards; whether the end was reached, and where the content ends."""
        at: tuple[int, int] | None = (self.anchor.item, self.anchor.row)
        assert at is not None
        y = -self.anchor.offset
        while y > 0:
            above = self._before(*at)
            if above is None:
                y = 0
                break
            at = above
            y -= self._measure(*at, touched)
        ended = False
        while True:
            height = self._measure(*at, touched)
            if y + height > 0 and height:
                self.placed.append(Placed(*at, y, height))
            y += height
            below = self._after(*at)
            if below is None:
                ended = True
                break
            if y >= self.viewport_px:
                break
            at = below
        return ended, y

    def _place_from_end(self, touched: set[int]) -> None:
        """Place upwards from the end of the last message; short content stands at the top."""
        found: list[Placed] = []
        item = self.count - 1
        at: tuple[int, int] | None = (item, len(self.item(item).rows) - 1)
        y = self.viewport_px - TAIL_PX
        while at is not None and y > 0:
            height = self._measure(*at, touched)
            y -= height
            if height:
                found.append(Placed(*at, y, height))
            at = self._before(*at)
        found.reverse()
        if y > 0:
            found = [placed._replace(y=placed.y - y) for placed in found]
        self.placed = found

    def _note_heights(self, touched: set[int]) -> None:
        for number in touched:
            self.index.set(number, self.items[number].height)

    def _evict(self) -> None:
        if len(self.items) <= MAX_KEPT or not self.placed:
            return
        low = self.placed[0].item - KEPT_AROUND
        high = self.placed[-1].item + KEPT_AROUND
        for number in [n for n in self.items if not low <= n <= high]:
            item = self.items[number]
            if not item.live:
                self._measured[number] = (self.column_px, tuple(row.height for row in item.rows))
                del self.items[number]
