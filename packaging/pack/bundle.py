"""The frozen program: one folder (an .app on macOS) that all installers of a system carry.

Invariant: what comes out has been asked whether every file belongs to a known part under an
accepted licence, and on Linux whether the rest of what it links to is known to be everywhere. The
same commit gives the same bytes.
"""

from __future__ import annotations

import ast
import json
import shutil
import subprocess
import sys
from pathlib import Path

from pack import icons, icu, libraries, macos, marker, parts, quick, sbom, stripping, windows
from pack.product import OUT, PACKAGING, WORK, PackError, Product, reproducible, say

KINDS = {"linux": "bundle", "win32": "installer", "darwin": "image"}
"""What a bundle is told about its package, until one says otherwise."""

STORED = "PYINSTALLER_ZLIB_COMPRESSION_LEVEL"
"""Modules lie in the program as they are: a start unpacks nothing, and xz packs them better."""
BOTH = "LINNET_PACK_BOTH"


def freeze(made: Product) -> Path:
    """Make the bundle anew; the folder it lies in. Takes a minute. Raises PackError."""
    shutil.rmtree(WORK, ignore_errors=True)
    WORK.mkdir(parents=True)
    _prepare(made)
    say("Freezing the program.")
    collect(WORK)
    bundle = frozen()
    _finish(bundle, made)
    return bundle


def collect(work: Path, *, both: bool = False) -> None:
    """Let PyInstaller make its folder, `frozen` below `work`. Raises PackError.

    `both`: the programs for window and terminal with one file of modules, as always on Windows.
    """
    command = [sys.executable, "-m", "PyInstaller", "--noconfirm", "--log-level", "ERROR"]
    places = ["--workpath", str(work / "work"), "--distpath", str(work / "frozen")]
    told = {STORED: "0", "LINNET_PACK_WORK": str(work), **({BOTH: "1"} if both else {})}
    done = subprocess.run(
        [*command, *places, str(PACKAGING / "linnet.spec")],
        env={**reproducible(), **told},
        check=False,
    )
    if done.returncode:
        raise PackError("PyInstaller could not freeze the program.")


def frozen() -> Path:
    """Where the bundle lies."""
    return WORK / "frozen" / ("Linnet.app" if sys.platform == "darwin" else "linnet")


def program(bundle: Path) -> Path:
    """What to start for the terminal."""
    names = {"darwin": "Contents/MacOS/linnet", "win32": windows.CONSOLE}
    return bundle / names.get(sys.platform, "linnet")


def modules() -> tuple[str, ...]:
    """The modules in the archive of the last bundle."""
    listing = (WORK / "work" / "linnet" / "PYZ-00.toc").read_text(encoding="utf-8")
    return tuple(entry[0] for entry in ast.literal_eval(listing)[1])


def _prepare(made: Product) -> None:
    """What the specification reads on Windows and macOS."""
    if sys.platform == "win32":
        icons.write_ico(WORK / "linnet.ico")
        for name in (windows.PROGRAM, windows.CONSOLE):
            facts = windows.version_resource(made, name)
            (WORK / f"{name}.txt").write_text(facts, encoding="utf-8")
    elif sys.platform == "darwin":
        icons.write_icns(WORK / "linnet.icns")
        macos.write_facts(WORK, made)


def slim(bundle: Path) -> None:
    """What a Linux bundle does without: most of ICU, Qt Quick, symbols, folders of the builder."""
    for library in sorted(bundle.rglob("PySide6/Qt/lib/libicudata.so.*")):
        before, after = icu.trim(library)
        say(f"Trimmed {library.name} from {before / 1e6:.1f} to {after / 1e6:.1f} MB.")
    quick.stand_in(bundle)
    stripping.forget_folders(bundle)
    say(f"Stripping saved {stripping.strip(bundle) / 1e6:.1f} MB.")


def _finish(bundle: Path, made: Product) -> None:
    inside = bundle / ("Contents/Resources" if sys.platform == "darwin" else "_internal")
    if sys.platform == "linux":
        slim(bundle)
        needs = libraries.needs_of(bundle)
        say(f"It needs glibc {needs.glibc[0]}.{needs.glibc[1]} and {', '.join(needs.required)}.")
    found = parts.parts_of(bundle, modules(), made)
    parts.write_notices(found, inside / parts.NOTICES)
    marker.write(inside / "resources", made, KINDS[sys.platform])
    OUT.mkdir(exist_ok=True)
    bill = OUT / f"{made.name}-{made.version}-{sys.platform}-{made.machine}.cdx.json"
    bill.write_text(json.dumps(sbom.bill(found, made), indent=1) + "\n", encoding="utf-8")
    if sys.platform == "darwin":
        macos.forget_links(bundle)
        macos.sign(bundle)
    else:
        libraries.tidy_dates(bundle, made.epoch_s)
    size = sum(path.stat().st_size for path in bundle.rglob("*") if not path.is_symlink())
    say(f"The bundle has {len(found)} parts and {size / 1e6:.1f} MB: {bundle}")
