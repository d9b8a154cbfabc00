"""What is remembered of looking for new versions, in a small file of its own.

Invariant: comfort, not data: what cannot be read is as if nothing had happened, what cannot be
written is forgotten. The list itself is kept as it came, with its signature.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Remembered:
    """Times are Unix time; 0: never. `told`: the version that the person was told of."""

    first_start: float = 0.0
    asked: bool = False
    looked: float = 0.0
    issued: int = 0
    told: str = ""
    newest: str = ""


class Memory:
    """`now` is what is remembered; `change` keeps it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.now = _read(path)

    def change(self, **values: Any) -> None:
        self.now = replace(self.now, **values)
        partial = self._path.with_suffix(".new")
        with suppress(OSError):
            partial.write_text(json.dumps(asdict(self.now)), encoding="utf-8")
            os.replace(partial, self._path)


def _read(path: Path) -> Remembered:
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return Remembered()
    if not isinstance(found, dict):
        return Remembered()
    known = Remembered()
    names = [field.name for field in fields(known)]
    fitting = {n: found[n] for n in names if n in found and _fits(found[n], getattr(known, n))}
    return replace(known, **fitting)


def _fits(value: object, usual: object) -> bool:
    return type(value) is type(usual) or (isinstance(usual, float) and type(value) is int)
