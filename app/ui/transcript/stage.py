"""Everything that is on the screen of a transcript: layout, places, buttons, marks, painting.

Invariant: `arrange` measures and moves, `paint` only paints what was arranged. Knows no scroll
bar and no keys; whoever moves the content says so to the layout and arranges again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

from PySide6.QtCore import QObject, QPointF, Signal
from PySide6.QtGui import QColor, QPainter, QRegion
from PySide6.QtWidgets import QWidget

from app.ui.theme import Theme
from app.ui.transcript.damage import Damage
from app.ui.transcript.feed import Feed
from app.ui.transcript.find import Finder, FoundAt, Searched, shares_of
from app.ui.transcript.geometry import Geometry
from app.ui.transcript.idle import Idle
from app.ui.transcript.layout import Placed
from app.ui.transcript.overlay import Overlay
from app.ui.transcript.painter import Pointed, paint_rows
from app.ui.transcript.reasoning import ReasoningSection
from app.ui.transcript.selection import Selection
from app.ui.transcript.surroundings import Means, Style, surroundings

MARGIN_PX = 24
NARROW_MARGIN_PX = 14
NARROW_PX = 520
MOST_MARKS = 3_000
BEYOND_CHARS = 200
"""A find may begin so far before what is in sight."""


class Stage(QObject):
    """`feed.layout` says what is where; `changed` asks for another `arrange`, and to paint all.

    `remade` asks for another `arrange`, too, which finds by itself what has to be painted.
    """

    changed = Signal()
    remade = Signal()

    def __init__(
        self,
        theme: Theme,
        viewport: QWidget,
        means: Means,
        clock: Callable[[], float],
    ) -> None:
        super().__init__(viewport)
        self.theme = theme
        self._viewport = viewport
        around = surroundings(theme, means, self)
        self.feed = Feed(around, clock, date.today)
        self.layout = self.feed.layout
        self.geometry = Geometry(self.layout)
        self.selection = Selection()
        self.finder = Finder(self._rows_to_search, self)
        self.overlay = Overlay(theme, viewport, self.message_id)
        self.idle = Idle(self.layout, around.lexers, self._repaint, self.changed.emit)
        self.pointed = Pointed()
        self._damage = Damage()
        self.at_hand: int | None = None
        around.formulas.ready.connect(self._on_formula_ready)
        around.vectors.ready.connect(self._on_formula_ready)
        around.pictures.ready.connect(self._on_picture_ready)
        around.remote.changed.connect(self._on_remote_changed)

    @property
    def style(self) -> Style:
        return self.feed.around.style

    def message_id(self, number: int) -> str:
        messages = self.feed.messages
        return messages[number].id if 0 <= number < len(messages) else ""

    def number_of(self, message_id: str) -> int | None:
        """The number of a message."""
        return self.feed.messages.number_of(message_id)

    def clear(self) -> None:
        """Another chat comes: nothing is selected, found or at hand any more."""
        self.selection.clear()
        self.finder.search("", (), 0)
        self.overlay.clear()
        self.pointed.row = self.pointed.link = self.pointed.message = None
        self.at_hand = None

    def step_message(self, by: int) -> int | None:
        """The message after or before the one that the keyboard is at."""
        if not self.layout.count or not self.layout.placed:
            return None
        at = self.pointed.message
        if at is None:
            at = self.layout.placed[0].item - (1 if by > 0 else 0)
        self.pointed.message = min(max(0, at + by), self.layout.count - 1)
        return self.pointed.message

    def restyle(self) -> None:
        """Other colours or another text size: everything visible is built again."""
        around = self.feed.around.restyled()
        if around is not self.feed.around:
            self.feed.around = around
            self.overlay.clear()
            self.layout.forget_units()

    def arrange(self) -> None:
        """Measure and place what is visible. Cost: what is visible."""
        width, height = self._viewport.width(), self._viewport.height()
        margin = MARGIN_PX if width > NARROW_PX else NARROW_MARGIN_PX
        column = max(80, min(self.theme.column_px, width - 2 * margin))
        self.layout.set_size(column, height)
        # In the middle of the whole view: a scroll bar that comes must not move the text.
        view = self._viewport.parentWidget()
        whole = max(width, view.width()) if view is not None else width
        self.geometry.left_px = max(0, min((whole - column) // 2, width - column))
        self.layout.place()

    def read_on(self) -> None:
        """Of a long message that is not read where it is to be seen, read another slice."""
        for placed in self.layout.placed:
            item = self.layout.items[placed.item]
            if item.unread is not None and placed.row == item.rest_row:
                self.layout.read_on(placed.item)
                self.changed.emit()
                return

    def place_buttons(self) -> None:
        """Put the real buttons where the arrangement has them; not while painting."""
        self.overlay.sync(self.layout, self.geometry, self.at_hand)

    def show_arranged(self, *, whole: bool) -> None:
        """Have painted what the last arrangement changed, or the `whole` view."""
        viewport = self._viewport
        frame = (viewport.size(), self.geometry.left_px, self.layout.column_px, self.style)
        changes = self._damage.compare(frame, self.layout)
        if whole or changes is None or self.pointed.message is not None:
            viewport.update()
            return
        if changes.moved:
            viewport.scroll(0, changes.moved)
        for top, bottom in changes.gaps(viewport.height()):
            self._repaint(top, bottom - top)

    def paint(self, painter: QPainter, region: QRegion) -> None:
        painter.fillRect(region.boundingRect(), self.style.color("window"))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        marks, pointed = self._marks, self.pointed
        paint_rows(painter, self.layout, self.geometry, self.style, marks, pointed, region)

    def point_at(self, at: QPointF) -> None:
        """The pointer is here: which row and which message are at hand."""
        hit = self.geometry.over(at)
        row = (hit.placed.item, hit.placed.row) if hit is not None else None
        near = self.geometry.hit(at) if at.y() >= 0 else None
        at_hand = near.placed.item if near is not None else None
        if row != self.pointed.row:
            self.pointed.row = row
            self._viewport.update()
        if at_hand != self.at_hand:
            self.at_hand = at_hand
            self.overlay.set_at_hand(at_hand)

    # Inside ------------------------------------------------------------------------------

    def show_hit(self, hit: FoundAt) -> None:
        """Bring a find into sight, a third below the top, its reasoning opened."""
        layout = self.layout
        item = layout.whole_item(hit.item)
        found = item.section_of(hit.row)
        if found is not None and isinstance(found[0], ReasoningSection):
            found[0].unfold()
        row = item.rows[hit.row]
        row.measure(layout.column_px)
        at = row.built().caret(hit.start)
        self.geometry.bring_sideways(row, hit.start, hit.end)
        for placed in layout.placed:
            if (placed.item, placed.row) == hit[:2]:
                top = placed.y + row.gap + int(at.top())
                if top >= 0 and top + int(at.height()) <= layout.viewport_px:
                    return
        layout.show(hit.item, hit.row, row.gap + int(at.top()) - layout.viewport_px // 3)

    def hit_shares(self) -> tuple[list[float], float | None]:
        """Where the finds are and where the current one is, as shares of the whole height."""
        return shares_of(self.finder, self.layout)

    def _rows_to_search(self, number: int) -> Searched:
        """The rows of a message in order; first `None` after each slice that had to be read."""
        layout = self.layout
        item = layout.items.get(number)
        if item is None:
            item = self.feed.make(number)
        while item.unread is not None:
            if layout.items.get(number) is item:
                layout.read_on(number)
                self.changed.emit()
            else:
                item.read_on()
            yield None
        yield from item.rows

    def _marks(self, placed: Placed) -> Sequence[tuple[int, int, QColor]]:
        """The selection, and on top of it the finds."""
        marks: list[tuple[int, int, QColor]] = []
        color = self.style.color
        within = self.selection.within(placed.item, placed.row)
        if within is not None:
            unit = self.layout.placed_row(placed).unit
            length = unit.length() if unit is not None else 0
            if length:
                marks.append((within[0], min(within[1], length + 1), color("selection")))
        if not self.finder.active:
            return marks
        low, high = self._seen(placed)
        current, found, found_current = self.finder.current, color("find"), color("find_current")
        for hit in self.finder.hits_in(placed.item, placed.row, low, high)[:MOST_MARKS]:
            marks.append((hit.start, hit.end, found_current if hit == current else found))
        return marks

    def _seen(self, placed: Placed) -> tuple[int, int]:
        """About the part of a row's text that is in sight: a row can have a hundred thousand
        finds."""
        row = self.layout.placed_row(placed)
        unit = row.unit
        if unit is None:
            return 0, 0
        top = placed.y + row.gap
        wide = self.geometry.unit_width(row)
        ends = [
            unit.offset_at(x, y)
            for y in (max(0, -top), max(0, self.layout.viewport_px - top))
            for x in (0, wide)
        ]
        return min(ends) - BEYOND_CHARS, max(ends) + 1

    def _repaint(self, top: int, height: int) -> None:
        self._viewport.update(0, top, self._viewport.width(), height)

    def _on_picture_ready(self) -> None:
        """Pictures whose size was not known before take their shape."""
        for placed in self.layout.placed:
            row = self.layout.placed_row(placed)
            if getattr(row.unit, "wants_sizes", False):
                row.mark_stale()
        self.changed.emit()

    def _on_remote_changed(self, url: str) -> None:
        """A picture from elsewhere is on its way, there or refused: its frame changes."""
        for item in self.layout.items.values():
            for row in item.rows:
                figures = getattr(row.unit, "figures", ())
                if any(figure.url == url for figure in figures):
                    row.mark_stale()
        self.changed.emit()

    def _on_formula_ready(self) -> None:
        """Look again at the visible and kept units that wait for formulas."""
        for item in self.layout.items.values():
            for row in item.rows:
                if row.unit is not None and getattr(row.unit, "wants_formulas", False):
                    row.mark_stale()
        self.remade.emit()
