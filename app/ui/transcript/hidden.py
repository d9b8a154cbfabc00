"""Characters that hide or reorder code, made visible: one mark for one character.

Invariant: a marked text is as long as the text itself, so places in both are the same; what is
copied is the text, never the marks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType

APART, END_APART = "\u2066", "\u2069"
"""Around what has an order of its own (Unicode UAX #9, isolates)."""

_LEFT_TO_RIGHT = "\u200e\u202a\u202d\u2066"
_RIGHT_TO_LEFT = "\u061c\u200f\u202b\u202e\u2067"
_OTHER_DIRECTION = "\u202c\u2068\u2069"
_WITHOUT_WIDTH = "\u00ad\u200b\u2060\u2061\u2062\u2063\u2064\ufeff"
_CONTROLS = "".join(map(chr, [*range(0x09), *range(0x0B, 0x20), 0x7F]))

_MARKS: Mapping[int, str] = MappingProxyType(
    {
        **dict.fromkeys(map(ord, _LEFT_TO_RIGHT), "⇒"),
        **dict.fromkeys(map(ord, _RIGHT_TO_LEFT), "⇐"),
        **dict.fromkeys(map(ord, _OTHER_DIRECTION), "⇔"),
        **dict.fromkeys(map(ord, _WITHOUT_WIDTH), "¦"),
        **{code: chr(0x2400 + code) for code in map(ord, _CONTROLS) if code < 0x20},
        0x7F: "␡",
    }
)
_HIDDEN = re.compile(f"[{re.escape(''.join(map(chr, _MARKS)))}]+")


def marked(text: str) -> str:
    """The text with marks in the place of what could not be seen."""
    return text if text.isascii() and text.isprintable() else text.translate(_MARKS)


def hidden_ranges(text: str) -> Iterator[tuple[int, int]]:
    """Where the marks are, start and end in characters."""
    if not (text.isascii() and text.isprintable()):
        for found in _HIDDEN.finditer(text):
            yield found.start(), found.end()
