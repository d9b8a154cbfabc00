"""Math within text: `$x$`, `$$x$$`, `\\(x\\)`, `\\[x\\]`, with currency left alone.

A dollar sign opens math only where a formula can begin and closes it only where one can end; the
first dollar sign that cannot close it shows that there was no formula.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from app.markdown.starts import is_tex

_SHORT_CHARS = 3
# What a formula in the making has that money and prose have not.
_TEX_SIGN = re.compile(r"[\\^_{=]")
_OPERATOR = re.compile(r"[\\^_{}=<>+*/|-]")
_MONEY = re.compile(r"\d[\d.,]*[kKmMbB]?(?:[\s/–—-]|$)")
_WORD = re.compile(r"(?<![^\W\d_])[^\W\d_]{3,}")
_FUNCTION = re.compile(
    r"sin|cos|tan|log|exp|min|max|lim|mod|det|gcd|lcm|sup|inf|dim|ker|deg|arg", re.IGNORECASE
)
# Words in escaped brackets.
_PLAIN_WORDS = re.compile(r"[^\W\d_]{4,}(?:[\s,.;:!?]+[^\W\d_]+)*[.!?]?")
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_ESCAPE_OR_DOLLAR = re.compile(r"\\.|\$", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Span:
    tex: str
    display: bool
    end: int
    closed: bool = True


def is_word(char: str) -> bool:
    """A letter or digit of a script that puts spaces between words."""
    return char.isalnum() and char < "\u1100"


def read_dollars(text: str, start: int, *, unfinished: bool) -> Span | None:
    """The math that begins with the dollar signs at `start`."""
    end = start
    while text.startswith("$", end):
        end += 1
    if end - start == 2:
        return _read_display(text, end, unfinished=unfinished)
    if end - start != 1 or (start and (is_word(text[start - 1]) or text[start - 1] == "$")):
        return None
    if end == len(text) or text[end].isspace():
        return None
    close = _find_dollar(text, end)
    if close < 0:
        tex = text[end:]
        looks_so = _TEX_SIGN.search(tex) or (len(tex) <= _SHORT_CHARS and tex[0].isalpha())
        if unfinished and looks_so and "\n" not in tex and not _is_prose(tex):
            return Span(tex, display=False, end=len(text), closed=False)
        return None
    tex = text[end:close]
    after = text[close + 1 : close + 2]
    if text[close - 1].isspace() or (after and (is_word(after) or after == "$")):
        return None
    return None if _is_prose(tex) else Span(tex, display=False, end=close + 1)


def _read_display(text: str, start: int, *, unfinished: bool) -> Span | None:
    close = text.find("$$", start)
    if close < 0:
        tex = text[start:].rstrip("$")
        if unfinished and is_tex(tex):
            return Span(tex, display=True, end=len(text), closed=False)
        return None
    tex = text[start:close]
    return Span(tex, display=True, end=close + 2) if is_tex(tex) else None


def read_brackets(text: str, start: int, *, unfinished: bool) -> Span | None:
    """The math that begins with `\\(` or `\\[` at `start`."""
    opener = text[start + 1]
    display = opener == "["
    for escape in _ESCAPE.finditer(text, start + 2):
        if escape.group(1) == opener:
            return None
        if escape.group(1) == ("]" if display else ")"):
            tex = text[start + 2 : escape.start()]
            is_formula = is_tex(tex) and not _PLAIN_WORDS.fullmatch(tex)
            return Span(tex, display, escape.end()) if is_formula else None
    tex = text[start + 2 :]
    return Span(tex, display, len(text), closed=False) if unfinished and is_tex(tex) else None


def _find_dollar(text: str, at: int) -> int:
    """The next dollar sign that no backslash escapes, or -1."""
    for found in _ESCAPE_OR_DOLLAR.finditer(text, at):
        if found.group() == "$":
            return found.start()
    return -1


def _is_prose(tex: str) -> bool:
    """Whether what stands between two dollar signs is money and words."""
    if "\\" in tex:
        return False
    words = [word for word in _WORD.findall(tex) if not _FUNCTION.fullmatch(word)]
    if _MONEY.match(tex):
        return bool(words)
    return len(words) > 1 and _OPERATOR.search(tex) is None
