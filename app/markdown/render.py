"""Markdown -> HTML: for `linnet render`, the clipboard, export and print.

`to_html` goes through Python-Markdown, so that its extensions can be added; `fragment` writes
part of a document that is read already. Both give the same HTML. The converter is imported late.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from app.markdown.stream import StreamDocument
from app.markdown.tree import Inline, Leaf

Inlines: TypeAlias = Callable[[str], tuple[Inline, ...]]


def to_html(text: str) -> str:
    """The HTML of a whole text."""
    import markdown

    from app.markdown.extension import ChatMarkdown

    return markdown.Markdown(extensions=[ChatMarkdown()]).convert(text)


def fragment(
    document: StreamDocument, leaves: Sequence[Leaf], inlines: Inlines | None = None
) -> str:
    """The HTML of some leaves of `document`, in order. `inlines` stands in for the document's."""
    from app.markdown.elements import ElementWriter
    from app.markdown.serialise import serialise_children

    writer = ElementWriter(inlines or document.inlines, document.loose)
    return serialise_children(writer.write(leaves))
