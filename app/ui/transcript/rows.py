"""A row: one unit in its place within a message, with its gap, its inset and its box.

Invariant: `height` is whole pixels and an estimate until the row is measured at the width in use;
a row builds its unit only when it is measured, and never paints outside its height.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from app.ui.transcript.units.base import Unit

Build = Callable[[Unit | None], Unit]
"""Makes the unit, or brings the one it is given up to date and returns it."""


@dataclass(frozen=True, slots=True)
class Bar:
    """The bar beside a quotation; `joined` to that of the row above."""

    x: int
    joined: bool


@dataclass(frozen=True, slots=True)
class Marker:
    """What stands before a list item: a dot of its depth, a number, or a box to tick."""

    x: int
    width: int
    words: str = ""
    depth: int = 0
    task: bool | None = None
    small: bool = False


@dataclass(frozen=True, slots=True)
class Inset:
    """Room left free at the leading and trailing side, and what is painted there."""

    lead: int = 0
    trail: int = 0
    bars: tuple[Bar, ...] = ()
    marker: Marker | None = None
    rule_above: bool = False


NO_INSET = Inset()


@dataclass(frozen=True, slots=True)
class Box:
    """A ground behind neighbouring rows. Rows with the same `key` share one box.

    `hugging`: as wide as the unit says (a bubble), else as wide as the column.
    """

    key: object
    ground: str
    line: str = ""
    radius: int = 0
    hugging: bool = False


class Fold:
    """Rows that open and close together. `reveal` runs from 0 (closed) to 1 (open)."""

    __slots__ = ("is_open", "reveal")

    def __init__(self, is_open: bool) -> None:
        self.is_open = is_open
        self.reveal = 1.0 if is_open else 0.0

    def settle(self) -> None:
        self.reveal = 1.0 if self.is_open else 0.0


class Tally:
    """What many rows show together, kept up to date by them: nobody sums a long answer."""

    __slots__ = ("total",)

    def __init__(self) -> None:
        self.total = 0


class Row:
    """`height` counts gap, unit and the room below it. `shown` is less while a fold moves."""

    __slots__ = (
        "_clipped",
        "_height",
        "_tally",
        "below",
        "box",
        "build",
        "fold",
        "gap",
        "inset",
        "shown",
        "stale",
        "unit",
        "version",
        "width",
    )

    def __init__(
        self,
        build: Build,
        gap: int = 0,
        below: int = 0,
        inset: Inset = NO_INSET,
        box: Box | None = None,
        fold: Fold | None = None,
    ) -> None:
        self.build = build
        self.gap = gap
        self.below = below
        self.inset = inset
        self.box = box
        self.fold = fold
        self.unit: Unit | None = None
        self.stale = True
        self.width = -1
        self.version = 0
        """How often it was laid out."""
        self.shown = 0
        """The height that it takes now: nothing in a closed fold, a part while it moves."""
        self._height = 0
        self._clipped: int | None = None
        self._tally: Tally | None = None

    def count_in(self, tally: Tally | None) -> None:
        """From now on be part of this tally, or of none."""
        if self._tally is not None:
            self._tally.total -= self.shown
        if tally is not None:
            tally.total += self.shown
        self._tally = tally

    @property
    def height(self) -> int:
        return self._height

    @height.setter
    def height(self, height: int) -> None:
        self._height = height
        if self._clipped is None:
            self._show(height if self.is_open else 0)

    @property
    def clipped(self) -> int | None:
        """How much of it a moving fold shows; `None` when it does not move."""
        return self._clipped

    def clip(self, clipped: int | None) -> None:
        """Follow the fold, which has moved."""
        self._clipped = clipped
        if clipped is None:
            clipped = self._height if self.is_open else 0
        self._show(clipped)

    @property
    def is_open(self) -> bool:
        """Whether it is not hidden in a closed fold."""
        return self.fold is None or self.fold.reveal > 0.0

    def measure(self, width: int) -> int:
        """Build and lay out for the column's width; returns the height. Hidden rows wait."""
        if self.width == width and not self.stale:
            return self.shown
        if not self.is_open:
            return 0
        unit = self.built()
        inner = max(1, width - self.inset.lead - self.inset.trail)
        self.height = self.gap + unit.lay_out(inner) + self.below
        self.width = width
        self.version += 1
        return self.shown

    def built(self) -> Unit:
        """The unit, up to date but not laid out."""
        if self.stale or self.unit is None:
            self.unit = self.build(self.unit)
            self.stale = False
            self.width = -1
        return self.unit

    def left(self, column_px: int) -> int:
        """Where the unit begins; text from the right is inset from the right."""
        if self.unit is not None and self.unit.right_to_left:
            return self.inset.trail
        return self.inset.lead

    def mark_stale(self) -> None:
        self.stale = True
        self.width = -1

    def _show(self, height: int) -> None:
        if self._tally is not None:
            self._tally.total += height - self.shown
        self.shown = height


def reveal(rows: list[Row]) -> None:
    """Share out what an opening or closing fold shows of its rows, from the top."""
    whole = sum(row.height for row in rows)
    fold = rows[0].fold if rows else None
    if fold is None or fold.reveal in (0.0, 1.0):
        for row in rows:
            row.clip(None)
        return
    rest = round(whole * fold.reveal)
    for row in rows:
        row.clip(min(row.height, max(0, rest)))
        rest -= row.height


def fixed(unit: Unit, height: int, gap: int, box: Box | None = None) -> Row:
    """A row whose unit is made already; `height` is the first estimate of the unit's."""
    row = Row(lambda old: unit, gap, box=box)
    row.unit = unit
    row.stale = False
    row.height = gap + height
    return row
