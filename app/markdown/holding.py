"""Which lines are not shown yet, because the next characters decide what they are.

All of it is about the start of a line that is still being written; a line end, or the end of the
text, settles everything. A mark at the start may be a list, a rule, a fence, a table, a heading.
"""

from __future__ import annotations

import re

from app.markdown.frames import Fence, Formula, Grid, Inside

_MAX_UNDECIDED_CHARS = 400
_MAX_ROW_CHARS = 8192
# Containers that the line begins with; what is left decides.
_CONTAINERS = re.compile(r"(?:[ \t]*(?:>|[-+*][ \t]|\d{1,9}[.)][ \t]|\[\^[^\]\s]*\]:[ \t]))*[ \t]*")
_UNDECIDED = re.compile(
    r"""
    [-=*_+~`\#|:$\\>\ \t]*              # marks alone: a rule, a fence, a list, a heading, bold
    | \d{1,9}[.)]?                      # a number: a list item?
    | (?:`{3}|~{3}).*                   # a fence, until its language is whole
    | \|.*                              # a row of a table
    | \$\$.* | \\\[.*                   # block math
    | \[[ xX]?\]?[ \t]*                 # a task?
    | \[[^\[\]]*\]                      # a link, a definition or a footnote?
    | \[\^[^\[\]\s]*                    # a footnote?
    | \[[^\[\]]+\]:.*                   # a definition
    """,
    re.VERBOSE,
)
_HEAD = re.compile(r"[ \t>]*\|")
_DELIMITER_ROW = re.compile(r"[ \t>]*[-:| \t]*")


def is_undecided(partial: str, inside: Inside) -> bool:
    """Whether the line that begins with `partial` is not to be shown yet."""
    match inside:
        case Fence(mark):
            bare = partial.strip(" \t>")
            return not bare or (not bare.strip(mark[0]) and len(bare) <= len(mark))
        case Formula():
            return True
        case Grid():
            return len(partial) < _MAX_ROW_CHARS
        case None:
            found = _CONTAINERS.match(partial)
            rest = partial[found.end() :] if found else partial
            limit = _MAX_ROW_CHARS if rest.startswith("|") else _MAX_UNDECIDED_CHARS
            return len(rest) < limit and _UNDECIDED.fullmatch(rest) is not None


def may_head_table(line: str, partial: str) -> bool:
    """Whether `line` looks like the head of a table and the line after it may still make it one."""
    return (
        _HEAD.match(line) is not None
        and _DELIMITER_ROW.fullmatch(line) is None
        and _DELIMITER_ROW.fullmatch(partial) is not None
        and len(line) < _MAX_ROW_CHARS
    )
