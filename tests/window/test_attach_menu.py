"""The attach menu, and a screenshot of a region, in the real window."""

from __future__ import annotations

from pathlib import Path

import pytest
import shiboken6
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QInputDialog, QMenu, QWidget
from stage import Stage, play

from app.i18n import tr
from app.ui.screenshot import Screenshots, asks_the_desktop
from app.ui.screenshot.region import Veil

pytestmark = pytest.mark.usefixtures("qapp")
LEFT = Qt.MouseButton.LeftButton


def opened(on: Stage) -> QMenu:
    on.page.composer.attach.click()
    (menu,) = [each for each in on.page.composer.findChildren(QMenu) if each.isVisible()]
    return menu


def press(menu: QMenu, words: str) -> None:
    (action,) = [each for each in menu.actions() if each.text().startswith(words)]
    action.trigger()
    menu.close()


def veil() -> Veil | None:
    shown = [each for each in QApplication.topLevelWidgets() if isinstance(each, Veil)]
    return next((each for each in shown if each.isVisible()), None)


def test_the_menu_offers_files_of_each_kind_and_links(linnet_home: Path) -> None:
    async def story(on: Stage) -> None:
        menu = opened(on)
        words = [action.text().partition("\t")[0] for action in menu.actions() if action.text()]
        assert words[0] == "Files…"
        assert {"Pictures…", "Videos…", "Recordings…", "A link…"} <= set(words)
        press(menu, "Videos")
        (dialog,) = on.page.findChildren(QFileDialog)
        assert "*.mp4" in dialog.selectedNameFilter()
        dialog.reject()
        press(opened(on), "A link")
        (link,) = on.page.findChildren(QInputDialog)
        link.setTextValue("https://example.com/cat.mp4")
        link.accept()
        await on.until(lambda: on.page.composer.media)
        assert on.page.composer.media[0].url == "https://example.com/cat.mp4"

    play(story, linnet_home)


def test_a_drawn_region_is_attached_and_the_window_comes_back(linnet_home: Path) -> None:
    async def story(on: Stage) -> None:
        place = on.window.geometry()
        press(opened(on), "Screenshot of a region")
        assert not on.window.isVisible()
        await on.until(veil)
        shown = veil()
        assert shown is not None
        QTest.mousePress(shown, LEFT, pos=QPoint(300, 200))
        QTest.mouseMove(shown, QPoint(200, 150))
        assert not shown.rectangle.isEmpty()
        shown.grab()
        QTest.mouseMove(shown, QPoint(100, 140))
        QTest.mouseRelease(shown, LEFT, pos=QPoint(100, 140))
        assert on.window.isVisible()
        assert on.window.geometry() == place
        assert veil() is None
        await on.until(lambda: on.page.composer.media)
        (media,) = on.page.composer.media
        assert (media.width_px, media.height_px) == (200, 60)
        assert media.mime == "image/png"

    play(story, linnet_home)


def test_escape_gives_a_screenshot_up_and_enter_takes_the_screen(linnet_home: Path) -> None:
    async def story(on: Stage) -> None:
        press(opened(on), "Screenshot of a region")
        await on.until(veil)
        shown = veil()
        assert shown is not None
        QTest.mouseClick(shown, LEFT, pos=QPoint(9, 9))  # a click is no region
        assert veil() is shown
        QTest.keyClick(shown, Qt.Key.Key_Escape)
        assert veil() is None
        assert on.window.isVisible()
        assert not on.page.composer.chips.shown
        press(opened(on), "Screenshot of a region")
        await on.until(veil)
        shown = veil()
        assert shown is not None
        size = shown.size()
        QTest.keyClick(shown, Qt.Key.Key_Return)
        await on.until(lambda: on.page.composer.media)
        assert on.page.composer.media[0].width_px == size.width()

    play(story, linnet_home)


def test_where_no_window_can_be_seen_that_is_said(linnet_home: Path) -> None:
    async def story(on: Stage) -> None:
        press(opened(on), "Screenshot of a window")
        await on.until(lambda: "no other window" in on.window.notice.text)
        assert on.window.isVisible()

    play(story, linnet_home)


def test_on_wayland_the_desktop_is_asked(
    linnet_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert asks_the_desktop({"XDG_SESSION_TYPE": "wayland"})
    assert not asks_the_desktop({"XDG_SESSION_TYPE": "x11"})
    monkeypatch.setenv("XDG_SESSION_TYPE", "wayland")

    async def story(on: Stage) -> None:
        ways = Screenshots(on.theme, on.window).ways
        assert [words for words, _ in ways] == [tr("Screenshot…")]
        press(opened(on), "Screenshot…")
        await on.until(lambda: "offers no screenshots" in on.window.notice.text)
        assert on.window.isVisible()

    play(story, linnet_home)


def test_the_windows_come_back_though_one_has_gone_meanwhile(linnet_home: Path) -> None:
    async def story(on: Stage) -> None:
        shots = Screenshots(on.theme, on.window)
        other = QWidget(None, Qt.WindowType.Window)
        other.show()
        button = on.page.composer.attach
        shots._hide_windows()
        shots._focused = gone = QWidget(on.window)
        assert not on.window.isVisible()
        shiboken6.delete(other)
        shiboken6.delete(gone)
        shots._finish()
        assert on.window.isVisible()
        assert button.isVisible()

    play(story, linnet_home)
