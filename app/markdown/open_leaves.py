"""How a block that is open takes its next line: code, tables and block math.

Paragraphs are not here: any text goes on in them (see `blocks`). Each function answers whether
the line belongs to the leaf; when it does not, nothing has changed.
"""

from __future__ import annotations

from typing import assert_never

from app.markdown import starts
from app.markdown.builder import Builder
from app.markdown.cursor import CODE_INDENT, Cursor
from app.markdown.frames import Fence, Formula, Grid
from app.markdown.tables import MAX_PADDED_CELLS, MAX_ROW_CHARS, split_row
from app.markdown.tree import Leaf

# Block math that goes on for longer is taken for text. Long derivations stay well below.
_MAX_FORMULA_LINES = 200


def go_on(builder: Builder, leaf: Leaf, cursor: Cursor) -> bool:
    """Add the line to the open `leaf` of `builder` if it goes on there."""
    match builder.inside:
        case Fence() as fence:
            return _fence(builder, leaf, fence, cursor)
        case Formula() as formula:
            return _formula(builder, leaf, formula, cursor)
        case Grid() as grid:
            return _table(builder, leaf, grid, cursor)
        case None:
            return _indented(builder, leaf, cursor)
        case other:
            assert_never(other)


def _fence(builder: Builder, leaf: Leaf, fence: Fence, cursor: Cursor) -> bool:
    leaf.end = builder.line + 1
    closes = (
        cursor.indent < CODE_INDENT
        and cursor.text.startswith(fence.mark, cursor.next)
        and starts.closes_fence(cursor.content(), fence.mark)
    )
    if closes:
        leaf.closed = True
        builder.close_leaf()
    else:
        if fence.indent:
            cursor.skip(fence.indent)
        leaf.lines.append(cursor.rest())
    return True


def _indented(builder: Builder, leaf: Leaf, cursor: Cursor) -> bool:
    if cursor.blank:
        cursor.skip(CODE_INDENT)
        builder.blank_lines.append(cursor.rest())
        builder.spacing.blank(builder.stack)
        return True
    if cursor.indent < CODE_INDENT:
        return False
    leaf.lines.extend(builder.blank_lines)
    builder.blank_lines = []
    cursor.skip(CODE_INDENT)
    leaf.lines.append(cursor.rest())
    leaf.end = builder.line + 1
    builder.spacing.text()
    return True


def _table(builder: Builder, leaf: Leaf, grid: Grid, cursor: Cursor) -> bool:
    if cursor.blank or cursor.indent >= CODE_INDENT:
        return False
    text = cursor.content()
    if len(text) > MAX_ROW_CHARS or starts.interrupts_table(text):
        return False
    cells = split_row(text)[: len(leaf.align)]
    missing = len(leaf.align) - len(cells)
    if grid.padded + missing > MAX_PADDED_CELLS:
        return False
    if missing:
        builder.inside = Grid(grid.padded + missing)
    leaf.rows.append((*cells, *[""] * missing))
    leaf.end = builder.line + 1
    return True


def _formula(builder: Builder, leaf: Leaf, formula: Formula, cursor: Cursor) -> bool:
    text = cursor.content().rstrip(" \t")
    if formula.closer in text:
        last = text[:-2].rstrip(" \t")
        if text.index(formula.closer) != len(text) - 2 or not starts.is_tex(leaf.text + last):
            return False
        if last:
            leaf.lines.append(last)
        leaf.end = builder.line + 1
        leaf.closed = True
        builder.close_leaf()
        return True
    if not text and not (formula.alone and leaf.lines and leaf.lines[-1]):
        return False
    if len(leaf.lines) >= _MAX_FORMULA_LINES:
        return False
    leaf.lines.append(text)
    leaf.end = builder.line + 1
    return True
