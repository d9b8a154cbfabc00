"""How large the packages for Windows and macOS come out, and of what: `estimate-windows`, `-macos`.

Invariant: they are made of a bundle that only stands in for a frozen one (pack/trials/stand_in.py
says what of it is true). The Windows packages are made as always; an image needs a Mac, so its size
is that of its files, each packed by LZMA as an image does it.
"""

from __future__ import annotations

import lzma
import shutil
import zlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pack import image, msi, nsis, parts, wheels, zipped
from pack.product import ROOT, PackError, Product, say
from pack.trials import stand_in

PLACE = ROOT / "build" / "estimate"
LARGEST = 25
GOAL_MB, INSTALLED_GOAL_MB = 60, 185


@dataclass(frozen=True)
class Row:
    """Sizes in bytes; `part` is whose the file is."""

    name: str
    part: str
    size: int
    packed: int


def estimate(made: Product, words: Sequence[str]) -> None:
    """Make the packages and list what is in them. Takes some minutes. Raises PackError."""
    if words:
        raise PackError("All Windows packages are estimated: ./dev package estimate-windows")
    shutil.rmtree(PLACE, ignore_errors=True)
    made = replace(made, machine="x86_64")
    bundle = stand_in.lay_out(made, PLACE / "linnet")
    found = rows(bundle)
    _say_what_is_in(found)
    files = [build(bundle, made, PLACE) for build in (nsis.build, msi.build, zipped.build)]
    for file in files:
        _say_whether(file.name, file.stat().st_size)


def estimate_images(made: Product, words: Sequence[str]) -> None:
    """The same for macOS, without images. Takes some minutes. Raises PackError."""
    if words:
        raise PackError("Both images are estimated: ./dev package estimate-macos")
    shutil.rmtree(PLACE, ignore_errors=True)
    for target in wheels.TARGETS:
        if target.system == "darwin":
            folder = PLACE / target.name
            stand_in.fill(target, folder / "_internal", PLACE / "freezing")
            found = rows(folder, lzma.compress)
            _say_what_is_in(found)
            name = image.file_name(replace(made, machine=target.processor))
            _say_whether(name, sum(row.packed for row in found))


def _say_what_is_in(found: Sequence[Row]) -> None:
    for line in table(found):
        say(line)
    installed = sum(row.size for row in found) / 1e6
    say(f"Installed: {installed:.1f} MB; the goal is {INSTALLED_GOAL_MB} or less.")


def _say_whether(name: str, size: int) -> None:
    holds = "holds" if size <= GOAL_MB * 1e6 else "misses"
    say(f"{name} {holds} the goal of {GOAL_MB} MB: {size / 1e6:.1f}")


def _deflated(data: bytes) -> bytes:
    return zlib.compress(data, 9)


def rows(bundle: Path, pack: Callable[[bytes], bytes] = _deflated) -> list[Row]:
    """Every file of a bundle, the largest when packed, each by itself, first."""
    natives = parts.read_natives()
    found = []
    for path in sorted(bundle.rglob("*")):
        if path.is_file():
            name = path.relative_to(bundle).as_posix().removeprefix("_internal/")
            data = path.read_bytes()
            own = "" if "/" in path.relative_to(bundle).as_posix() else "Linnet"
            part = own or parts.owner_of(name, natives, {}) or name.partition("/")[0]
            found.append(Row(name, part, len(data), len(pack(data))))
    return sorted(found, key=lambda row: (-row.packed, row.name))


def table(found: Iterable[Row]) -> list[str]:
    """The largest files, and the sums of the parts, as lines with MB packed and as they are."""
    found = list(found)
    lines = [_line(row.packed, row.size, f"{row.name} ({row.part})") for row in found[:LARGEST]]
    sums: dict[str, tuple[int, int]] = {}
    for row in found:
        packed, size = sums.get(row.part, (0, 0))
        sums[row.part] = packed + row.packed, size + row.size
    by_size = sorted(sums.items(), key=lambda item: (-item[1][0], item[0]))
    lines += ["", *(_line(*both, part) for part, both in by_size[:LARGEST])]
    total = sum(row.packed for row in found), sum(row.size for row in found)
    return ["packed  as it is, MB", *lines, "", _line(*total, f"{len(found)} files")]


def _line(packed: int, size: int, what: str) -> str:
    return f"{packed / 1e6:6.2f} {size / 1e6:9.2f}  {what}"
