"""What is packed: names, version and date of the program, and where its files lie.

Invariant: names come from app/build.py and the version from app/__init__.py, never from here; who
publishes from elsewhere says so in LINNET_UPDATES, LINNET_UPDATE_HOSTS and LINNET_UPDATE_KEYS. The
date is that of SOURCE_DATE_EPOCH, else of the last commit, so that one commit gives one package.
"""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from app import __version__, build

ROOT = Path(__file__).resolve().parent.parent.parent
PACKAGING = ROOT / "packaging"
WORK = ROOT / "build" / "package"
"""Made anew with the bundle."""
ROOTS = ROOT / "build" / "roots"
"""Clean systems, which stay."""
OUT = ROOT / "dist"

_MACHINES = {"amd64": "x86_64", "arm64": "aarch64"}


class PackError(Exception):
    """What is missing or wrong, in a sentence for whoever runs the packaging."""


@dataclass(frozen=True)
class Product:
    """`machine` is that of the kernel: x86_64 or aarch64. `epoch_s` is in seconds since 1970."""

    name: str = build.NAME
    title: str = build.TITLE
    id: str = build.APPLICATION_ID
    version: str = __version__
    summary: str = "Chat with Gemini and other models"
    homepage: str = build.HOMEPAGE
    publisher: str = build.PUBLISHER
    updates: str = build.UPDATES
    update_hosts: tuple[str, ...] = build.UPDATE_HOSTS
    update_keys: tuple[str, ...] = build.UPDATE_KEYS
    machine: str = ""
    epoch_s: int = 0

    @cached_property
    def maker(self) -> str:
        """Who stands as the maker where a format demands somebody."""
        return self.publisher or f"The {self.title} authors"

    @property
    def debian_arch(self) -> str:
        return {"x86_64": "amd64", "aarch64": "arm64"}.get(self.machine, self.machine)


def product() -> Product:
    """The product as this machine packs it."""
    found = sysconfig.get_platform().rpartition("-")[2]
    keys = os.environ.get("LINNET_UPDATE_KEYS", "").split()
    hosts = os.environ.get("LINNET_UPDATE_HOSTS", "").split()
    return Product(
        updates=os.environ.get("LINNET_UPDATES", build.UPDATES),
        update_hosts=tuple(hosts) or build.UPDATE_HOSTS,
        update_keys=tuple(keys) or build.UPDATE_KEYS,
        machine=_MACHINES.get(found, found),
        epoch_s=epoch(),
    )


def epoch() -> int:
    """The date that files and packages bear, in seconds since 1970."""
    if given := os.environ.get("SOURCE_DATE_EPOCH"):
        return int(given)
    command = ["git", "-C", str(ROOT), "log", "-1", "--format=%ct"]
    try:
        said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        return int(said.strip())
    except (OSError, subprocess.CalledProcessError, ValueError):
        return int((ROOT / "app" / "__init__.py").stat().st_mtime)


def run(*words: object, **options: object) -> None:
    """Run a program, quietly unless it fails. Raises PackError."""
    command = [str(word) for word in words]
    try:
        done = subprocess.run(command, capture_output=True, **options)  # type: ignore[call-overload]
    except FileNotFoundError as error:
        raise PackError(f"This is not here: {error.filename}") from error
    if done.returncode:
        said = (done.stdout + done.stderr).decode("utf-8", "replace").strip()
        raise PackError(f"This failed: {' '.join(command)}\n{said}")


def say(text: str) -> None:
    print(text, flush=True)


def reproducible() -> dict[str, str]:
    """The environment in which the same source gives the same bytes."""
    return {**os.environ, "SOURCE_DATE_EPOCH": str(epoch()), "PYTHONHASHSEED": "0", "TZ": "UTC",
            "LC_ALL": "C" if sys.platform == "darwin" else "C.UTF-8"}  # fmt: skip
