"""Backslash escapes and character references (CommonMark 2.4 and 2.5)."""

from __future__ import annotations

import re
from html.entities import html5

ESCAPABLE = frozenset("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")
REFERENCE = re.compile(r"&(?:#[xX][0-9a-fA-F]{1,6}|#[0-9]{1,7}|[A-Za-z][A-Za-z0-9]{1,31});")
_ESCAPE_OR_REFERENCE = re.compile(r"\\([!-/:-@\[-`{-~])|" + REFERENCE.pattern)


def decode_reference(reference: str) -> str:
    """The characters that `&name;`, `&#1234;` or `&#xabc;` stands for; itself when unknown."""
    if reference[1] != "#":
        return html5.get(reference[1:], reference)
    digits = reference[2:-1]
    code = int(digits[1:], 16) if digits[0] in "xX" else int(digits)
    if code == 0 or code > 0x10FFFF or 0xD800 <= code < 0xE000:
        return "\ufffd"
    return chr(code)


def unescape(text: str) -> str:
    """`text` with backslash escapes and character references resolved."""
    if "\\" not in text and "&" not in text:
        return text
    return _ESCAPE_OR_REFERENCE.sub(
        lambda match: match.group(1) or decode_reference(match.group()), text
    )
