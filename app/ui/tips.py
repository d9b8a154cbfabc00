"""Tips that hold what somebody else has written: names, titles, words of an answer.

Invariant: Qt takes a tip that looks like HTML for HTML, and would read the files that it names, on
Windows from other computers, too. Here everything is text.
"""

from __future__ import annotations

from html import escape


def plain_tip(text: str) -> str:
    """`text` so that a tip shows every character of it."""
    if "<" not in text and "&" not in text:
        return text
    return f'<p style="white-space: pre-wrap">{escape(text, quote=False)}</p>'
