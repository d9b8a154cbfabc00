"""Which files of Qt, and which libraries of the system, travel with Linnet.

Invariant: one pure function over destination paths, for all three systems, which the PyInstaller
specification and the tests share. Of Qt a file travels only when a table names it; a library that
every desktop of a Linux system has stays the system's.
"""

from __future__ import annotations

import re

# What the program imports, and what that links to where. (On Linux the media plugin links Qt Quick,
# too: see pack/quick.py.)
IMPORTED = set("Core Gui Widgets Network Svg PrintSupport Multimedia".split())
_STUBS = "FFmpegStub-crypto FFmpegStub-ssl FFmpegStub-va FFmpegStub-va-drm FFmpegStub-va-x11"
LIBRARIES = {
    "linux": IMPORTED | set(f"Concurrent DBus OpenGL XcbQpa WaylandClient {_STUBS}".split()),
    "win32": IMPORTED,
    "darwin": IMPORTED | {"Concurrent", "DBus"},
}
FFMPEG = set("avcodec avformat avutil swresample swscale".split())
ICU = set("icudata icui18n icuuc".split())
BASE = {"pyside6.abi3", "shiboken6.abi3"}

PLUGINS = {
    "platforms": "xcb wayland offscreen windows cocoa",
    "platforminputcontexts": "composeplatforminputcontext ibusplatforminputcontext",
    "platformthemes": "xdgdesktopportal gtk3",
    "styles": "modernwindowsstyle macstyle",
    "imageformats": "jpeg gif webp svg ico",
    "iconengines": "svgicon",
    "multimedia": "ffmpegmedia",
    "printsupport": "cupsprintersupport",
    "tls": "opensslbackend schannelbackend securetransportbackend",
    "wayland-shell-integration": "xdg-shell",
    "wayland-decoration-client": "adwaita bradient",
    "wayland-graphics-integration-client": "qt-plugin-wayland-egl",
    "xcbglintegrations": "xcb-egl-integration xcb-glx-integration",
}
LANGUAGES = set("ar cs de es fr he it ja ko nl pl pt_BR ru tr uk zh_CN zh_TW".split())

# Linux: small libraries that stock desktops lack, and those that Python itself was built with.
# Mesa's drivers need the newest libstdc++ there is, so that, like all below it, is the system's.
CARRIED = re.compile(
    r"libxcb-(cursor|glx|icccm|image|keysyms|randr|render|render-util|shape|shm|sync|util|xfixes"
    r"|xkb)\.|libxkbcommon(-x11)?\.|libpython3\.|lib(crypto|ssl)\.|libffi\.|libsqlite3\."
    r"|libbz2\.|liblzma\.|libmpdec\."
)
# Windows: a software renderer of 20 MB, parts of the runtime that nothing here links to, and a way
# to TLS by an OpenSSL that is not there; that of Windows serves.
WINDOWS_DROPPED = re.compile(
    r"(opengl32sw|d3dcompiler_\d+|concrt140|vcamp140|vccorlib140|vcomp140|msvcp140_codecvt_ids"
    r"|qopensslbackend)\.dll$"
)
# Modules of libraries that nothing here uses, with what only they link to.
DROPPED = re.compile(
    r"PIL/_(imagingcms|imagingft|imagingtk|imagingmath|imagingmorph)\."
    r"|(pillow\.libs|PIL/\.dylibs)/lib(lcms2|freetype|harfbuzz|brotlicommon|brotlidec|png16)[-.]"
    r"|(^|/)(readline|_gdbm|_dbm|_tkinter|_curses|_curses_panel|nis|spwd|_crypt|_uuid)\.cpython-"
)


def travels(path: str, system: str) -> bool:
    """Whether the file with destination `path` (either slash) belongs into the bundle.

    `system` is `sys.platform`: "linux", "win32" or "darwin".
    """
    path = path.replace("\\", "/")
    name = path.rpartition("/")[2]
    if path.startswith(("PySide6/", "shiboken6/")) or "/PySide6/" in path:
        if system == "win32" and WINDOWS_DROPPED.match(name.lower()):
            return False
        return _of_qt(path, name, system)
    if DROPPED.search(path):
        return False
    if system == "linux" and "/" not in path and re.match(r"lib.+\.so", name):
        return _links_of_qt(name) or bool(CARRIED.match(name))
    return not (system == "win32" and WINDOWS_DROPPED.match(name.lower()))


def _of_qt(path: str, name: str, system: str) -> bool:
    """Of PySide6 and shiboken6: what a table names."""
    if plugin := re.search(r"/plugins/([^/]+)/(?:lib)?(.+?)(?:plugin)?\.(?:so|dll|dylib)$", path):
        folder, found = plugin.groups()
        known = PLUGINS.get(folder, "").split()
        return found in known or found.removeprefix("q") in known
    if "/plugins/" in path or "/qml/" in path:
        return False
    if "/translations/" in path:
        language = re.match(r"qtbase_(\w+)\.qm$", name)
        return bool(language and language.group(1) in LANGUAGES)
    if framework := re.search(r"/Qt(\w+)\.framework/(.*)$", path):
        return framework.group(1) in LIBRARIES[system] and "/Headers/" not in path
    if binding := re.match(r"Qt(\w+?)(?:\.abi3)?\.(?:so|pyd)$", name):
        return binding.group(1) in IMPORTED
    if library := re.match(r"(?:lib)?Qt6([\w-]+?)(?:\.so\.\d+|\.dll)$", name):
        return library.group(1) in LIBRARIES[system]
    return _beside_qt(name)


def _beside_qt(name: str) -> bool:
    """What Qt's libraries and the bindings stand on, under its shortest name."""
    if found := re.match(r"(?:lib)?(\w+?)(?:\.so\.\d+|-\d+\.dll|\.\d+\.dylib)$", name):
        return found.group(1) in FFMPEG | ICU
    if found := re.match(r"(?:lib)?(\w+\.abi3)(?:\.so\.[\d.]+|\.dll|\.[\d.]+\.dylib)$", name):
        return found.group(1) in BASE
    if re.match(r"(msvcp140|vcruntime140)(_\d)?\.dll$", name.lower()):
        return True
    return bool(re.match(r"(Shiboken(\.abi3)?\.(so|pyd)|__init__\.pyc?|_\w+\.pyc?)$", name))


def _links_of_qt(name: str) -> bool:
    """PyInstaller leaves links beside the program that name the libraries in PySide6."""
    library = re.match(r"libQt6([\w-]+?)\.so\.\d+$", name)
    return bool(library and library.group(1) in LIBRARIES["linux"]) or _beside_qt(name)
