"""The keyboard on the transcript: which key scrolls, which moves the caret, which walks messages.

Invariant: keys that it does not know go on to the window.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum, auto

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QKeySequence

from app.ui.transcript import walking
from app.ui.transcript.layout import Layout
from app.ui.transcript.selection import Position

Key = Qt.Key
Standard = QKeySequence.StandardKey


class Move(Enum):
    """How a key moves the caret; each one in two directions."""

    CHARACTER = auto()
    WORD = auto()
    LINE = auto()
    LINE_END = auto()
    PAGE = auto()
    CHAT_END = auto()


# The key without and with selecting, the move, its direction.
_MOVES = (
    (Standard.MoveToNextChar, Standard.SelectNextChar, Move.CHARACTER, 1),
    (Standard.MoveToPreviousChar, Standard.SelectPreviousChar, Move.CHARACTER, -1),
    (Standard.MoveToNextWord, Standard.SelectNextWord, Move.WORD, 1),
    (Standard.MoveToPreviousWord, Standard.SelectPreviousWord, Move.WORD, -1),
    (Standard.MoveToNextLine, Standard.SelectNextLine, Move.LINE, 1),
    (Standard.MoveToPreviousLine, Standard.SelectPreviousLine, Move.LINE, -1),
    (Standard.MoveToEndOfLine, Standard.SelectEndOfLine, Move.LINE_END, 1),
    (Standard.MoveToStartOfLine, Standard.SelectStartOfLine, Move.LINE_END, -1),
    (Standard.MoveToNextPage, Standard.SelectNextPage, Move.PAGE, 1),
    (Standard.MoveToPreviousPage, Standard.SelectPreviousPage, Move.PAGE, -1),
    (Standard.MoveToEndOfDocument, Standard.SelectEndOfDocument, Move.CHAT_END, 1),
    (Standard.MoveToStartOfDocument, Standard.SelectStartOfDocument, Move.CHAT_END, -1),
)


def caret_wish(event: QKeyEvent) -> tuple[Move, int, bool] | None:
    """The move that a key asks for, its direction, and whether it selects."""
    for moves, selects, move, by in _MOVES:
        if event.matches(moves):
            return move, by, False
        if event.matches(selects):
            return move, by, True
    return None


def moved(
    layout: Layout, place: Position, move: Move, by: int, goal_x: Callable[[], float], page_px: int
) -> Position:
    """The place after a move. `goal_x`: the column that lines and pages keep to."""
    match move:
        case Move.CHARACTER:
            return walking.by_character(layout, place, by)
        case Move.WORD:
            return walking.by_word(layout, place, by)
        case Move.LINE:
            return walking.by_line(layout, place, by, goal_x())
        case Move.LINE_END:
            return walking.line_end(layout, place, by)
        case Move.PAGE:
            return walking.by_page(layout, place, by, goal_x(), page_px)
        case Move.CHAT_END:
            return walking.chat_end(layout, by)


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
