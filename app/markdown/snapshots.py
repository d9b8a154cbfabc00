"""Undoing lines: what a builder was before them, at the cost of its open blocks."""

from __future__ import annotations

from app.markdown.builder import Builder
from app.markdown.frames import Formula, Growth, SavedLeaf, Snapshot


def take(builder: Builder) -> Snapshot:
    """The state of `builder` now."""
    inside = builder.inside
    settled = builder.settled
    before = inside.before if isinstance(inside, Formula) else None
    definitions, footnotes = builder.definitions, builder.footnotes
    spacing = builder.spacing
    return Snapshot(
        settled=settled,
        leaves=tuple(SavedLeaf.of(leaf) for leaf in builder.leaves[settled:]),
        open_leaf=builder.leaf,
        stack=tuple(builder.stack),
        inside=inside,
        source_count=len(inside.source) if isinstance(inside, Formula) else 0,
        blank_lines=builder.blank_lines,
        blank_count=len(builder.blank_lines),
        chars=builder.chars,
        line=builder.line,
        last_id=builder.last_id,
        gap=spacing.gap,
        after_blank=spacing.after_blank,
        # Open math may be undone as a whole: keep what came since it began.
        definitions=Growth.of(
            definitions, before.definitions.floor if before else len(definitions)
        ),
        footnotes=Growth.of(footnotes, before.footnotes.floor if before else len(footnotes)),
        loose=Growth.of(spacing.loose, before.loose.floor if before else len(spacing.loose)),
    )


def put_back(builder: Builder, snapshot: Snapshot) -> None:
    """Undo all that `builder` has read since `snapshot` was taken."""
    del builder.leaves[snapshot.settled :]
    builder.leaves.extend(saved.put_back() for saved in snapshot.leaves)
    builder.leaf = snapshot.open_leaf
    builder.stack[:] = snapshot.stack
    builder.inside = snapshot.inside
    if isinstance(snapshot.inside, Formula):
        del snapshot.inside.source[snapshot.source_count :]
    builder.blank_lines = snapshot.blank_lines
    del builder.blank_lines[snapshot.blank_count :]
    builder.chars = snapshot.chars
    builder.line = snapshot.line
    builder.last_id = snapshot.last_id
    builder.spacing.gap = snapshot.gap
    builder.spacing.after_blank = snapshot.after_blank
    snapshot.definitions.put_back(builder.definitions)
    snapshot.footnotes.put_back(builder.footnotes)
    snapshot.loose.put_back(builder.spacing.loose)
