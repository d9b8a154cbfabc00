"""Whether the desktop asks for less motion, as its settings portal tells."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from virtual_desktop import Desktop, wait_for

from app.ui.motion import APPEARANCE, GNOME, KDE, Motion, portal_settings

HERE = Path(__file__).resolve().parent
HAS_OWNER = (
    "org.freedesktop.DBus",
    "/org/freedesktop/DBus",
    "org.freedesktop.DBus.NameHasOwner",
    "org.freedesktop.portal.Desktop",
)


@pytest.mark.parametrize(
    ("namespace", "key", "signature", "value", "reduced"),
    [
        (APPEARANCE, "reduced-motion", "u", "1", True),
        (APPEARANCE, "reduced-motion", "u", "0", False),
        (GNOME, "enable-animations", "b", "false", True),
        (GNOME, "enable-animations", "b", "true", False),
        (KDE, "AnimationDurationFactor", "s", "0", True),
        (KDE, "AnimationDurationFactor", "s", "0.5", False),
        (KDE, "AnimationDurationFactor", "s", "odd", False),
    ],
)
def test_the_portal_is_asked(
    desktop: Desktop,
    qapp: QApplication,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
    namespace: str,
    key: str,
    signature: str,
    value: str,
    reduced: bool,
) -> None:
    words = [sys.executable, str(HERE / "settings_portal.py"), namespace, key, signature, value]
    portal = desktop.spawn(*words, log_name="settings portal")
    wait_for(lambda: "true" in desktop.call(*HAS_OWNER), "the portal's name")
    address = desktop.environment["DBUS_SESSION_BUS_ADDRESS"]
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
    motion = Motion()
    with qtbot.waitSignal(motion._answered):
        motion.ask()
    qtbot.waitUntil(lambda: motion.reduced == reduced)
    portal.terminate()
    portal.wait()
    assert desktop.log("settings portal") == ""


def test_without_a_portal_there_is_motion(
    desktop: Desktop, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = desktop.environment["DBUS_SESSION_BUS_ADDRESS"]
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
    assert portal_settings() == {}
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere/at/all")
    assert portal_settings() == {}
