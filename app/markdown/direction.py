"""The base direction of a paragraph, by its first strong character (Unicode UAX #9, P2 and P3)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from types import MappingProxyType

_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff\U00010800-\U00010fff]")
_STRONG: Mapping[str, bool] = MappingProxyType({"L": False, "R": True, "AL": True})
# Text between these has a direction of its own.
_ISOLATES = frozenset(("LRI", "RLI", "FSI"))


def has_right_to_left(text: str) -> bool:
    """Whether some of the text may run from right to left."""
    return not text.isascii() and _RIGHT_TO_LEFT.search(text) is not None


def is_right_to_left(text: str) -> bool:
    """Whether a paragraph with this text, without markup, runs from right to left."""
    if text.isascii():
        return False
    depth = 0
    for char in text:
        kind = unicodedata.bidirectional(char)
        if kind in _ISOLATES:
            depth += 1
        elif kind == "PDI":
            depth = max(0, depth - 1)
        elif not depth and kind in _STRONG:
            return _STRONG[kind]
    return False
