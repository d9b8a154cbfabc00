"""Text that arrives in chunks -> whole lines and the start of the next one.

Any line end (CR, LF or both, also cut in two) ends a line; NUL and half surrogates become the
replacement character, a surrogate pair cut in two becomes its character (CommonMark 2.1, 2.3).
"""

from __future__ import annotations

import re

_HALF = re.compile("[\ud800-\udfff]")


class Incoming:
    def __init__(self) -> None:
        self._chunks: list[str] = []
        self._partial = ""
        # A carriage return or the first half of a surrogate pair, which may have a second half.
        self._cut = ""

    def push(self, chunk: str) -> None:
        """Add text; costs no more than keeping it."""
        self._chunks.append(chunk)

    def take(self, *, last: bool = False) -> tuple[list[str], str]:
        """The lines that are complete, and what there is of the next; `last`: no more follows."""
        if self._chunks or (last and self._cut):
            text = self._cut + "".join(self._chunks)
            self._chunks.clear()
            self._cut = ""
            if not last and text and (text[-1] == "\r" or "\ud800" <= text[-1] <= "\udbff"):
                text, self._cut = text[:-1], text[-1]
            *lines, self._partial = (self._partial + _clean(text)).split("\n")
        else:
            lines = []
        if last:
            partial, self._partial = self._partial, ""
            return lines, partial
        return lines, self._partial


def _clean(text: str) -> str:
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not text.isascii() and _HALF.search(text):
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        text = _HALF.sub("\ufffd", text)
    return text.replace("\0", "\ufffd")
