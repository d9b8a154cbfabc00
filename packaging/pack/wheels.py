"""What the lock names for another system: its wheels, fetched and laid out as a bundle would be.

A bundle can only be frozen on its own system. But what goes into it can be looked at on any: which
files travel, whether they run on the systems that are promised, whether GPL code is in them, and
how installers deal with them. Invariant: every wheel has a hash of the lock.
"""

from __future__ import annotations

import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from packaging.markers import Marker

from pack.binaries import thinned
from pack.product import ROOT, PackError, say
from pack.qt_files import travels

PYTHON = "3.13"
_DATA = re.compile(r"^[^/]+\.data/(platlib|purelib)/")
_LIBRARY = re.compile(r"\.(dll|pyd|dylib|so)$|\.framework/Versions/A/Qt\w+$|\.qm$")
_CODE = (".py", ".pyi", ".typed")


@dataclass(frozen=True)
class Target:
    """`system` is sys.platform there; `tags` are what pip calls it, the newest first."""

    system: str
    machine: str
    tags: tuple[str, ...]

    @property
    def name(self) -> str:
        return f"{self.system}-{self.machine}"

    @property
    def processor(self) -> str:
        """As kernels call it."""
        return {"AMD64": "x86_64", "ARM64": "aarch64", "arm64": "aarch64"}.get(
            self.machine, self.machine
        )

    @property
    def markers(self) -> Mapping[str, str]:
        """What a requirement may ask of the Python there."""
        systems = {"win32": ("nt", "Windows"), "darwin": ("posix", "Darwin")}
        os_name, platform_system = systems[self.system]
        return {
            "python_version": PYTHON,
            "python_full_version": f"{PYTHON}.0",
            "implementation_name": "cpython",
            "platform_python_implementation": "CPython",
            "sys_platform": self.system,
            "os_name": os_name,
            "platform_system": platform_system,
            "platform_machine": self.machine,
            "platform_release": "",
            "platform_version": "",
            "implementation_version": f"{PYTHON}.0",
            "extra": "",
        }


_MAC = [f"macosx_{v}" for v in ("13_0", "12_0", "11_0", "10_15", "10_13", "10_12", "10_9")]
TARGETS = (
    Target("win32", "AMD64", ("win_amd64",)),
    Target("win32", "ARM64", ("win_arm64",)),
    Target("darwin", "arm64", tuple(f"{v}_{m}" for v in _MAC for m in ("arm64", "universal2"))),
    Target("darwin", "x86_64", tuple(f"{v}_{m}" for v in _MAC for m in ("x86_64", "universal2"))),
)


def locked(text: str, target: Target) -> Iterator[str]:
    """The requirements of a lock that hold for `target`, without markers, with their hashes."""
    for block in re.split(r"\n(?=\S)", text):
        head = re.match(r"([\w.\[\]-]+==[^\s;\\]+)(?:\s*;\s*([^\\\n]+?))?\s*\\?(?:\n|$)", block)
        if head and (head[2] is None or Marker(head[2]).evaluate(dict(target.markers))):
            yield " ".join([head[1], *re.findall(r"--hash=\S+", block)])


def fetch(
    target: Target, folder: Path, lock: Path = ROOT / "requirements.txt", only: str = ""
) -> Path:
    """The wheels of `target`, or one; the folder below `folder` they lie in. Raises PackError."""
    place = folder / f"{target.name}{only and '-'}{only}"
    place.mkdir(parents=True, exist_ok=True)
    wanted = place / "wanted.txt"
    rows = locked(lock.read_text(encoding="utf-8"), target)
    text = "".join(f"{row}\n" for row in rows if not only or row.startswith(f"{only}=="))
    if wanted.exists() and wanted.read_text(encoding="utf-8") == text:
        return place
    for old in place.glob("*.whl"):
        old.unlink()
    asked = place / "asked.txt"
    asked.write_text(text, encoding="utf-8")
    say(f"Fetching the wheels for {target.name}.")
    tags = [word for tag in target.tags for word in ("--platform", tag)]
    form = ["--only-binary=:all:", "--implementation", "cp", "--python-version", PYTHON]
    what = ["--no-deps", "--require-hashes", "-r", str(asked), "-d", str(place)]
    command = [*_pip(), "download", "--quiet", "--disable-pip-version-check", *form, *tags, *what]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise PackError(f"The wheels for {target.name} could not be had.\n{done.stderr.strip()}")
    asked.rename(wanted)
    return place


def contents(wheels: Path, system: str) -> Iterator[tuple[str, bytes]]:
    """Path and content of all that would travel, each path once."""
    seen: set[str] = set()
    for wheel in sorted(wheels.glob("*.whl")):
        with zipfile.ZipFile(wheel) as packed:
            for entry in packed.infolist():
                name = _DATA.sub("", entry.filename)
                wanted = not entry.is_dir() and ".dist-info/" not in name and name not in seen
                if wanted and travels(name, system):
                    seen.add(name)
                    yield name, packed.read(entry)


def lay_out(wheels: Path, target: Target, inside: Path) -> None:
    """Libraries and what they read, in their places as PyInstaller puts them; no code."""
    for name, data in contents(wheels, target.system):
        read = _LIBRARY.search(name) or not name.startswith(("PySide6/", "shiboken6/"))
        if read and not name.endswith(_CODE):
            file = inside / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(thinned(data, target.processor))


def _pip() -> list[str]:
    """A pip: of this Python, or of the one that made its environment."""
    for python in (sys.executable, str(getattr(sys, "_base_executable", sys.executable))):
        command = [python, "-m", "pip"]
        if subprocess.run([*command, "--version"], capture_output=True, check=False).returncode:
            continue
        return command
    raise PackError("There is no pip here.")
