"""The block parser: CommonMark 0.31.2 and GitHub's extensions, one line at a time.

Besides the specification it knows tables, task items, footnotes and block math; raw HTML is text.
Containers deeper than `MAX_DEPTH` are text too. `feed` costs the line, whatever came before it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from app.markdown import snapshots, starts
from app.markdown.builder import MAX_DEPTH, Builder
from app.markdown.cursor import CODE_INDENT, Cursor
from app.markdown.entities import unescape
from app.markdown.frames import Fence, Formula, Frame, Grid, ItemFrame, QuoteFrame, Snapshot
from app.markdown.open_leaves import go_on
from app.markdown.tables import MAX_ROW_CHARS, read_alignments, split_row
from app.markdown.tree import Kind, Leaf


class _Start(Enum):
    NONE = auto()
    CONTAINER = auto()
    LEAF = auto()


@dataclass(slots=True)
class _Place:
    """Where in the containers a line begins its blocks.

    `paragraph`: the open paragraph that the line could change or go on in without being lazy.
    `before`: the state before the line, when it may open block math.
    """

    depth: int
    paragraph: Leaf | None
    before: Snapshot | None


class BlockParser:
    """Reads lines, which come without their line end, into `builder`."""

    def __init__(self) -> None:
        self.builder = Builder()
        # Closing mark -> the line before which it opens nothing, because it is not closed there.
        self._no_math_before: dict[str, int] = {}

    def feed(self, line: str) -> None:
        """Read one line."""
        builder = self.builder
        before = None
        if isinstance(builder.inside, Formula):
            builder.inside.source.append(line)
        elif self._may_open_math(line):
            before = snapshots.take(builder)
        cursor = Cursor(line)
        depth = self._match_containers(cursor)
        if cursor.blank and builder.is_empty_item(depth):
            builder.end_empty_item()
        leaf = builder.leaf
        whole = depth == len(builder.stack)
        if leaf is not None and leaf.kind is not Kind.PARAGRAPH:
            if whole and go_on(builder, leaf, cursor):
                builder.line += 1
                return
            if isinstance(builder.inside, Formula):
                self._read_as_text(builder.inside, until=builder.line)
                return
            builder.close_leaf()
        elif leaf is not None and not (whole and _may_be_title(cursor)):
            builder.end_definitions()
        self._read_blocks(cursor, _Place(depth, builder.leaf if whole else None, before))
        builder.line += 1

    def reaches_open_leaf(self, line: str) -> bool:
        """Whether `line` goes on in all open containers. Changes nothing."""
        cursor = Cursor(line)
        return not cursor.blank and self._match_containers(cursor) == len(self.builder.stack)

    def close(self) -> None:
        """The text has ended: close all that is open."""
        if isinstance(self.builder.inside, Formula):
            self._read_as_text(self.builder.inside, until=self.builder.line)
        self.builder.close_to(0)

    def save(self) -> tuple[Snapshot, dict[str, int]]:
        """The state now, for `restore`."""
        return snapshots.take(self.builder), dict(self._no_math_before)

    def restore(self, saved: tuple[Snapshot, dict[str, int]]) -> None:
        """Undo all lines since `saved` was taken."""
        snapshot, no_math_before = saved
        snapshots.put_back(self.builder, snapshot)
        self._no_math_before = dict(no_math_before)

    # ---------------------------------------------------------------------- containers

    def _match_containers(self, cursor: Cursor) -> int:
        """How many of the open containers the line goes on in."""
        depth = 0
        for frame in self.builder.stack:
            if not self._goes_on(frame, cursor):
                break
            depth += 1
        return depth

    @staticmethod
    def _goes_on(frame: Frame, cursor: Cursor) -> bool:
        if isinstance(frame, QuoteFrame):
            if cursor.blank or cursor.indent >= CODE_INDENT or cursor.text[cursor.next] != ">":
                return False
            cursor.take(1)
            cursor.skip(1)
            return True
        width = frame.width if isinstance(frame, ItemFrame) else CODE_INDENT
        if not cursor.blank and cursor.indent < width:
            return False
        cursor.skip(width)
        return True

    # ---------------------------------------------------------------------- new blocks

    def _read_blocks(self, cursor: Cursor, place: _Place) -> None:
        """Open what the line begins with, then add the rest of it as text."""
        builder = self.builder
        lazy = True
        while (
            not cursor.blank
            and cursor.indent < CODE_INDENT
            and cursor.text[cursor.next] in starts.STARTERS
        ):
            started = self._start(cursor, place)
            if started is _Start.LEAF:
                builder.spacing.text()
                return
            if started is _Start.NONE:
                break
            place.depth += 1
            place.paragraph = None
            lazy = False
        if cursor.blank:
            builder.close_to(place.depth)
            begins_here = bool(builder.stack) and builder.stack[-1].start == builder.line
            builder.spacing.blank(builder.stack, in_new_item=begins_here)
            return
        if lazy and builder.leaf is not None:
            builder.add_line(builder.leaf, cursor.content())
        else:
            self._start_text(cursor, place.depth)
        builder.spacing.text()

    def _start_text(self, cursor: Cursor, depth: int) -> None:
        builder = self.builder
        if cursor.indent >= CODE_INDENT:
            leaf = builder.add_leaf(Kind.CODE, depth)
            cursor.skip(CODE_INDENT)
            leaf.lines.append(cursor.rest())
            return
        text = cursor.content()
        if text.startswith("[") and builder.is_empty_item(depth):
            task = starts.task(text)
            if task:
                done, length = task
                builder.mark_task(done)
                text = text[length:]
        leaf = builder.add_leaf(Kind.PARAGRAPH, depth)
        builder.add_line(leaf, text)

    def _start(self, cursor: Cursor, place: _Place) -> _Start:
        """Open the block that begins here, if one does."""
        text = cursor.content()
        match text[0]:
            case ">":
                return self._start_quote(cursor, place)
            case "#":
                return self._start_heading(text, place)
            case "`" | "~":
                return self._start_fence(text, cursor.indent, place)
            case "$" | "\\":
                return self._start_math(text, cursor.line, place)
            case "[":
                return self._start_footnote(text, cursor, place)
        if text[0] in "|:-" and self._start_table(text, place):
            return _Start.LEAF
        if text[0] in "=-" and self._make_heading(text, place):
            return _Start.LEAF
        if text[0] in "*-_" and starts.is_rule(text):
            self.builder.add_leaf(Kind.RULE, place.depth)
            self.builder.close_leaf()
            return _Start.LEAF
        return self._start_item(text, cursor, place)

    def _start_quote(self, cursor: Cursor, place: _Place) -> _Start:
        if place.depth >= MAX_DEPTH:
            return _Start.NONE
        cursor.take(1)
        cursor.skip(1)
        self.builder.open_quote(place.depth)
        return _Start.CONTAINER

    def _start_footnote(self, text: str, cursor: Cursor, place: _Place) -> _Start:
        found = starts.footnote(text)
        if found is None or place.depth >= MAX_DEPTH:
            return _Start.NONE
        label, length = found
        self.builder.open_footnote(place.depth, label)
        cursor.take(length)
        return _Start.CONTAINER

    def _start_item(self, text: str, cursor: Cursor, place: _Place) -> _Start:
        marker = starts.marker(text, in_paragraph=place.paragraph is not None)
        if marker is None or place.depth >= MAX_DEPTH:
            return _Start.NONE
        width = cursor.indent + marker.length
        cursor.take(marker.length)
        # Code may begin behind a marker; then one column belongs to the marker (5.2, rule 2).
        padding = 1 if cursor.blank or cursor.indent > CODE_INDENT else cursor.indent
        cursor.skip(padding)
        self.builder.open_item(place.depth, marker.delimiter, marker.number, width + padding)
        return _Start.CONTAINER

    def _start_heading(self, text: str, place: _Place) -> _Start:
        found = starts.heading(text)
        if found is None:
            return _Start.NONE
        leaf = self.builder.add_leaf(Kind.HEADING, place.depth)
        leaf.level, content = found
        self.builder.add_line(leaf, content)
        self.builder.close_leaf()
        return _Start.LEAF

    def _start_fence(self, text: str, indent: int, place: _Place) -> _Start:
        found = starts.fence(text)
        if found is None:
            return _Start.NONE
        leaf = self.builder.add_leaf(Kind.CODE, place.depth)
        leaf.fenced = True
        mark, leaf.info = found[0], unescape(found[1])
        self.builder.inside = Fence(mark, indent)
        return _Start.LEAF

    def _make_heading(self, text: str, place: _Place) -> bool:
        """Make a heading of the open paragraph, if the line underlines it (4.3)."""
        paragraph = place.paragraph
        level = starts.underline(text)
        if paragraph is None or not level or paragraph.glue is not None:
            return False
        self.builder.take_definitions(paragraph)
        if not paragraph.lines:
            return False
        paragraph.kind = Kind.HEADING
        paragraph.level = level
        paragraph.end = self.builder.line + 1
        self.builder.close_leaf()
        return True

    def _start_table(self, text: str, place: _Place) -> bool:
        """Make a table of the last line of the open paragraph, if the line is its delimiter row."""
        paragraph = place.paragraph
        if paragraph is None or not paragraph.lines or text[:2] in ("-", "- ", "-\t"):
            return False
        header = paragraph.lines[-1]
        if "|" not in header or len(header) > MAX_ROW_CHARS:
            return False
        align = read_alignments(text)
        cells = split_row(header)
        if align is None or len(align) != len(cells):
            return False
        builder = self.builder
        alone = len(paragraph.lines) == 1
        if alone:
            builder.drop_leaf()
        else:
            paragraph.lines = paragraph.lines[:-1]
            paragraph.end -= 1
        leaf = builder.add_leaf(Kind.TABLE, place.depth, start=builder.line - 1)
        if alone:
            leaf.tight = paragraph.tight
        leaf.align, leaf.head = align, tuple(cells)
        builder.inside = Grid(0)
        return True

    # ---------------------------------------------------------------------- block math

    def _may_open_math(self, line: str) -> bool:
        """Whether it is worth keeping the state before `line`."""
        for mark, closer in (("$$", "$$"), ("\\[", "\\]")):
            if mark in line and self.builder.line >= self._no_math_before.get(closer, 0):
                return True
        return False

    def _start_math(self, text: str, line: str, place: _Place) -> _Start:
        builder = self.builder
        found = starts.math(text)
        if found is None or (place.before is None and not found.closed):
            return _Start.NONE
        if not found.closed and builder.line < self._no_math_before.get(found.closer, 0):
            return _Start.NONE
        if place.paragraph and starts.has_open_math(place.paragraph.text, found.closer):
            return _Start.NONE
        leaf = builder.add_leaf(Kind.MATH, place.depth)
        leaf.lines = [found.body] if found.body else []
        if found.closed or place.before is None:
            leaf.closed = True
            builder.close_leaf()
        else:
            builder.inside = Formula(found.closer, not found.body, place.before, [line])
        return _Start.LEAF

    def _read_as_text(self, formula: Formula, *, until: int) -> None:
        """Block math that is not closed before line `until` was text: read its lines as such."""
        self._no_math_before[formula.closer] = until
        snapshots.put_back(self.builder, formula.before)
        for line in formula.source:
            self.feed(line)


def _may_be_title(cursor: Cursor) -> bool:
    """Whether a line may be the title of the link definition before it (4.7)."""
    return not cursor.blank and cursor.text[cursor.next] in "\"'("
