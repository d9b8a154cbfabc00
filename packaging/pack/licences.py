"""Whether a part may travel with Linnet: SPDX licence expressions, and what is accepted of them.

Invariant: a licence that stands in no table is not accepted. Of several to choose from one is
enough; GPL is accepted nowhere but for the two exceptions that exist for linked programs.
"""

from __future__ import annotations

import re

ACCEPTED = set(
    "MIT MIT-0 MIT-CMU BSD-2-Clause BSD-3-Clause Apache-2.0 PSF-2.0 Python-2.0.1 ISC 0BSD Zlib X11 "
    "IJG libtiff bzip2-1.0.6 blessing Unicode-3.0 OFL-1.1 Bitstream-Vera MPL-2.0 CC0-1.0 "
    "LGPL-2.1-or-later LGPL-3.0-only LGPL-3.0-or-later BSD-3-Clause-Clear "
    "LicenseRef-Microsoft-Redistributable".split()
)
# Libraries of a compiler, and a loader, that may be part of any program.
ACCEPTED_WITH = {
    ("GPL-3.0-or-later", "GCC-exception-3.1"),
    ("GPL-2.0-or-later", "Bootloader-exception"),
    ("Apache-2.0", "LLVM-exception"),
}
# Distributions whose metadata give no expression, or several to choose from.
NAMED = {
    "pyside6": "LGPL-3.0-only",
    "pyside6-addons": "LGPL-3.0-only",
    "pyside6-essentials": "LGPL-3.0-only",
    "shiboken6": "LGPL-3.0-only",
    "backports-tarfile": "MIT",
    "jaraco-classes": "MIT",
    "tomli-w": "MIT",
    "pypdfium2": "Apache-2.0 OR BSD-3-Clause",
    "pyinstaller": "GPL-2.0-or-later WITH Bootloader-exception",
    "openssl": "Apache-2.0",
    "libxau": "X11",
}


def accepted(expression: str) -> bool:
    """Whether what is under this licence may travel. Raises ValueError for nonsense."""
    words = re.findall(r"[()]|[^\s()]+", expression)
    result, rest = _either(words)
    if rest:
        raise ValueError(f"not a licence expression: {expression!r}")
    return result


def chosen(expression: str) -> str:
    """Of licences to choose from, those that are accepted; other expressions as they are."""
    choices = expression.split(" OR ")
    if len(choices) == 1 or "(" in expression or " AND " in expression:
        return expression
    return " OR ".join(choice for choice in choices if accepted(choice)) or expression


def _either(words: list[str]) -> tuple[bool, list[str]]:
    result, rest = _both(words)
    while rest and rest[0] == "OR":
        other, rest = _both(rest[1:])
        result = result or other
    return result, rest


def _both(words: list[str]) -> tuple[bool, list[str]]:
    result, rest = _one(words)
    while rest and rest[0] == "AND":
        other, rest = _one(rest[1:])
        result = result and other
    return result, rest


def _one(words: list[str]) -> tuple[bool, list[str]]:
    if not words or words[0] in (")", "AND", "OR", "WITH"):
        raise ValueError(f"not a licence expression: {' '.join(words)!r}")
    if words[0] == "(":
        result, rest = _either(words[1:])
        if not rest or rest[0] != ")":
            raise ValueError("a parenthesis of a licence expression stays open")
        return result, rest[1:]
    if len(words) > 2 and words[1] == "WITH":
        return (words[0], words[2]) in ACCEPTED_WITH, words[3:]
    return words[0] in ACCEPTED, words[1:]
