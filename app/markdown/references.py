"""What text refers to: link definitions and footnotes, wherever they stand in the document.

Footnotes are numbered by their first mention in reading order, as GitHub does; one that is never
defined is text. Definitions may come after the text that needs them: `settle` remembers what a
final leaf waits for, `update` says which leaves read differently now.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

from app.markdown.definitions import Definition, normalise_label
from app.markdown.inline import parse_inlines, parse_settled
from app.markdown.tree import Footnote, FootnoteRef, Inline, Kind, Leaf
from app.markdown.words import descend

# What is a footnote even before its text has come. Others, such as `[^a-z]`, may be anything.
_SURE_LABEL = re.compile(r"\d{1,3}|[A-Za-z]{4,}[\w-]*")
_BRACKET = re.compile(r"\\.|\[|\]", re.DOTALL)
_MAX_LABEL_CHARS = 999


class _AnyLabel(dict[str, int]):
    """Numbers for a pass that only asks which footnotes a text mentions."""

    def __missing__(self, label: str) -> int:
        return 0

    def __contains__(self, label: object) -> bool:
        return True


@dataclass(slots=True, eq=False)
class _TableScan:
    """How far an open table has been looked through."""

    leaf: Leaf
    rows: int = -1
    labels: dict[str, None] = field(default_factory=dict)

    def new_texts(self) -> list[str]:
        rows = self.leaf.rows[max(0, self.rows) :]
        if self.rows < 0:
            rows.insert(0, self.leaf.head)
        self.rows = len(self.leaf.rows)
        return [cell for row in rows for cell in row if "[" in cell]


class References:
    """Looks into `definitions` and `footnotes`, which the block parser fills."""

    numbers: dict[str, int]
    """Label -> number of the footnotes that are mentioned and defined (or likely to be)."""
    complete: bool
    """The text has ended: what is not defined now is text."""

    def __init__(self, definitions: dict[str, Definition], footnotes: dict[str, int]) -> None:
        self._definitions = definitions
        self._footnotes = footnotes
        self.numbers = {}
        self.complete = False
        self._mentions: dict[str, list[int]] = {}
        """Label -> final leaves that mention the footnote; in order of the first mention."""
        self._waiting: dict[str, list[int]] = {}
        """Normalised label -> final leaves that hold it in brackets, undefined so far."""
        self._notes: list[int] = []
        """Final leaves within footnotes."""
        self._table: _TableScan | None = None
        self._final_count = 0
        self._provisional: dict[str, Definition] = {}
        """Definitions after the first `_final_count`, as they were at the last `update`."""

    def inlines(
        self, text: str, *, unfinished: bool = False, partial: bool = False
    ) -> tuple[Inline, ...]:
        """The nodes of inline source, see `inline.parse_inlines`."""
        return parse_inlines(
            text, self._definitions, self.numbers, unfinished=unfinished, partial=partial
        )

    def settled_inlines(self, text: str) -> tuple[Inline, ...] | None:
        """The nodes of a beginning, see `inline.parse_settled`."""
        return parse_settled(text, self._definitions, self.numbers)

    def settle(self, leaves: Sequence[Leaf], start: int, end: int) -> None:
        """The leaves from `start` to `end` are final now."""
        for index in range(start, end):
            leaf = leaves[index]
            if _in_footnote(leaf):
                self._notes.append(index)
                self._renumber(leaf)
            for text in _texts(leaf):
                for label in self._mentioned(text):
                    self._mentions.setdefault(label, []).append(index)
                for label in _bracketed(text):
                    if label not in self._definitions:
                        self._waiting.setdefault(label, []).append(index)

    def update(self, leaves: Sequence[Leaf], settled: int, final_count: int) -> set[int] | None:
        """Take notice of what was defined, mentioned or withdrawn since the last time.

        The leaves before `settled` and the first `final_count` definitions are final. Returns
        which final leaves read differently now; `None` when nothing changed for any leaf.
        """
        affected: set[int] = set()
        changed = self._changed_definitions(final_count)
        for label in changed:
            affected.update(self._waiting.get(label, ()))
        numbers = self._count(leaves, settled)
        if numbers != self.numbers:
            before, self.numbers = self.numbers, numbers
            for label in before.keys() | numbers.keys():
                if before.get(label) != numbers.get(label):
                    affected.update(self._mentions.get(label, ()))
                    changed.add(label)
        affected.update(index for index in self._notes if changed and self._renumber(leaves[index]))
        for leaf in leaves[settled:]:
            self._renumber(leaf)
        return affected if changed else None

    def _changed_definitions(self, final_count: int) -> set[str]:
        if not self._provisional and len(self._definitions) == self._final_count:
            return set()
        before = self._provisional
        now = dict(islice(self._definitions.items(), self._final_count, None))
        self._provisional = dict(islice(now.items(), final_count - self._final_count, None))
        self._final_count = final_count
        labels = before.keys() | now.keys()
        return {label for label in labels if before.get(label) != now.get(label)}

    def _count(self, leaves: Sequence[Leaf], settled: int) -> dict[str, int]:
        if not self._footnotes and self.complete:
            return {}
        order = dict.fromkeys(self._mentions)
        for leaf in leaves[settled:]:
            order.update(self._mentioned_so_far(leaf))
        notes = filter(self._is_note, order)
        return {label: number for number, label in enumerate(notes, 1)}

    def _mentioned_so_far(self, leaf: Leaf) -> dict[str, None]:
        """The footnotes that a leaf mentions that may still grow; of a table, new rows count."""
        if self._table is None or self._table.leaf is not leaf:
            self._table = _TableScan(leaf) if leaf.kind is Kind.TABLE else None
        if self._table is None:
            return dict.fromkeys(label for text in _texts(leaf) for label in self._mentioned(text))
        for text in self._table.new_texts():
            self._table.labels.update(dict.fromkeys(self._mentioned(text)))
        return self._table.labels

    def _is_note(self, label: str) -> bool:
        if label in self._footnotes:
            return True
        return not self.complete and _SURE_LABEL.fullmatch(label) is not None

    def _renumber(self, leaf: Leaf) -> bool:
        """Put the numbers of footnotes into the context of a leaf; whether that changed it."""
        if not _in_footnote(leaf):
            return False
        context = tuple(
            replace(box, number=self.numbers.get(box.label, 0))
            if isinstance(box, Footnote)
            else box
            for box in leaf.context
        )
        changed = context != leaf.context
        leaf.context = context
        return changed

    def _mentioned(self, text: str) -> Iterator[str]:
        if "[^" in text:
            for node in descend(parse_inlines(text, self._definitions, _AnyLabel())):
                if isinstance(node, FootnoteRef):
                    yield node.label


def _in_footnote(leaf: Leaf) -> bool:
    return any(isinstance(box, Footnote) for box in leaf.context)


def _texts(leaf: Leaf) -> Iterator[str]:
    """The inline sources in a leaf that hold a bracket."""
    if leaf.kind in (Kind.PARAGRAPH, Kind.HEADING):
        if "[" in (text := leaf.text):
            yield text
    elif leaf.kind is Kind.TABLE:
        for row in (leaf.head, *leaf.rows):
            yield from (cell for cell in row if "[" in cell)


def _bracketed(text: str) -> set[str]:
    """What stands in brackets without brackets inside, as labels."""
    labels: set[str] = set()
    start = -1
    for found in _BRACKET.finditer(text):
        if found.group() == "[":
            start = found.end()
        elif found.group() == "]":
            if 0 <= start < found.start() <= start + _MAX_LABEL_CHARS:
                labels.add(normalise_label(text[start : found.start()]))
            start = -1
    return labels
