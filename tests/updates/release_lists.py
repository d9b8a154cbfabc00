"""Signed lists of releases for the tests, and the keys that sign them."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nacl.signing import SigningKey

from app.config import Config
from app.providers import Providers
from app.tasks import Clock, Tasks, Timer
from app.updates import Updates
from app.updates.announcement import key_id, to_sign
from app.updates.memory import Memory
from app.updates.package import Package

NOW = 1_800_000_000.0
OWN = "0.5.0"
KEY, OTHER_KEY = SigningKey.generate(), SigningKey.generate()
RELEASE = {
    "form": 1,
    "product": "linnet",
    "version": "0.6.0",
    "date": "2027-01-10",
    "issued": int(NOW) - 100_000,
    "page": "https://linnet.example/releases",
    "notes": "• Faster\n• Smaller",
    "files": {},
}


def public(key: SigningKey = KEY) -> bytes:
    return bytes(key.verify_key)


def envelope(text: str, key: SigningKey = KEY, named: bytes | None = None) -> bytes:
    signature = base64.b64encode(key.sign(to_sign(text)).signature).decode()
    name = key_id(named or public(key))
    return json.dumps({"key": name, "signature": signature, "signed": text}).encode()


def listed(key: SigningKey = KEY, **changes: Any) -> bytes:
    """A well-formed list, with some of its members changed."""
    return envelope(json.dumps({**RELEASE, **changes}), key)


@dataclass
class Watch:
    """A clock that a test sets, and the calls that wait for it."""

    seconds: float = NOW
    waiting: list[tuple[float, Callable[[], None]]] = field(default_factory=list)

    def clock(self) -> Clock:
        return Clock(now=lambda: self.seconds, call_later=self._later)

    def pass_time(self, seconds: float) -> None:
        """Let time pass; what is due by then happens, each once."""
        self.seconds += seconds
        due = [each for each in self.waiting if each[0] <= self.seconds]
        self.waiting = [each for each in self.waiting if each not in due]
        for _, call in due:
            call()

    def _later(self, delay_s: float, call: Callable[[], None]) -> Timer:
        entry = (self.seconds + delay_s, call)
        self.waiting.append(entry)
        return _Cancelling(self.waiting, entry)


class _Cancelling:
    def __init__(self, waiting: list[Any], entry: Any) -> None:
        self._waiting, self._entry = waiting, entry

    def cancel(self) -> None:
        if self._entry in self._waiting:
            self._waiting.remove(self._entry)


class Looking:
    """An `Updates` with all that it needs, over a folder."""

    def __init__(self, folder: Path, url: str, **package: Any) -> None:
        known = {"kind": "archive", "updates": url, "keys": (public(),), **package}
        self.folder = folder
        self.package = Package(**known)
        self.watch = Watch()
        self.providers = Providers()
        self.tasks = Tasks()
        self.config = Config(folder / "settings.toml")
        self.updates = self.again()

    def again(self) -> Updates:
        """As after another start."""
        self.updates = Updates(
            self.package,
            OWN,
            self.config,
            Memory(self.folder / "updates.json"),
            self.providers.fetch_small,
            self.tasks,
            self.watch.clock(),
        )
        return self.updates

    async def close(self) -> None:
        self.updates.close()
        await self.tasks.cancel_all()
        await self.providers.aclose()
