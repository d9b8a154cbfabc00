"""A Windows of our own to try installers in: a Wine prefix, made for one trial.

Invariant: it sees nothing of the person's Windows programs, and has no display: whatever would ask
something is an error of the trial. Needs wine64; setups of 32 bits do not run in it.
"""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO

from pack.product import PackError

USER = "robin"
HOME = f"C:\\users\\{USER}"


class Wine:
    """`notes` is a folder in which the programs leave word."""

    def __init__(self, folder: Path) -> None:
        self.prefix = folder / "prefix"
        self.notes = folder / "notes"
        self.notes.mkdir(parents=True)

    @property
    def _environment(self) -> Mapping[str, str]:
        kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        return {
            **kept,
            "LC_ALL": "C.UTF-8",
            "USER": USER,
            "WINEPREFIX": str(self.prefix.resolve()),
            "WINEARCH": "win64",
            "WINEDEBUG": "-all",
            "WINEDLLOVERRIDES": "mscoree,mshtml,winemenubuilder.exe=",
            "LINNET_NOTES": dos(self.notes),
        }

    def be(self, version: str) -> None:
        """Which Windows it says it is: `win7`, `win10`."""
        self.must("reg", "add", "HKCU\\Software\\Wine", "/v", "Version", "/d", version, "/f")

    def start(self, *words: str, said: IO[bytes] | None = None) -> subprocess.Popen[bytes]:
        """Start a program. It must get no pipe: services of Windows would keep that open."""
        return subprocess.Popen(
            ["wine", *words],
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=said or subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def run(self, *words: str, within_s: float = 120) -> tuple[int, str]:
        """Run a program to its end: its exit code, and what it printed."""
        with tempfile.TemporaryFile() as said:
            running = self.start(*words, said=said)
            try:
                code = running.wait(within_s)
            except subprocess.TimeoutExpired as error:
                running.kill()
                raise PackError(f"Under wine this did not end: {' '.join(words)}") from error
            said.seek(0)
            return code, said.read().decode("utf-8", "replace").replace("\r\n", "\n")

    def must(self, *words: str) -> str:
        code, said = self.run(*words)
        if code:
            raise PackError(f"Under wine this ended with {code}: {' '.join(words)}\n{said}")
        return said

    def make(self, version: str = "win10") -> None:
        """Make it. Its server stays until the end: programs that start while it ends would fail."""
        self.prefix.mkdir()
        self._server("--persistent")
        self.must("wineboot", "--init")
        self.be(version)

    def end(self) -> None:
        """End all that runs in it."""
        for option in ("--kill", "--wait"):
            self._server(option)

    def _server(self, option: str) -> None:
        with open(os.devnull, "wb") as nothing:
            command = ["wineserver", option]
            subprocess.run(command, env=self._environment, stdout=nothing, stderr=nothing)

    def registry(self, key: str) -> dict[tuple[str, str], str]:
        """All texts at and below a key, by key and name."""
        file = self.notes / "export.reg"
        if self.run("reg", "export", key, dos(file), "/y")[0]:
            return {}
        return dict(_read_export(file.read_text(encoding="utf-16")))

    def path(self, name: str) -> Path:
        """Where a file of it lies on this machine: `C:\\folder\\file`."""
        drive, rest = name[0].lower(), name[3:].replace("\\", "/")
        return self.prefix / f"drive_{drive}" / rest


def _read_export(text: str) -> Iterator[tuple[tuple[str, str], str]]:
    key = ""
    for line in text.replace("\\\n  ", "").splitlines():
        if line.startswith("["):
            key = line.strip("[]")
            yield (key, ""), ""
        elif found := re.match(r'(?:@|"((?:[^"\\]|\\.)*)")=(.*)$', line):
            yield (key, _unescaped(found[1] or "")), _value(found[2])


def _value(text: str) -> str:
    """A text in quotes, or one with %VARIABLES% in bytes."""
    if text.startswith("hex(2):"):
        numbers = text.removeprefix("hex(2):").replace("\\", "").split(",")
        return bytes(int(n, 16) for n in numbers if n.strip()).decode("utf-16-le").rstrip("\0")
    return _unescaped(text[1:-1]) if text.startswith('"') else text


def _unescaped(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text)


def dos(path: Path) -> str:
    """How Windows programs call a file of this machine."""
    return "Z:" + str(path.resolve()).replace("/", "\\")
