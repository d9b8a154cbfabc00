"""How this copy of the program came here, and where news of the next one lies.

Invariant: the packaging writes it beside the resources (`package.toml`); a source tree and a wheel
have no such file, and look for nothing. Where a package manager brings new versions, or where
nobody has published a list, there is nothing to look for either.
"""

from __future__ import annotations

import base64
import binascii
import sys
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.build import NAME
from app.domain import address

FILE = "package.toml"
MANAGED = frozenset({"deb", "rpm", "flatpak", "winget", "homebrew", "msi"})
"""Kinds of packages whose manager, or whose administrator, brings the next version."""
KEY_BYTES = 32
_CASKS = ("/opt/homebrew/Caskroom", "/usr/local/Caskroom")


@dataclass(frozen=True, slots=True)
class Package:
    """`kind` is "" in a source tree. `keys` are public ones (Ed25519), any of which may sign.

    `hosts` are the stores of files that the address may send on to, besides its own host.
    """

    kind: str = ""
    updates: str = ""
    keys: tuple[bytes, ...] = ()
    hosts: tuple[str, ...] = ()

    @property
    def managed(self) -> bool:
        return self.kind in MANAGED

    @property
    def can_look(self) -> bool:
        """Whether there is a list of releases for this copy."""
        return not self.managed and bool(self.updates and self.keys)


def read_package(file: Path) -> Package:
    """What `file` says; a plain `Package` where it says nothing that can be understood."""
    try:
        found = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return Package()
    updates = found.get("updates")
    return Package(
        kind="homebrew" if _is_a_cask() else str(found.get("kind", "")),
        updates=updates if isinstance(updates, str) and may_be_asked(updates) else "",
        keys=tuple(_keys(found.get("keys"))),
        hosts=tuple(str(host) for host in _list(found.get("hosts"))),
    )


def may_be_asked(url: str) -> bool:
    """A list is asked for over TLS; on this computer, for trials, without."""
    parts = address.split(url)
    if not parts.hostname or parts.username is not None:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and address.is_loopback(url))


def _keys(found: Any) -> Iterable[bytes]:
    for text in _list(found):
        try:
            key = base64.b64decode(str(text), validate=True)
        except (binascii.Error, ValueError):
            continue
        if len(key) == KEY_BYTES:
            yield key


def _list(found: Any) -> list[Any]:
    return found if isinstance(found, list) else []


def _is_a_cask() -> bool:
    """Homebrew copies the program as it is; only its own folder tells."""
    return sys.platform == "darwin" and any(Path(place, NAME).is_dir() for place in _CASKS)
