"""Text as models write it -> render tree; a reply that streams costs its tail, never its length.

The doors, none of which knows Qt:
    tree       the values: leaves, their containers, inline nodes
    stream     `StreamDocument`: push, flush, finish, `leaves`, `late`, `leaf_inlines(leaf)`,
               `inlines(text)`; `parse(text)` for a text that is whole
    extract    plain text and source of leaves, for the clipboard
    render     `to_html(text)`; `fragment(leaves, ...)` for part of a text
    highlight  colours for code, line by line
    direction, visible   base direction of a paragraph; marks for characters that cannot be seen
"""

from app.markdown.stream import StreamDocument, parse

__all__ = ["StreamDocument", "parse"]
