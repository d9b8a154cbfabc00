"""Screenshots: a rectangle drawn over a real screen, a window by its title, and the portal."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from virtual_desktop import Desktop, wait_for

from app.ui.screenshot.portal import PortalGrab, ask_portal

Start = Callable[..., Any]
HERE = Path(__file__).resolve().parent
HAS_OWNER = (
    "org.freedesktop.DBus",
    "/org/freedesktop/DBus",
    "org.freedesktop.DBus.NameHasOwner",
    "org.freedesktop.portal.Desktop",
)
METER = """
import sys
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication, QWidget

application = QApplication([])
window = QWidget()
window.setWindowTitle("Meter")
palette = window.palette()
palette.setColor(QPalette.ColorRole.Window, QColor(204, 85, 0))
window.setPalette(palette)
window.setGeometry(300, 300, 400, 300)
window.show()
sys.exit(application.exec())
"""


def attached(home: Path) -> list[Path]:
    return [path for path in home.glob("**/blobs/*/*") if path.is_file()]


@pytest.mark.parametrize(("steps_up", "window"), [(2, False), (1, True)])
def test_a_region_and_a_window_are_taken_and_the_own_window_comes_back(
    desktop: Desktop, start: Start, linnet_home: Path, steps_up: int, window: bool
) -> None:
    meter = desktop.spawn(sys.executable, "-c", METER, log_name="meter")
    desktop.window("^Meter$")
    program = start()
    desktop.activate(program.window)
    before = desktop.area(program.window)
    button = desktop.place("Attach")
    shown = len(desktop.windows("^linnet$", by="class"))
    desktop.click(*button.centre)
    wait_for(lambda: len(desktop.windows("^linnet$", by="class")) > shown, "the menu")
    for name in (*["Up"] * steps_up, "Return"):
        desktop.keys(name)
    if window:
        desktop.window("Choose a window")
        desktop.keys("Return")
    else:
        desktop.window("Choose a region")
        area = desktop.area(desktop.window("^Meter$"))
        desktop.drag((area.x + 20, area.y + 20), (area.x + 120, area.y + 80))
    (file,) = wait_for(lambda: attached(linnet_home), "the screenshot")
    picture = Image.open(file).convert("RGB")
    assert picture.getpixel((30, 30)) == (204, 85, 0)
    assert picture.width in ((400,) if window else range(90, 112))
    wait_for(lambda: desktop.active_window() == program.window, "the window's return")
    after = desktop.area(program.window)
    assert (after.width, after.height) == (before.width, before.height)
    meter.terminate()
    meter.wait()
    program.quit()


@pytest.fixture
def portal(desktop: Desktop, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path | str | None]:
    """What comes of asking a portal whose person decides so."""

    def asked(*words: str) -> Path | str | None:
        script = str(HERE / "screenshot_portal.py")
        process = desktop.spawn(sys.executable, script, *words, log_name="screenshot portal")
        wait_for(lambda: "true" in desktop.call(*HAS_OWNER), "the portal's name")
        address = desktop.environment["DBUS_SESSION_BUS_ADDRESS"]
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
        found = ask_portal()
        process.terminate()
        process.wait()
        wait_for(lambda: "false" in desktop.call(*HAS_OWNER), "the portal's end")
        return found

    return asked


def test_the_portal_makes_a_file_or_tells(
    portal: Callable[..., Path | str | None], tmp_path: Path
) -> None:
    file = tmp_path / "a b.png"
    assert portal("0", str(file)) == file
    assert portal("1") is None
    assert "could not take" in str(portal("2"))
    assert "offers no screenshots" in str(portal("9"))


def test_a_desktop_without_a_bus_is_told_of(qapp: QApplication, qtbot: QtBot) -> None:
    grab = PortalGrab(qapp)
    with qtbot.waitSignal(grab.failed) as told:
        grab.begin()
    assert "offers no screenshots" in told.args[0]
    grab.deleteLater()
