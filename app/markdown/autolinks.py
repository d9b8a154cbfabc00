"""Bare addresses in text (GFM 6.9): `https://...`, `www....` and `name@example.org`.

An address ends where prose goes on: at white space, at an unbalanced square bracket, at Chinese
or Japanese punctuation, at `**`, and before a final full stop, comma or bracket. Linear.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

# Dashes, curly quotes, the ellipsis, and the punctuation of Chinese and Japanese.
_FOREIGN_MARKS = (
    "\u00ab\u00bb\u2014\u2018-\u201f\u2026\u3000-\u303f"
    "\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65"
)
_ADDRESS = re.compile(
    r"(?<![A-Za-z0-9<])(?:(?P<scheme>(?:https?|ftp)://)|www\.)"
    rf"[^\s<>\"`\\{_FOREIGN_MARKS}]+",
    re.IGNORECASE,
)
# A host in Latin letters ends where Chinese or Japanese text begins without a space.
_EAST_ASIAN = (
    "\u1100-\u11ff\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff"
)
_HOST = re.compile(rf"[A-Za-z0-9._~%@-][^/?#{_EAST_ASIAN}]*|[^/?#]+")
_SCHEME = re.compile(r"(?:https?|ftp)://", re.IGNORECASE)
_MAIL = re.compile(
    r"(?<![A-Za-z0-9._+/-])(?:mailto:)?(?P<address>[A-Za-z0-9._+-]+@"
    r"[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*\.[A-Za-z0-9-]*[A-Za-z0-9])(?![A-Za-z0-9_-])"
)
_FINAL_MARKS = "?!.,:;*_~'"
_FINAL_REFERENCE = re.compile(r"&[A-Za-z0-9]{1,32};\Z")
_OPENS: Mapping[str, str] = MappingProxyType({"[": "]", "{": "}"})


@dataclass(frozen=True, slots=True)
class Autolink:
    start: int
    end: int
    href: str


def find_autolinks(text: str) -> list[Autolink]:
    """The bare addresses in `text`, in order; they do not overlap."""
    found: list[Autolink] = []
    if "://" in text or "www." in text.lower():
        for match in _ADDRESS.finditer(text):
            address = _trim(match.group())
            if _is_address(address):
                href = address if match["scheme"] else "http://" + address
                found.append(Autolink(match.start(), match.start() + len(address), href))
    if "@" in text:
        taken = [(link.start, link.end) for link in found]
        for match in _MAIL.finditer(text):
            while taken and taken[0][1] <= match.start():
                taken.pop(0)
            if not taken or match.end() <= taken[0][0]:
                href = "mailto:" + match["address"]
                found.append(Autolink(match.start(), match.end(), href))
        found.sort(key=lambda link: link.start)
    return found


def _trim(address: str) -> str:
    """`address` up to where the prose goes on."""
    scheme = _SCHEME.match(address)
    start = scheme.end() if scheme else 0
    host = _HOST.match(address, start)
    if host and host.end() < len(address) and address[host.end()] not in "/?#":
        address = address[: host.end()]
    bold = address.find("**")
    if bold >= 0:
        address = address[:bold]
    address = address[: _balanced_length(address)]
    return address[: _length_without_final_marks(address)]


def _length_without_final_marks(address: str) -> int:
    """How long `address` is without marks of the sentence and closing brackets of its own."""
    end = len(address)
    unopened = address.count(")") - address.count("(")
    while end:
        last = address[end - 1]
        reference = None
        if last == ";":
            reference = _FINAL_REFERENCE.search(address, max(0, end - 34), end)
        elif last == ")" and unopened > 0:
            unopened -= 1
        elif last not in _FINAL_MARKS:
            break
        end = reference.start() if reference else end - 1
    return end


def _balanced_length(address: str) -> int:
    """How far `address` goes before a closing bracket that it does not open."""
    open_brackets: list[str] = []
    for index, char in enumerate(address):
        if char in _OPENS:
            open_brackets.append(_OPENS[char])
        elif char in "]}" and (not open_brackets or open_brackets.pop() != char):
            return index
    return len(address)


def _is_address(address: str) -> bool:
    scheme = _SCHEME.match(address)
    rest = address[scheme.end() :] if scheme else address
    host = re.split(r"[/?#:]", rest, maxsplit=1)[0].rsplit("@", 1)[-1]
    labels = host.split(".")
    if not host or not all(labels[:-1]) or any("_" in label for label in labels[-2:]):
        return False
    return scheme is not None or (len(labels) > 2 and bool(labels[-1]))
