"""A title for a chat, made from its first question without asking anybody."""

from __future__ import annotations

import re
from collections.abc import Iterable

from app.domain.message import Media, Part, Text

LONGEST_TITLE = 60

_FENCE = re.compile(r"^\s*(?:```|~~~).*$", re.MULTILINE)
_LINE_MARK = re.compile(r"^\s*(?:#{1,6}\s+|>\s*|[-*+]\s+|\d+[.)]\s+)+")
_LINK = re.compile(r"!?\[([^\]]*)\]\([^)]*\)")
_EMPHASIS = re.compile(r"(\*\*|__|`+)(?=\S)(.+?)(?<=\S)\1")


def title_of(parts: Iterable[Part]) -> str:
    """The first line that says something, without markup, cut at a word; may be empty.

    A question of attachments alone is named after the first of them.
    """
    named = ""
    for part in parts:
        if isinstance(part, Text):
            for line in _FENCE.sub("", part.text).splitlines():
                if any(map(str.isalnum, plain := _plain(line))):
                    return _cut(plain)
        elif isinstance(part, Media) and not named:
            named = _cut(_plain(part.name))
    return named


def _plain(line: str) -> str:
    line = _LINE_MARK.sub("", line)
    line = _LINK.sub(r"\1", line)
    line = _EMPHASIS.sub(r"\2", line)
    return " ".join("".join(c if c.isprintable() else " " for c in line).split())


def _cut(line: str) -> str:
    if len(line) <= LONGEST_TITLE:
        return line
    head = line[:LONGEST_TITLE]
    word, _, rest = head.rpartition(" ")
    if word and len(rest) < LONGEST_TITLE // 3:
        head = word
    return head.rstrip(" ,;:.-") + "…"
