"""Text as models write it -> render tree; a reply that streams costs its tail, never its length.

The doors, none of which knows Qt:
    tree       the values: leaves, their containers, inline nodes
    stream     `StreamDocument`: push, flush, finish, `leaves`, `late`, `leaf_inlines(leaf)`,
               `inlines(text)`; `parse(text)` for a text that is whole
    words      what a person reads of inline nodes
    render     `to_html(text)`; `fragment(document, leaves)` for part of a text
    highlight  colours for code, line by line
    direction  whether a paragraph runs from right to left
"""

from app.markdown.stream import StreamDocument, parse

__all__ = ["StreamDocument", "parse"]
