"""Names of files as they are shown and sent: one line, nothing invisible, not too long.

Invariant: pure. A name that hides something (a line break, a mark that turns the writing
direction and makes `exe.gpj` of `jpg.exe`) is shown for what it is.
"""

from __future__ import annotations

import unicodedata

from app.domain.stream import mend_surrogates

LONGEST_NAME = 120
_JOINERS = "\u200c\u200d"  # they belong to words and to emoji


def plain_name(name: str) -> str:
    """`name` without line breaks, control characters, direction marks and folders."""
    last = mend_surrogates(name).replace("\\", "/").rstrip("/").rpartition("/")[2]
    shown = "".join(c if _is_shown(c) else " " for c in last)
    words = " ".join(shown.split())
    if len(words) <= LONGEST_NAME:
        return words
    stem, dot, ending = words.rpartition(".")
    if not dot or len(ending) > 10:
        return words[: LONGEST_NAME - 1] + "…"
    return f"{stem[: LONGEST_NAME - 2 - len(ending)]}…{dot}{ending}"


def _is_shown(character: str) -> bool:
    return character in _JOINERS or unicodedata.category(character)[0] != "C"
