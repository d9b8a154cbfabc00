"""The composer: Enter and input methods, growing, drafts, editing, queue, effort, attachments."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QMimeData, Qt
from PySide6.QtGui import QGuiApplication, QImage, QInputMethodEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.domain.message import Media, Text
from app.ui.composer import Composer
from app.ui.strip import Strip
from app.ui.theme import Theme

PICTURE = Media(mime="image/png", sha256="0" * 64, name="harbour.png", size_bytes=1_800_000)


@pytest.fixture
def composer(qtbot: QtBot, theme: Theme) -> Composer:
    composer = Composer(theme, lambda media, show: None, str.lower)
    qtbot.addWidget(composer)
    composer.resize(700, 300)
    composer.show()
    composer.field.setFocus()
    return composer


def test_enter_sends_and_shift_enter_breaks_the_line(qtbot: QtBot, composer: Composer) -> None:
    qtbot.keyClicks(composer.field, "one")
    qtbot.keyClick(composer.field, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    qtbot.keyClicks(composer.field, "two")
    with qtbot.waitSignal(composer.sendRequested) as sent:
        qtbot.keyClick(composer.field, Qt.Key.Key_Return)
    assert sent.args == [(Text("one\ntwo"),)]
    assert composer.text == ""


def test_enter_can_be_swapped(qtbot: QtBot, composer: Composer) -> None:
    composer.field.send_with_enter = False
    qtbot.keyClicks(composer.field, "one")
    assert composer.send.toolTip() == "Send  (Shift+Enter)"
    qtbot.keyClick(composer.field, Qt.Key.Key_Return)
    assert composer.text == "one\n"
    with qtbot.waitSignal(composer.sendRequested):
        qtbot.keyClick(composer.field, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)


def test_enter_never_sends_while_an_input_method_composes(qtbot: QtBot, composer: Composer) -> None:
    qtbot.keyClicks(composer.field, "x")
    QApplication.sendEvent(composer.field, QInputMethodEvent("nihao", []))
    with qtbot.assertNotEmitted(composer.sendRequested):
        qtbot.keyClick(composer.field, Qt.Key.Key_Return)
    commit = QInputMethodEvent()
    commit.setCommitString("你好")
    QApplication.sendEvent(composer.field, commit)
    with qtbot.waitSignal(composer.sendRequested):
        qtbot.keyClick(composer.field, Qt.Key.Key_Return)


def test_what_begins_in_arabic_stands_at_the_right(composer: Composer) -> None:
    field = composer.field

    def caret_x() -> int:
        return field.cursorRect().center().x()

    middle = field.viewport().width() // 2
    field.set_text("Hello")
    assert caret_x() < middle
    field.set_text("مرحبا, hello")
    assert caret_x() > middle
    field.add_text("\n")
    assert caret_x() > middle
    field.set_text("")
    assert caret_x() < middle


def test_nothing_is_sent_from_an_empty_field(qtbot: QtBot, composer: Composer) -> None:
    assert not composer.send.isEnabled()
    qtbot.keyClicks(composer.field, "  ")
    with qtbot.assertNotEmitted(composer.sendRequested):
        qtbot.keyClick(composer.field, Qt.Key.Key_Return)


def test_the_round_button_sends_and_stops(qtbot: QtBot, composer: Composer) -> None:
    assert composer.send.accessibleName() == "Send"
    composer.set_replying(True)
    assert composer.send.accessibleName() == "Stop"
    assert composer.send.isEnabled()
    with qtbot.waitSignal(composer.stopRequested):
        composer.send.click()
    with qtbot.waitSignal(composer.stopRequested):
        qtbot.keyClick(composer.field, Qt.Key.Key_Escape)


def test_the_next_message_can_be_sent_while_an_answer_is_written(
    qtbot: QtBot, composer: Composer
) -> None:
    composer.set_replying(True)
    qtbot.keyClicks(composer.field, "and then?")
    with qtbot.waitSignal(composer.sendRequested):
        qtbot.keyClick(composer.field, Qt.Key.Key_Return)
    composer.set_queued("and then?")
    assert composer.queued.isVisible()
    with qtbot.waitSignal(composer.unqueueRequested):
        composer.queued.close_button.click()
    composer.set_queued(None)
    assert not composer.queued.isVisible()


def test_the_field_grows_up_to_its_limit_and_then_scrolls(composer: Composer) -> None:
    one_line = composer.field.height()
    composer.field.set_text("a\nb\nc")
    three_lines = composer.field.height()
    assert three_lines > 2 * one_line
    composer.set_largest_field_px(100)
    composer.field.set_text("line\n" * 200)
    assert composer.field.height() == 100
    composer.field.set_text("")
    assert composer.field.height() == one_line


def test_a_long_line_is_wrapped_and_grows_the_field(qtbot: QtBot, composer: Composer) -> None:
    one_line = composer.field.height()
    composer.field.set_text("words and words " * 40)
    qtbot.waitUntil(lambda: composer.field.height() > 3 * one_line)


def test_up_in_an_empty_field_edits_the_last_message(qtbot: QtBot, composer: Composer) -> None:
    with qtbot.waitSignal(composer.editLastRequested):
        qtbot.keyClick(composer.field, Qt.Key.Key_Up)
    qtbot.keyClicks(composer.field, "x")
    with qtbot.assertNotEmitted(composer.editLastRequested):
        qtbot.keyClick(composer.field, Qt.Key.Key_Up)


def test_an_empty_field_speaks_in_the_size_of_the_text(
    theme: Theme, qtbot: QtBot, composer: Composer
) -> None:
    theme.set_text_px(24)
    try:
        assert composer.field.font().pixelSize() == 24
        assert composer.field.viewport().font().pixelSize() == 24
    finally:
        theme.set_text_px(14)


def test_editing_puts_the_draft_aside_and_brings_it_back(qtbot: QtBot, composer: Composer) -> None:
    qtbot.keyClicks(composer.field, "a draft")
    with qtbot.assertNotEmitted(composer.changed):
        composer.begin_edit("m1", "what I said", ())
    assert composer.editing
    assert composer.edited.isVisible()
    qtbot.keyClick(composer.field, Qt.Key.Key_Escape)
    assert composer.text == "a draft"
    composer.begin_edit("m1", "what I said", ())
    qtbot.keyClicks(composer.field, " again")
    with qtbot.waitSignal(composer.editSendRequested) as sent:
        qtbot.keyClick(composer.field, Qt.Key.Key_Return)
    assert sent.args == ["m1", (Text("what I said again"),)]
    assert composer.text == "a draft"
    assert not composer.editing


def test_a_draft_is_shown_without_being_told_as_typed(qtbot: QtBot, composer: Composer) -> None:
    with qtbot.assertNotEmitted(composer.changed):
        composer.set_unsent("from another chat", (PICTURE,))
    assert composer.media == (PICTURE,)
    with qtbot.waitSignal(composer.changed):
        qtbot.keyClicks(composer.field, "!")


def test_pictures_are_sent_before_the_text_and_can_be_removed(
    qtbot: QtBot, composer: Composer
) -> None:
    composer.chips.add(PICTURE)
    assert composer.send.isEnabled()
    qtbot.keyClicks(composer.field, "what is this?")
    assert composer.parts() == (PICTURE, Text("what is this?"))
    remove = composer.chips.findChild(type(composer.attach), "")
    assert remove is not None
    assert remove.accessibleName() == "Remove harbour.png"
    remove.click()
    assert composer.media == ()
    assert not composer.chips.isVisible()


def test_pasting_text_inserts_and_pasting_a_picture_hands_it_on(
    qtbot: QtBot, composer: Composer
) -> None:
    clipboard = QGuiApplication.clipboard()
    rich = QMimeData()
    rich.setText("plain")
    rich.setHtml("<b>plain</b>")
    clipboard.setMimeData(rich)
    composer.field.paste()
    assert composer.text == "plain"
    image = QImage(4, 4, QImage.Format.Format_RGB32)
    image.fill(0)
    picture = QMimeData()
    picture.setImageData(image)
    clipboard.setMimeData(picture)
    with qtbot.waitSignal(composer.field.mimePasted):
        composer.field.paste()
    assert composer.text == "plain"
    clipboard.clear()


def test_the_effort_menu_offers_the_words_of_the_service(qtbot: QtBot, composer: Composer) -> None:
    composer.effort.set_levels(("low", "high"), "high")
    assert composer.effort.text() == "Reasoning: high"
    menu = composer.effort.menu()
    assert [action.isChecked() for action in menu.actions()] == [False, False, True]
    with qtbot.waitSignal(composer.effort.chosen) as chosen:
        menu.actions()[1].trigger()
    assert chosen.args == ["low"]
    with qtbot.waitSignal(composer.effort.chosen) as chosen:
        menu.actions()[0].trigger()
    assert chosen.args == [None]
    composer.effort.set_levels((), None)
    assert not composer.effort.isVisible()


def test_everything_is_reached_by_the_keyboard(qtbot: QtBot, composer: Composer) -> None:
    composer.effort.set_levels(("low",), None)
    qtbot.keyClicks(composer.field, "x")
    reached = []
    for _ in range(4):
        at = QApplication.focusWidget()
        assert at is not None
        reached.append(at.accessibleName())
        qtbot.keyClick(at, Qt.Key.Key_Tab)
    assert reached == ["Message", "Send", "Attach", "Reasoning effort: not set"]


def test_a_quotation_goes_behind_what_is_written(composer: Composer) -> None:
    composer.field.set_text("Look:")
    composer.field.quote("one\ntwo")
    assert composer.text == "Look:\n> one\n> two\n\n"


def test_it_follows_the_text_size_of_the_column_above(composer: Composer, theme: Theme) -> None:
    before = composer.field.height()
    theme.set_text_px(22)
    assert composer.field.font().pixelSize() == 22
    assert composer._box.maximumWidth() == theme.column_px + 32
    assert composer.field.height() > before
    theme.set_text_px(14)
    assert composer.field.height() == before


def test_a_line_above_the_message_is_read_out_when_it_comes(
    theme: Theme, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    monkeypatch.setattr("app.ui.strip.announce", lambda widget, text: told.append(text))
    strip = Strip(theme, "warning", "Close")
    qtbot.addWidget(strip)
    for words in ("8.1 K tokens", "8.1 K tokens", "8.2 K tokens", None, None, "8.2 K tokens"):
        strip.say(words)
    assert told == ["8.1 K tokens", "8.2 K tokens"]
