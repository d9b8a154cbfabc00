"""Leaves of the render tree as rows: their gaps, their insets, their first height.

Invariant: one row a leaf, several for a table with many rows; rows before the first changed leaf
stay the same objects. A leaf that changed makes its row stale, nothing is built here.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from app.markdown.tree import Footnote, Item, Kind, Leaf, Quote
from app.ui.transcript.leaf_units import LeafUnits
from app.ui.transcript.rows import Bar, Box, Fold, Inset, Marker, Row, Tally
from app.ui.transcript.units.grid import ROWS_PER_PIECE, Columns, GridUnit

BULLET_INDENT_PX = 22
NUMBER_INDENT_PX = 28
QUOTE_INDENT_PX = 18
AVERAGE_CHAR_PX = 7.0
BLOCK_GAP_PX = 12
ITEM_GAP_PX = 2
HEADING_GAP_PX = 22
MOST_INDENT_PX = 300
"""What is nested deeper stands no further in: words need room."""


@dataclass(frozen=True, slots=True)
class Frame:
    """What the rows of a section have in common: their place in a box, and their fold."""

    lead: int = 0
    trail: int = 0
    box: Box | None = None
    fold: Fold | None = None


class LeafRows:
    """The rows of one document's leaves, in order. `sync` follows the document."""

    def __init__(self, units: LeafUnits, frame: Frame) -> None:
        self._units = units
        self._style = units.style
        self._frame = frame
        self._leaves: list[Leaf] = []
        self._starts: list[int] = []
        self._tally = Tally()
        self.rows: list[Row] = []

    @property
    def height(self) -> int:
        """What all rows show together. O(1)."""
        return self._tally.total

    def sync(self, leaves: Sequence[Leaf], first_dirty: int, late: Sequence[int] = ()) -> None:
        """Take over the leaves from `first_dirty` on, and the `late` ones; O(what changed)."""
        for at in late:
            if at < min(first_dirty, len(self._starts)):
                self._mark_stale(at)
        first_dirty = min(first_dirty, len(self._leaves), len(leaves))
        old_leaves = self._leaves[first_dirty:]
        starts = [*self._starts[first_dirty:], len(self.rows)]
        first_row = starts[0]
        old_rows = self.rows[first_row:]
        for row in old_rows:
            row.count_in(None)
        del self.rows[first_row:], self._leaves[first_dirty:], self._starts[first_dirty:]
        for at in range(first_dirty, len(leaves)):
            leaf = leaves[at]
            before = leaves[at - 1] if at else None
            number = at - first_dirty
            mine: Sequence[Row] = ()
            if number < len(old_leaves) and old_leaves[number].kind is leaf.kind:
                mine = old_rows[starts[number] - first_row : starts[number + 1] - first_row]
            self._starts.append(len(self.rows))
            self._leaves.append(leaf)
            self.rows += self._rows(leaf, before, mine)
        for row in self.rows[first_row:]:
            row.count_in(self._tally)

    def _mark_stale(self, at: int) -> None:
        end = self._starts[at + 1] if at + 1 < len(self._starts) else len(self.rows)
        for row in self.rows[self._starts[at] : end]:
            row.mark_stale()

    def leaf_at(self, row: int) -> tuple[Leaf, int, int]:
        """The leaf of a row, its first and its last row; rows count within this section."""
        at = bisect_right(self._starts, row) - 1
        end = self._starts[at + 1] if at + 1 < len(self._starts) else len(self.rows)
        return self._leaves[at], self._starts[at], end - 1

    def footnote_row(self, label: str) -> int | None:
        """The row where the footnote `label` begins."""
        for start, leaf in zip(self._starts, self._leaves, strict=True):
            note = _footnote(leaf)
            if note is not None and note.label == label:
                return start
        return None

    def _rows(self, leaf: Leaf, before: Leaf | None, old: Sequence[Row]) -> list[Row]:
        gap = self._gap(leaf, before)
        inset = self._inset(leaf, before)
        if leaf.kind is Kind.TABLE:
            return self._table(leaf, gap, inset, old)
        build = partial(self._units.make, leaf)
        if old:
            row = old[0]
            row.build, row.inset = build, inset
            row.height += gap - row.gap
            row.gap = gap
            row.mark_stale()
            return [row]
        row = Row(build, gap, 0, inset, self._frame.box, self._frame.fold)
        row.height = gap + self._estimate(leaf)
        return [row]

    def _table(self, leaf: Leaf, gap: int, inset: Inset, old: Sequence[Row]) -> list[Row]:
        kept = next((row.unit for row in old if isinstance(row.unit, GridUnit)), None)
        columns = kept.columns if kept is not None else Columns(self._style, leaf.align)
        count = max(1, -(-len(leaf.rows) // ROWS_PER_PIECE))
        found: list[Row] = []
        for piece in range(count):
            last = piece == count - 1
            if piece < len(old) - 1:
                found.append(old[piece])  # a full piece does not change any more
                continue
            build = partial(self._units.make_grid, leaf, piece, columns, last)
            if piece < len(old):
                row = old[piece]
                row.build = build
                row.mark_stale()
            else:
                frame = self._frame
                row = Row(build, 0 if piece else gap, 0, inset, frame.box, frame.fold)
                rows = min(ROWS_PER_PIECE, len(leaf.rows) - piece * ROWS_PER_PIECE)
                row.height = row.gap + (rows + (piece == 0)) * self._style.px(34)
            found.append(row)
        return found

    def _estimate(self, leaf: Leaf) -> int:
        style = self._style
        match leaf.kind:
            case Kind.CODE:
                return style.px(34 + 21) + len(leaf.lines) * style.code.line_px
            case Kind.RULE:
                return style.px(9)
            case Kind.MATH:
                return style.px(24) * max(1, len(leaf.lines))
            case _:
                line = self._units.face(leaf).line_px
                room = style.theme.column_px / (AVERAGE_CHAR_PX * style.scale)
                return line * (1 + int(sum(map(len, leaf.lines)) / room))

    def _gap(self, leaf: Leaf, before: Leaf | None) -> int:
        px = self._style.px
        if before is None or leaf.glue is not None:
            return 0
        item, item_before = _items(leaf), _items(before)
        quiet = self._frame.fold is not None
        if _footnote(leaf) and _footnote(before) != _footnote(leaf):
            return px(6 if _footnote(before) else 24)
        if leaf.kind is Kind.HEADING:
            return px(10 if quiet else HEADING_GAP_PX)
        if before.kind is Kind.HEADING:
            return px(2 if quiet else 8)
        if item and item_before and item[0].list_id == item_before[0].list_id:
            if leaf.tight:
                words = Kind.PARAGRAPH
                return px(ITEM_GAP_PX if leaf.kind is words and before.kind is words else 8)
            return px(8)
        if quiet and _is_title(before):
            return 0
        if item and before.kind is Kind.PARAGRAPH:
            return px(8)
        return px(8 if quiet else BLOCK_GAP_PX)

    def _inset(self, leaf: Leaf, before: Leaf | None) -> Inset:
        px = self._style.px
        lead = self._frame.lead
        bars: list[Bar] = []
        marker: Marker | None = None
        depth = 0
        most = lead + px(MOST_INDENT_PX)
        shared = before.context if before is not None else ()
        for at, container in enumerate(leaf.context):
            match container:
                case Quote():
                    bars.append(Bar(lead, at < len(shared) and shared[at] == container))
                    lead = min(lead + px(QUOTE_INDENT_PX), most)
                case Item():
                    wide = px(NUMBER_INDENT_PX if container.ordered else BULLET_INDENT_PX)
                    if container.marker is not None:
                        words = container.marker if container.ordered else ""
                        marker = Marker(lead, wide, words, depth, container.task)
                    lead = min(lead + wide, most)
                    depth += 1
                case Footnote(_, _, number):
                    wide = px(BULLET_INDENT_PX)
                    if _footnote(before) != container:
                        words = f"{number}." if number else "*"
                        marker = Marker(lead, wide, words, small=True)
                    lead += wide
        rule = _footnote(leaf) is not None and before is not None and _footnote(before) is None
        return Inset(lead, self._frame.trail, tuple(bars), marker, rule)


def _items(leaf: Leaf) -> list[Item]:
    return [container for container in leaf.context if isinstance(container, Item)]


def _is_title(leaf: Leaf) -> bool:
    """A paragraph that is all bold: how thoughts are titled."""
    text = leaf.text.strip()
    return leaf.kind is Kind.PARAGRAPH and text.startswith("**") and text.endswith("**")


def _footnote(leaf: Leaf | None) -> Footnote | None:
    if leaf is None:
        return None
    return next((c for c in leaf.context if isinstance(c, Footnote)), None)
