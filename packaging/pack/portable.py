"""What needs no package manager: the tar.xz, and the AppImage, which is one file that runs.

Invariant: both carry the tree of the packages and a script that puts it into a person's own
folders. The head of the AppImage is linux/runtime.c, or the file that LINNET_APPIMAGE_RUNTIME
names; the image behind it has no date but that of the sources.
"""

from __future__ import annotations

import lzma
import os
import shutil
import subprocess
import tarfile
from pathlib import Path

from pack import libraries, stage
from pack.product import OUT, PACKAGING, WORK, PackError, Product, reproducible, run, say

LINUX = PACKAGING / "linux"
RUNTIME = "LINNET_APPIMAGE_RUNTIME"
BLOCK = 4096
# What every start reads, in this order; each as a whole.
AHEAD = """
    linnet _internal/libpython3*.so* _internal/base_library.zip _internal/shiboken6/*.so*
    _internal/PySide6/QtCore.abi3.so _internal/PySide6/libpyside6.*
    _internal/PySide6/Qt/lib/libQt6Core.so.* _internal/PySide6/Qt/lib/libicu[iu]*.so.*
    _internal/PySide6/QtWidgets.abi3.so _internal/PySide6/Qt/lib/libQt6Widgets.so.*
    _internal/PySide6/Qt/lib/libQt6Gui.so.* _internal/PySide6/QtGui.abi3.so
    _internal/PySide6/Qt/lib/libQt6XcbQpa.so.* _internal/PySide6/Qt/plugins/platforms/libqxcb.so
""".split()
_ARCHIVES = ("squashfuse_ll", "fuse3", "zstd", "lzma", "z", "lz4", "lzo2")


def tree(bundle: Path, prefix: Path, made: Product, kind: str) -> None:
    """The staged tree with the script that installs it for one person."""
    stage.stage(bundle, prefix, made, kind)
    share, home = prefix / "share", prefix / "lib" / made.name
    files = sorted(p.relative_to(share).as_posix() for p in share.rglob("*") if p.is_file())
    stage.write(home / "files", "".join(f"{file}\n" for file in files))
    script = (LINUX / "setup").read_text(encoding="utf-8").replace("@ID@", made.id)
    stage.write(home / "setup", script)
    (home / "setup").chmod(0o755)


def build_archive(bundle: Path, made: Product) -> Path:
    """Write the .tar.xz into dist/."""
    name = f"{made.name}-{made.version}-{made.machine}"
    root = WORK / "archive" / name
    tree(bundle, root, made, "archive")
    floor = ".".join(map(str, libraries.needs_of(bundle).glibc))
    words = (LINUX / "README").read_text(encoding="utf-8").replace("@GLIBC@", floor)
    stage.write(root / "README", words)
    libraries.tidy_dates(root, made.epoch_s)
    OUT.mkdir(exist_ok=True)
    file = OUT / f"{name}.tar.xz"
    with lzma.open(file, "wb", preset=6) as packed, tarfile.open(fileobj=packed, mode="w") as tar:
        for path in [root, *sorted(root.rglob("*"))]:
            entry = tar.gettarinfo(path, path.relative_to(root.parent).as_posix())
            entry.uid = entry.gid = 0
            entry.uname = entry.gname = "root"
            if entry.isreg():
                with path.open("rb") as content:
                    tar.addfile(entry, content)
            else:
                tar.addfile(entry)
    say(f"{file.name}: {file.stat().st_size / 1e6:.1f} MB")
    return file


def build_appimage(bundle: Path, made: Product) -> Path:
    """Write the .AppImage into dist/."""
    folder = WORK / "appimage" / "AppDir"
    shutil.rmtree(folder, ignore_errors=True)
    tree(bundle, folder / "usr", made, "appimage")
    shutil.copyfile(LINUX / "AppRun", folder / "AppRun")
    (folder / "AppRun").chmod(0o755)
    for link, target in (
        (f"{made.id}.desktop", f"usr/share/applications/{made.id}.desktop"),
        (f"{made.id}.png", f"usr/share/icons/hicolor/256x256/apps/{made.id}.png"),
        (".DirIcon", f"{made.id}.png"),
    ):
        (folder / link).symlink_to(target)
    (folder / ".ahead").write_text("".join(f"{file}\n" for file in read_ahead(folder, made)))
    libraries.tidy_dates(folder, made.epoch_s)
    image = WORK / "appimage" / "image"
    image.unlink(missing_ok=True)
    squeeze = ["-comp", "zstd", "-Xcompression-level", "22", "-b", "512K"]
    quiet = ["-root-owned", "-noappend", "-no-xattrs", "-no-progress", "-quiet"]
    # Alone it would take its dates from the clock, and more cores would change nothing but time.
    run("mksquashfs", folder, image, *squeeze, *quiet, env=reproducible())
    OUT.mkdir(exist_ok=True)
    file = OUT / f"{made.title}-{made.version}-{made.machine}.AppImage"
    file.write_bytes(runtime().read_bytes() + image.read_bytes())
    file.chmod(0o755)
    say(f"{file.name}: {file.stat().st_size / 1e6:.1f} MB")
    return file


def read_ahead(folder: Path, made: Product) -> list[str]:
    """What a start reads as a whole. Raises PackError where a file is missing."""
    home = folder / "usr" / "lib" / made.name
    found: list[str] = []
    for pattern in AHEAD:
        files = sorted(path for path in home.glob(pattern) if not path.is_symlink())
        if not files:
            raise PackError(f"There is no {pattern} to be read ahead (pack/portable.py).")
        found += [path.relative_to(folder).as_posix() for path in files]
    return found


def runtime() -> Path:
    """The head of the AppImage: the given one, or ours, compiled."""
    if given := os.environ.get(RUNTIME):
        return Path(given)
    made = WORK / "appimage" / "runtime"
    asked = subprocess.run(["gcc", "-print-multiarch"], capture_output=True, text=True, check=True)
    folder = Path("/usr/lib", asked.stdout.strip())
    archives = [folder / f"lib{name}.a" for name in _ARCHIVES]
    missing = [str(archive) for archive in archives if not archive.is_file()]
    if missing:
        raise PackError(f"The head of the AppImage needs {', '.join(missing)}.")
    defines = ["-D_FILE_OFFSET_BITS=64", "-DFUSE_USE_VERSION=32"]
    headers = ["-include", "/usr/include/squashfuse/config.h", "-I/usr/include/squashfuse"]
    options = ["-O2", "-s", "-Wl,--build-id=none", *defines, *headers, "-I/usr/include/fuse3"]
    run("gcc", *options, LINUX / "runtime.c", "-o", made, *archives, "-lpthread", "-ldl")
    data = bytearray(made.read_bytes())
    data[8:11] = b"AI\x02"  # by this a desktop knows an AppImage of type 2
    made.write_bytes(bytes(data) + bytes(-len(data) % BLOCK))
    return made
