"""The reasoning: open while it is written, folded when the answer begins, opened by a person."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QToolButton
from pytestqt.qtbot import QtBot
from shown_chat import Show, chat_of

from app.domain.message import Reasoning, Text, Timing, Usage
from app.domain.stream import TextWasReasoning
from app.ui.transcript.reasoning import ReasoningSection
from app.ui.transcript.view import TranscriptView

THOUGHT = "\n\n".join(f"Thought number {n}, with some words." for n in range(6))
LONG = "\n\n".join(f"Paragraph {n}." for n in range(60))


def section(view: TranscriptView) -> ReasoningSection:
    for item in reversed(view.stage.layout.items.values()):
        for found in item.sections:
            if isinstance(found, ReasoningSection):
                return found
    raise AssertionError("no reasoning is shown")


def words(view: TranscriptView) -> list[str]:
    """The text of all visible rows."""
    return [view.stage.layout.placed_row(p).built().text for p in view.stage.layout.placed]


def header(view: TranscriptView) -> QToolButton:
    found = [b for b in view.stage.overlay.buttons if b.accessibleName() == "Reasoning"]
    assert len(found) == 1
    return found[0]


def test_open_while_it_is_written(show: Show) -> None:
    chat = chat_of("One?", "An answer.", "Two?")
    view = show(chat)
    chat.begin()
    assert chat.reply is not None
    chat.reply.timing = Timing(reasoning_s=6.2)
    chat.think("First I look at it.")
    view.refresh()
    assert "First I look at it." in words(view)
    assert header(view).accessibleDescription() == "Thinking… 6 s"
    assert header(view).isChecked()


def test_folds_when_the_answer_begins(show: Show) -> None:
    chat = chat_of("One?", "An answer.", "Two?")
    view = show(chat)
    chat.begin()
    assert chat.reply is not None
    chat.think(THOUGHT)
    view.refresh()
    chat.reply.timing = Timing(reasoning_s=9.0)
    chat.answer("Here it is.")
    view.refresh()
    assert "Here it is." in words(view)
    assert "Thought number 0, with some words." not in words(view)
    assert header(view).accessibleDescription() == "Thought for 9 s"
    assert not header(view).isChecked()


def test_is_folded_for_who_comes_when_the_answer_has_begun(show: Show) -> None:
    chat = chat_of("One?", "An answer.", "Two?")
    chat.begin()
    chat.think(THOUGHT)
    chat.answer("Here it is.")
    view = show(chat)
    assert "Here it is." in words(view)
    assert not section(view).fold.is_open
    other = chat_of("One?", "An answer.")
    view.set_chat(other)
    chat.answer(" And more.")
    view.set_chat(chat)
    view.refresh()
    assert not section(view).fold.is_open


def test_stays_open_for_who_reads_it(show: Show) -> None:
    chat = chat_of("One?", LONG, "Two?")
    view = show(chat, height=300)
    chat.begin()
    chat.think(THOUGHT * 5)
    view.refresh()
    view.gestures.move(-200)
    chat.answer("Here it is.")
    view.refresh()
    assert section(view).fold.is_open


def test_stays_open_when_the_person_wants_it_so(show: Show) -> None:
    chat = chat_of("One?", "An answer.", "Two?")
    view = show(chat)
    view.set_fold_reasoning(False)
    chat.begin()
    chat.think(THOUGHT)
    view.refresh()
    chat.answer("Here it is.")
    view.refresh()
    assert section(view).fold.is_open


def test_a_stored_one_is_folded_and_opens_by_click_and_enter(show: Show, qtbot: QtBot) -> None:
    chat = chat_of("One?", (Reasoning(THOUGHT, 14.0), Text("The answer.")))
    view = show(chat)
    assert "Thought number 0, with some words." not in words(view)
    before = header(view).y()

    qtbot.mouseClick(header(view), Qt.MouseButton.LeftButton)
    assert "Thought number 0, with some words." in words(view)
    assert header(view).y() == before

    QTest.keyClick(header(view), Qt.Key.Key_Return)
    assert "Thought number 0, with some words." not in words(view)


def test_time_and_tokens_in_the_header(show: Show) -> None:
    chat = chat_of("One?", "x", "Two?")
    view = show(chat)
    chat.begin()
    chat.think("Hm.")
    chat.answer("So.")
    assert chat.draft is not None
    assert chat.reply is not None
    chat.draft.usage = Usage(reasoning=1162)
    chat.reply.timing = Timing(total_s=11.2, reasoning_s=9.0)
    chat.end()
    view.refresh()
    assert header(view).accessibleDescription() == "Thought for 9 s, 1,162 tokens"


def test_opening_above_moves_nothing_below_the_header(show: Show, qtbot: QtBot) -> None:
    chat = chat_of("One?", (Reasoning(THOUGHT * 10), Text(LONG)))
    view = show(chat, height=400)
    view.stage.layout.show(1, 0)
    view.refresh()
    button = header(view)
    y = button.y()
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert header(view).y() == y
    qtbot.mouseClick(header(view), Qt.MouseButton.LeftButton)
    assert header(view).y() == y


def test_what_was_opened_stays_open_when_it_is_scrolled_away(show: Show, qtbot: QtBot) -> None:
    texts: list[str | tuple[Reasoning | Text, ...]] = ["One?", (Reasoning("Hm."), Text("So."))]
    for number in range(60):
        texts += [f"Question {number}?", LONG]
    view = show(chat_of(*texts), height=300)  # type: ignore[arg-type]
    view.stage.layout.show(0)
    view.refresh()
    qtbot.mouseClick(header(view), Qt.MouseButton.LeftButton)
    view.scroll_to_end()
    for number in range(2, 122):
        view.stage.layout.show(number)
        view.refresh()
    view.scroll_to_end()
    assert 1 not in view.stage.layout.items
    view.stage.layout.show(0)
    view.refresh()
    assert "Hm." in words(view)


def test_text_that_turns_out_to_be_reasoning(show: Show) -> None:
    """Only a closing tag came: what was shown as text is reasoning."""
    chat = chat_of("One?", "x", "Two?")
    view = show(chat)
    chat.begin()
    chat.answer("I wonder about this.")
    view.refresh()
    assert chat.draft is not None
    chat.draft.apply(TextWasReasoning())
    chat.answer("The answer.")
    view.refresh()
    item = view.stage.layout.items[3]
    assert [type(found).__name__ for found in item.sections] == ["ReasoningSection", "TextSection"]
    assert item.sections[0].source == "I wonder about this."
