"""The keyboard's caret: where it goes, what it selects, that it can be seen."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from shown_chat import Show, chat_of

from app.domain.message import Reasoning, Text
from app.ui.transcript.selection import Position
from app.ui.transcript.view import TranscriptView

Key = Qt.Key
NONE = Qt.KeyboardModifier.NoModifier
SHIFT, CONTROL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier

ANSWER = """First paragraph with **bold** words and [a link](https://example.org).

- one item
- two items

```python
x = 1
y = "two"
```

| a | b |
|---|---|
| 1 | 2 |
| 3 | 4 |

Last paragraph."""


def press(view: TranscriptView, key: Qt.Key, modifiers: Qt.KeyboardModifier = NONE) -> None:
    QTest.keyClick(view, key, modifiers)


def here(view: TranscriptView, after: int = 12) -> str:
    """The text that follows the caret."""
    place = view.gestures.keyboard.caret.place
    assert place is not None
    row = view.stage.layout.item(place.item).rows[place.row]
    return row.built().text[place.offset : place.offset + after]


def go_to(view: TranscriptView, words: str) -> None:
    """Put the caret before some words."""
    for number in range(view.stage.layout.count):
        for row_number, row in enumerate(view.stage.layout.whole_item(number).rows):
            at = row.built().text.find(words)
            if at >= 0:
                place = Position(number, row_number, at)
                view.gestures.keyboard.caret.show_at(place, selecting=False)
                view.gestures.keyboard.caret.goal_x = None
                return
    raise AssertionError(words)


@pytest.fixture
def view(show: Show) -> TranscriptView:
    shown = show(chat_of("The question?", ANSWER), height=900)
    shown.setFocus()
    return shown


def test_f7_shows_a_caret_and_esc_hides_it(view: TranscriptView) -> None:
    caret = view.gestures.keyboard.caret
    before = view.grab().toImage()
    view.toggle_caret()
    assert caret.shown
    assert here(view) == "The question"
    assert view.grab().toImage() != before
    press(view, Key.Key_Escape)
    assert not caret.shown
    assert view.grab().toImage() == before


def test_without_a_caret_arrows_scroll(show: Show) -> None:
    view = show(chat_of("Q", "\n\n".join(f"Paragraph {n}." for n in range(60))))
    before = view.stage.layout.value()
    press(view, Key.Key_Up)
    assert view.stage.layout.value() < before
    assert not view.gestures.keyboard.caret.shown


def test_characters_words_and_line_ends(view: TranscriptView) -> None:
    go_to(view, "First paragraph")
    press(view, Key.Key_Right)
    assert here(view, 4) == "irst"
    press(view, Key.Key_Right, CONTROL)
    assert here(view, 10) == " paragraph"
    press(view, Key.Key_Right, CONTROL)
    assert here(view, 5) == " with"
    press(view, Key.Key_Left, CONTROL)
    assert here(view, 9) == "paragraph"
    press(view, Key.Key_End)
    assert here(view) == ""
    press(view, Key.Key_Home)
    assert here(view, 5) == "First"
    assert view.selected_words() == ""


def test_over_the_ends_of_rows(view: TranscriptView) -> None:
    go_to(view, "First paragraph")
    press(view, Key.Key_Left)
    assert here(view) == ""
    press(view, Key.Key_Left)
    assert here(view) == "?"
    press(view, Key.Key_Right)
    press(view, Key.Key_Right)
    assert here(view, 5) == "First"


def test_shift_selects(view: TranscriptView) -> None:
    go_to(view, "First paragraph")
    press(view, Key.Key_Right, SHIFT | CONTROL)
    assert view.selected_words() == "First"
    press(view, Key.Key_End, SHIFT)
    assert view.selected_words() == "First paragraph with bold words and a link."
    press(view, Key.Key_Left)
    assert view.selected_words() == ""


def test_lines_keep_their_column(view: TranscriptView) -> None:
    go_to(view, "h with bold")
    x = view.gestures.keyboard.caret.rect(view.stage.geometry)
    seen: list[str] = []
    for _ in range(9):
        press(view, Key.Key_Down)
        seen.append(here(view, 40))
    assert seen[1] == ""  # the end of a short item
    assert seen[2].startswith("\ny =") or seen[2] == '\ny = "two"'
    assert seen[4].startswith("b") or "\t" in seen[4]
    for _ in range(9):
        press(view, Key.Key_Up)
    assert here(view, 6) == "h with"
    assert view.gestures.keyboard.caret.rect(view.stage.geometry) == x


def test_down_goes_through_every_row_of_a_table(view: TranscriptView) -> None:
    go_to(view, "a\tb")
    found = [here(view, 1)]
    for _ in range(3):
        press(view, Key.Key_Down)
        found.append(here(view, 1))
    assert found[:3] == ["a", "1", "3"]
    assert found[3] in "La"  # a cell has some padding


def test_wrapped_lines_have_ends_of_their_own(show: Show) -> None:
    view = show(chat_of("Q", "word " * 60), 500)
    view.toggle_caret()
    go_to(view, "word word")
    press(view, Key.Key_End)
    place = view.gestures.keyboard.caret.place
    assert place is not None
    assert 20 < place.offset < 150
    press(view, Key.Key_Down)
    press(view, Key.Key_Home)
    second = view.gestures.keyboard.caret.place
    assert second is not None
    assert place.offset <= second.offset <= place.offset + 1


def test_the_ends_of_the_chat(view: TranscriptView) -> None:
    view.toggle_caret()
    press(view, Key.Key_End, CONTROL)
    assert here(view) == ""
    press(view, Key.Key_Left)
    assert here(view) == "."
    press(view, Key.Key_Home, CONTROL | SHIFT)
    assert view.selected_words().startswith("The question?")
    assert view.selected_words().endswith("Last paragraph")


def test_the_caret_stays_in_sight(show: Show) -> None:
    view = show(chat_of("Q", "\n\n".join(f"Paragraph {n}." for n in range(200))), height=300)
    view.setFocus()
    view.stage.layout.show(1)
    view.refresh()
    view.toggle_caret()
    for key in [Key.Key_Down] * 30 + [Key.Key_PageDown] * 4 + [Key.Key_Up] * 25:
        press(view, key)
        rect = view.gestures.keyboard.caret.rect(view.stage.geometry)
        assert rect is not None
        assert rect.top() >= 0
        assert rect.bottom() <= 300
    press(view, Key.Key_Home, CONTROL)
    assert here(view) == "Q"
    assert view.gestures.keyboard.caret.rect(view.stage.geometry) is not None


def test_long_lines_of_code_scroll_with_the_caret(show: Show) -> None:
    view = show(chat_of("Q", "```\n" + "x" * 400 + "\nshort\n```"))
    view.toggle_caret()
    go_to(view, "xxxx")
    press(view, Key.Key_End)
    place = view.gestures.keyboard.caret.place
    assert place is not None
    unit = view.stage.layout.item(place.item).rows[place.row].built()
    assert unit.scroll_x() > 1000
    press(view, Key.Key_Home)
    assert unit.scroll_x() < 40


def test_closed_reasoning_is_stepped_over(show: Show) -> None:
    view = show(chat_of("Q", (Reasoning("A thought."), Text("The answer."))))
    view.toggle_caret()
    go_to(view, "Q")
    press(view, Key.Key_Right)
    press(view, Key.Key_Right)
    assert here(view, 10) == "The answer"


@pytest.mark.parametrize("cluster", ["👩‍💻", "e\u0301", "🇩🇪", "中"])
def test_a_character_is_what_a_person_sees(show: Show, cluster: str) -> None:
    view = show(chat_of("Q", f"a{cluster}b"))
    view.toggle_caret()
    go_to(view, f"a{cluster}")
    press(view, Key.Key_Right)
    press(view, Key.Key_Right, SHIFT)
    assert view.selected_words() == cluster


def test_enter_follows_the_link_at_the_caret(view: TranscriptView) -> None:
    followed: list[str] = []
    view.linkActivated.connect(followed.append)
    go_to(view, "link")
    press(view, Key.Key_Return)
    assert followed == ["https://example.org"]
    go_to(view, "Last")
    press(view, Key.Key_Return)
    assert len(followed) == 1


def test_keys_over_an_empty_chat(show: Show) -> None:
    view = show(chat_of())
    view.toggle_caret()
    for key in (Key.Key_Right, Key.Key_Down, Key.Key_Home, Key.Key_End, Key.Key_PageDown):
        press(view, key)
        press(view, key, SHIFT)
    assert view.selected_words() == ""


def test_coming_by_tab_shows_a_frame(view: TranscriptView) -> None:
    view.clearFocus()
    without = view.grab().toImage()
    view.setFocus(Qt.FocusReason.TabFocusReason)
    with_frame = view.grab().toImage()
    accent = view.stage.theme.color("accent").name()
    assert with_frame.pixelColor(0, 300).name() == accent
    assert without.pixelColor(0, 300).name() != accent
