"""Versions of the program, and which of two is newer: 1.2, 1.2.3, 1.3rc1.

Invariant: pure. A text of another form is no version, whatever a list of releases says.
"""

from __future__ import annotations

import re

_FORM = re.compile(r"(\d{1,5}(?:\.\d{1,5}){1,3})(?:(a|b|rc)(\d{1,3}))?", re.ASCII)
_FINAL = ("z", 0)
"""Sorts after every a, b and rc."""

Order = tuple[tuple[int, ...], tuple[str, int]]


def order(version: str) -> Order:
    """By which versions are compared. Raises ValueError for what is none."""
    found = _FORM.fullmatch(version)
    if found is None:
        raise ValueError(f"not a version: {version[:40]!r}")
    numbers = [int(number) for number in found[1].split(".")]
    while numbers[-1] == 0 and len(numbers) > 1:
        numbers.pop()  # 1.2 is 1.2.0
    stage = (found[2], int(found[3])) if found[2] else _FINAL
    return tuple(numbers), stage


def is_newer(version: str, than: str) -> bool:
    """Whether `version` comes after `than`. Raises ValueError."""
    return order(version) > order(than)
