"""The sections of an answer: text, pictures, tool calls, each with its rows.

Invariant: a section that is fed keeps its earlier rows; feeding costs what is new. `source` is
what the section was made from, to see whether a stored message is what was streamed.
"""

from __future__ import annotations

from collections.abc import Sequence

from app.domain.message import Media, Reasoning, Text, ToolCall, ToolResult
from app.i18n import tr
from app.markdown.stream import StreamDocument
from app.ui.transcript.choices import Key
from app.ui.transcript.leaf_rows import Frame, LeafRows
from app.ui.transcript.leaf_units import LeafUnits
from app.ui.transcript.rows import Row
from app.ui.transcript.surroundings import Surroundings
from app.ui.transcript.units.media import MediaUnit
from app.ui.transcript.units.plain import RemarksUnit

Content = Text | Reasoning | Media | ToolCall | ToolResult


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
        self.finished = False

    @property
    def rows(self) -> list[Row]:
        return self._leaf_rows.rows

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

    def finish(self) -> None:
        if not self.finished:
            self.finished = True
            self._sync(self.document.finish())

    def _sync(self, first_dirty: int) -> None:
        self._leaf_rows.sync(self.document.leaves, first_dirty, self.document.late)

    def matches(self, part: Content) -> bool:
        return isinstance(part, Text) and part.text == self.source


class MediaSection:
    """Neighbouring pictures and files."""

    def __init__(self, around: Surroundings, media: Sequence[Media], *, from_right: bool) -> None:
        self.media = tuple(media)
        self.rows = [
            Row(
                lambda unit: (
                    unit
                    or MediaUnit(around.style, self.media, around.pictures, from_right=from_right)
                )
            )
        ]
        self.rows[0].height = around.style.px(92)
        self.source = ""
        self.finished = True

    def feed(self, chunks: Sequence[str]) -> None:
        raise TypeError("pictures come whole")

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

    def feed(self, chunks: Sequence[str]) -> None:
        raise TypeError("a call is shown by its name")

    def finish(self) -> None:
        return None

    def matches(self, part: Content) -> bool:
        kind = ToolResult if self._answered else ToolCall
        return isinstance(part, kind) and part.name == self.name
