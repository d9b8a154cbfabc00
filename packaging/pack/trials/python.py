"""The wheel and the source distribution: with pipx and with uv, from a folder of the locked wheels.

Invariant: the root asks no package index. What pip would fetch was fetched before, by the machine
and for the Python of the root.
"""

from __future__ import annotations

import re
import shutil
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from pack import wheel
from pack.product import ROOT, ROOTS, Product, run, say
from pack.trials.roots import HOME
from pack.trials.trial import NEWER, OLDER, Trial, expect

PROGRAM = f"{HOME}/.local/bin/linnet"
# Of pipx itself, which keeps them apart.
TOOLS = ("pip", "setuptools", "wheel", "uv")
# What a stock desktop has, and the wheels of Qt do not carry.
OF_QT = (
    "libxcb-cursor0 libxcb-icccm4 libxcb-image0 libxcb-keysyms1 libxcb-render-util0 "
    "libxcb-shape0 libxcb-xkb1 libxkbcommon-x11-0"
).split()


def attempt(trial: Trial) -> None:
    root, made = trial.root, trial.made
    trial.install_libraries()
    trial.apt("pipx", "python3-venv", *OF_QT)
    said = root.must("python3", "-c", "import sys; print('%d.%d' % sys.version_info[:2])")
    house = wheelhouse(said.strip())
    into = root.path / "wheels"
    shutil.copytree(house, into)
    for version in (OLDER, made.version, NEWER):
        _other_version(made, version, into)
    offline = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": "/wheels",
               "PATH": f"{HOME}/.local/bin:/usr/bin:/bin"}  # fmt: skip
    files = {version: f"/wheels/{wheel.wheel(replace(made, version=version)).name}"
             for version in (OLDER, made.version, NEWER)}  # fmt: skip
    sources = f"/packages/{wheel.sources(made).name}"

    def person(*words: str) -> str:
        return root.must(*words, person=True, environment=offline, within_s=600)

    person("pipx", "install", files[OLDER])
    person("pipx", "install", "--force", f"/packages/{wheel.wheel(made).name}")
    _expect_version(trial, made.version)
    trial.selftest(PROGRAM, person=True)
    trial.live(PROGRAM)
    person("pipx", "install", "--force", files[NEWER])
    _expect_version(trial, NEWER)
    person("pipx", "install", "--force", sources)
    _expect_version(trial, made.version)
    trial.selftest(PROGRAM, person=True)
    person("pipx", "uninstall", made.name)
    trial.expect_chats()
    say("  pipx: wheel, upgrade, source distribution, removal")
    person("pipx", "install", "uv")
    for file, version in ((files[OLDER], OLDER), (files[NEWER], NEWER), (sources, made.version)):
        person("uv", "tool", "install", "--no-index", "--find-links", "/wheels", "--force", file)
        _expect_version(trial, version)
    trial.selftest(PROGRAM, person=True)
    trial.live(PROGRAM)
    person("uv", "tool", "uninstall", made.name)
    trial.expect_chats()
    say("  uv: wheel, upgrade, source distribution, removal")


def wheelhouse(version: str) -> Path:
    """The locked wheels for Python `version`, and what builds the sources; fetched once a lock."""
    folder = ROOTS / f"wheels-{version}"
    lock = (ROOT / "requirements-package.txt").read_bytes()
    done = folder / "done"
    if not done.is_file() or done.read_bytes() != lock:
        say(f"  fetching the locked wheels for Python {version}")
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        base: str = getattr(sys, "_base_executable", sys.executable)
        fetch = [base, "-m", "pip", "download", "-q", "--only-binary=:all:", "-d", folder]
        run(
            *fetch,
            "--no-deps",
            "--python-version",
            version,
            "-r",
            ROOT / "requirements-package.txt",
        )
        run(*fetch, "--python-version", version, *TOOLS)
        done.write_bytes(lock)
    return folder


def _other_version(made: Product, version: str, into: Path) -> None:
    """The wheel of the same tree, as if it had been made earlier or later."""
    with tempfile.TemporaryDirectory() as folder:
        run("tar", "-C", folder, "-xf", wheel.sources(made))
        (tree,) = Path(folder).iterdir()
        (tree / "PKG-INFO").unlink()  # hatchling would take the version from it
        own = tree / "app" / "__init__.py"
        text = own.read_text(encoding="utf-8")
        own.write_text(re.sub(r'(__version__ = )".*"', rf'\g<1>"{version}"', text))
        wheel.build(replace(made, version=version), tree, into)


def _expect_version(trial: Trial, version: str) -> None:
    said = trial.root.must(PROGRAM, "--version", person=True)
    expect(version in said, f"version {version}", said)
