"""Which programs and libraries of the system packing needs, and how Debian calls them.

Invariant: what is missing is said before any work is done; nothing is installed from here.
"""

from __future__ import annotations

import shutil
import sys
import sysconfig
from collections.abc import Iterable
from pathlib import Path

# For each kind of package: a program or a file, and the Debian package that brings it.
_LINUX = {
    "bundle": {
        "icupkg": "icu-devtools",
        "gcc": "gcc",
        "strip": "binutils",
        "libxcb-cursor.so.0": "libxcb-cursor0",
        "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    },
    "deb": {"dpkg-deb": "dpkg"},
    "rpm": {"rpmbuild": "rpm"},
    "appimage": {
        "mksquashfs": "squashfs-tools",
        "libsquashfuse_ll.a": "libsquashfuse-dev",
        "libfuse3.a": "libfuse3-dev",
        "libzstd.a": "libzstd-dev",
        "liblzma.a": "liblzma-dev",
        "libz.a": "zlib1g-dev",
        "liblz4.a": "liblz4-dev",
        "liblzo2.a": "liblzo2-dev",
        "crt1.o": "libc6-dev",
    },
    "windows": {"makensis": "nsis", "wixl": "wixl", "msibuild": "msitools"},
    "check-windows": {
        "makensis": "nsis",
        "wixl": "wixl",
        "msibuild": "msitools",
        "wine": "wine",
        "x86_64-w64-mingw32-gcc": "gcc-mingw-w64-x86-64",
        "diff": "diffutils",
        "osslsigncode": "osslsigncode",
        "openssl": "openssl",
        "strip": "binutils",
    },
    "estimate-windows": {
        "makensis": "nsis",
        "wixl": "wixl",
        "msibuild": "msitools",
        "x86_64-w64-mingw32-gcc": "gcc-mingw-w64-x86-64",
        "strip": "binutils",
    },
    "estimate-macos": {"strip": "binutils"},
    "check": {
        "debootstrap": "debootstrap",
        "Xvfb": "xvfb",
        "xdotool": "xdotool",
        "xprop": "x11-utils",
        "import": "imagemagick",
        "rpm": "rpm",
        "rpmbuild": "rpm",
        "rpm2cpio": "rpm2cpio",
        "cpio": "cpio",
        "fusermount3": "fuse3",
        "lintian": "lintian",
        "rpmlint": "rpmlint",
        "unshare": "util-linux",
        "desktop-file-validate": "desktop-file-utils",
        "appstreamcli": "appstream",
    },
    "measure": {
        "Xvfb": "xvfb",
        "xdotool": "xdotool",
        "rpm2cpio": "rpm2cpio",
        "cpio": "cpio",
        "libX11.so.6": "libx11-6",
        "fusermount3": "fuse3",
    },
}


def missing(kinds: Iterable[str]) -> tuple[str, ...]:
    """The Debian packages that are needed for `kinds` and are not here."""
    if sys.platform != "linux":
        return ()
    wanted = [pair for kind in kinds for pair in _LINUX.get(kind, {}).items()]
    found = {package for name, package in wanted if not _is_here(name)}
    library = str(sysconfig.get_config_var("INSTSONAME") or "")
    if "bundle" in kinds and not _is_here(library):
        found.add(library.partition(".so")[0])
    return tuple(sorted(found))


def _is_here(name: str) -> bool:
    if ".so" not in name and not name.endswith((".a", ".o")):
        return shutil.which(name) is not None
    multiarch = str(sysconfig.get_config_var("MULTIARCH") or "x86_64-linux-gnu")
    own = str(sysconfig.get_config_var("LIBDIR") or "")
    folders = (own, f"/usr/lib/{multiarch}", f"/lib/{multiarch}", "/usr/lib64", "/usr/lib")
    return any(Path(folder, name).exists() for folder in folders)
