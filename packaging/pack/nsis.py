"""The setup for one person on Windows, made by NSIS: a file that is opened, and Linnet is there.

Invariant: windows/linnet.nsi holds what is done, this gives it the facts; the same commit gives the
same bytes. LINNET_SIGN, if set, is a command that signs the file whose name is put behind it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from app.updates.package import FILE
from pack import icons, libraries, marker, stage, windows
from pack.product import OUT, PACKAGING, PackError, Product, reproducible, say

SIGN = "LINNET_SIGN"
SCRIPTS = PACKAGING / "windows"
_KIB_IN_MB = 1000 * 1000 / 1024


def build(bundle: Path, made: Product, folder: Path = OUT) -> Path:
    """Write the setup for a frozen Windows bundle. Raises PackError."""
    made = replace(made, machine=windows.machine_of(bundle))
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / windows.file_name(made, "-setup.exe")
    work = folder / "setup"
    work.mkdir(exist_ok=True)
    icons.write_ico(work / "linnet.ico")
    icons.write_side(work / "side.bmp")
    stage.write(work / "entries.nsh", entries_script(made))
    payload = windows.copy_of(bundle, "installer", made)
    marker.write(work, made, "winget")
    libraries.tidy_dates(work, made.epoch_s)  # dates of files are kept in the setup
    kib = stage.size_kib(payload)
    facts = {
        "TITLE": made.title,
        "NAME": made.name,
        "ID": made.id,
        "SUMMARY": made.summary,
        "MAKER": made.maker,
        "VERSION": made.version,
        "NUMBERS": ".".join(map(str, windows.version_numbers(made.version))),
        "PROGRAM": windows.PROGRAM,
        "CONSOLE": windows.CONSOLE,
        "PAYLOAD": payload.resolve(),
        "WINGET_MARKER": (work / FILE).resolve(),
        "ENTRIES": (work / "entries.nsh").resolve(),
        "ICON": (work / "linnet.ico").resolve(),
        "SIDE": (work / "side.bmp").resolve(),
        "OUT": file.resolve(),
        "SIZE_KIB": kib,
        "SIZE_MB": round(kib / _KIB_IN_MB),
        **({"HOMEPAGE": made.homepage} if made.homepage else {}),
        **({"SIGN": os.environ[SIGN]} if os.environ.get(SIGN) else {}),
        **({"TARGET64": 1} if made.machine == "x86_64" and _has_wide_stub() else {}),
    }
    defines = [f"-D{name}={value}" for name, value in facts.items()]
    command = [_makensis(), "-V2", "-WX", "-INPUTCHARSET", "UTF8", *defines, "linnet.nsi"]
    done = subprocess.run(
        command, cwd=SCRIPTS, env=reproducible(), capture_output=True, check=False
    )
    shutil.rmtree(work)
    if done.returncode:
        said = (done.stdout + done.stderr).decode("utf-8", "replace").strip()
        raise PackError(f"NSIS could not make the setup.\n{said}")
    sign(file)
    say(f"{file.name}: {file.stat().st_size / 1e6:.1f} MB")
    return file


def sign(file: Path) -> None:
    """Sign a file where the means are given. Raises PackError."""
    if command := os.environ.get(SIGN):
        done = subprocess.run(f'{command} "{file}"', shell=True, capture_output=True, check=False)
        if done.returncode:
            said = (done.stdout + done.stderr).decode("utf-8", "replace").strip()
            raise PackError(f"{file.name} could not be signed.\n{said}")


def entries_script(made: Product) -> str:
    """What is registered, as two macros for linnet.nsi."""
    program = f"$INSTDIR\\{windows.PROGRAM}"
    lines = ["!macro WriteEntries", *_written(made, program), "!macroend", ""]
    lines += ["!macro DeleteEntries", *_deleted(made, program), "!macroend", ""]
    return "\n".join(lines)


def _written(made: Product, program: str) -> Iterator[str]:
    for entry in windows.entries(made, program):
        yield f"  WriteRegStr HKCU 'Software\\{entry.key}' '{entry.name}' '{entry.value}'"


def _deleted(made: Product, program: str) -> Iterator[str]:
    for key in windows.own_keys(made):
        yield f"  DeleteRegKey HKCU 'Software\\{key}'"
    for entry in windows.entries(made, program):
        if not entry.own:
            yield f"  DeleteRegValue HKCU 'Software\\{entry.key}' '{entry.name}'"
            if entry.key.startswith("Classes\\"):
                yield f"  DeleteRegKey /ifempty HKCU 'Software\\{entry.key}'"
                yield f"  DeleteRegKey /ifempty HKCU 'Software\\{entry.key.rpartition(chr(92))[0]}'"


def _makensis() -> str:
    """NSIS: on Windows its setup leaves it off the PATH. Raises PackError."""
    usual = Path(os.environ.get("PROGRAMFILES(X86)", ""), "NSIS", "makensis.exe")
    found = shutil.which("makensis") or (str(usual) if usual.is_file() else "")
    if not found:
        raise PackError("The setup is made by NSIS, which is not here.")
    return found


def _has_wide_stub() -> bool:
    """Debian's NSIS can make a setup of 64 bits, which runs under wine64; the one for Windows
    cannot, and need not. An older Windows on ARM runs programs of 32 bits and of its own alone."""
    return Path("/usr/share/nsis/Stubs/lzma_solid-amd64-unicode").exists()
