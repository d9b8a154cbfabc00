"""What a command of the terminal leaves, and what it is given."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Done:
    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Linnet = Callable[..., Done]


class Stdin:
    def __init__(self, data: bytes | None) -> None:
        self.buffer = io.BytesIO(data or b"")
        self._is_terminal = data is None

    def isatty(self) -> bool:
        return self._is_terminal
