"""The sections of an answer: text, pictures, tool calls, each with its rows.

Invariant: a section that is fed keeps its earlier rows; feeding costs what is new. A long stored
text is read slice by slice; a blank row stands for what is `unread`. `source` is what the section
was made from, to see whether a stored message is what was streamed.
"""

from __future__ import annotations

from collections.abc import Sequence

from app.domain.message import Media, Reasoning, Text, ToolCall, ToolResult
from app.i18n import tr
from app.markdown.stream import StreamDocument
from app.ui.transcript.choices import Key
from app.ui.transcript.leaf_rows import Frame, LeafRows
from app.ui.transcript.leaf_units import LeafUnits
from app.ui.transcript.prose_units import media_unit
from app.ui.transcript.rows import Row, fixed
from app.ui.transcript.surroundings import Surroundings
from app.ui.transcript.units.plain import BlankUnit, RemarksUnit

Content = Text | Reasoning | Media | ToolCall | ToolResult

SLICE_CHARS = 12_288
SLICE_LINES = 1_200
"""What is read of a stored text at once: a few milliseconds."""


def _slice_end(text: str, start: int) -> int:
    """Where a slice of whole lines ends that can be read in a moment."""
    end = text.find("\n", start + SLICE_CHARS) + 1 or len(text)
    if text.count("\n", start, end) <= SLICE_LINES:
        return end
    at = start
    for _ in range(SLICE_LINES):
        at = text.index("\n", at) + 1
    return at


class TextSection:
    """Markdown, streamed or whole."""

    def __init__(
        self, around: Surroundings, key: Key, frame: Frame = Frame(), *, quiet: bool = False
    ) -> None:
        """`key`: the message and the number of the section in it."""
        self.document = StreamDocument()
        self._units = LeafUnits(around, self.document, key, quiet=quiet)
        self._leaf_rows = LeafRows(self._units, frame)
        self._source: list[str] = []
        self._stored = ""
        self._read_chars = 0
        self.rest = _rest_row(around, frame)
        """The blank row after what was read of a text that is not read to its end."""
        self.finished = False

    @property
    def rows(self) -> list[Row]:
        rows = self._leaf_rows.rows
        return [*rows, self.rest] if self.unread else rows

    @property
    def height(self) -> int:
        """What all rows show together. O(1)."""
        return self._leaf_rows.height + (self.rest.shown if self.unread else 0)

    @property
    def unread(self) -> bool:
        """Whether `read_on` has something to read."""
        return self._read_chars < len(self._stored)

    @property
    def source(self) -> str:
        return "".join(self._source)

    @property
    def leaf_rows(self) -> LeafRows:
        return self._leaf_rows

    def feed(self, chunks: Sequence[str]) -> None:
        """Take new chunks. Cost: what they change."""
        text = "".join(chunks)
        self._source.append(text)
        self.document.push(text)
        self._sync(self.document.flush())

    def read(self, text: str) -> None:
        """Take a whole text: the first slice now, the others with `read_on`."""
        self._source.append(text)
        self._stored = text
        self.read_on()

    def read_on(self) -> None:
        """Read another slice of the text; at its end the section is finished."""
        start = self._read_chars
        end = _slice_end(self._stored, start)
        self._read_chars = end
        self.document.push(self._stored[start:end])
        if not self.unread:
            self.finish()
            return
        self._sync(self.document.flush())
        self._size_rest(end)

    def finish(self) -> None:
        """The text has ended. What is unread goes on to be read."""
        if not self.finished and not self.unread:
            self.finished = True
            self._sync(self.document.finish())

    def _size_rest(self, read_chars: int) -> None:
        """The rest is as high, for its length, as what was read."""
        high = sum(row.height for row in self._leaf_rows.rows)
        share = (len(self._stored) - read_chars) / max(1, read_chars)
        set_blank(self.rest, round(high * share))

    def _sync(self, first_dirty: int) -> None:
        self._leaf_rows.sync(self.document.leaves, first_dirty, self.document.late)

    def matches(self, part: Content) -> bool:
        return isinstance(part, Text) and part.text == self.source


def set_blank(row: Row, height: int) -> None:
    """Give a blank row another height."""
    if isinstance(row.unit, BlankUnit):
        row.unit.height = height
        row.height = row.gap + height + row.below
        row.width = -1


def _rest_row(around: Surroundings, frame: Frame) -> Row:
    row = fixed(BlankUnit(around.style), 0, 0, frame.box)
    row.fold = frame.fold
    return row


class MediaSection:
    """Neighbouring pictures and files."""

    def __init__(self, around: Surroundings, media: Sequence[Media], *, from_right: bool) -> None:
        self.media = tuple(media)
        self.rows = [
            Row(lambda old: media_unit(around, self.media, from_right=from_right, old=old))
        ]
        self.rows[0].height = around.style.px(92)
        self.source = ""
        self.finished = True
        self.unread = False

    @property
    def height(self) -> int:
        return self.rows[0].shown

    def feed(self, chunks: Sequence[str]) -> None:
        raise TypeError("pictures come whole")

    def read_on(self) -> None:
        return None

    def finish(self) -> None:
        return None

    def matches(self, part: Content) -> bool:
        return isinstance(part, Media) and self.media == (part,)


class ToolSection:
    """A tool that the model asked for, or what it answered."""

    def __init__(self, around: Surroundings, name: str, *, answered: bool = False) -> None:
        self.name = name
        self._answered = answered
        if answered:
            words = tr("The tool {name} answered.", name=name or "?")
        else:
            words = tr("The model asked for the tool {name}.", name=name or "?")
        self.rows = [Row(lambda unit: unit or RemarksUnit(around.style, (words,), "code"))]
        self.rows[0].height = around.style.px(20)
        self.source = ""
        self.finished = True
        self.unread = False

    @property
    def height(self) -> int:
        return self.rows[0].shown

    def feed(self, chunks: Sequence[str]) -> None:
        raise TypeError("a call is shown by its name")

    def read_on(self) -> None:
        return None

    def finish(self) -> None:
        return None

    def matches(self, part: Content) -> bool:
        kind = ToolResult if self._answered else ToolCall
        return isinstance(part, kind) and part.name == self.name
