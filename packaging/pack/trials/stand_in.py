"""A bundle for another system, made on Linux: to try the installers of Windows, and for the sizes.

Its libraries are those of the lock's wheels for that system, its loaders PyInstaller's. All code is
frozen here, as on Windows in one file for both programs; and in place of Python's own libraries lie
the ones of this system, which are about as large. Invariant: no GPL code is in it, the programs
only say that they ran, and those that were frozen here start.
"""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Container
from pathlib import Path

from pack import bundle, icons, parts, stripping, wheels, windows
from pack.product import PACKAGING, ROOT, PackError, Product, run, say

TARGET = wheels.TARGETS[0]
KEPT = ROOT / "build" / "wheels"
PYTHONS = {"Python", "OpenSSL", "SQLite", "libffi", "bzip2", "liblzma", "libmpdec"}
"""Parts that are Python's own on Windows; Linnet's code and files lie in its own part."""
LOADERS = {windows.PROGRAM: "runw.exe", windows.CONSOLE: "run.exe"}


def lay_out(made: Product, folder: Path) -> Path:
    """Make one for Windows in `folder`, not there yet. Takes a minute. Raises PackError."""
    fill(TARGET, folder / "_internal", folder.parent / "freezing")
    _add_programs(made, folder)
    files = [path for path in folder.rglob("*") if path.is_file()]
    total = sum(path.stat().st_size for path in files)
    say(f"What is packed: {len(files)} files, {total / 1e6:.1f} MB.")
    return folder


def fill(target: wheels.Target, inside: Path, work: Path) -> None:
    """Put all but the programs into `inside`; `work` is a folder to freeze in. Raises PackError."""
    fetched = wheels.fetch(target, KEPT)
    wheels.lay_out(fetched, target, inside)
    _freeze(work, inside, {_distribution(each) for each in fetched.glob("*.whl")})
    for file in inside.rglob("*"):
        if file.is_file():
            parts.refuse_traces(file)


def _distribution(path: Path) -> str:
    """Whose a wheel is, or a folder of metadata."""
    return path.name.partition("-")[0].lower().replace(".", "_")


def _freeze(work: Path, inside: Path, distributions: Container[str]) -> None:
    """Take from a bundle of this system what is not in the wheels: code, and what is Python's."""
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    bundle.collect(work, both=True)
    frozen = work / "frozen" / "linnet"
    stripping.strip(frozen)
    for program in ("linnetw", "linnet"):  # both find their modules in the one file
        run(frozen / program, "--version")
    natives = parts.read_natives()
    wanted = PYTHONS | {"Linnet"}
    for file, path in parts.files_in(frozen):
        top = Path(path.partition("/")[0])
        metadata = top.suffix == ".dist-info" and _distribution(top) in distributions
        if metadata or parts.owner_of(path, natives, {}) in wanted:
            (inside / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, inside / path)


def _add_programs(made: Product, folder: Path) -> None:
    """The stubs, made as large by the loaders in whose place they are."""
    work = folder.parent / "stub"
    work.mkdir(exist_ok=True)
    icons.write_ico(work / "linnet.ico")
    numbers = ",".join(map(str, windows.version_numbers(made.version)))
    script = f'1 ICON "linnet.ico"\n1 VERSIONINFO\nFILEVERSION {numbers}\nBEGIN\nEND\n'
    (work / "stub.rc").write_text(script, encoding="utf-8")
    run("x86_64-w64-mingw32-windres", "stub.rc", "-o", "resources.o", cwd=work)
    lock = ROOT / "requirements-package.txt"
    [wheel] = wheels.fetch(TARGET, KEPT, lock, "pyinstaller").glob("*.whl")
    for name, loader in LOADERS.items():
        program = (folder / name).resolve()
        options = ["-O2", "-s", *(["-mwindows"] if name == windows.PROGRAM else [])]
        source = PACKAGING / "windows" / "stub.c"
        run("x86_64-w64-mingw32-gcc", *options, source, "resources.o", "-o", program, cwd=work)
        with zipfile.ZipFile(wheel) as packed, program.open("ab") as file:
            found = [each for each in packed.namelist() if each.endswith(f"64bit-intel/{loader}")]
            if len(found) != 1:
                raise PackError(f"{wheel.name} has no {loader}.")
            file.write(packed.read(found[0]))
