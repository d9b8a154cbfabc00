"""The keyboard on the transcript: scrolling, extending the selection, walking the messages.

Invariant: keys that it does not know go on to the window.
"""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QKeySequence

from app.ui.transcript.layout import Layout
from app.ui.transcript.selection import END, Position, Selection, word_at

Key = Qt.Key


def scroll_wish(event: QKeyEvent, page_px: int, line_px: int) -> int | None:
    """How far a key scrolls; `None` if it does not. Ends are a jump of their own."""
    shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
    match event.key():
        case Key.Key_PageDown:
            return page_px
        case Key.Key_PageUp:
            return -page_px
        case Key.Key_Space:
            return -page_px if shift else page_px
        case Key.Key_Down if not shift:
            return line_px
        case Key.Key_Up if not shift:
            return -line_px
    return None


def message_step(event: QKeyEvent) -> int:
    """+1 or -1 for the keys that walk from message to message, else 0."""
    if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
        if event.key() == Key.Key_Down:
            return 1
        if event.key() == Key.Key_Up:
            return -1
    return 0


def extend_selection(event: QKeyEvent, layout: Layout, selection: Selection) -> bool:
    """Move the head of the selection by a key; whether the key does that."""
    head = selection.head
    if head is None or not event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
        return False
    sequences = QKeySequence.StandardKey
    moved: Position | None = None
    if event.matches(sequences.SelectNextChar):
        moved = _step(layout, head, 1)
    elif event.matches(sequences.SelectPreviousChar):
        moved = _step(layout, head, -1)
    elif event.matches(sequences.SelectNextWord):
        moved = word_at(layout, _step(layout, head, 1))[1]
    elif event.matches(sequences.SelectPreviousWord):
        moved = word_at(layout, _step(layout, head, -1))[0]
    elif event.matches(sequences.SelectNextLine):
        moved = _vertical(layout, head, 1)
    elif event.matches(sequences.SelectPreviousLine):
        moved = _vertical(layout, head, -1)
    elif event.matches(sequences.SelectStartOfLine):
        moved = head._replace(offset=0)
    elif event.matches(sequences.SelectEndOfLine):
        moved = head._replace(offset=_length(layout, head))
    if moved is None:
        return False
    selection.extend_to(moved)
    return True


def _length(layout: Layout, place: Position) -> int:
    return layout.whole_item(place.item).rows[place.row].built().length()


def _step(layout: Layout, place: Position, by: int) -> Position:
    """One character on, over the ends of rows and messages; the ends of the chat hold."""
    length = _length(layout, place)
    offset = min(place.offset, length) + by
    if 0 <= offset <= length:
        return place._replace(offset=offset)
    beside = _beside(layout, place, by)
    if beside is None:
        return place
    return beside._replace(offset=0 if by > 0 else _length(layout, beside))


def _vertical(layout: Layout, place: Position, by: int) -> Position:
    """A line up or down at the same x, over the ends of rows."""
    row = layout.whole_item(place.item).rows[place.row]
    unit = row.built()
    row.measure(layout.column_px)
    at = unit.caret(min(place.offset, unit.length()))
    y = at.bottom() + 2 if by > 0 else at.top() - 2
    if 0 <= y < unit.height:
        offset = unit.offset_at(at.left(), y)
        if offset != place.offset:
            return place._replace(offset=offset)
    beside = _beside(layout, place, by)
    if beside is None:
        return place._replace(offset=unit.length() if by > 0 else 0)
    other_row = layout.whole_item(beside.item).rows[beside.row]
    other_row.measure(layout.column_px)
    other = other_row.built()
    return beside._replace(offset=other.offset_at(at.left(), 0 if by > 0 else other.height - 1))


def _beside(layout: Layout, place: Position, by: int) -> Position | None:
    """The nearest row with text above or below."""
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
        if layout.whole_item(item).rows[row].built().length():
            return Position(item, row, 0)


def clamp(layout: Layout, place: Position) -> Position:
    """A place with the end of a message or row spelled out."""
    item = min(place.item, max(0, layout.count - 1))
    rows = layout.whole_item(item).rows
    row = min(place.row, len(rows) - 1)
    offset = place.offset
    if offset >= END:
        offset = rows[row].built().length()
    return Position(item, row, offset)
