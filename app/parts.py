"""What the program is made of: every part with its version, its licence and the words of that.

Invariant: a package carries its own list (`notices.json`, written when it was frozen); in a source
tree and a wheel the list is made of what is installed. The texts of the LGPL and GPL, which Qt's
wheels do not bring, lie with the resources.
"""

from __future__ import annotations

import json
import platform
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app import __version__
from app.build import NAME, TITLE
from app.paths import resources

if TYPE_CHECKING:
    from importlib.metadata import Distribution

LIST = "notices.json"
LICENCES = "licences"
_OF_QT = ("pyside6", "shiboken6")
_OF_GNU = {"LGPL-3.0": "GNU Lesser General Public License", "GPL-3.0": "GNU General Public License"}
_TEXT = re.compile(r"dist-info/.*(licen[cs]e|copying|notice|authors)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Part:
    name: str
    version: str
    licence: str
    text: str = ""


def parts() -> tuple[Part, ...]:
    """All parts, the program itself first, the licences of GNU last. Reads many small files."""
    try:
        rows = json.loads((resources() / LIST).read_bytes())
        found = [Part(**{key: str(row[key]) for key in Part.__slots__}) for row in rows]
    except (OSError, ValueError, KeyError, TypeError):
        found = _installed()
    own = [part for part in found if part.name == TITLE]
    others = [part for part in found if part.name != TITLE]
    others.sort(key=lambda part: part.name.lower())
    return (*own, *others, *_of_gnu())


def _installed() -> list[Part]:
    root = Path(__file__).resolve().parent.parent
    found = [
        Part(TITLE, __version__, "MIT", _read(root / "LICENSE")),
        Part("Python", platform.python_version(), "PSF-2.0"),
    ]
    return found + [_part(each) for each in _needed(_wanted(root))]


def _wanted(root: Path) -> list[str]:
    """What the program asks for: by its own metadata, or by the lock of the source tree."""
    from importlib.metadata import PackageNotFoundError, distribution

    lock = _read(root / "requirements.txt")
    if lock:
        return re.findall(r"^([A-Za-z0-9][\w.-]*)==", lock, re.MULTILINE)
    try:
        return _names(distribution(NAME).requires or ())
    except PackageNotFoundError:
        return []


def _needed(names: Iterable[str]) -> list[Distribution]:
    """What is installed of `names`, and what that needs."""
    from importlib.metadata import PackageNotFoundError, distribution

    found: dict[str, Distribution] = {}
    waiting = list(names)
    while waiting:
        name = _plain(waiting.pop())
        if name in found:
            continue
        try:
            found[name] = distribution(name)
        except PackageNotFoundError:
            continue  # for another system
        waiting += _names(found[name].requires or ())
    return list(found.values())


def _names(requirements: Iterable[str]) -> list[str]:
    found = (
        re.match(r"[A-Za-z0-9][\w.-]*", line) for line in requirements if "extra ==" not in line
    )
    return [match[0] for match in found if match]


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _part(found: Distribution) -> Part:
    fields: Any = found.metadata
    if _plain(found.name).startswith(_OF_QT):
        return Part(found.name, found.version, "LGPL-3.0-only", _gnu("LGPL-3.0"))
    licence = fields.get("License-Expression") or fields.get("License") or ""
    texts = [
        _read(Path(str(path.locate())))
        for path in found.files or ()
        if _TEXT.search(path.as_posix())
    ]
    # Some give the whole text in the place of its name.
    name = licence.strip().splitlines()[0] if licence.strip() else _classified(fields)
    return Part(found.name, found.version, name, "\n\n".join(dict.fromkeys(filter(None, texts))))


def _classified(fields: Any) -> str:
    rows = fields.get_all("Classifier") or ()
    named = [row.rpartition(" :: ")[2] for row in rows if row.startswith("License :: ")]
    return ", ".join(named)


def _of_gnu() -> tuple[Part, ...]:
    return tuple(Part(name, "3", key, _gnu(key)) for key, name in _OF_GNU.items())


def _gnu(name: str) -> str:
    return _read(resources() / LICENCES / f"{name}.txt")


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""
