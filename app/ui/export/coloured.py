"""Code as HTML in the colours of the window: a `span` for each coloured part, its class the token.

Invariant: without its tags it is the escaped code. Runs on a thread; a long line stays plain.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from app.markdown.colours import Span
from app.markdown.highlight import highlighter_for

MOST_LINES = 5_000


def coloured(code: str, language: str) -> str:
    """`code` escaped, with its colours where the language is known."""
    highlighter = highlighter_for(language) if language else None
    lines = code.split("\n")
    if highlighter is None or len(lines) > MOST_LINES:
        return escape(code, quote=False)
    spans = dict(highlighter.recolour(lines)) or dict(enumerate(map(highlighter.line, lines)))
    return "\n".join(_line(line, spans.get(number, ())) for number, line in enumerate(lines))


def _line(line: str, spans: Iterable[Span]) -> str:
    found: list[str] = []
    at = 0
    for span in spans:
        end = span.start + span.length
        words = escape(line[span.start : end], quote=False)
        found.append(escape(line[at : span.start], quote=False))
        found.append(f'<span class="{span.colour}">{words}</span>')
        at = end
    return "".join((*found, escape(line[at:], quote=False)))
