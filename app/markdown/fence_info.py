"""What the info string of a code fence says: a language and, with many models, a file name.

Pure functions of the text after the fence mark: `python`, `python title="app.py"`, `js:app.js`,
`{.rust .numberLines}`, `src/app.ts`. Never looks a language up (see `highlight`).
"""

from __future__ import annotations

import re

_NAMED_TITLE = re.compile(
    r"""\b(?:title|filename|file|name|path)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'{}]+))""", re.I
)
_BRACED_CLASS = re.compile(r"\{\s*\.?([^\s{}.,=]+)")
_FILE_NAME = re.compile(r"[\w@~./\\ -]*[\w-]\.[A-Za-z][A-Za-z0-9]{0,9}|[\w@~.-]*/[\w@~./-]+")


def language_of(info: str) -> str:
    """The language that the info string names, lower case; empty when it names none."""
    word = info.split(None, 1)[0] if info.strip() else ""
    if word.startswith("{"):
        match = _BRACED_CLASS.match(info.strip())
        return match.group(1).lower() if match and "=" not in match.group(0) else ""
    word = re.split(r"[:{,;]", word, maxsplit=1)[0]
    if _FILE_NAME.fullmatch(word):
        return word.rsplit(".", 1)[-1].lower() if "." in word else ""
    return "" if "=" in word else word.lower()


def title_of(info: str) -> str:
    """The file name or title that the info string names; empty when it names none."""
    named = _NAMED_TITLE.search(info)
    if named:
        return next(group for group in named.groups() if group is not None).strip()
    words = info.strip().split(None, 1)
    if not words:
        return ""
    if ":" in words[0]:
        rest = words[0].split(":", 1)[1]
        return rest if _FILE_NAME.fullmatch(rest) else ""
    for word in words:
        if _FILE_NAME.fullmatch(word.strip()):
            return word.strip()
    return ""
