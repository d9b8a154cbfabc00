"""The part of a document that is being built: open containers, leaves, definitions.

Everything that a line may change is kept here, so that a line can be read on trial and undone
(see `snapshots`). For that, lists only grow or are replaced, never shortened in place. Knows no
syntax of blocks: what a line means is the parser's matter.
"""

from __future__ import annotations

from dataclasses import replace

from app.markdown.definitions import Definition, take_definitions
from app.markdown.frames import FootnoteFrame, Formula, Frame, Inside, ItemFrame, QuoteFrame
from app.markdown.pieces import MAX_PIECE_CHARS, cut
from app.markdown.spacing import Spacing
from app.markdown.tree import Container, Footnote, Item, Kind, Leaf, Quote

MAX_DEPTH = 100
BULLET = "•"
NEVER = 1 << 60
"""A width in columns that no line is indented by."""
# A paragraph that begins with `[` is looked at again before each line, but not for ever.
_MAX_DEFINITION_LINES = 8


class Builder:
    leaves: list[Leaf]
    definitions: dict[str, Definition]
    footnotes: dict[str, int]
    """Label -> id of the footnote."""
    blank_lines: list[str]
    """Blank lines of indented code, which count only when more code follows."""
    chars: int
    """How long the open paragraph is."""

    def __init__(self) -> None:
        self.leaves = []
        self.definitions = {}
        self.footnotes = {}
        self.stack: list[Frame] = []
        self.leaf: Leaf | None = None
        self.inside: Inside = None
        self.line = 0
        self.spacing = Spacing()
        self.blank_lines = []
        self.chars = 0
        self.last_id = 0

    @property
    def settled(self) -> int:
        """How many leaves no further line can change."""
        if isinstance(self.inside, Formula):
            return self.inside.before.settled
        return len(self.leaves) - (self.leaf is not None)

    @property
    def may_define(self) -> bool:
        """Whether the open leaf is a paragraph that may begin with a link definition."""
        leaf = self.leaf
        return (
            leaf is not None
            and leaf.kind is Kind.PARAGRAPH
            and leaf.glue is None
            and 0 < len(leaf.lines) <= _MAX_DEFINITION_LINES
            and leaf.lines[0].startswith("[")
        )

    # ------------------------------------------------------------------------- leaves

    def add_leaf(self, kind: Kind, depth: int, *, start: int | None = None) -> Leaf:
        """Open a leaf in the first `depth` containers; closes all that stands deeper."""
        self.close_to(depth)
        self.spacing.begin(self.stack, depth)
        at = self.line if start is None else start
        context = self._context()
        leaf = Leaf(kind, context, at, self.line + 1)
        leaf.tight = not self.spacing.after_blank and any(isinstance(box, Item) for box in context)
        self.leaves.append(leaf)
        self.leaf = leaf
        self.chars = 0
        return leaf

    def close_leaf(self) -> None:
        """Close the open leaf; a paragraph of nothing but definitions vanishes."""
        leaf = self.leaf
        if leaf is None:
            return
        leaf.open = False
        self.leaf = None
        self.inside = None
        self.blank_lines = []
        if leaf.kind is Kind.PARAGRAPH:
            self.take_definitions(leaf)
            if not leaf.lines:
                self.leaves.pop()

    def drop_leaf(self) -> None:
        """Take the open leaf away again."""
        self.leaves.pop()
        self.leaf = None

    def add_line(self, leaf: Leaf, text: str) -> None:
        """Add a line to an open paragraph, which is cut when it gets too long."""
        leaf.lines.append(text)
        leaf.end = self.line + 1
        self.chars += len(text) + 1
        if self.chars > MAX_PIECE_CHARS:
            self._cut(leaf)

    def take_definitions(self, leaf: Leaf) -> None:
        """Take the link reference definitions off the start of a paragraph."""
        if not leaf.lines or leaf.glue is not None or not leaf.lines[0].startswith("["):
            return
        found, rest = take_definitions(leaf.lines)
        for label, definition in found:
            self.definitions.setdefault(label, definition)
        if found:
            leaf.lines = rest
            self.chars = sum(map(len, rest)) + len(rest)

    def end_definitions(self) -> None:
        """End the open paragraph if it holds nothing but definitions that are whole."""
        leaf = self.leaf
        if leaf is not None and self.may_define and not take_definitions(leaf.lines)[1]:
            self.close_leaf()

    def try_definitions(self) -> None:
        """Take the definitions off an open paragraph as if it had ended."""
        leaf = self.leaf
        if leaf is not None and self.may_define:
            self.take_definitions(leaf)
            if not leaf.lines:
                self.drop_leaf()

    def _cut(self, leaf: Leaf) -> None:
        pieces = cut(leaf.text)
        end, level = leaf.start, leaf.level
        for index, (glue, text) in enumerate(pieces):
            lines = text.split("\n")
            start = end - 1 if index and "\n" not in glue else end
            end = start + len(lines)
            if index == 0:
                leaf.lines, leaf.end = lines, end
                continue
            leaf.open = False
            leaf = Leaf(leaf.kind, self._context(), start, end, lines, leaf.tight)
            leaf.glue, leaf.level = glue, level
            self.leaves.append(leaf)
        leaf.end = self.line + 1
        self.leaf = leaf
        self.chars = len(leaf.text) + 1

    # ------------------------------------------------------------------------- containers

    def open_quote(self, depth: int) -> None:
        self._enter(depth)
        self.stack.append(QuoteFrame(Quote(self._new_id()), len(self.leaves), self.line))

    def open_footnote(self, depth: int, label: str) -> None:
        self._enter(depth)
        box = Footnote(self._new_id(), label, 0)
        self.footnotes.setdefault(label, box.id)
        self.stack.append(FootnoteFrame(box, len(self.leaves), self.line))

    def open_item(self, depth: int, delimiter: str, number: int | None, width: int) -> None:
        """Open a list item: the next of the list that stands there, or the first of a new one."""
        before = self.stack[depth] if depth < len(self.stack) else None
        ordered = number is not None
        list_id, position = None, number or 0
        if isinstance(before, ItemFrame) and before.delimiter == delimiter:
            list_id, position = before.box.list_id, before.box.number + 1
        self.close_to(depth)
        self.spacing.begin(self.stack, depth, list_id)
        id_ = self._new_id()
        if list_id is None:
            list_id = id_
        marker = f"{position}{delimiter}" if ordered else BULLET
        box = Item(id_, list_id, None, ordered, position)
        first = Item(id_, list_id, marker, ordered, position)
        count = len(self.leaves)
        tight = not self.spacing.after_blank
        self.stack.append(ItemFrame(box, count, self.line, first, width, delimiter, tight))

    def mark_task(self, done: bool) -> None:
        """Make the innermost item a task."""
        frame = self.stack[-1]
        if isinstance(frame, ItemFrame):
            box, first = replace(frame.box, task=done), replace(frame.first_box, task=done)
            self.stack[-1] = replace(frame, box=box, first_box=first)

    def is_empty_item(self, depth: int) -> bool:
        """Whether the container at `depth` (from 1) is an item that holds nothing yet."""
        frame = self.stack[depth - 1] if depth else None
        return (
            isinstance(frame, ItemFrame)
            and depth == len(self.stack)
            and frame.first_leaf == len(self.leaves)
        )

    def end_empty_item(self) -> None:
        """The innermost item stays empty: no line goes on in it, but its list is still open."""
        self._fill()
        frame = self.stack[-1]
        if isinstance(frame, ItemFrame):
            self.stack[-1] = replace(frame, width=NEVER)

    def close_to(self, depth: int) -> None:
        """Close the open leaf and all containers deeper than `depth`."""
        self.close_leaf()
        while len(self.stack) > depth:
            self._fill()
            self.stack.pop()

    def _fill(self) -> None:
        """Put an empty paragraph into the innermost container if it holds nothing."""
        frame = self.stack[-1]
        if frame.first_leaf == len(self.leaves):
            empty = Leaf(Kind.PARAGRAPH, self._context(), frame.start, frame.start + 1)
            empty.open = False
            empty.tight = isinstance(frame, ItemFrame) and frame.tight
            self.leaves.append(empty)

    def _enter(self, depth: int) -> None:
        self.close_to(depth)
        self.spacing.begin(self.stack, depth)

    def _context(self) -> tuple[Container, ...]:
        count = len(self.leaves)
        return tuple(
            frame.first_box
            if isinstance(frame, ItemFrame) and frame.first_leaf == count
            else frame.box
            for frame in self.stack
        )

    def _new_id(self) -> int:
        self.last_id += 1
        return self.last_id
