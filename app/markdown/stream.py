"""A document that grows: what arrives is read once, and each update costs the tail.

`push` keeps text, `flush` reads it. Whole lines are read for good; the line that is still being
written is read on trial and taken back at the next flush. Invariants: leaves before the index
that `flush` returns are the same as before, apart from those in `late`; any splitting of a text
ends in the same leaves as `parse`. Lines whose meaning is not clear yet are not shown.
"""

from __future__ import annotations

from app.markdown.blocks import BlockParser
from app.markdown.frames import Snapshot
from app.markdown.growing import FEW_CHARS, Growing
from app.markdown.holding import is_undecided, may_head_table
from app.markdown.incoming import Incoming
from app.markdown.references import References
from app.markdown.tree import Inline, Kind, Leaf

_Fingerprint = tuple[object, ...]


class StreamDocument:
    readings: int
    """How often links or footnotes were defined or numbered anew: inlines may read differently."""
    late: tuple[int, ...]
    """Leaves before the index that the last `flush` or `finish` returned that read differently
    now, because a link or a footnote was defined (or withdrawn) further down."""

    def __init__(self) -> None:
        self._parser = BlockParser()
        builder = self._parser.builder
        self._references = References(builder.definitions, builder.footnotes)
        self._incoming = Incoming()
        self._growing = Growing()
        self._held: list[str] = []
        """A whole line that may turn out to be the head of a table."""
        self._trial: tuple[Snapshot, dict[str, int]] | None = None
        self._settled = 0
        self._shown: list[_Fingerprint] = []
        """The leaves that were not settled, as they were at the last flush."""
        self.late = ()
        self.readings = 0

    @property
    def leaves(self) -> list[Leaf]:
        """All leaves, in reading order. Not to be changed."""
        return self._parser.builder.leaves

    @property
    def loose(self) -> frozenset[int]:
        """The ids of the lists whose items are made of paragraphs (CommonMark 5.3)."""
        return frozenset(self._parser.builder.spacing.loose)

    def push(self, text: str) -> None:
        """Add text. O(1); nothing is read before `flush`."""
        self._incoming.push(text)

    def flush(self) -> int:
        """Read what was pushed; returns the first leaf that may differ from the last time."""
        lines, partial = self._incoming.take()
        self._take_back()
        self._read(lines, partial)
        settled, definitions = self._settle()
        self._try(partial)
        return self._report(settled, definitions)

    def finish(self) -> int:
        """The text has ended: read what is left; returns the first leaf that may differ."""
        lines, partial = self._incoming.take(last=True)
        self._take_back()
        for line in (*self._held, *lines, *([partial] if partial else [])):
            self._parser.feed(line)
        self._held = []
        self._parser.close()
        self._references.complete = True
        return self._report(*self._settle())

    def inlines(self, text: str, *, unfinished: bool = False) -> tuple[Inline, ...]:
        """The nodes of inline source. Of an `unfinished` text, what is open is closed."""
        return self._references.inlines(text, unfinished=unfinished, partial=unfinished)

    def leaf_inlines(self, leaf: Leaf) -> tuple[Inline, ...]:
        """The nodes of a paragraph or heading; what an open one leaves open is closed.

        Of a long one that grows, the beginning is read once.
        """
        partial = leaf.partial

        def rest(text: str) -> tuple[Inline, ...]:
            return self._references.inlines(text, unfinished=leaf.open, partial=partial)

        text = leaf.text
        if not leaf.open or len(text) <= FEW_CHARS:
            return rest(text)
        return self._growing.read(text, self.readings, self._references.settled_inlines, rest)

    # ------------------------------------------------------------------------------ reading

    def _take_back(self) -> None:
        """Undo what the partial line did."""
        if self._trial is not None:
            self._parser.restore(self._trial)
            self._trial = None

    def _read(self, lines: list[str], partial: str) -> None:
        """Read whole lines for good, apart from a last one that may head a table."""
        lines = self._held + lines
        self._held = []
        for line in lines[:-1]:
            self._parser.feed(line)
        if lines:
            if self._parser.builder.inside is None and may_head_table(lines[-1], partial):
                self._held = [lines[-1]]
            else:
                self._parser.feed(lines[-1])

    def _settle(self) -> tuple[int, int]:
        """Take note of the leaves that are final now; how many leaves and definitions are."""
        builder = self._parser.builder
        settled = builder.settled
        self._references.settle(self.leaves, self._settled, settled)
        return settled, len(builder.definitions)

    def _try(self, partial: str) -> None:
        """Read the partial line on trial, unless its meaning is not clear yet."""
        builder = self._parser.builder
        visible = partial and not self._held and not self._is_undecided(partial)
        defines = builder.may_define
        if not visible and not defines:
            return
        self._trial = self._parser.save()
        if visible:
            self._parser.feed(partial)
            leaf = self.leaves[-1] if self.leaves else None
            if leaf is not None and leaf.end == builder.line:
                leaf.partial = True
                leaf.open = leaf.open or leaf.kind is Kind.HEADING
        builder.try_definitions()

    def _is_undecided(self, partial: str) -> bool:
        goes_on = self._parser.reaches_open_leaf(partial)
        return is_undecided(partial, self._parser.builder.inside if goes_on else None)

    # ---------------------------------------------------------------------------- reporting

    def _report(self, settled: int, definitions: int) -> int:
        """The first leaf that may differ from the last report."""
        affected = self._references.update(self.leaves, settled, definitions)
        start, self._settled = self._settled, settled
        before = self._shown
        self._shown = [_fingerprint(leaf) for leaf in self.leaves[settled:]]
        if affected is not None:
            self.readings += 1
            self.late = tuple(sorted(index for index in affected if index < start))
            return start
        self.late = ()
        first = start
        for old, leaf in zip(before, self.leaves[start:], strict=False):
            if old != _fingerprint(leaf):
                break
            first += 1
        return first


def _fingerprint(leaf: Leaf) -> _Fingerprint:
    """What tells whether a leaf that was not settled is still the same. O(1) for long ones."""
    lines, rows = leaf.lines, leaf.rows
    return (
        leaf.kind,
        leaf.context,
        leaf.open,
        leaf.partial,
        leaf.closed,
        leaf.level,
        leaf.info,
        leaf.head,
        leaf.tight,
        leaf.glue,
        leaf.start,
        leaf.end,
        len(lines),
        lines[0] if lines else "",
        lines[-1] if lines else "",
        len(rows),
    )


def parse(text: str) -> StreamDocument:
    """The document of a text that is whole."""
    document = StreamDocument()
    document.push(text)
    document.finish()
    return document
