"""How far one source line has been read.

Columns count tabs as reaching to the next multiple of four (CommonMark 2.2). Invariant: `next` and
`indent` describe the first character at or after `offset` that is neither space nor tab.
"""

from __future__ import annotations

import re

_SPACES = re.compile(r"[ \t]*")
_TAB_COLUMNS = 4
# Indentation that makes code of a line (CommonMark 4.4).
CODE_INDENT = 4


class Cursor:
    __slots__ = ("blank", "column", "indent", "line", "next", "offset", "text")

    line: str
    """The whole line, as it came."""
    text: str
    offset: int
    column: int
    next: int
    """Index of the next character that is neither space nor tab."""
    indent: int
    """Columns from `offset` to `next`."""
    blank: bool
    """Nothing but spaces and tabs is left."""

    def __init__(self, text: str) -> None:
        self.line = self.text = text
        self.offset = 0
        self.column = 0
        self.look()

    def look(self) -> None:
        """Find `next` again after `offset` has moved."""
        text, offset = self.text, self.offset
        if offset < len(text) and text[offset] not in " \t":
            self.next, self.indent, self.blank = offset, 0, False
            return
        found = _SPACES.match(text, offset)
        end = found.end() if found else offset
        run = text[offset:end]
        if "\t" in run:
            past_stop = self.column % _TAB_COLUMNS
            self.indent = len((" " * past_stop + run).expandtabs(_TAB_COLUMNS)) - past_stop
        else:
            self.indent = end - offset
        self.next = end
        self.blank = end == len(text)

    def skip(self, columns: int) -> None:
        """Read at most `columns` columns of white space; what is left of a tab becomes spaces."""
        while columns > 0 and self.offset < self.next:
            if self.text[self.offset] == "\t":
                width = _TAB_COLUMNS - self.column % _TAB_COLUMNS
                if width > columns:
                    self.text = " " * (width - columns) + self.text[self.offset + 1 :]
                    self.offset = 0
                    self.column += columns
                    break
                self.column += width
                columns -= width
            else:
                self.column += 1
                columns -= 1
            self.offset += 1
        self.look()

    def take(self, count: int) -> None:
        """Read the white space before `next` and `count` characters from there (no tabs)."""
        self.offset = self.next + count
        self.column += self.indent + count
        self.look()

    def rest(self) -> str:
        """The text from `offset` on."""
        return self.text[self.offset :]

    def content(self) -> str:
        """The text from `next` on."""
        return self.text[self.next :]
