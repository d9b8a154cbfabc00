"""What a person hears of trouble with the disk, and what clicking too often does not break."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLineEdit
from stage import Stage, play

pytestmark = pytest.mark.usefixtures("qapp")
CTRL = Qt.KeyboardModifier.ControlModifier


def test_a_problem_is_told_and_its_end_too(linnet_home: Path) -> None:
    async def story(on: Stage) -> None:
        library, notice = on.window.library, on.window.notice
        library._note("chat", "The disk is full.")
        assert notice.text == "The disk is full."
        library._note("chat", None)
        assert notice.text == "Everything is saved now."
        library._note("chat", "The disk is full.")
        notice.show_text("Something else")
        library._note("chat", None)
        assert notice.text == "Something else"  # nothing is taken away that says other things

    play(story, linnet_home)


def test_a_title_that_is_being_typed_is_not_disturbed(linnet_home: Path) -> None:
    async def story(on: Stage) -> None:
        on.page.composer.field.setFocus()
        on.type("A draft")
        chat_id = on.chat.id
        for _ in range(3):
            on.window.sidebar.rename(chat_id)  # Qt warns where a field is opened twice
        fields = on.window.sidebar.chats.findChildren(QLineEdit)
        assert len(fields) == 1
        assert QApplication.focusWidget() is fields[0]

    play(story, linnet_home)


def test_what_was_deleted_for_good_cannot_be_brought_back(linnet_home: Path) -> None:
    async def story(on: Stage) -> None:
        on.page.composer.field.setFocus()
        on.type("A draft")
        on.press(Qt.Key.Key_N, CTRL, on=on.window)
        on.window.sidebar.bin_chats((on.window.library.chats()[0].id,))
        assert on.window.notice.action.text() == "Undo"
        on.window.library.trash.delete_all(lambda: None)
        await on.until(lambda: not on.window.library.trash.chats())
        on.window.notice.action.click()
        assert on.window.notice.text == "It was deleted for good."
        assert on.titles() == []

    play(story, linnet_home)


def test_of_several_those_come_back_that_are_still_there(linnet_home: Path) -> None:
    async def story(on: Stage) -> None:
        on.page.composer.field.setFocus()
        for text in ("One", "Two", "Three"):
            on.type(text)
            on.press(Qt.Key.Key_N, CTRL, on=on.window)
        await on.until(lambda: len(on.titles()) == 3)
        ids = [chat.id for chat in on.window.library.chats()]
        on.window.open_chat(ids[2])
        on.window.sidebar.bin_chats(ids)
        await on.until(lambda: on.titles() == [])
        trash = on.window.library.trash
        trash._forget(ids[0])
        trash._conversations.purge(ids[:1])
        on.window.notice.action.click()
        assert on.window.notice.isVisible()
        assert on.window.notice.text == "It was deleted for good."
        await on.until(lambda: len(on.titles()) == 2)
        assert on.chat.id == ids[2]

    play(story, linnet_home)
