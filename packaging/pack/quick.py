"""Stands in for Qt Quick on Linux, where Qt's media plugin links it: 17 MB for two names.

The plugin asks whether a window that is to be recorded is one of Qt Quick. Linnet has none, so the
answer is no with a class that no object belongs to. Invariant: the plugin asks for exactly these
two names, else nothing is built; no other file links to Quick or Qml.
"""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

from pack.binaries import needed
from pack.elf import without_needed
from pack.libraries import binaries
from pack.product import PackError, run

NAME = "libQt6Quick.so.6"
UNUSED = "libQt6Qml.so.6"
CLASS = "_ZN12QQuickWindow16staticMetaObjectE"
CALL = "_ZN12QQuickWindow10grabWindowEv"
_SOURCE = f"""
/* A class of Qt, as large as one, that no object is of; and what only its objects can do. */
__attribute__((visibility("default"))) const void *const {CLASS}[8] = {{0}};
__attribute__((visibility("default"))) void {CALL}(void) {{ __builtin_trap(); }}
"""
_VERSIONS = f"Qt_6 {{ global: {CLASS}; {CALL}; local: *; }};\n"
_MARKS = ("QQuick", "QQml", "QJS", "QV4", "QSG")


def stand_in(bundle: Path) -> None:
    """Put a small libQt6Quick into the bundle. Raises PackError when something else needs Quick."""
    users = [path for path, data in binaries(bundle) if {NAME, UNUSED} & set(needed(data))]
    for user in users:
        asked = quick_names(user)
        if asked != {CLASS, CALL}:
            raise PackError(f"{user.name} uses more of Qt Quick than is stood in for: {asked}")
        user.write_bytes(without_needed(user.read_bytes(), UNUSED))
    if not users:
        return
    folder = next(bundle.rglob("PySide6/Qt/lib"))
    with tempfile.TemporaryDirectory() as place:
        source, versions = Path(place, "quick.c"), Path(place, "quick.map")
        source.write_text(_SOURCE, encoding="utf-8")
        versions.write_text(_VERSIONS, encoding="utf-8")
        linking = ["-Wl,--build-id=none", f"-Wl,-soname,{NAME}", f"-Wl,--version-script={versions}"]
        own = ["-shared", "-fPIC", "-O2", "-nostdlib", "-s", *linking]
        run("gcc", *own, "-o", folder / NAME, source)


def quick_names(library: Path) -> set[str]:
    """The names of Qt Quick and Qml that a library asks for."""
    command = ["nm", "-D", "--undefined-only", "--without-symbol-versions", str(library)]
    listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    names = (line.split()[-1] for line in listed.splitlines() if line.strip())
    return {name for name in names if any(mark in name for mark in _MARKS)}
