"""`./dev package twice`: everything is made again, and compared byte by byte with what there was.

Invariant: what differs is an error. The bundle is compared as a tree, with the rights of its files.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from pack import bundle
from pack.product import OUT, PackError, Product, say


def build(made: Product, words: Sequence[str]) -> None:
    """Raises PackError when two builds of one commit differ."""
    kinds = list(words)
    command = [sys.executable, "-m", "pack", *kinds]
    found = []
    for number in ("first", "second"):
        say(f"The {number} time.")
        if subprocess.run(command, check=False).returncode:
            raise PackError("The packages could not be made.")
        found.append(sums(made))
    first, second = found
    differ = [name for name in first if first[name] != second.get(name)]
    for name in first:
        say(f"{'DIFFERENT' if name in differ else 'the same'}  {name}")
    if differ or first.keys() != second.keys():
        raise PackError("Two builds of the same sources differ.")


def sums(made: Product) -> dict[str, str]:
    """The digest of the bundle and of each package of this version."""
    rows = [f"{path.relative_to(bundle.frozen())} {_digest(path)}"
            for path in sorted(bundle.frozen().rglob("*")) if not path.is_dir()]  # fmt: skip
    tree = hashlib.sha256("\n".join(rows).encode()).hexdigest()
    files = sorted(path for path in OUT.iterdir() if path.is_file() and made.version in path.name)
    return {"the bundle": tree, **{path.name: _digest(path) for path in files}}


def _digest(path: Path) -> str:
    if path.is_symlink():
        return f"-> {path.readlink()}"
    rights = oct(path.stat().st_mode)
    return f"{rights} {hashlib.sha256(path.read_bytes()).hexdigest()}"
