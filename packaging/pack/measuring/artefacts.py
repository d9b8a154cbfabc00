"""What is measured: every artefact unpacked as its installation leaves it, and the two beside it.

Invariant: made anew from dist/ each time, but for the virtual environment and the empty program,
which only depend on the lock.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pack import bundle, wheel
from pack.product import OUT, ROOT, PackError, Product, reproducible, run, say
from pack.trials.python import wheelhouse

PLACE = ROOT / "build" / "measure"
_EMPTY = '''"""A window with nothing in it."""
import sys

from PySide6.QtWidgets import QApplication, QMainWindow

application = QApplication(sys.argv)
window = QMainWindow()
window.resize(1280, 820)
window.show()
application.exec()
'''
_SPEC = """from pack import freezing
from pack.qt_files import travels

found = Analysis(["empty.py"], excludes=freezing.EXCLUDED)
found.binaries = [entry for entry in found.binaries if travels(entry[0], "linux")]
found.datas = [entry for entry in found.datas if travels(entry[0], "linux")]
program = EXE(PYZ(found.pure), found.scripts, exclude_binaries=True, name="empty", upx=False)
COLLECT(program, found.binaries, found.datas, upx=False, name="empty")
"""


@dataclass(frozen=True)
class Artefact:
    """`command` starts it; `read_from` is what a start reads, for it to be forgotten."""

    name: str
    title: str
    command: tuple[str, ...]
    read_from: tuple[Path, ...]
    download_bytes: int
    installed_bytes: int
    files: int
    has_icon: bool = True
    environment: Mapping[str, str] = field(default_factory=dict)


def unpack(made: Product) -> list[Artefact]:
    """Everything that lies in dist/, and what it is measured beside. Raises PackError."""
    PLACE.mkdir(parents=True, exist_ok=True)
    deb = OUT / f"{made.name}_{made.version}_{made.debian_arch}.deb"
    rpm = OUT / f"{made.name}-{made.version}-1.{made.machine}.rpm"
    archive = OUT / f"{made.name}-{made.version}-{made.machine}.tar.xz"
    image = OUT / f"{made.title}-{made.version}-{made.machine}.AppImage"
    for file in (deb, rpm, archive, image, wheel.wheel(made)):
        if not file.is_file():
            raise PackError(f"There is no {file.name} to measure: ./dev package")
    found = [_venv(made), _empty()]
    for file, command in (
        (deb, 'dpkg-deb -x "$0" .'),
        (rpm, 'rpm2cpio "$0" | cpio -idm --quiet'),
        (archive, 'tar --strip-components=1 -xf "$0"'),
    ):
        folder = PLACE / file.suffix[1:]
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        run("sh", "-c", command, file.resolve(), cwd=folder)
        (program,) = folder.rglob(f"lib/{made.name}/{made.name}")
        found.append(_artefact(file.suffix[1:], file.name, program, folder, file))
    fuse = Path("/dev/fuse").exists()
    for name, title, environment in (
        ("appimage", f"{image.name}, FUSE", {}),
        ("appimage-unpacking", f"{image.name}, without FUSE", {"APPIMAGE_EXTRACT_AND_RUN": "1"}),
    ):
        if fuse or environment:
            size = image.stat().st_size
            found.append(Artefact(name, title, (str(image.resolve()),), (image.resolve(),), size,
                                  size, 1, environment=environment))  # fmt: skip
    return found


def _artefact(name: str, title: str, program: Path, folder: Path, file: Path) -> Artefact:
    size, count = _size(folder)
    return Artefact(name, title, (str(program),), (folder,), file.stat().st_size, size, count)


def _size(folder: Path) -> tuple[int, int]:
    files = [path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()]
    return sum(path.stat().st_size for path in files), len(files)


def _venv(made: Product) -> Artefact:
    """The wheel with the locked wheels, as pip installs them."""
    folder = PLACE / "venv"
    base: str = getattr(sys, "_base_executable", sys.executable)
    house = wheelhouse(".".join(map(str, sys.version_info[:2])))
    python = folder / "bin" / "python"
    lock = ROOT / "requirements.txt"
    if not (folder / "done").is_file() or (folder / "done").read_text() != lock.read_text():
        say("Making a virtual environment.")
        run(base, "-m", "venv", "--clear", "--without-pip", folder)
        into = [base, "-m", "pip", "--python", python, "install", "-q", "--no-index"]
        run(*into, "--find-links", house, "--no-deps", "-r", lock)
        (folder / "done").write_text(lock.read_text())
    into = [base, "-m", "pip", "--python", python, "install", "-q", "--no-index"]
    run(*into, "--no-deps", "--force-reinstall", wheel.wheel(made))
    asked = {path.name.split("-")[0].lower() for path in folder.rglob("*.dist-info")}
    wheels = [x for x in house.glob("*.whl") if x.name.split("-")[0].lower() in asked]
    download = sum(x.stat().st_size for x in [*wheels, wheel.wheel(made)])
    size, count = _size(folder)
    command = (str(folder / "bin" / made.name),)
    libraries = Path(sys.base_prefix, "lib")
    return Artefact("venv", "wheel in a venv", command, (folder, libraries), download, size, count)


def _empty() -> Artefact:
    """An empty PySide6 program, frozen and made slim in the same way."""
    folder, work = PLACE / "empty", PLACE / "work-of-empty"
    packed = PLACE / "empty.tar.xz"
    if not packed.is_file():
        say("Freezing an empty program.")
        shutil.rmtree(folder, ignore_errors=True)
        work.mkdir(exist_ok=True)
        (work / "empty.py").write_text(_EMPTY)
        (work / "empty.spec").write_text(_SPEC)
        places = ["--workpath", work / "work", "--distpath", PLACE]
        words = ["--noconfirm", "--log-level", "ERROR", *places, "empty.spec"]
        run(sys.executable, "-m", "PyInstaller", *words, cwd=work, env=reproducible())
        bundle.slim(folder)
        run("tar", "-C", PLACE, "-cJf", packed, "empty")
    size, count = _size(folder)
    program = (str(folder / "empty"),)
    return Artefact("empty", "an empty window, frozen", program, (folder,),
                    packed.stat().st_size, size, count, has_icon=False)  # fmt: skip
