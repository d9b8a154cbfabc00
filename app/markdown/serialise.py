"""Elements -> HTML text. Everything that is text is escaped here, once, also within code."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from xml.etree.ElementTree import Element

_VOID = frozenset(("br", "hr", "img", "input"))
_BLOCK = frozenset(
    ("blockquote", "div", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre")
) | frozenset(("section", "table", "tbody", "td", "th", "thead", "tr", "ul"))
# These hold blocks, each on a line of its own.
_OUTER = frozenset(("blockquote", "ol", "section", "table", "tbody", "thead", "tr", "ul"))


def serialise(root: Element) -> str:
    """The HTML of `root` itself."""
    return "".join(_write(root))


def serialise_children(root: Element) -> str:
    """The HTML of what stands in `root`, without a line end behind it."""
    parts = [escape(root.text or "", quote=False)]
    for child in root:
        parts.extend(_write(child))
    return "".join(parts).strip("\n")


def _write(element: Element) -> Iterator[str]:
    tag = element.tag
    yield "<" + tag
    for name, value in element.attrib.items():
        yield f' {name}="{escape(value)}"' if value or name in ("alt", "href") else f" {name}"
    yield ">"
    if tag not in _VOID:
        if tag in _OUTER:
            yield "\n"
        if element.text:
            yield escape(element.text, quote=False)
        before_block = tag == "li"
        for child in element:
            if before_block and child.tag in _BLOCK:
                yield "\n"
            before_block = False
            yield from _write(child)
        yield f"</{tag}>"
    if tag in _BLOCK:
        yield "\n"
    if element.tail:
        yield escape(element.tail, quote=False)
