"""Where a paragraph that is too long to lay out at once is cut.

Only minified or encoded text gets there. The cuts depend on the text alone, never on how it
arrived, so a stream and a one-shot parse cut at the same places.
"""

from __future__ import annotations

import re
import unicodedata

MAX_PIECE_CHARS = 8192
_WHITE = re.compile(r"[ \t\n]*")
_LOOK_BACK_CHARS = 32


def cut(text: str) -> list[tuple[str, str]]:
    """Pieces of `text` of at most `MAX_PIECE_CHARS`, each after the white space before it."""
    pieces: list[tuple[str, str]] = []
    glue, start = "", 0
    while len(text) - start > MAX_PIECE_CHARS:
        limit = start + MAX_PIECE_CHARS
        middle = start + MAX_PIECE_CHARS // 2
        end = text.rfind("\n", middle, limit)
        if end < 0:
            end = text.rfind(" ", middle, limit)
        if end < 0:
            end = _between_characters(text, limit)
        piece = text[start:end].rstrip(" \t\n")
        found = _WHITE.match(text, start + len(piece))
        next_start = found.end() if found else end
        pieces.append((glue, piece))
        glue, start = text[start + len(piece) : next_start], next_start
    pieces.append((glue, text[start:]))
    return pieces


def _between_characters(text: str, at: int) -> int:
    """`at`, or a little before: not within a run of combining or joined characters."""
    for back in range(at, at - _LOOK_BACK_CHARS, -1):
        here, before = text[back], text[back - 1]
        joined = "\u200d" in (here, before) or "\ufe00" <= here <= "\ufe0f"
        if not joined and before != "\\" and not unicodedata.combining(here):
            return back
    return at
