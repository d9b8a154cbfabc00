"""What a Linux bundle takes from the system: by the loader's name, with the Debian package.

Invariant: a library that is neither carried nor in a table here is an error at build time, so that
no package can be installed and then not start. What only a plugin of Qt needs is not required: Qt
does without the plugin.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from pack.binaries import glibc_floor, is_binary, needed
from pack.product import PackError

LIBC = "libc.so.6"
REQUIRED = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libX11-xcb.so.1": "libx11-xcb1",
    "libX11.so.6": "libx11-6",
    "libXext.so.6": "libxext6",
    "libXrandr.so.2": "libxrandr2",
    "libbrotlicommon.so.1": "libbrotli1",
    "libbrotlidec.so.1": "libbrotli1",
    "libdbus-1.so.3": "libdbus-1-3",
    "libdrm.so.2": "libdrm2",
    "libexpat.so.1": "libexpat1",
    "libfontconfig.so.1": "libfontconfig1",
    "libfreetype.so.6": "libfreetype6",
    "libgcc_s.so.1": "libgcc-s1",
    "libglib-2.0.so.0": "libglib2.0-0 | libglib2.0-0t64",
    "libgssapi_krb5.so.2": "libgssapi-krb5-2",
    "libgthread-2.0.so.0": "libglib2.0-0 | libglib2.0-0t64",
    "libpulse.so.0": "libpulse0",
    "libstdc++.so.6": "libstdc++6",
    "libxcb.so.1": "libxcb1",
    "libz.so.1": "zlib1g",
    "libzstd.so.1": "libzstd1",
}
# Plugins that are left out by themselves where a library of theirs is missing.
OPTIONAL = {
    "libcups.so.2": "libcups2 | libcups2t64",
    "libwayland-client.so.0": "libwayland-client0",
    "libwayland-cursor.so.0": "libwayland-cursor0",
    "libwayland-egl.so.1": "libwayland-egl1",
    "libgtk-3.so.0": "libgtk-3-0 | libgtk-3-0t64",
}
# These come with libgtk-3.so.0, and these are the C library.
_OF_GTK = set(
    "libgdk-3.so.0 libpangocairo-1.0.so.0 libpango-1.0.so.0 libharfbuzz.so.0 libatk-1.0.so.0 "
    "libcairo-gobject.so.2 libcairo.so.2 libgdk_pixbuf-2.0.so.0 libgio-2.0.so.0 "
    "libgobject-2.0.so.0".split()
)
_OF_LIBC = {LIBC} | set(
    "libm.so.6 libdl.so.2 libpthread.so.0 librt.so.1 libutil.so.1 libresolv.so.2 "
    "ld-linux-x86-64.so.2 ld-linux-aarch64.so.1".split()
)


@dataclass(frozen=True)
class Needs:
    """What must be there, what helps, and the oldest glibc with all that is asked of it."""

    required: tuple[str, ...]
    optional: tuple[str, ...]
    glibc: tuple[int, int]

    @property
    def packages(self) -> tuple[str, ...]:
        """The Debian packages that are required, the C library with its version."""
        names = {REQUIRED[soname] for soname in self.required}
        return (f"libc6 (>= {self.glibc[0]}.{self.glibc[1]})", *sorted(names))

    @property
    def helpful(self) -> tuple[str, ...]:
        return tuple(sorted({OPTIONAL[soname] for soname in self.optional}))


def needs_of(bundle: Path) -> Needs:
    """What the files of a bundle ask of the system. Raises PackError for what nobody has."""
    carried = {path.name for path in bundle.rglob("*")}
    asked: dict[str, set[str]] = {}
    floor = (0, 0)
    for path, data in binaries(bundle):
        floor = max(floor, glibc_floor(data))
        for name in needed(data):
            if name not in carried:
                asked.setdefault(name, set()).add(path.name)
    _refuse_unknown(asked)
    return Needs(
        required=tuple(sorted(asked.keys() & REQUIRED.keys())),
        optional=tuple(sorted(asked.keys() & OPTIONAL.keys())),
        glibc=floor,
    )


def binaries(bundle: Path) -> Iterator[tuple[Path, bytes]]:
    """The programs and libraries of a folder, links left out."""
    for path in sorted(bundle.rglob("*")):
        if path.is_symlink() or not path.is_file():
            continue
        with path.open("rb") as file:
            if not is_binary(file.read(8)):
                continue
        yield path, path.read_bytes()


def _refuse_unknown(asked: Mapping[str, set[str]]) -> None:
    known = REQUIRED.keys() | OPTIONAL.keys() | _OF_GTK | _OF_LIBC
    unknown = {name: files for name, files in asked.items() if name not in known}
    if unknown:
        rows = (f"{name} (for {', '.join(sorted(files))})" for name, files in unknown.items())
        raise PackError(
            "These libraries are neither carried nor known to be everywhere "
            f"(pack/libraries.py, pack/qt_files.py): {'; '.join(sorted(rows))}"
        )


def tidy_dates(folder: Path, epoch_s: int) -> None:
    """Give all below `folder` one date, and modes that depend on nobody's umask."""
    for path in sorted([folder, *folder.rglob("*")]):
        if not path.is_symlink():
            runs = path.is_dir() or (path.stat().st_mode & 0o100 and ".so" not in path.name)
            path.chmod(0o755 if runs else 0o644)
        # Windows cannot date a link, and has none here.
        os.utime(path, (epoch_s, epoch_s), follow_symlinks=not path.is_symlink())
