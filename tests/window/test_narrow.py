"""What changes when there is little room, and what a chat is called that has only a draft."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QApplication, QDialog, QLabel, QPushButton, QScrollArea
from stage import Stage, play

from app.domain.settings import Sampling
from app.ui.chat_options import ChatOptions
from app.ui.columns import NARROW_PX
from app.ui.settings.window import NARROW_PX as NARROW_SETTINGS_PX
from app.ui.settings.window import SMALLEST_PX, SettingsWindow
from app.ui.shortcut_list import ShortcutList

pytestmark = pytest.mark.usefixtures("qapp")
CTRL = Qt.KeyboardModifier.ControlModifier


def test_the_sidebar_gives_way_and_comes_back(linnet_home: Path) -> None:
    async def story(on: Stage) -> None:
        window, sidebar = on.window, on.window.sidebar
        window.resize(1000, 700)
        assert not sidebar.isHidden()
        window.resize(NARROW_PX - 1, 700)
        assert sidebar.isHidden()
        assert not on.page.header.new_chat.isHidden()  # its buttons stand in the header
        window.remember(dark=False)
        assert window.state.sidebar_shown  # the person did not hide it
        window.resize(1000, 700)
        assert not sidebar.isHidden()
        # Who wants it in a narrow window has it, and who hides it in a wide one keeps it hidden.
        window.resize(NARROW_PX - 1, 700)
        on.press(Qt.Key.Key_B, CTRL, on=window)
        assert not sidebar.isHidden()
        window.resize(NARROW_PX - 50, 700)
        assert not sidebar.isHidden()
        on.press(Qt.Key.Key_B, CTRL, on=window)
        assert sidebar.isHidden()  # as choosing a chat there does: no wish for a wide window
        window.resize(1000, 700)
        assert not sidebar.isHidden()
        on.press(Qt.Key.Key_B, CTRL, on=window)
        window.resize(NARROW_PX - 1, 700)
        window.resize(1000, 700)
        assert sidebar.isHidden()

    play(story, linnet_home)


def test_in_a_narrow_window_the_sidebar_has_it_all_until_a_chat_is_chosen(
    linnet_home: Path,
) -> None:
    async def story(on: Stage) -> None:
        window, sidebar, page = on.window, on.window.sidebar, on.page
        on.page.composer.field.setFocus()
        on.type("A draft")
        on.press(Qt.Key.Key_N, CTRL, on=window)
        window.resize(NARROW_PX - 1, 700)
        assert on.focused() is page.composer.field
        on.press(Qt.Key.Key_B, CTRL, on=window)
        assert page.isHidden()
        assert on.focused() is sidebar.chats
        await on.until(lambda: sidebar.width() == window.width())
        on.press(Qt.Key.Key_Return, on=sidebar.chats)
        assert sidebar.isHidden()
        assert page.composer.text == "A draft"
        assert on.focused() is page.composer.field
        # What is done with the chat brings it back, and so do words for it.
        for key in (Qt.Key.Key_N, Qt.Key.Key_L):
            on.press(Qt.Key.Key_B, CTRL, on=window)
            assert page.isHidden()
            on.press(key, CTRL, on=window)
            assert not page.isHidden()
        on.press(Qt.Key.Key_B, CTRL, on=window)
        on.press(Qt.Key.Key_X, on=sidebar.chats)
        assert page.composer.text == "x"
        on.press(Qt.Key.Key_B, CTRL, on=window)
        on.press(Qt.Key.Key_Escape, on=sidebar.chats)
        assert not page.isHidden()
        # The way back from deleting is in sight there, too.
        on.press(Qt.Key.Key_B, CTRL, on=window)
        on.press(Qt.Key.Key_Delete, on=sidebar.chats)
        assert window.notice.isVisible()
        assert sidebar.isAncestorOf(window.notice)
        on.press(Qt.Key.Key_B, CTRL, on=window)
        assert page.isAncestorOf(window.notice)
        on.press(Qt.Key.Key_B, CTRL, on=window)
        window.resize(1000, 700)
        assert not page.isHidden()
        assert not sidebar.isHidden()
        await on.until(lambda: sidebar.width() < 460)

    play(story, linnet_home)


def test_a_narrow_window_starts_without_its_sidebar(linnet_home: Path) -> None:
    async def first(on: Stage) -> None:
        on.window.resize(NARROW_PX - 40, 600)
        on.window.remember(dark=False)

    async def second(on: Stage) -> None:
        assert on.window.width() < NARROW_PX
        assert on.window.sidebar.isHidden()
        on.window.resize(1000, 700)
        assert not on.window.sidebar.isHidden()

    play(first, linnet_home)
    play(second, linnet_home)


def test_narrow_settings_show_their_pages_by_icons(linnet_home: Path) -> None:
    async def story(on: Stage) -> None:
        on.window.settingsRequested.emit()
        settings = on.window.findChild(SettingsWindow)
        settings.resize(1000, 700)
        wide = settings.pages.width()
        settings.resize(*SMALLEST_PX)
        await on.until(lambda: settings.pages.width() < wide / 2)
        assert settings.pages.item(0).toolTip()  # and by their names
        settings.resize(NARROW_SETTINGS_PX, 700)
        await on.until(lambda: settings.pages.width() == wide)
        settings.close()

    play(story, linnet_home)


def test_a_chat_with_a_draft_alone_is_named_after_it_when_it_is_left(linnet_home: Path) -> None:
    async def story(on: Stage) -> None:
        on.page.composer.field.setFocus()
        on.type("A letter to Ada")
        assert on.titles() == ["New chat"]  # the list stands still while it is typed
        on.press(Qt.Key.Key_N, CTRL, on=on.window)
        await on.until(lambda: on.titles() == ["Draft: A letter to Ada"])
        draft = on.window.library.chats()[0]
        on.window.sidebar.rename(draft.id)
        on.window.sidebar.chats.model().setData(
            on.window.sidebar.chats.currentIndex(), "A letter to Ada"
        )
        assert not on.window.library.chats()[0].title  # its own words are no new name

    async def again(on: Stage) -> None:
        assert on.titles() == ["Draft: A letter to Ada"]

    play(story, linnet_home)
    play(again, linnet_home)


def test_the_list_of_keys_fits_on_the_screen_and_tells_what_is_set(linnet_home: Path) -> None:
    def pairs(shown: ShortcutList) -> dict[str, str]:
        labels = shown.findChildren(QLabel)
        return {each.text(): each.buddy().text() for each in labels if each.buddy() is not None}

    async def story(on: Stage) -> None:
        usual = ShortcutList(on.window)
        swapped = ShortcutList(on.window, send_with_enter=False)
        for shown in (usual, swapped):
            shown.open()
            room = on.window.screen().availableSize()
            assert shown.width() <= room.width()
            assert shown.height() <= room.height()
        words = ("Send the message", "Begin a new line")
        assert [pairs(usual)[each] for each in words] == ["Return", "Shift+Return"]
        assert [pairs(swapped)[each] for each in words] == ["Shift+Return", "Return"]
        usual.close()
        swapped.close()

    play(story, linnet_home)


def test_dialogs_stay_within_a_small_screen(
    linnet_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = QSize(640, 340)
    monkeypatch.setattr("app.ui.room.screen_room", lambda widget: small)

    async def story(on: Stage) -> None:
        options = ChatOptions(on.chat, Sampling(), on.window)
        for dialog in (options, ShortcutList(on.window)):
            dialog.open()
            await on.until(lambda: QApplication.activeModalWidget() is not None)
            assert dialog.height() <= small.height()
            for button in dialog.findChildren(QPushButton):
                assert dialog.rect().contains(button.mapTo(dialog, button.rect().bottomRight()))
        options.form.json.setFocus()
        area = options.findChild(QScrollArea)
        assert area.verticalScrollBar().maximum() > 0  # the rest is reached by scrolling
        for dialog in on.window.findChildren(QDialog):
            dialog.close()

    play(story, linnet_home)
