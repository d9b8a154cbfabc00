"""Which files of Qt travel, held against what the real wheels of the three systems contain.

The lists in wheels/ were written by packaging/record_wheels.py from the wheels of the lock.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from importlib.metadata import files as files_of
from pathlib import Path

import pytest
from pack import quick
from pack.qt_files import DROPPED, IMPORTED, travels

WHEELS = Path(__file__).parent / "wheels"
SYSTEMS = ("linux", "win32", "darwin")
MIB = 1024 * 1024


@dataclass(frozen=True)
class File:
    path: str
    size: int
    links: tuple[str, ...]

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2]


def recorded(system: str) -> list[File]:
    lines = (WHEELS / f"{system}.txt").read_text(encoding="utf-8").splitlines()
    rows = [line.split() for line in lines]
    return [File(path, int(size), tuple(links)) for size, path, *links in rows]


def travelling(system: str) -> list[File]:
    return [file for file in recorded(system) if travels(file.path, system)]


NEEDED = {
    "linux": """Qt/lib/libQt6Widgets.so.6 Qt/lib/libQt6XcbQpa.so.6 QtMultimedia.abi3.so
        plugins/platforms/libqxcb.so plugins/platforms/libqwayland.so libqoffscreen.so
        platformthemes/libqxdgdesktopportal.so wayland-shell-integration/libxdg-shell.so
        libibusplatforminputcontextplugin.so multimedia/libffmpegmediaplugin.so
        iconengines/libqsvgicon.so libavcodec.so.61 libicudata.so.73 xcb-egl-integration.so
        lib/libQt6PrintSupport.so.6 printsupport/libcupsprintersupport.so
        lib/libQt6FFmpegStub-va.so.2 translations/qtbase_zh_CN.qm libpyside6.abi3.so.6.11""",
    "win32": """PySide6/Qt6Widgets.dll plugins/platforms/qwindows.dll qmodernwindowsstyle.dll
        multimedia/ffmpegmediaplugin.dll avcodec-61.dll QtWidgets.pyd pyside6.abi3.dll
        shiboken6.abi3.dll Qt6PrintSupport.dll PySide6/msvcp140.dll
        tls/qschannelbackend.dll imageformats/qwebp.dll""",
    "darwin": """QtWidgets.framework/Versions/A/QtWidgets platforms/libqcocoa.dylib
        styles/libqmacstyle.dylib multimedia/libffmpegmediaplugin.dylib libavcodec.61.dylib
        QtGui.abi3.so QtPrintSupport.abi3.so libshiboken6.abi3.6.11.dylib Shiboken.abi3.so""",
}
NEVER = """WebEngine Designer QuickControls QtQuick. Qt63D Qt3D Pdf VirtualKeyboard opengl32sw
    sqldrivers qmltooling libqvnc qdirect2d d3dcompiler windowsmediaplugin qeglfs Charts Sql Test
    networkinformation .exe""".split()


@pytest.mark.parametrize("system", SYSTEMS)
def test_what_the_program_needs_travels(system: str) -> None:
    paths = [file.path for file in travelling(system)]
    for ending in NEEDED[system].split():
        assert [path for path in paths if path.endswith(ending)], ending


@pytest.mark.parametrize("system", SYSTEMS)
def test_what_it_does_not_need_stays(system: str) -> None:
    for file in travelling(system):
        assert not [word for word in NEVER if word in file.path], file.path


@pytest.mark.parametrize("system", SYSTEMS)
def test_nothing_that_travels_links_to_what_stays(system: str) -> None:
    kept = travelling(system)
    names = {file.name.lower() for file in kept}
    stays = {(file.name, link) for file in kept for link in file.links if link.lower() not in names}
    stood_in = {("libffmpegmediaplugin.so", name) for name in (quick.NAME, quick.UNUSED)}
    assert stays == (stood_in if system == "linux" else set())


@pytest.mark.parametrize("system", SYSTEMS)
def test_no_library_travels_without_anybody_linking_to_it(system: str) -> None:
    kept = travelling(system)
    linked = {link.lower() for file in kept for link in file.links}
    loaded = ("plugins/", "translations/", ".pyd", ".abi3.so", "Shiboken", "__init__.py", "/_")
    alone = {file.path for file in kept if file.name.lower() not in linked}
    assert {path for path in alone if not any(word in path for word in loaded)} == set()


@pytest.mark.parametrize(("system", "most_mib"), [("linux", 115), ("win32", 72), ("darwin", 147)])
def test_what_travels_has_not_grown(system: str, most_mib: int) -> None:
    """Before ICU is trimmed and macOS files are thinned to one architecture."""
    assert sum(file.size for file in travelling(system)) <= most_mib * MIB


def test_the_installed_wheel_is_the_recorded_one() -> None:
    installed = {
        str(path).replace("\\", "/")
        for name in ("pyside6_essentials", "pyside6_addons", "shiboken6")
        for path in files_of(name) or ()
    }
    assert {file.path for file in travelling(sys.platform)} <= installed


def test_the_modules_of_qt_that_travel_are_those_that_the_program_names() -> None:
    app = Path(__file__).resolve().parents[2] / "app"
    texts = (path.read_text(encoding="utf-8") for path in app.rglob("*.py"))
    assert {name for text in texts for name in re.findall(r"PySide6\.Qt(\w+)", text)} == IMPORTED


def test_backslashes_are_slashes() -> None:
    assert travels(r"PySide6\Qt6Core.dll", "win32")
    assert not travels(r"PySide6\Qt6Quick.dll", "win32")
    assert not travels(r"PySide6\opengl32sw.dll", "win32")


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("libxcb-cursor.so.0", True),
        ("libxkbcommon-x11.so.0", True),
        ("libpython3.11.so.1.0", True),
        ("libQt6Core.so.6", True),
        ("libicudata.so.73", True),
        ("libstdc++.so.6", False),  # Mesa's drivers need the newest
        ("libGL.so.1", False),
        ("libxcb.so.1", False),
        ("libglib-2.0.so.0", False),
        ("libreadline.so.8", False),
        ("libgtk-3.so.0", False),
        ("_cffi_backend.cpython-311-x86_64-linux-gnu.so", True),
        ("_pi_heif.cpython-311-x86_64-linux-gnu.so", True),
        ("PIL/_imaging.cpython-311-x86_64-linux-gnu.so", True),
        ("PIL/_imagingtk.cpython-311-x86_64-linux-gnu.so", False),
        ("pillow.libs/libjpeg-6dc8d115.so.62.4.0", True),
        ("pillow.libs/libharfbuzz-fb49c9fc.so.0.61450.0", False),
        ("python3.11/lib-dynload/readline.cpython-311-x86_64-linux-gnu.so", False),
        ("python3.11/lib-dynload/_ssl.cpython-311-x86_64-linux-gnu.so", True),
    ],
)
def test_other_files_on_linux(path: str, expected: bool) -> None:
    assert travels(path, "linux") is expected


def test_what_draws_text_in_pillow_stays_on_macos_too() -> None:
    for name, expected in (("libfreetype.6", False), ("libpng16.16", False), ("libtiff.6", True)):
        assert travels(f"PIL/.dylibs/{name}.dylib", "darwin") is expected


def test_the_gpl_readline_is_dropped_wherever_it_lies() -> None:
    for folder in ("", "lib-dynload/", "python3.13/lib-dynload/"):
        assert DROPPED.search(f"{folder}readline.cpython-313-x86_64-linux-gnu.so")
