"""Looks at what would travel on Windows and macOS, without either: the real wheels of the lock.

Invariant: for every system and architecture that is released, every wheel is under an accepted
licence, no binary bears traces of GPL code, each is for that processor, and none asks for a newer
macOS than the program says it needs.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Sequence
from email.parser import Parser
from pathlib import Path

from pack import macos, wheels
from pack.binaries import is_binary, machines, macos_floor
from pack.licences import NAMED, accepted, chosen
from pack.parts import refuse_traces_in
from pack.product import ROOT, PackError, Product, say

KEPT = ROOT / "build" / "wheels"
# PySide6's bindings say that they are for macOS 15, though the wheel and Qt say 13: they were built
# there. They use nothing newer, and macOS loads libraries by what they use.
MARKED = re.compile(r"^(PySide6|shiboken6)/[\w.]*abi3\.[\w.]+$")


def check(made: Product, words: Sequence[str]) -> None:
    """All systems. Fetches 800 MB the first time. Raises PackError."""
    if words:
        raise PackError("All systems are looked at: ./dev package check-wheels")
    for target in wheels.TARGETS:
        look_at(target, wheels.fetch(target, KEPT))


def look_at(target: wheels.Target, fetched: Path) -> None:
    """One system. Raises PackError with the first thing that is wrong."""
    for wheel in sorted(fetched.glob("*.whl")):
        licence = licence_of(wheel)
        if not accepted(licence):
            raise PackError(f"{target.name}: {wheel.name} is under {licence}.")
    total = binaries = 0
    for name, data in wheels.contents(fetched, target.system):
        total += len(data)
        if is_binary(data):
            binaries += 1
            refuse_traces_in(name.rpartition("/")[2], data)
            expect_it_runs(target, name, data)
    fat = ", for both processors" if target.system == "darwin" else ""
    say(f"{target.name}: {binaries} binaries, {total / 1e6:.1f} MB{fat}; nothing is wrong.")


def licence_of(wheel: Path) -> str:
    """What a wheel says of its licence, or what is known of it."""
    with zipfile.ZipFile(wheel) as packed:
        name = next(each for each in packed.namelist() if each.endswith(".dist-info/METADATA"))
        fields = Parser().parsestr(packed.read(name).decode("utf-8"))
    own = fields["Name"].lower().replace("_", "-").replace(".", "-")
    return chosen(NAMED.get(own) or fields["License-Expression"] or fields["License"] or "none")


def expect_it_runs(target: wheels.Target, name: str, data: bytes) -> None:
    """Raises PackError for a binary that `target` could not load."""
    if target.processor not in machines(data):
        raise PackError(f"{target.name}: {name} is for {', '.join(machines(data))}.")
    floor = macos_floor(data) if target.system == "darwin" else None
    oldest = tuple(int(number) for number in macos.OLDEST.split("."))
    if floor is not None and floor > oldest and not MARKED.match(name):
        raise PackError(f"{name} needs macOS {floor[0]}.{floor[1]}.")
