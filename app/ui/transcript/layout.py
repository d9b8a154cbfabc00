"""Which rows are visible and where: an anchor in a row, walked up and down to fill the viewport.

Invariant: what is read never moves by itself. The anchor names a row, so growing, folding or
estimates above or below it change nothing that is seen; content is never placed by the value of
the scroll bar, which only follows. Pixels are whole. Knows no widget.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from app.ui.transcript.built import Built
from app.ui.transcript.estimate import Estimate
from app.ui.transcript.height_index import HeightIndex
from app.ui.transcript.item import MessageItem
from app.ui.transcript.rows import Row

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

    def settle(self, rows: Sequence[Row]) -> None:
        """Go down `rows` by what they are high so far, to the row that the offset leads to."""
        while self.row + 1 < len(rows) and self.offset >= rows[self.row].shown:
            self.offset -= rows[self.row].shown
            self.row += 1


class Layout:
    """`make` builds the item of a message number; `item_source` is its text as it was written."""

    def __init__(
        self, make: Callable[[int], MessageItem], item_source: Callable[[int], str]
    ) -> None:
        self.item_source = item_source
        self.index = HeightIndex()
        self._built = Built(make)
        self.items = self._built.items
        self.anchor = Anchor()
        self.follows = True
        self.column_px = 744
        self.viewport_px = 600
        self.placed: list[Placed] = []
        self._reflowed = False
        self._sought: Anchor | None = None

    # Content -----------------------------------------------------------------------------

    def reset(self, estimate: Estimate) -> None:
        """Other messages, with these estimated heights."""
        heights, before, each = estimate
        self.index = HeightIndex(heights, before=before, each=each)
        self._built.clear()
        self.anchor = Anchor()
        self._sought = None
        self.follows = True
        self.placed = []

    def replace_from(self, first: int, estimate: Estimate) -> None:
        """Messages from `first` on are others now."""
        self.index.truncate(first)
        self.index.grow(estimate.before, estimate.each)
        for height in estimate.heights:
            self.index.append(height)
        self._built.drop_from(first)
        if self.anchor.item >= len(self.index):
            self.anchor = Anchor(max(0, len(self.index) - 1), 0, 0)

    def item(self, number: int) -> MessageItem:
        return self._built.item(number, self.column_px)

    def whole_item(self, number: int) -> MessageItem:
        """The item, read to its end: for what needs all rows at once."""
        item = self.item(number)
        if item.unread is not None:
            self.read_on(number, whole=True)
        return item

    def read_on(self, number: int, *, whole: bool = False) -> None:
        """Read another slice of a long message, or all; what is seen stays where it is."""
        self._read_slice(number)
        while whole and self.items[number].unread is not None:
            self._read_slice(number)
        self.note_height(number)
        if any(placed.item == number for placed in self.placed):
            self.place()

    def _read_slice(self, number: int) -> None:
        item = self.items[number]
        at_rest = (self.anchor.item, self.anchor.row) == (number, item.rest_row)
        if at_rest and not self.follows and len(self.placed) > 1:
            self.hold(self.placed[1].item, self.placed[1].row)
        first, by = item.read_on()
        anchor = self.anchor
        if number == anchor.item:
            if anchor.row > first:
                anchor.row += by
            elif anchor.row == first:
                anchor.settle(item.rows)
        if item.unread is None:
            self._built.recall(number, self.column_px)
            if self._sought is not None and self._sought.item == number:
                self.anchor, self._sought = self._sought, None

    def forget_units(self) -> None:
        """Build everything again when it is next seen; places stay."""
        self._built.clear()
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
        self._sought = None
        self.anchor.offset += pixels
        if pixels < 0:
            self.follows = False

    def jump_to(self, y: int) -> None:
        """Go to a height of the whole, by estimates: for a dragged scroll bar."""
        number, rest = self.index.find(y)
        if self.count:
            self.show(number, 0, rest)
            self.anchor.settle(self.item(number).rows)

    def show(self, item: int, row: int = 0, offset: int = 0) -> None:
        """Put a row at the top of the viewport, `offset` pixels further."""
        self.follows = False
        self.anchor = Anchor(item, row, offset)
        self._sought = Anchor(item, row, offset) if row else None

    def hold(self, item: int, row: int) -> None:
        """Anchor at a visible row, so that it stays where it is while others change."""
        for placed in self.placed:
            if (placed.item, placed.row) == (item, row):
                self.follows = False
                self._sought = None
                self.anchor = Anchor(item, row, -placed.y, placed.height)
                return

    def follow(self) -> None:
        self.follows = True
        self._sought = None

    def value(self) -> int:
        """The pixels above the viewport, estimated where nothing was measured."""
        anchor = self.anchor
        if not self.count:
            return 0
        if self.follows:
            return max(0, self.total_px - self.viewport_px)
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
        for number in touched:
            self.index.set(number, self.items[number].height)
        if self.placed:
            first = self.placed[0]
            self.anchor = Anchor(first.item, first.row, -first.y, first.height)
            self._built.drop_far(first.item, self.placed[-1].item, self.column_px)
        self._reflowed = False
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
        item = self.item(anchor.item)
        rows = item.rows
        if item.unread is None:
            self._sought = None
        elif self._sought is not None and anchor.row >= item.rest_row:
            anchor.row, anchor.offset = item.rest_row, 0  # until the row sought is read
        anchor.row = min(max(0, anchor.row), len(rows) - 1)
        if self._reflowed and anchor.height and anchor.offset > 0:
            height = rows[anchor.row].measure(self.column_px)
            anchor.offset = round(anchor.offset * height / anchor.height)

    def _beside(self, item: int, row: int, by: int) -> tuple[int, int] | None:
        """The row below (`by` 1) or above (-1); `None` beyond both ends."""
        if 0 <= row + by < len(self.item(item).rows):
            return item, row + by
        if not 0 <= item + by < self.count:
            return None
        return item + by, 0 if by > 0 else len(self.item(item - 1).rows) - 1

    def _place_from_anchor(self, touched: set[int]) -> tuple[bool, int]:
        """Place downwards; whether the end was reached, and where the content ends."""
        at: tuple[int, int] | None = (self.anchor.item, self.anchor.row)
        assert at is not None
        y = -self.anchor.offset
        while y > 0:
            above = self._beside(*at, -1)
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
            below = self._beside(*at, 1)
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
            at = self._beside(*at, -1)
        found.reverse()
        if y > 0:
            found = [placed._replace(y=placed.y - y) for placed in found]
        self.placed = found
