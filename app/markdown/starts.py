"""How blocks begin: pure functions of the text after the indentation.

They recognise; what is made of it is the parser's matter. Sections are those of CommonMark 0.31.2.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

# The characters that anything but a paragraph begins with.
STARTERS = frozenset("#`~*+-_=>|:0123456789$\\[")

_RULE = re.compile(r"(?:(?:\*[ \t]*){3,}|(?:_[ \t]*){3,}|(?:-[ \t]*){3,})")
_HEADING = re.compile(r"(#{1,6})(?:[ \t]+|$)")
_UNDERLINE = re.compile(r"(=+|-+)[ \t]*")
_MARKER = re.compile(r"[*+-]|(\d{1,9})([.)])")
_FOOTNOTE = re.compile(r"\[\^([^\]\s\[]{1,100})\]:[ \t]*")
_TASK = re.compile(r"\[([ xX])\][ \t]+(?=[^ \t])")
_TEX = re.compile(r"[^\W_]")


@dataclass(frozen=True, slots=True)
class Marker:
    """A list marker: `number` is `None` for a bullet; `length` in characters."""

    delimiter: str
    number: int | None
    length: int


def is_rule(text: str) -> bool:
    """4.1 Thematic breaks."""
    # A line of a hundred lists within each other would be read to its end for each of them.
    return text.rstrip(" \t")[-1:] == text[0] and _RULE.fullmatch(text) is not None


def heading(text: str) -> tuple[int, str] | None:
    """4.2 ATX headings: level and content."""
    found = _HEADING.match(text)
    if not found:
        return None
    content = text[found.end() :].rstrip(" \t")
    if content.endswith("#"):
        content = _without_closing_marks(content)
    return len(found.group(1)), content


def _without_closing_marks(content: str) -> str:
    bare = content.rstrip("#")
    return bare.rstrip(" \t") if not bare or bare[-1] in " \t" else content


def fence(text: str) -> tuple[str, str] | None:
    """4.5 Fenced code blocks: the mark and the info string."""
    info = text.lstrip(text[0])
    mark = text[: len(text) - len(info)]
    if len(mark) < 3 or (mark[0] == "`" and "`" in info):
        return None
    return mark, info.strip(" \t")


def closes_fence(text: str, mark: str) -> bool:
    """Whether a line ends the code that `mark` began."""
    bare = text.rstrip(" \t")
    return len(bare) >= len(mark) and not bare.strip(mark[0])


def underline(text: str) -> int:
    """4.3 Setext headings: the level that the line makes of the paragraph before it, or 0."""
    found = _UNDERLINE.fullmatch(text)
    return 0 if not found else 1 if found.group(1)[0] == "=" else 2


def marker(text: str, *, in_paragraph: bool) -> Marker | None:
    """5.2 List items. Within a paragraph only a first, filled item begins a list."""
    found = _MARKER.match(text)
    if not found:
        return None
    end = found.end()
    if end < len(text) and text[end] not in " \t":
        return None
    digits = found.group(1)
    if in_paragraph and ((digits and int(digits) != 1) or not text[end:].strip(" \t")):
        return None
    if digits:
        return Marker(found.group(2), int(digits), end)
    return Marker(text[0], None, end)


def footnote(text: str) -> tuple[str, int] | None:
    """`[^label]:`: the label and the length."""
    found = _FOOTNOTE.match(text)
    return (found.group(1), found.end()) if found else None


def task(text: str) -> tuple[bool, int] | None:
    """`[ ]` or `[x]` before text: whether it is ticked, and the length."""
    found = _TASK.match(text)
    return (found.group(1) != " ", found.end()) if found else None


@dataclass(frozen=True, slots=True)
class MathStart:
    """The first line of block math: its closing mark and what stands behind the opening one."""

    closer: str
    body: str
    closed: bool


def is_tex(text: str) -> bool:
    """Whether there is anything in `text` that could be a formula."""
    return _TEX.search(text) is not None


def math(text: str) -> MathStart | None:
    """`$$` or `\\[` at the start of a line that holds nothing behind the closing mark."""
    closer = {"$$": "$$", "\\[": "\\]"}.get(text[:2])
    if closer is None:
        return None
    body = text[2:].strip(" \t")
    if body.endswith(closer):
        body = body[:-2]
        whole = closer not in body and is_tex(body)
        return MathStart(closer, body.strip(" \t"), True) if whole else None
    if closer in body or body.startswith("$"):
        return None
    if closer == "\\]" and _has_stray_bracket(body):
        return None
    return MathStart(closer, body, False)


def has_open_math(prose: str, closer: str) -> bool:
    """Whether a paragraph already holds the opening mark of math that spans its lines."""
    if closer == "$$":
        return prose.count("$$") % 2 == 1
    return prose.count("\\[") > prose.count("\\]")


def _has_stray_bracket(body: str) -> bool:
    """Whether a `]` without its `[` shows that `\\[` was an escaped bracket in prose."""
    depth = 0
    for char in body:
        if char == "[":
            depth += 1
        elif char == "]":
            depth -= 1
            if depth < 0:
                return True
    return False


def interrupts_table(text: str) -> bool:
    """Whether a line that follows a table row begins a block of its own."""
    if text[0] not in STARTERS:
        return False
    return (
        text[0] == ">"
        or (text[0] == "#" and heading(text) is not None)
        or (text[0] in "`~" and fence(text) is not None)
        or (text[0] in "*-_" and is_rule(text))
        or marker(text, in_paragraph=False) is not None
        or footnote(text) is not None
    )
