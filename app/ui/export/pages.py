"""A chat cut into pages: the rows of the transcript, laid out at the width of a sheet.

Invariant: nothing is lost between two pages: a row that does not fit goes on at the next line, one
that has no lines goes to the next sheet. What is drawn in threads (formulas, pictures, colours) is
waited for, never printed without. What stands beside a person at work (buttons) is not on paper.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from PySide6.QtCore import QObject, QRect
from PySide6.QtGui import QPainter, QRegion

from app.domain.path import Path
from app.ui.export.readiness import ready
from app.ui.theme import Theme
from app.ui.transcript.choices import Choices, Key
from app.ui.transcript.feed import Feed
from app.ui.transcript.geometry import Geometry
from app.ui.transcript.layout import Placed
from app.ui.transcript.painter import Pointed, paint_rows
from app.ui.transcript.rows import Row
from app.ui.transcript.surroundings import Means, Style, surroundings

COLUMN_PX = 680
"""The width of a sheet's text in pixels of the design: 14 of them are about 10 points."""
LEAST_PX = 60
"""A row is not cut for less than this at the lower edge."""


class PaperChoices(Choices):
    """Paper cannot be scrolled: long lines of code are wrapped."""

    def wrapped(self, key: Key) -> bool:
        return True


@dataclass(frozen=True, slots=True)
class Page:
    """What stands on one sheet; `bottom` is where it is cut."""

    placed: tuple[Placed, ...]
    bottom: int


class Pages:
    """The pages of some messages, each of them made when it is asked for."""

    def __init__(
        self,
        theme: Theme,
        means: Means,
        messages: Path,
        parent: QObject,
    ) -> None:
        """`theme`: of the palette that is printed, which should be the light one."""
        around = replace(
            surroundings(theme, means, parent),
            style=Style(theme, paged=True),
            choices=PaperChoices(),
        )
        self._feed = Feed(around, lambda: 0.0, date.today)
        self._layout = self._feed.layout
        self._layout.set_size(COLUMN_PX, COLUMN_PX)
        self._feed.fill(messages)
        self._geometry = Geometry(self._layout)

    @property
    def style(self) -> Style:
        return self._feed.around.style

    def pages(self, first_px: int, height_px: int) -> Iterator[Page | None]:
        """All pages; the first one has less room. `None`: ask again in a moment."""
        placed: list[Placed] = []
        room, y = first_px, 0
        for number in range(self._layout.count):
            item = self._layout.item(number)
            while item.unread is not None:
                self._layout.read_on(number)
                yield None
            for at in range(len(item.rows)):
                row = item.rows[at]
                yield from ready(row, self._feed.around, COLUMN_PX)
                height, done = row.shown, 0
                while height - done > room - y:
                    cut = _cut(row, done + room - y) if room - y >= LEAST_PX else 0
                    if cut <= done and (y == 0 or not placed):
                        cut = done + room  # higher than a sheet, and without lines
                    if cut > done:
                        placed.append(Placed(number, at, y - done, height))
                        yield Page(tuple(placed), y + cut - done)
                        placed, done = [], cut
                    else:
                        kept = self._held_back(placed)
                        yield Page(tuple(placed[: len(placed) - len(kept)]), y)
                        placed, y = _moved_up(kept)
                        room = height_px
                        continue
                    room, y = height_px, 0
                if height > done:
                    placed.append(Placed(number, at, y - done, height))
                    y += height - done
            held = {each.item for each in placed}
            for gone in [n for n in self._layout.items if n not in held]:
                del self._layout.items[gone]
        if placed:
            yield Page(tuple(placed), y)

    def paint(self, painter: QPainter, page: Page) -> None:
        """Paint a page that was just made, its text at the origin."""
        self._layout.placed = [*page.placed]
        # A line that begins just below belongs to the next page.
        region = QRegion(QRect(0, 0, COLUMN_PX, page.bottom - 1))
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setClipRect(QRect(-4, 0, COLUMN_PX + 8, page.bottom))
        args = (painter, self._layout, self._geometry, self.style)
        paint_rows(*args, lambda placed: (), Pointed(), region)
        painter.restore()
        self._layout.placed = []

    # Inside ------------------------------------------------------------------------------

    def _held_back(self, placed: Sequence[Placed]) -> Sequence[Placed]:
        """The last rows of a page that head what is on the next one."""
        at = len(placed)
        while at > 1 and self._layout.placed_row(placed[at - 1]).built().heads:
            at -= 1
        return placed[at:]


def _moved_up(rows: Sequence[Placed]) -> tuple[list[Placed], int]:
    """Rows at the top of a new page, and where they end."""
    if not rows:
        return [], 0
    by = rows[0].y
    moved = [placed._replace(y=placed.y - by) for placed in rows]
    return moved, moved[-1].y + moved[-1].height


def _cut(row: Row, limit: int) -> int:
    """Where a row may be cut above `limit`: at the top of a line; 0 where it has none."""
    inside = limit - row.gap
    top = int(row.built().break_above(inside)) if inside > 0 else 0
    return row.gap + top if top > 0 else 0
