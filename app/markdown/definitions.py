"""Link destinations, titles, labels and link reference definitions (CommonMark 4.7 and 6.3).

All functions read from a position and return where they stopped, so that a long run of
definitions costs its length once.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TypeAlias

from app.markdown.entities import unescape

# Brackets inside a destination: bounds the look-ahead of `[a](` repeated, as cmark does.
MAX_DESTINATION_DEPTH = 32

TITLE = re.compile(r'"((?:[^"\\]|\\.)*)"|\'((?:[^\'\\]|\\.)*)\'|\(((?:[^()\\]|\\.)*)\)', re.DOTALL)
LABEL = re.compile(r"\[((?:[^\\\[\]]|\\.){1,999})\]", re.DOTALL)
_ANGLED = re.compile(r"<((?:[^<>\n\\]|\\.)*)>")
# The characters that a destination without angle brackets is made of, brackets apart.
_BARE = re.compile(r"(?:[^\x00-\x20\x7f()\\]+|\\[()\\]?)+")
_SPACE_WITH_LINE_END = re.compile(r"[ \t]*(?:\n[ \t]*)?")
_LINE_END = re.compile(r"[ \t]*(?:\n|\Z)")
_LABEL_SPACE = re.compile(r"[ \t\n]+")
_UNSAFE = re.compile(r"(?:javascript|vbscript|file|data):", re.IGNORECASE)
_SAFE_DATA = re.compile(r"data:image/(?:gif|png|jpeg|webp);", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Definition:
    href: str
    title: str


Definitions: TypeAlias = dict[str, Definition]


def normalise_label(label: str) -> str:
    """What two labels that mean the same have in common."""
    return _LABEL_SPACE.sub(" ", label.strip(" \t\n")).casefold()


def is_safe(href: str) -> bool:
    """Whether `href` may become a link at all: no scripts, no local files."""
    return _UNSAFE.match(href.strip()) is None or _SAFE_DATA.match(href.strip()) is not None


def skip_space(text: str, at: int) -> int:
    """Past spaces, tabs and at most one line end."""
    found = _SPACE_WITH_LINE_END.match(text, at)
    return found.end() if found else at


def read_destination(text: str, at: int) -> tuple[str, int] | None:
    """The raw destination that begins at `at`, and where it ends. It may be empty."""
    if text.startswith("<", at):
        angled = _ANGLED.match(text, at)
        return (angled.group(1), angled.end()) if angled else None
    depth, end = 0, at
    while end < len(text):
        bare = _BARE.match(text, end)
        if bare:
            end = bare.end()
        if text.startswith("(", end):
            depth += 1
            if depth > MAX_DESTINATION_DEPTH:
                return None
        elif depth and text.startswith(")", end):
            depth -= 1
        else:
            break
        end += 1
    return None if depth else (text[at:end], end)


def read_title(text: str, at: int) -> tuple[str, int] | None:
    """The raw title in quotes or brackets that begins at `at`, and where it ends."""
    found = TITLE.match(text, at)
    if not found:
        return None
    return next((group for group in found.groups() if group is not None), ""), found.end()


def _read_definition(text: str, at: int) -> tuple[str, Definition, int] | None:
    """Label, target and the start of the line after it."""
    label = LABEL.match(text, at)
    if not label or not label.group(1).strip() or not text.startswith(":", label.end()):
        return None
    destination = read_destination(text, skip_space(text, label.end() + 1))
    if not destination or destination[1] == skip_space(text, label.end() + 1):
        return None
    href, end = unescape(destination[0]), destination[1]
    if not is_safe(href):
        return None
    normal = normalise_label(label.group(1))
    gap = skip_space(text, end)
    title = read_title(text, gap) if gap > end else None
    if title:
        line_end = _LINE_END.match(text, title[1])
        if line_end:
            return normal, Definition(href, unescape(title[0])), line_end.end()
    line_end = _LINE_END.match(text, end)
    return (normal, Definition(href, ""), line_end.end()) if line_end else None


def take_definitions(lines: list[str]) -> tuple[list[tuple[str, Definition]], list[str]]:
    """The definitions that a paragraph begins with, and the lines that are left."""
    text = "\n".join(lines)
    found: list[tuple[str, Definition]] = []
    at = 0
    while text.startswith("[", at):
        definition = _read_definition(text, at)
        if definition is None:
            break
        label, target, at = definition
        found.append((label, target))
    if not found:
        return found, lines
    return found, text[at:].split("\n") if at < len(text) else []
