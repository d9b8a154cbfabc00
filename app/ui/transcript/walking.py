"""Where the caret goes from a place: by characters, words, lines and pages, over all messages.

Invariant: rows without text and rows in a closed fold are stepped over; the ends of the chat
hold. Characters are those that a person sees, not code points.
"""

from __future__ import annotations

from PySide6.QtCore import QTextBoundaryFinder

from app.ui.transcript.flow import utf16_length, utf16_slice
from app.ui.transcript.layout import Layout
from app.ui.transcript.rows import Row
from app.ui.transcript.selection import END, Position
from app.ui.transcript.units.base import Unit

LOOK_AROUND = 400
"""A word or a character is looked for so far around, so that a long text costs no more."""
FAR_PX = 1e7
Finder = QTextBoundaryFinder


def clamp(layout: Layout, place: Position) -> Position:
    """A place with the end of a message or row spelled out."""
    item = min(place.item, max(0, layout.count - 1))
    rows = layout.whole_item(item).rows
    row = min(place.row, len(rows) - 1)
    offset = min(place.offset, rows[row].built().length())
    return Position(item, row, offset)


def by_character(layout: Layout, place: Position, by: int) -> Position:
    """One character on (`by` 1) or back (-1)."""
    text, start, at = _around(_unit(layout, place), place.offset)
    finder = Finder(Finder.BoundaryType.Grapheme, text)
    finder.setPosition(at)
    found = finder.toNextBoundary() if by > 0 else finder.toPreviousBoundary()
    if found >= 0:
        return place._replace(offset=start + found)
    return _over(layout, place, by)


def by_word(layout: Layout, place: Position, by: int) -> Position:
    """To the end of the next word, or the start of the one before."""
    text, start, at = _around(_unit(layout, place), place.offset)
    finder = Finder(Finder.BoundaryType.Word, text)
    finder.setPosition(at)
    while True:
        before = finder.position()
        found = finder.toNextBoundary() if by > 0 else finder.toPreviousBoundary()
        if found < 0:
            break
        part = utf16_slice(text, min(before, found), max(before, found))
        if any(char.isalnum() for char in part):
            return place._replace(offset=start + found)
    end = utf16_length(text) if by > 0 else 0
    if at != end:
        return place._replace(offset=start + end)
    return _over(layout, place, by)


def by_line(layout: Layout, place: Position, by: int, goal_x: float) -> Position:
    """A line down or up, as near to `goal_x` of the column as it can be."""
    row = _measured(layout, place)
    unit = row.built()
    left = row.left(layout.column_px)
    at = unit.caret(place.offset)
    y = at.bottom() + 2 if by > 0 else at.top() - 2
    while 0 <= y < unit.height:  # in a table the next line is beyond some padding
        offset = unit.offset_at(goal_x - left, y)
        if offset != place.offset and (offset > place.offset) == (by > 0):
            return place._replace(offset=offset)
        y += by * max(4.0, at.height() / 3)
    beside = _beside(layout, place, by)
    if beside is None:
        return place._replace(offset=unit.length() if by > 0 else 0)
    row = _measured(layout, beside)
    unit = row.built()
    entry = unit.caret(0 if by > 0 else unit.length())
    offset = unit.offset_at(goal_x - row.left(layout.column_px), entry.center().y())
    return beside._replace(offset=offset)


def by_page(layout: Layout, place: Position, by: int, goal_x: float, page_px: int) -> Position:
    """About a page down or up."""
    passed = 0.0
    while passed < page_px:
        unit = _unit(layout, place)
        before = unit.caret(place.offset)
        moved = by_line(layout, place, by, goal_x)
        if moved == place:
            return moved
        if moved[:2] == place[:2]:
            passed += abs(unit.caret(moved.offset).top() - before.top())
        else:
            passed += before.height()
        place = moved
    return place


def line_end(layout: Layout, place: Position, by: int) -> Position:
    """The end (`by` 1) or the start of the line as it is wrapped."""
    unit = _measured(layout, place).built()
    at = unit.caret(place.offset)
    backwards = unit.right_to_left != (by < 0)
    x = -FAR_PX if backwards else FAR_PX
    return place._replace(offset=unit.offset_at(x, at.center().y()))


def chat_end(layout: Layout, by: int) -> Position:
    """The first or the last place of all."""
    if by > 0:
        last = clamp(layout, Position(layout.count - 1, 1 << 30, END))
        return last if _has_text(layout, last) else _end_of(layout, _beside(layout, last, -1), last)
    first = Position(0, 0, 0)
    return first if _has_text(layout, first) else _beside(layout, first, 1) or first


def first_visible(layout: Layout) -> Position | None:
    """The first place of what can be seen."""
    for placed in layout.placed:
        unit = layout.placed_row(placed).unit
        if unit is not None and unit.length() and placed.y + placed.height > 0:
            offset = unit.offset_at(0, max(0, -placed.y)) if placed.y < 0 else 0
            return Position(placed.item, placed.row, offset)
    return None


def column_x(layout: Layout, place: Position) -> float:
    """How far to the right of the column's edge a place is."""
    row = _measured(layout, place)
    return row.left(layout.column_px) + row.built().caret(place.offset).left()


# Inside -----------------------------------------------------------------------------------


def _row(layout: Layout, place: Position) -> Row:
    return layout.whole_item(place.item).rows[place.row]


def _unit(layout: Layout, place: Position) -> Unit:
    return _row(layout, place).built()


def _measured(layout: Layout, place: Position) -> Row:
    row = _row(layout, place)
    row.measure(layout.column_px)
    return row


def _has_text(layout: Layout, place: Position) -> bool:
    return bool(_row(layout, place).is_open and _unit(layout, place).length())


def _around(unit: Unit, offset: int) -> tuple[str, int, int]:
    """Some text around an offset, where it begins, and the offset within it."""
    start = max(0, offset - LOOK_AROUND)
    return utf16_slice(unit.text, start, offset + LOOK_AROUND), start, offset - start


def _over(layout: Layout, place: Position, by: int) -> Position:
    """Into the next or previous row with text."""
    beside = _beside(layout, place, by)
    if beside is None:
        return place
    return beside if by > 0 else _end_of(layout, beside, place)


def _end_of(layout: Layout, place: Position | None, otherwise: Position) -> Position:
    if place is None:
        return otherwise
    return place._replace(offset=_unit(layout, place).length())


def _beside(layout: Layout, place: Position, by: int) -> Position | None:
    """The start of the nearest row with text above or below."""
    item, row = place.item, place.row
    while True:
        row += by
        if row < 0:
            item -= 1
            if item < 0:
                return None
            row = len(layout.whole_item(item).rows) - 1
        elif row >= len(layout.whole_item(item).rows):
            item, row = item + 1, 0
            if item >= layout.count:
                return None
        found = Position(item, row, 0)
        if _has_text(layout, found):
            return found
