"""Blank lines: which lists they make loose, and which leaves stand apart from the one before.

A list is loose when a blank line stands between its items, or between two blocks that stand
directly in one of them (CommonMark 5.3). That is decided as lines come, and only ever to loose.
"""

from __future__ import annotations

from collections.abc import Sequence

from app.markdown.frames import Frame, ItemFrame


class Spacing:
    loose: dict[int, None]
    """Ids of the lists that are loose; it only grows."""
    after_blank: bool
    """The last line was blank."""
    gap: int | None
    """Containers from this depth on saw a blank line since their last block."""

    def __init__(self) -> None:
        self.loose = {}
        self.after_blank = False
        self.gap = None

    def blank(self, stack: Sequence[Frame], *, in_new_item: bool = False) -> None:
        """A blank line has been read in `stack`; `in_new_item`: it is the first one of an item."""
        self.after_blank = True
        floor = len(stack)
        while floor and isinstance(stack[floor - 1], ItemFrame):
            floor -= 1
        self.gap = floor if floor < len(stack) and not in_new_item else None

    def text(self) -> None:
        """A line that is not blank has been read."""
        self.after_blank = False
        self.gap = None

    def begin(self, stack: Sequence[Frame], depth: int, list_id: int | None = None) -> None:
        """A block begins at `depth`: the next item of a list, or a child of what stands there."""
        gap, self.gap = self.gap, None
        if gap is None:
            return
        if list_id is not None:
            if depth >= gap:
                self.loose[list_id] = None
        elif depth > gap:
            parent = stack[depth - 1]
            if isinstance(parent, ItemFrame):
                self.loose[parent.box.list_id] = None
