"""The real buttons over the transcript: names, focus, and what each of them does."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QMenu, QMessageBox, QToolButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot
from shown_chat import DONE, HandChat, Show, chat_of, made

from app.domain.message import Role, Text, Timing, Usage
from app.reply import Change
from app.ui import saving
from app.ui.theme import Theme
from app.ui.transcript.details import DetailsWindow, describe
from app.ui.transcript.menu import Under
from app.ui.transcript.units.code import CodeUnit
from app.ui.transcript.units.sources import sources_of
from app.ui.transcript.view import TranscriptView
from app.ui.transcript.wording import usage_line

CODE = "Look:\n\n```python\nx = 1\nprint(x)\n```\n\nSee [the page](https://example.org/a)."


def buttons(view: TranscriptView, name: str) -> list[QToolButton]:
    return [b for b in view.stage.overlay.buttons if b.accessibleName() == name]


def click(qtbot: QtBot, button: QToolButton) -> None:
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def test_names(show: Show) -> None:
    view = show(chat_of("Q", CODE))
    names = [button.accessibleName() for button in view.stage.overlay.buttons]
    for name in ("Copy", "Edit", "Wrap lines", "Save code", "Regenerate", "More", "the page"):
        assert name in names
    assert all(isinstance(button, QToolButton) for button in view.stage.overlay.buttons)
    assert view.accessibleName() == "Transcript"


def test_the_buttons_of_a_long_block_stay_in_sight(show: Show) -> None:
    code = "\n".join(f"x{n} = {n}" for n in range(200))
    view = show(chat_of("Q", f"```python\n{code}\n```"))
    view.stage.layout.show(1)
    view.refresh()
    (at_home,) = [b for b in view.stage.overlay.buttons if b.control.text == "Copy"]
    assert not at_home.floating
    view.stage.layout.show(1, 1, 900)
    view.refresh()
    (moved,) = [b for b in view.stage.overlay.buttons if b.control.text == "Copy"]
    assert moved.floating
    assert 0 <= moved.y() < 20
    moved.grab()
    view.stage.layout.follow()
    view.refresh()
    (moved,) = [b for b in view.stage.overlay.buttons if b.control.text == "Copy"]
    assert moved.floating
    moved.setFocus(Qt.FocusReason.TabFocusReason)
    assert view.stage.layout.follows  # it is in sight: what is being written is followed on


def test_copying_code_and_answers(show: Show, qtbot: QtBot) -> None:
    view = show(chat_of("The question", CODE))
    clipboard = QGuiApplication.clipboard()
    question, code, answer = buttons(view, "Copy")
    click(qtbot, code)
    assert clipboard.text() == "x = 1\nprint(x)"
    click(qtbot, answer)
    assert clipboard.text() == CODE
    assert '<code class="language-python">' in clipboard.mimeData().html()
    click(qtbot, question)
    assert clipboard.text() == "The question"
    assert view.copy_last_answer()
    assert clipboard.text() == CODE


def test_wrapping_long_lines(show: Show, qtbot: QtBot) -> None:
    view = show(chat_of("Q", "```\n" + "word " * 80 + "\n```"))
    rows = view.stage.layout.items[1].rows
    unit = next(row.unit for row in rows if isinstance(row.unit, CodeUnit))
    height = unit.height
    assert unit.scroll_range() > 0
    click(qtbot, buttons(view, "Wrap lines")[0])
    view.refresh()
    assert unit.wrap
    assert unit.height > height
    assert unit.scroll_range() == 0
    assert unit.text == "word " * 80
    view.stage.layout.forget_units()
    view.refresh()
    assert buttons(view, "Wrap lines")[0].isChecked()


def test_signals(show: Show, qtbot: QtBot) -> None:
    view = show(chat_of("Q", CODE))
    with qtbot.waitSignal(view.regenerateRequested) as told:
        click(qtbot, buttons(view, "Regenerate")[0])
    assert told.args == ["m1"]
    with qtbot.waitSignal(view.editRequested) as told:
        click(qtbot, buttons(view, "Edit")[0])
    assert told.args == ["m0"]


def test_links_are_told_and_never_opened(show: Show, qtbot: QtBot) -> None:
    view = show(chat_of("Q", CODE))
    link = buttons(view, "the page")[0]
    assert link.accessibleDescription() == "https://example.org/a"
    center = link.geometry().center()
    hovered: list[str] = []
    view.linkHovered.connect(hovered.append)
    QTest.mouseMove(view.viewport(), center)
    assert hovered == ["https://example.org/a"]
    assert view.viewport().cursor().shape() == Qt.CursorShape.PointingHandCursor
    with qtbot.waitSignal(view.linkActivated) as told:
        QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=center)
    assert told.args == ["https://example.org/a"]
    with qtbot.waitSignal(view.linkActivated) as told:
        QTest.keyClick(link, Qt.Key.Key_Return)
    assert told.args == ["https://example.org/a"]
    QTest.mouseMove(view.viewport(), QPoint(2, 2))
    assert hovered[-1] == ""


def test_a_footnote_is_gone_to(show: Show, qtbot: QtBot) -> None:
    text = "Words[^1].\n\n" + "Filler.\n\n" * 60 + "[^1]: The note."
    view = show(chat_of("Q", text), height=300)
    view.stage.layout.show(1)
    view.refresh()
    told: list[str] = []
    view.linkActivated.connect(told.append)
    QTest.keyClick(buttons(view, "1")[0], Qt.Key.Key_Return)
    view.refresh()
    texts = [view.stage.layout.placed_row(p).built().text for p in view.stage.layout.placed]
    assert "The note." in texts
    assert told == []


def test_versions(show: Show, qtbot: QtBot) -> None:
    chat = chat_of("Q", "First.")
    other = made(Role.ASSISTANT, (Text("Second."),), chat.conversation, finish=DONE, parent_id="m0")
    chat.conversation = chat.conversation.append(other)
    view = show(chat)
    assert buttons(view, "Newer version") == []  # the newest one is shown
    with qtbot.waitSignal(view.versionSelected) as told:
        click(qtbot, buttons(view, "Older version")[0])
    assert told.args == ["m1"]
    chat.conversation = chat.conversation.select("m1")
    chat.tell(Change.TREE)
    view.refresh()
    with qtbot.waitSignal(view.versionSelected) as told:
        click(qtbot, buttons(view, "Newer version")[0])
    assert told.args == ["m2"]


def test_the_usage_line(show: Show) -> None:
    usage = Usage(prompt=915, completion=1423, credits=5)
    line = usage_line(usage, Timing(total_s=11.2))
    assert line == "915 in · 1,423 out · 5 credits · 11.2 s"
    assert usage_line(None, Timing()) == ""
    assert usage_line(Usage(completion=3, credits=1), Timing(total_s=125)) == (
        "3 out · 1 credit · 2 min 5 s"
    )


def test_a_button_that_gets_the_keyboard_comes_into_sight(show: Show) -> None:
    view = show(chat_of("Q", "\n\n".join(f"Line {n}" for n in range(60)), "Q", CODE))
    view.stage.layout.show(0)
    view.refresh()
    first = view.stage.overlay.buttons[0]
    view.stage.layout.scroll_by(first.y() + 10)  # the question is cut off at the top
    view.refresh()
    assert first.isVisible()
    assert first.y() < 0
    first.setFocus(Qt.FocusReason.TabFocusReason)
    assert first.isVisible()
    assert first.y() > 0


def test_tab_walks_the_buttons_and_out_again(theme: Theme, qtbot: QtBot) -> None:
    view = TranscriptView(theme)
    view.set_chat(chat_of("Q", CODE))
    outer = QWidget()
    qtbot.addWidget(outer)
    column = QVBoxLayout(outer)
    before, after = QLineEdit(), QLineEdit()
    for widget in (before, view, after):
        column.addWidget(widget)
    outer.resize(900, 700)
    with qtbot.waitActive(outer):
        outer.show()
        outer.activateWindow()
    view.refresh()
    view.setFocus()
    order = view.stage.overlay.buttons
    for expected in order:
        QTest.keyClick(QGuiApplication.focusObject(), Qt.Key.Key_Tab)  # type: ignore[call-overload]
        assert expected.hasFocus()
    QTest.keyClick(QGuiApplication.focusObject(), Qt.Key.Key_Tab)  # type: ignore[call-overload]
    assert after.hasFocus()
    QTest.keyClick(after, Qt.Key.Key_Backtab)
    assert order[-1].hasFocus()
    after.setFocus()
    QTest.keyClick(after, Qt.Key.Key_Tab)
    assert before.hasFocus()
    order[0].setFocus()
    QTest.keyClick(order[0], Qt.Key.Key_Backtab)
    assert before.hasFocus()


def test_the_focus_stays_on_a_button_while_an_answer_streams(show: Show, qtbot: QtBot) -> None:
    chat = chat_of("Q", CODE, "More?")
    view = show(chat, 900, 900)
    with qtbot.waitActive(view):
        view.activateWindow()
    button = buttons(view, "Regenerate")[0]
    button.setFocus()
    chat.begin()
    for _ in range(10):
        chat.answer("words ")
        view.refresh()
        assert button.hasFocus()
        assert button.accessibleName() == "Regenerate"


def test_the_menu_of_a_message(show: Show, qtbot: QtBot) -> None:
    view = show(chat_of("Q", CODE))
    menu = view.menus.menu(view.stage.feed.messages[1], Under("selected words"))
    actions = {action.text(): action for action in menu.actions() if action.text()}
    with qtbot.waitSignal(view.quoteRequested) as told:
        actions["Quote selection"].trigger()
    assert told.args == ["selected words"]
    with qtbot.waitSignal(view.quoteRequested) as told:
        actions["Quote"].trigger()
    assert told.args == [CODE]
    with qtbot.waitSignal(view.leaveOutRequested) as told:
        actions["Leave out everything above"].trigger()
    assert told.args == ["m1"]
    with qtbot.waitSignal(view.branchRequested) as told:
        actions["Branch from here"].trigger()
    assert told.args == ["m1"]
    question = view.menus.menu(view.stage.feed.messages[0])
    assert "Branch from here" not in {action.text() for action in question.actions()}
    actions["Copy as Markdown"].trigger()
    assert QGuiApplication.clipboard().text() == CODE
    actions["Details"].trigger()
    window = view.findChild(DetailsWindow)
    assert window is not None
    assert "model-1" in window.text.toPlainText()
    window.close()


def test_more_opens_the_menu(show: Show, qtbot: QtBot) -> None:
    view = show(chat_of("Q", CODE))
    click(qtbot, buttons(view, "More")[0])
    qtbot.waitUntil(lambda: any(m.isVisible() for m in view.findChildren(QMenu)))
    for menu in view.findChildren(QMenu):
        menu.close()


def test_where_old_messages_are_left_out(show: Show, qtbot: QtBot) -> None:
    chat = chat_of("One?", "One.", "Two?", "Two.")
    view = show(chat)
    top = view.stage.layout.anchor
    chat.conversation = replace(chat.conversation, context_start_id="m2")
    chat.tell(Change.TREE)
    view.refresh()
    assert (top.item, top.row) == (0, 0)
    with qtbot.waitSignal(view.leaveOutRequested) as told:
        click(qtbot, buttons(view, "Send them again")[0])
    assert told.args == [""]


def test_details_of_a_message() -> None:
    chat = chat_of("Q", "A")
    text = describe(chat.conversation.messages["m1"])
    assert "Message: m1" in text
    assert "Model: model-1" in text
    assert "Ended: stop" in text


@pytest.mark.parametrize(
    ("info", "name"),
    [("python", "code.py"), ('python title="src/app.py"', "app.py"), ("", "code.txt")],
)
def test_the_name_to_save_code_under(show: Show, info: str, name: str) -> None:
    view = show(chat_of("Q", f"```{info}\nx\n```"))
    save = buttons(view, "Save code")[0]
    assert save.control.value == name  # type: ignore[attr-defined]


def test_saving_code(tmp_path: Path, show: Show) -> None:
    view = show(chat_of("Q", "A"))
    saving.save("Save", tmp_path / "a.py", saving.text_writer("x = '\ud800'"), view)
    assert (tmp_path / "a.py").read_text("utf-8") == "x = '?'\n"
    saving.save("Save", tmp_path / "missing" / "a.py", saving.text_writer("x"), view)
    box = view.findChild(QMessageBox)
    assert box is not None
    assert "could not be saved" in box.text()
    box.close()


def sourced(extras: dict[str, object]) -> HandChat:
    chat = chat_of("Q", "The answer.")
    answer = replace(chat.conversation.messages["m1"], extras=extras)
    chat.conversation = chat.conversation.replace_message(answer)
    return chat


def test_sources_are_listed_with_their_titles_and_open(show: Show, qtbot: QtBot) -> None:
    extras = {
        "citations": ["https://a.example/x", "https://www.b.example", "https://a.example/x"],
        "citation_titles": [["https://a.example/x", "The  page\nof A"]],
    }
    view = show(sourced(extras))
    (button,) = buttons(view, "The page of A")
    assert button.accessibleDescription() == "https://a.example/x"
    assert len(buttons(view, "b.example")) == 1
    button.setFocus(Qt.FocusReason.TabFocusReason)
    with qtbot.waitSignal(view.linkActivated) as told:
        QTest.keyClick(button, Qt.Key.Key_Return)
    assert told.args == ["https://a.example/x"]
    with qtbot.waitSignal(view.linkActivated) as told:
        QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=button.geometry().center())
    assert told.args == ["https://a.example/x"]
    assert "Source: The page of A" in view.reading.text(1)


@pytest.mark.parametrize(
    "extras",
    [
        {},
        {"citations": None},
        {"citations": ["file:///etc/passwd", "javascript:x", 5, None, "nonsense", "https://"]},
        {"citations": {"a": "b"}, "citation_titles": [["x"], 3]},
    ],
)
def test_odd_sources_are_left_out(extras: dict[str, object]) -> None:
    assert sources_of(extras) == ()


def test_many_sources_wrap(show: Show) -> None:
    extras = {"citations": [f"https://host-{n}.example/page" for n in range(60)]}
    view = show(sourced(extras))
    view.scroll_to_end()
    chips = [b for b in view.stage.overlay.buttons if b.accessibleName().startswith("host-")]
    assert len(chips) == 40
    assert len({chip.y() for chip in chips}) > 3
    assert max(chip.geometry().right() for chip in chips) < view.viewport().width()
