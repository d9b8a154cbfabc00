"""Windows packages of a bundle that was frozen on Windows, made on whatever system this is.

    ./dev package windows FOLDER [installer] [msi] [portable]

So the release workflow packs with the tools that `check-windows` tries. Invariant: the programs in
FOLDER are signed first, where the means are given, because every package carries them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from pack import msi, nsis, windows, zipped
from pack.product import PackError, Product

PACKAGES: Mapping[str, Callable[[Path, Product], Path]] = {
    "installer": nsis.build,
    "portable": zipped.build,
    "msi": msi.build,
}


def build(made: Product, words: Sequence[str]) -> None:
    """What `words` ask for, into dist/. Raises PackError."""
    kinds = list(words[1:]) or list(PACKAGES)
    if not words or set(kinds) - set(PACKAGES):
        raise PackError("Of which bundle? ./dev package windows FOLDER [installer msi portable]")
    bundle = Path(words[0])
    windows.machine_of(bundle)
    for name in (windows.PROGRAM, windows.CONSOLE):
        nsis.sign(bundle / name)
    for kind in kinds:
        PACKAGES[kind](bundle, made)
