"""The section of the reasoning: a header that folds, and the text below it in one box.

Invariant: the header is the first row and never hidden; the fold hides the others.
"""

from __future__ import annotations

from collections.abc import Sequence

from app.domain.message import Reasoning
from app.ui.theme import RADIUS
from app.ui.transcript import wording
from app.ui.transcript.choices import Key
from app.ui.transcript.leaf_rows import Frame
from app.ui.transcript.rows import Box, Fold, Row, reveal
from app.ui.transcript.sections import Content, MediaSection, TextSection, ToolSection
from app.ui.transcript.surroundings import Surroundings
from app.ui.transcript.units.base import Unit
from app.ui.transcript.units.fold import TEXT_X_PX, FoldUnit


class ReasoningSection:
    """What the model thought: a header that folds, and the text below it in one box."""

    def __init__(self, around: Surroundings, key: Key, is_open: bool) -> None:
        style = around.style
        self._choices = around.choices
        self._key = key
        self.fold = Fold(around.choices.is_open(key, is_open))
        box = Box(("reasoning", *key), "raised", "line", RADIUS.m)
        lead = style.px(TEXT_X_PX) + 2
        self.text = TextSection(
            around, key, Frame(lead=lead, trail=style.px(14), box=box, fold=self.fold), quiet=True
        )
        self.header = Row(self._build, gap=0, box=box)
        self.header.height = style.px(38)
        self._style = style
        self._padded: Row | None = None
        self._words = wording.thinking(None)
        self._faint = ""

    @property
    def rows(self) -> list[Row]:
        return [self.header, *self.text.rows]

    @property
    def height(self) -> int:
        """What all rows show together. O(1)."""
        return self.header.shown + self.text.height

    @property
    def source(self) -> str:
        return self.text.source

    @property
    def finished(self) -> bool:
        return self.text.finished

    @property
    def unread(self) -> bool:
        return self.text.unread

    def feed(self, chunks: Sequence[str]) -> None:
        self.text.feed(chunks)
        self._pad_last()

    def read(self, text: str) -> None:
        self.text.read(text)
        self._pad_last()

    def read_on(self) -> None:
        self.text.read_on()
        self._pad_last()

    def finish(self) -> None:
        self.text.finish()
        self._pad_last()

    def matches(self, part: Content) -> bool:
        return isinstance(part, Reasoning) and part.text == self.source

    def set_label(self, words: str, faint: str = "") -> bool:
        """Whether these are other words than before."""
        if (words, faint) == (self._words, self._faint):
            return False
        self._words, self._faint = words, faint
        self.header.mark_stale()
        return True

    def set_open(self, is_open: bool, *, by_person: bool) -> None:
        """Open or close at once; `move` shows the way there."""
        self.fold.is_open = is_open
        if by_person:
            self._choices.set_open(self._key, is_open)
        self.header.mark_stale()

    def unfold(self) -> None:
        """Open at once, for something within that is looked for."""
        if not self.fold.is_open:
            self.set_open(True, by_person=False)
            self.move(1.0)

    @property
    def is_closing(self) -> bool:
        """Whether it was closed and still shows."""
        return not self.fold.is_open and self.fold.reveal >= 1.0

    @property
    def chosen(self) -> bool:
        """Whether the person opened or closed it."""
        return self._choices.was_chosen(self._key)

    def move(self, progress: float) -> None:
        """Show the fold at `progress` (0 to 1) of its way."""
        self.fold.reveal = progress if self.fold.is_open else 1.0 - progress
        reveal(self.text.rows)

    def _build(self, unit: Unit | None) -> Unit:
        header = unit if isinstance(unit, FoldUnit) else FoldUnit(self._style)
        header.words, header.faint = self._words, self._faint
        header.is_open = self.fold.is_open
        return header

    def _pad_last(self) -> None:
        """The last row holds the room at the bottom of the box."""
        rows = self.text.rows
        last = rows[-1] if rows else None
        if last is not self._padded:
            _set_room_below(self._padded, 0)
            _set_room_below(last, self._style.px(12))
            self._padded = last


def _set_room_below(row: Row | None, room: int) -> None:
    if row is not None and row.below != room:
        row.height += room - row.below
        row.below = room
        row.width = -1


Section = TextSection | ReasoningSection | MediaSection | ToolSection
