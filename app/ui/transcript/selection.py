"""What is selected: two places in the transcript, and the text between them.

Invariant: a place names a message, a row and an offset, so the selection survives scrolling,
resizing and text that streams in below it. Rows that show no text take no part.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from PySide6.QtCore import QTextBoundaryFinder

from app.ui.transcript.flow import char_index, utf16_length, utf16_offset
from app.ui.transcript.layout import Layout

END = 1 << 40
"""An offset beyond any text: the end of the row."""


class Position(NamedTuple):
    """A place between two characters; ordered as it is read. `offset` counts as Qt does."""

    item: int
    row: int
    offset: int


@dataclass(slots=True)
class Selection:
    """`anchor` stays, `head` follows the pointer or the keys; equal places select nothing."""

    anchor: Position | None = None
    head: Position | None = None

    @property
    def is_empty(self) -> bool:
        return self.anchor is None or self.anchor == self.head

    def clear(self) -> None:
        self.anchor = self.head = None

    def start_at(self, place: Position) -> None:
        self.anchor = self.head = place

    def extend_to(self, place: Position) -> None:
        if self.anchor is None:
            self.anchor = place
        self.head = place

    def set(self, anchor: Position, head: Position) -> None:
        self.anchor, self.head = anchor, head

    def ends(self) -> tuple[Position, Position] | None:
        """The first and the last place, in reading order; `None` when nothing is selected."""
        if self.anchor is None or self.head is None or self.anchor == self.head:
            return None
        first, last = sorted((self.anchor, self.head))
        return first, last

    def within(self, item: int, row: int) -> tuple[int, int] | None:
        """The selected range of a row; its end may lie beyond the row's text."""
        ends = self.ends()
        if ends is None:
            return None
        first, last = ends
        if not first[:2] <= (item, row) <= last[:2]:
            return None
        low = first.offset if (item, row) == first[:2] else 0
        high = last.offset if (item, row) == last[:2] else END
        return (low, high) if high > low else None

    def drop_from(self, item: int) -> None:
        """Messages from `item` on are others now: forget a selection that reaches them."""
        ends = self.ends()
        if (ends is not None and ends[1].item >= item) or (
            self.head is not None and self.head.item >= item
        ):
            self.clear()


def word_at(layout: Layout, place: Position) -> tuple[Position, Position]:
    """The word around a place; a formula or a lone mark is one too."""
    unit = layout.whole_item(place.item).rows[place.row].unit
    text = unit.text if unit is not None else ""
    finder = QTextBoundaryFinder(QTextBoundaryFinder.BoundaryType.Word, text)
    finder.setPosition(place.offset)
    at_start = finder.isAtBoundary() and place.offset < utf16_length(text)
    start = place.offset if at_start else max(0, finder.toPreviousBoundary())
    finder.setPosition(start)
    end = finder.toNextBoundary()
    if end < 0:
        end = utf16_length(text)
    return place._replace(offset=start), place._replace(offset=end)


def line_at(layout: Layout, place: Position) -> tuple[Position, Position]:
    """The paragraph around a place: a line of code, else the whole row."""
    unit = layout.whole_item(place.item).rows[place.row].unit
    text = unit.text if unit is not None else ""
    index = char_index(text, place.offset)
    start = text.rfind("\n", 0, index) + 1
    end = text.find("\n", index)
    end = len(text) if end < 0 else end
    return (
        place._replace(offset=utf16_offset(text, start)),
        place._replace(offset=utf16_offset(text, end)),
    )


def everything(layout: Layout) -> tuple[Position, Position]:
    """The places before the first and after the last character of the transcript."""
    return Position(0, 0, 0), Position(max(0, layout.count - 1), END, END)
