"""Elements -> HTML text. Everything that is text is escaped here, once, also within code."""

from __future__ import annotations

from html import escape
from xml.etree.ElementTree import Element

_VOID = frozenset(("br", "hr", "img", "input"))
_BLOCK = frozenset(
    ("blockquote", "div", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre")
) | frozenset(("section", "table", "tbody", "td", "th", "thead", "tr", "ul"))
# Attributes that stand there with their value even when it is empty.
_KEPT = frozenset(("alt", "href", "src"))
# These hold blocks, each on a line of its own.
_OUTER = frozenset(("blockquote", "ol", "section", "table", "tbody", "thead", "tr", "ul"))


def serialise(root: Element) -> str:
    """The HTML of `root` itself."""
    parts: list[str] = []
    _write(root, parts)
    return "".join(parts)


def serialise_children(root: Element) -> str:
    """The HTML of what stands in `root`, without a line end behind it."""
    parts = [escape(root.text or "", quote=False)]
    for child in root:
        _write(child, parts)
    return "".join(parts).strip("\n")


def _write(element: Element, parts: list[str]) -> None:
    tag = element.tag
    parts.append("<" + tag)
    for name, value in element.attrib.items():
        parts.append(f' {name}="{escape(value)}"' if value or name in _KEPT else f" {name}")
    parts.append(">\n" if tag in _OUTER else ">")
    if tag not in _VOID:
        if element.text:
            parts.append(escape(element.text, quote=False))
        for child in element:
            if child.tag in _BLOCK and not parts[-1].endswith("\n"):
                parts.append("\n")
            _write(child, parts)
        parts.append(f"</{tag}>")
    if tag in _BLOCK:
        parts.append("\n")
    if element.tail:
        parts.append(escape(element.tail, quote=False))
