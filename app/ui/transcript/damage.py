"""What has to be painted again after the rows were placed anew, and how far the rest has moved.

Invariant: a row counts as unchanged only where it is the same row, laid out as before, or the part
of it above what its unit changed; all else is painted. Whatever changes the look of a row without
laying it out again asks for the whole view to be painted, and does not come here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from app.ui.transcript.layout import Layout
from app.ui.transcript.rows import Row


class _Seen(NamedTuple):
    y: int
    height: int
    version: int


@dataclass(frozen=True, slots=True)
class Changes:
    """`moved`: so many pixels down; then `kept` holds what is right, from top to bottom."""

    moved: int
    kept: tuple[tuple[int, int], ...]

    def gaps(self, height: int) -> Iterator[tuple[int, int]]:
        """The stretches of a view `height` pixels high that are to be painted."""
        at = 0
        for top, bottom in self.kept:
            if top > at:
                yield at, min(top, height)
            at = max(at, bottom)
        if at < height:
            yield at, height


class Damage:
    """Remembers the last placing."""

    def __init__(self) -> None:
        self._frame: Hashable = None
        self._seen: dict[Row, _Seen] = {}
        self._caret: tuple[Row, int] | None = None
        """The row with the caret of an answer, and the caret's top in it."""

    def compare(self, frame: Hashable, layout: Layout) -> Changes | None:
        """What changed since the last call; `None`: paint everything.

        `frame` is all that every row's look depends on: another one changes them all.
        """
        old_caret, self._caret = self._caret, _caret(layout)
        now = {
            row: _Seen(placed.y, placed.height, row.version)
            for placed in layout.placed
            if (row := layout.placed_row(placed)).unit is not None
        }
        same = frame == self._frame
        before, self._seen, self._frame = self._seen, now, frame
        carets = [caret for caret in (old_caret, self._caret) if caret is not None]
        if not same:
            return None
        shifts: Counter[int] = Counter()
        for row, seen in now.items():
            if (was := before.get(row)) is not None:
                shifts[seen.y - was.y] += seen.height
        if not shifts:
            return None
        # Where a row between has grown or shrunk, the larger part is moved and the other painted.
        moved = max(shifts, key=shifts.__getitem__)
        kept: list[tuple[int, int]] = []
        for row, seen in now.items():
            was = before.get(row)
            if was is None or seen.y - was.y != moved:
                continue
            same_px = min(
                (top for with_caret, top in carets if with_caret is row),
                default=seen.height,
            )
            same_px = min(same_px, _same_px(row, was, seen))
            if same_px > 0:
                kept.append((seen.y, seen.y + same_px))
        return Changes(moved, tuple(kept))


def _same_px(row: Row, was: _Seen, now: _Seen) -> int:
    """The pixels from the top of a row that look as before."""
    if (was.height, was.version) == (now.height, now.version):
        return now.height
    if row.unit is None or row.clipped is not None or was.version + 1 != now.version:
        return 0
    kept_px = row.unit.kept_px
    return min(row.gap + kept_px, was.height, now.height) if kept_px else 0


def _caret(layout: Layout) -> tuple[Row, int] | None:
    """The row at whose end the caret of an answer is painted, if it is to be seen."""
    last = layout.placed[-1] if layout.placed else None
    item = layout.items[last.item] if last is not None else None
    if item is None or not item.live:
        return None
    row = item.rows[item.caret_row]
    if row.unit is None:
        return None
    return row, row.gap + int(row.unit.caret(row.unit.length()).top())
