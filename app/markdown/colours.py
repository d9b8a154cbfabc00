"""The few classes of token that code is coloured by, and which tokens of Pygments are which."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple


class Colour(StrEnum):
    """What is not in any of these is plain."""

    KEYWORD = "keyword"
    STRING = "string"
    NUMBER = "number"
    NAME = "name"
    COMMENT = "comment"
    DELETED = "danger"


class Span(NamedTuple):
    """A coloured part of a line, in characters."""

    start: int
    length: int
    colour: Colour


# By the dotted name of the token type; the longest one that fits counts.
_COLOURS: dict[str, Colour | None] = {
    "Comment": Colour.COMMENT,
    "Comment.Preproc": Colour.KEYWORD,
    "Comment.PreprocFile": Colour.STRING,
    "Generic.Deleted": Colour.DELETED,
    "Generic.Heading": Colour.NAME,
    "Generic.Inserted": Colour.STRING,
    "Generic.Prompt": Colour.COMMENT,
    "Generic.Subheading": Colour.NAME,
    "Keyword": Colour.KEYWORD,
    "Literal": Colour.STRING,
    "Literal.Number": Colour.NUMBER,
    "Name.Attribute": Colour.KEYWORD,
    "Name.Builtin": Colour.NAME,
    "Name.Class": Colour.NAME,
    "Name.Constant": Colour.NUMBER,
    "Name.Decorator": Colour.NAME,
    "Name.Entity": Colour.NUMBER,
    "Name.Exception": Colour.NAME,
    "Name.Function": Colour.NAME,
    "Name.Tag": Colour.NAME,
    "Name.Variable.Magic": Colour.NAME,
    "Operator.Word": Colour.KEYWORD,
}


@lru_cache(maxsize=512)
def colour_of(token: tuple[str, ...]) -> Colour | None:
    """The class of a Pygments token type (which is a tuple of names); `None`: plain."""
    for length in range(len(token), 0, -1):
        name = ".".join(token[:length])
        if name in _COLOURS:
            return _COLOURS[name]
    return None


def join_spans(spans: Iterable[Span]) -> tuple[Span, ...]:
    """`spans` with neighbours of the same colour made one."""
    joined: list[Span] = []
    for span in spans:
        last = joined[-1] if joined else None
        if last and last.colour is span.colour and last.start + last.length == span.start:
            joined[-1] = Span(last.start, last.length + span.length, span.colour)
        else:
            joined.append(span)
    return tuple(joined)
