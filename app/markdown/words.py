"""The words of inline nodes: what a person reads, without any mark.

Line ends are line ends, a formula is its TeX, a picture its description. Knows no Markdown.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import assert_never

from app.markdown.tree import (
    Code,
    Emphasis,
    FootnoteRef,
    HardBreak,
    Image,
    Inline,
    Link,
    Math,
    SoftBreak,
    Strike,
    Strong,
    Text,
)


def plain_text(nodes: Iterable[Inline]) -> str:
    """The text of `nodes`; a formula is its TeX, a picture its description."""
    return "".join(map(_words, nodes))


def _words(node: Inline) -> str:
    match node:
        case Text(text) | Code(text):
            return text
        case SoftBreak() | HardBreak():
            return "\n"
        case Math(tex):
            return tex
        case Strong(children) | Emphasis(children) | Strike(children):
            return plain_text(children)
        case Link(children=children):
            return plain_text(children)
        case Image(alt=alt):
            return alt
        case FootnoteRef(number=number):
            return f"[{number}]"
        case other:
            assert_never(other)


def descend(nodes: Iterable[Inline]) -> Iterator[Inline]:
    """All of `nodes` and what stands in them, in reading order."""
    for node in nodes:
        yield node
        match node:
            case Strong(children) | Emphasis(children) | Strike(children):
                yield from descend(children)
            case Link(children=children):
                yield from descend(children)
            case _:
                pass
