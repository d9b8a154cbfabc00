"""What a document says, as values that can be compared."""

from __future__ import annotations

from dataclasses import fields

from app.markdown.stream import StreamDocument
from app.markdown.tree import Inline, Kind, Leaf

_FIELDS = [field.name for field in fields(Leaf)]

LeafValue = tuple[object, ...]


def inlines_of(document: StreamDocument, leaf: Leaf) -> list[tuple[Inline, ...]]:
    """All inline content of a leaf."""
    if leaf.kind in (Kind.PARAGRAPH, Kind.HEADING):
        return [document.leaf_inlines(leaf)]
    return [document.inlines(cell) for row in (leaf.head, *leaf.rows) for cell in row]


def leaf_value(document: StreamDocument, leaf: Leaf) -> LeafValue:
    values = (getattr(leaf, name) for name in _FIELDS)
    frozen = (tuple(value) if isinstance(value, list) else value for value in values)
    return (*frozen, tuple(inlines_of(document, leaf)))


def values_of(document: StreamDocument) -> list[LeafValue]:
    return [leaf_value(document, leaf) for leaf in document.leaves]


class Watched:
    """A stream, with what was shown of it after the last flush, as a view would keep it."""

    def __init__(self) -> None:
        self.document = StreamDocument()
        self.shown: list[LeafValue] = []

    def push(self, text: str) -> None:
        self.document.push(text)

    def flush(self) -> None:
        self._take_over(self.document.flush())

    def finish(self) -> None:
        self._take_over(self.document.finish())

    def _take_over(self, first: int) -> None:
        """Only what was reported may differ; then the view holds what the document says."""
        now = values_of(self.document)
        assert first <= min(len(self.shown), len(now))
        assert all(index < first for index in self.document.late)
        for index in range(first):
            if index not in self.document.late:
                assert self.shown[index] == now[index], f"leaf {index} changed unreported"
        self.shown = now
