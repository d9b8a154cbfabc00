"""Tries what lies in dist/ on a real Windows or Mac: installed, asked to test itself, removed.

Invariant: for machines that are thrown away afterwards, as those of the release workflow: it
installs Linnet for whoever runs it, and on Windows for everybody. The first thing that is wrong
ends it with a sentence.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from pack import image, macos, windows
from pack.product import OUT, PackError, Product, run, say

PATIENCE_S = 300


def check(made: Product, words: Sequence[str]) -> None:
    """What this system can try. Raises PackError."""
    if os.environ.get("CI") != "true":
        raise PackError("This installs and removes Linnet here: only where CI is “true”.")
    trials = {"win32": (try_setup, try_package), "darwin": (try_image,)}
    for trial in trials.get(sys.platform, ()):
        trial(made)
    say("Everything is as it should be.")


def try_setup(made: Product) -> None:
    setup = OUT / windows.file_name(made, "-setup.exe")
    folder = Path(os.environ["LOCALAPPDATA"], "Programs", made.title)
    for _ in range(2):  # the second time over itself
        run(setup, "/S", timeout=PATIENCE_S)
        _expect_well(folder / windows.CONSOLE)
    chats = Path(os.environ["LOCALAPPDATA"], made.name)
    _ask(folder / windows.CONSOLE, chats)
    run(folder / "uninstall.exe", "/S", f"_?={folder}", timeout=PATIENCE_S)
    _expect(not (folder / "_internal").exists(), f"{folder} is still there.")
    _expect(any(chats.iterdir()), "The chats are gone.")
    say(f"{setup.name}: installed, over itself, asked, removed; the chats stay.")


def try_package(made: Product) -> None:
    package = OUT / windows.file_name(made, ".msi")
    if not package.exists():
        return
    folder = Path(os.environ["PROGRAMFILES"], made.title)
    run("msiexec", "/i", package, "/qn", "/norestart", timeout=PATIENCE_S)
    _expect_well(folder / windows.CONSOLE)
    run("msiexec", "/x", package, "/qn", "/norestart", timeout=PATIENCE_S)
    _expect(not folder.exists(), f"{folder} is still there.")
    say(f"{package.name}: installed, tested itself, removed.")


def try_image(made: Product) -> None:
    """From the image itself, as one that is only looked at."""
    file = OUT / image.file_name(made)
    with tempfile.TemporaryDirectory() as place:
        mount = Path(place, "mounted image")
        run("hdiutil", "attach", "-nobrowse", "-readonly", "-mountpoint", mount, file)
        try:
            bundle = mount / f"{made.title}.app"
            if macos.can_notarise():
                run("spctl", "--assess", "--type", "execute", bundle)
            program = bundle / "Contents" / "MacOS" / made.name
            _expect_well(program)
            _ask(program, Path(place))
        finally:
            run("hdiutil", "detach", "-force", mount)
    say(f"{file.name}: mounted, tested itself, asked.")


def _expect_well(program: Path) -> None:
    done = subprocess.run(
        [program, "--selftest"], capture_output=True, timeout=PATIENCE_S, check=False
    )
    said = (done.stdout + done.stderr).decode("utf-8", "replace")
    start = done.stdout.decode("utf-8", "replace").find("{\n")
    _expect(done.returncode == 0 and start >= 0, f"{program} does not work here.\n{said}")
    found = json.loads(done.stdout.decode("utf-8")[start:])
    say(f"  {program.name}: keyring {found['keyring']}, window {found['window']}")


def _ask(program: Path, home: Path) -> None:
    """One question to the demo, kept: what prints must print."""
    command = [str(program), "ask", "Hello", "--service", "demo", "--save", "--home", str(home)]
    done = subprocess.run(command, capture_output=True, timeout=PATIENCE_S, check=False)
    said = (done.stdout + done.stderr).decode("utf-8", "replace")
    _expect(done.returncode == 0 and len(done.stdout) > 40, f"linnet ask says nothing.\n{said}")


def _expect(holds: bool, sentence: str) -> None:
    if not holds:
        raise PackError(sentence)
