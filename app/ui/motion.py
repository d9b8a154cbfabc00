"""Whether the system asks for less motion.

Invariant: `reduced` answers at once with what is known. Linux has to be asked over D-Bus (the
settings portal): that is done on a thread, late, and again when the person comes back to the
program, where the setting may have been changed meanwhile. Without an answer there is motion.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QStyle

from app.ui.worker import Worker

if sys.platform != "linux":
    import ctypes

SPI_GETCLIENTAREAANIMATION = 0x1042
PORTAL = "org.freedesktop.portal.Desktop"
PORTAL_PATH = "/org/freedesktop/portal/desktop"
APPEARANCE = "org.freedesktop.appearance"
GNOME = "org.gnome.desktop.interface"
KDE = "org.kde.kdeglobals.KDE"
TIMEOUT_S = 2.0

Settings = Mapping[str, Mapping[str, Any]]
"""Values by namespace and key, as the portal tells them."""


class Motion(QObject):
    """`ask` brings `reduced` up to date, at once or a little later."""

    _answered = Signal(bool)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._told = False
        self._asked = False
        self._worker = Worker("motion setting", self._work)
        self._answered.connect(self._on_answered, Qt.ConnectionType.QueuedConnection)

    @property
    def reduced(self) -> bool:
        return self._told or _style_is_still() or _system_is_still()

    def ask(self) -> None:
        """Ask the desktop now and whenever the program comes to the front."""
        if sys.platform != "linux":
            return
        if not self._asked:
            self._asked = True
            application = QGuiApplication.instance()
            if isinstance(application, QGuiApplication):
                application.applicationStateChanged.connect(self._on_state_changed)
        if "DBUS_SESSION_BUS_ADDRESS" in os.environ:
            self._worker.put(None)

    def _work(self, _: None) -> None:
        reduced = asks_for_less(portal_settings())
        with suppress(RuntimeError):  # the program has ended meanwhile
            self._answered.emit(reduced)

    def _on_answered(self, reduced: bool) -> None:
        self._told = reduced

    def _on_state_changed(self, state: Qt.ApplicationState) -> None:
        if state == Qt.ApplicationState.ApplicationActive:
            self.ask()


def asks_for_less(settings: Settings) -> bool:
    """What the settings of the common desktops say."""
    if settings.get(APPEARANCE, {}).get("reduced-motion") == 1:
        return True
    if settings.get(GNOME, {}).get("enable-animations") is False:
        return True
    factor = settings.get(KDE, {}).get("AnimationDurationFactor")
    with suppress(TypeError, ValueError):
        return factor is not None and float(factor) == 0.0
    return False


def portal_settings() -> Settings:
    """What the settings portal tells; nothing where there is none. Waits up to `TIMEOUT_S`."""
    from jeepney import DBusAddress, MessageType, new_method_call
    from jeepney.io.blocking import open_dbus_connection

    portal = DBusAddress(PORTAL_PATH, PORTAL, "org.freedesktop.portal.Settings")
    call = new_method_call(portal, "ReadAll", "as", ([APPEARANCE, GNOME, KDE],))
    try:
        with open_dbus_connection("SESSION", auth_timeout=TIMEOUT_S) as connection:
            answer = connection.send_and_get_reply(call, timeout=TIMEOUT_S)
    except (OSError, KeyError, ValueError, RuntimeError):  # no bus, or none that answers
        return {}
    if answer.header.message_type is not MessageType.method_return:
        return {}
    return {
        namespace: {key: value[1] for key, value in members.items()}
        for namespace, members in answer.body[0].items()
    }


def _style_is_still() -> bool:
    style = QApplication.style()
    hint = QStyle.StyleHint.SH_Widget_Animation_Duration
    return style is not None and not style.styleHint(hint)


def _system_is_still() -> bool:
    if sys.platform == "win32":
        shown = ctypes.c_int(1)
        user32 = ctypes.windll.user32
        user32.SystemParametersInfoW(SPI_GETCLIENTAREAANIMATION, 0, ctypes.byref(shown), 0)
        return not shown.value
    if sys.platform == "darwin":
        return _workspace_is_still()
    return False


if sys.platform == "darwin":

    def _workspace_is_still() -> bool:
        """Ask NSWorkspace, which Qt has loaded already."""
        objc = ctypes.CDLL("/usr/lib/libobjc.dylib")
        objc.objc_getClass.restype = objc.sel_registerName.restype = ctypes.c_void_p
        workspace = objc.objc_getClass(b"NSWorkspace")
        if not workspace:
            return False
        pointer = ctypes.c_void_p
        get = ctypes.CFUNCTYPE(pointer, pointer, pointer)(("objc_msgSend", objc))
        ask = ctypes.CFUNCTYPE(ctypes.c_bool, pointer, pointer)(("objc_msgSend", objc))
        shared = get(workspace, objc.sel_registerName(b"sharedWorkspace"))
        return ask(shared, objc.sel_registerName(b"accessibilityDisplayShouldReduceMotion"))
