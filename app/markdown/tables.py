"""Rows of GitHub tables (GFM 4.10)."""

from __future__ import annotations

import re

from app.markdown.tree import Align

# A longer line is no row: a cell of that size cannot be laid out while it streams.
MAX_ROW_CHARS = 8192
# Cells that short rows lack are filled in, but not without end.
MAX_PADDED_CELLS = 65_536

_DELIMITER_ROW = re.compile(r"\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*")
_BAR = re.compile(r"(?<!\\)\|")


def split_row(line: str) -> list[str]:
    """The cells of a row, without the white space around them; `\\|` is a bar."""
    row = line.strip(" \t")
    if row == "|":
        return []
    if row.startswith("|"):
        row = row[1:]
    cells = _BAR.split(row)
    if len(cells) > 1 and not cells[-1].strip(" \t"):
        cells.pop()
    return [cell.strip(" \t").replace("\\|", "|") for cell in cells]


def read_alignments(line: str) -> tuple[Align, ...] | None:
    """The columns that a delimiter row such as `|:--|--:|` declares; `None` if it is none."""
    if len(line) > MAX_ROW_CHARS or not _DELIMITER_ROW.fullmatch(line):
        return None
    return tuple(
        {"::": Align.CENTER, ":-": Align.LEFT, "-:": Align.RIGHT}.get(
            cell[0] + cell[-1], Align.NONE
        )
        for cell in split_row(line)
    )
