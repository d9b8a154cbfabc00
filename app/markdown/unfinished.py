"""The end of a text that is still being written: what is not clear yet is not shown.

Everything here is provisional: the next character may settle it, and a text that has ended is
never treated so. A mark is held back only where showing it would flash markup at the reader.
"""

from __future__ import annotations

import re

# What an angle bracket may begin: a line break, an address.
_WORDS_AFTER_ANGLE = ("br />", "https://", "http://", "mailto:")
_AFTER_ANGLE = "|".join(
    sorted({word[:length] for word in _WORDS_AFTER_ANGLE for length in range(len(word))})
)
# The next character decides what it is.
_UNCLEAR_END = re.compile(
    rf"""(?:
    <(?:{_AFTER_ANGLE.replace(" ", "[ ]")})
    | &\#?[A-Za-z0-9]{{0,31}}
    | [*_~]+
    | (?<!\\)\\[(\[]?
    | (?<![\w$\\])\$
    | !?\[ | \[\^[^\]\s]{{0,30}} | (?<!\S)!
    )\Z""",
    re.IGNORECASE | re.VERBOSE,
)
_ANGLED_ADDRESS = re.compile(r"<(?=(?:https?://|mailto:)[^\s<>]*\Z)", re.IGNORECASE)
# `(address "title` or `[label` up to the end of the text, or nothing.
_OPEN_TARGET = re.compile(
    r"""(?:
    \(\s*+ (?:<[^<>\n]*+ | [^\s<] (?:[^\s()] | \([^\s()]*+\)?)*+ |)
        (?:\s++ (?:["'(] [^"'()]*+ ["')]?)? \s*+)?
    | \[[^\[\]]*+
    |)\Z""",
    re.VERBOSE,
)
_MAX_LINK_TEXT_CHARS = 200
_MAX_TARGET_CHARS = 4096


def trim(text: str, *, partial: bool) -> str:
    """`text` without marks at its end whose meaning what follows decides.

    `partial`: the last line goes on; else only a backslash can be unclear, before the next line.
    """
    if not partial:
        return text[:-1] if text.endswith("\\") and not text.endswith("\\\\") else text
    found = _UNCLEAR_END.search(text, max(0, len(text) - 34))
    if found:
        text = text[: found.start()].rstrip(" \t")
    angle = text.rfind("<")
    if angle >= 0 and _ANGLED_ADDRESS.match(text, angle):
        text = text[:angle] + text[angle + 1 :]
    return text


def is_open_target(text: str, at: int) -> bool:
    """Whether what follows a `]` to the end of the text may become the target of a link."""
    return len(text) - at < _MAX_TARGET_CHARS and _OPEN_TARGET.match(text, at) is not None


def may_become_link(text: str, start: int) -> bool:
    """Whether a link may be begun by the bracket before `start`, and nothing closed it yet."""
    if len(text) - start > _MAX_LINK_TEXT_CHARS or "\n" in text[start:]:
        return False
    before = text[: start - 1].rstrip("!")[-1:] if start else ""
    return not before.isalnum()
