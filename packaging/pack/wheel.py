"""What pipx and uv install: the wheel, and the source distribution that it can be made of.

Invariant: both come from hatchling by way of pyproject.toml, bear the date of the sources, and hold
no file that is not in the tree.
"""

from __future__ import annotations

import sys
from pathlib import Path

from pack.product import OUT, ROOT, PackError, Product, reproducible, run, say


def build(made: Product, tree: Path = ROOT, into: Path = OUT) -> tuple[Path, Path]:
    """Write the .whl and the .tar.gz of the sources in `tree`. Raises PackError."""
    into = into.resolve()
    kinds = ["-t", "sdist", "-t", "wheel"]
    command = [sys.executable, "-m", "hatchling", "build", *kinds, "-d", into]
    run(*command, cwd=tree, env=reproducible())
    files = wheel(made, into), sources(made, into)
    for file in files:
        if not file.is_file():
            raise PackError(f"hatchling made no {file.name}.")
        say(f"{file.name}: {file.stat().st_size / 1e6:.1f} MB")
    return files


def wheel(made: Product, folder: Path = OUT) -> Path:
    return folder / f"{made.name}-{made.version}-py3-none-any.whl"


def sources(made: Product, folder: Path = OUT) -> Path:
    return folder / f"{made.name}-{made.version}.tar.gz"
