"""What the program has to tell a desktop before and after Qt starts: input method, identity.

Invariant: `prepare` runs before QApplication is made; each step does nothing where it does not
apply, and none can fail the start.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping, MutableMapping, Sequence
from pathlib import Path

from PySide6.QtCore import QLibraryInfo, QLoggingCategory, QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QApplication

from app.build import APPLICATION_ID, NAME, TITLE
from app.ui.icons import mark_icon

if sys.platform == "win32":
    import ctypes


def prepare(environment: MutableMapping[str, str] = os.environ) -> None:
    """Set what Qt reads when it starts."""
    QLoggingCategory.setFilterRules("qt.multimedia.*.info=false")  # it greets on stderr
    if sys.platform.startswith("linux"):
        _choose_input_method(environment, Path(QLibraryInfo.path(_PLUGINS)))
    elif sys.platform == "win32":
        # Windows groups windows on the task bar by it; the installer asks whether we run.
        ctypes.windll.shell32.SetCurrentProcessExplicitAppUserModelID(APPLICATION_ID)
        ctypes.windll.kernel32.CreateMutexW(None, False, f"Local\\{TITLE}.Running")


_PLUGINS = QLibraryInfo.LibraryPath.PluginsPath
_MACHINE_IDS = (Path("/etc/machine-id"), Path("/var/lib/dbus/machine-id"))


def _choose_input_method(
    environment: MutableMapping[str, str],
    plugins: Path,
    machine_ids: Sequence[Path] = _MACHINE_IDS,
) -> None:
    """Where fcitx is asked for and Qt has no plugin for it, its IBus front end serves (X11).

    The plugin for IBus asks libdbus for the id of the machine, which ends the program where there
    is none, as in a bare container: there it is typed without an input method.
    """
    asked = environment.get("QT_IM_MODULE", "")
    on_wayland = "WAYLAND_DISPLAY" in environment and "xcb" not in environment.get(
        "QT_QPA_PLATFORM", ""
    )
    is_fcitx = asked in ("fcitx", "fcitx5") and not on_wayland
    if is_fcitx and not any((plugins / "platforminputcontexts").glob("*fcitx*")):
        environment["QT_IM_MODULE"] = "ibus"
    if any(map(_is_machine_id, machine_ids)):
        return
    if environment.get("QT_IM_MODULE") == "ibus":
        environment["QT_IM_MODULE"] = "compose"
    if (modules := environment.get("QT_IM_MODULES")) is not None:
        kept = [each for each in modules.split(";") if each != "ibus"]
        environment["QT_IM_MODULES"] = ";".join(kept) or "compose"


def _is_machine_id(file: Path) -> bool:
    try:
        return re.fullmatch(r"[0-9a-fA-F]{32}\s*", file.read_text("ascii", "replace")) is not None
    except OSError:
        return False


def has_display(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether there may be somewhere to show a window. Without one Qt would end the process."""
    if not sys.platform.startswith("linux"):
        return True
    named = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    folder = environment.get("XDG_RUNTIME_DIR")
    usual = bool(folder) and Path(str(folder), "wayland-0").exists()
    return usual or any(environment.get(name) for name in named)


def identify(app: QApplication) -> None:
    """Give windows the name and id by which the desktop knows the program."""
    app.setApplicationName(NAME)
    app.setApplicationDisplayName(TITLE)
    QGuiApplication.setDesktopFileName(APPLICATION_ID)


def give_icon(app: QApplication) -> None:
    """Give windows their icon. Drawing it takes a moment: after the first picture."""
    app.setWindowIcon(mark_icon())


def open_folder(folder: Path) -> None:
    """Show a folder of the program in the desktop's file manager."""
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))
