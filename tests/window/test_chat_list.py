"""The list of chats: headings by age, changes without loss of place, keys, 50,000 chats."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QApplication, QToolTip
from pytestqt.qtbot import QtBot

from app.domain.conversation import ChatSummary
from app.ui.chat_list import ChatListView
from app.ui.chat_rows import ChatListModel, title_of
from app.ui.chat_sections import Heading, Row, rows_by_age
from app.ui.theme import Theme

NONE = Qt.KeyboardModifier.NoModifier
CTRL = Qt.KeyboardModifier.ControlModifier
NOW = datetime(2025, 3, 12, 15, 30)


def month_name(year: int, month: int) -> str:
    return f"{year}-{month:02}"


def at(*when: int) -> float:
    return datetime(*when).timestamp()


def chat(chat_id: str, updated_at: float = 0.0, **other: bool) -> ChatSummary:
    return ChatSummary(id=chat_id, title=f"Chat {chat_id}", updated_at=updated_at, **other)


def lines(rows: Sequence[Row]) -> list[str]:
    return [row.text if isinstance(row, Heading) else row.id for row in rows]


def test_headings_by_age() -> None:
    chats = [
        chat("p", at(2024, 1, 1), pinned=True),
        chat("future", at(2025, 3, 20)),
        chat("now", at(2025, 3, 12, 0, 0)),
        chat("y", at(2025, 3, 11, 23, 59)),
        chat("week", at(2025, 3, 5, 0, 0)),
        chat("march", at(2025, 3, 4, 23, 0)),
        chat("old", at(2023, 12, 31)),
    ]
    assert lines(rows_by_age(chats, NOW, month_name)) == [
        *("Pinned", "p", "Today", "future", "now", "Yesterday", "y"),
        *("Previous 7 days", "week", "2025-03", "march", "2023-12", "old"),
    ]


def test_no_chats_no_headings() -> None:
    assert rows_by_age((), NOW, month_name) == ()


ids = st.lists(st.integers(0, 30).map(str), unique=True, max_size=20)


@given(ids, ids, st.randoms())
def test_any_change_of_rows_is_told_so_that_views_follow(
    before: list[str], after: list[str], random: object
) -> None:
    """A view that applies what it is told holds the rows of the model."""
    model = ChatListModel()
    model.set_rows([chat(one) for one in before])
    mirror = list(before)
    model.rowsRemoved.connect(lambda _, first, last: mirror.__delitem__(slice(first, last + 1)))
    model.rowsInserted.connect(
        lambda _, first, last: mirror.__setitem__(
            slice(first, first), [f"new{at}" for at in range(first, last + 1)]
        )
    )
    model.set_rows([chat(one) for one in after])
    assert len(mirror) == model.rowCount() == len(after)
    for place, one in enumerate(mirror):
        assert one.startswith("new") or one == after[place]
    for place, one in enumerate(after):
        assert model.index_of(one).row() == place


def test_a_row_that_looks_otherwise_is_told_as_changed() -> None:
    model = ChatListModel()
    model.set_rows([chat("a"), chat("b"), chat("c")])
    told: list[tuple[int, int]] = []
    model.dataChanged.connect(lambda first, last: told.append((first.row(), last.row())))
    model.set_rows([chat("a"), chat("b", unread=True), chat("c")])
    assert told == [(1, 1)]
    told.clear()
    model.set_rows([chat("new"), chat("a"), chat("b", unread=True), chat("c", pinned=True)])
    assert told == [(3, 3)]


def test_neighbours_skip_headings() -> None:
    model = ChatListModel()
    model.set_rows([Heading("Today"), chat("a"), Heading("Yesterday"), chat("b")])
    assert model.neighbour("a", 1) == "b"
    assert model.neighbour("b", -1) == "a"
    assert model.neighbour("b", 1) is None
    assert model.neighbour(None, 1) == "a"
    assert model.neighbour(None, -1) == "b"


@pytest.fixture
def view(qtbot: QtBot, theme: Theme) -> ChatListView:
    model = ChatListModel()
    view = ChatListView(theme, model)
    model.setParent(view)
    model.set_rows([Heading("Today"), chat("a"), chat("b"), chat("c")])
    qtbot.addWidget(view)
    view.resize(272, 400)
    view.show()
    return view


def model_of(view: ChatListView) -> ChatListModel:
    model = view.model()
    assert isinstance(model, ChatListModel)
    return model


def test_keys_open_delete_and_move(qtbot: QtBot, view: ChatListView) -> None:
    view.setCurrentIndex(model_of(view).index_of("a"))
    qtbot.keyClick(view, Qt.Key.Key_Down)
    with qtbot.waitSignal(view.chatOpened) as opened:
        qtbot.keyClick(view, Qt.Key.Key_Return)
    assert opened.args == ["b"]
    with qtbot.waitSignal(view.deleteRequested) as deleted:
        qtbot.keyClick(view, Qt.Key.Key_Delete)
    assert deleted.args == [("b",)]


def test_arrow_keys_step_over_headings(qtbot: QtBot, view: ChatListView) -> None:
    model_of(view).set_rows([Heading("Today"), chat("a"), Heading("Yesterday"), chat("b")])
    view.setFocus()
    assert view.currentIndex() == model_of(view).index_of("a")
    qtbot.keyClick(view, Qt.Key.Key_Down)
    assert view.currentIndex() == model_of(view).index_of("b")
    qtbot.keyClick(view, Qt.Key.Key_Up)
    assert view.currentIndex() == model_of(view).index_of("a")


def test_rename_in_place(qtbot: QtBot, view: ChatListView) -> None:
    view.setCurrentIndex(model_of(view).index_of("b"))
    qtbot.keyClick(view, Qt.Key.Key_F2)
    editor = view.indexWidget(view.currentIndex()) or view.focusWidget()
    assert editor is not None
    with qtbot.waitSignal(model_of(view).renamed) as renamed:
        editor.setText("A new name")  # type: ignore[attr-defined]
        qtbot.keyClick(editor, Qt.Key.Key_Return)
    assert renamed.args == ["b", "A new name"]


def test_a_click_opens_and_the_dots_open_the_menu(qtbot: QtBot, view: ChatListView) -> None:
    row = view.visualRect(model_of(view).index_of("c"))
    viewport = view.viewport()
    with qtbot.waitSignal(view.chatOpened) as opened:
        qtbot.mouseClick(viewport, Qt.MouseButton.LeftButton, pos=row.center())
    assert opened.args == ["c"]
    dots = QPoint(row.right() - 24, row.center().y())
    with qtbot.waitSignal(view.menuRequested) as asked, qtbot.assertNotEmitted(view.chatOpened):
        qtbot.mouseClick(viewport, Qt.MouseButton.LeftButton, pos=dots)
    assert asked.args is not None
    assert asked.args[0] == "c"


def click(qtbot: QtBot, view: ChatListView, chat_id: str, held: Qt.KeyboardModifier = NONE) -> None:
    at = view.visualRect(model_of(view).index_of(chat_id)).center()
    qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, held, at)


def test_several_are_marked_with_ctrl_and_shift_and_deleted_at_once(
    qtbot: QtBot, view: ChatListView
) -> None:
    click(qtbot, view, "a")
    assert view.marked() == ()
    with qtbot.assertNotEmitted(view.chatOpened):
        click(qtbot, view, "c", CTRL)
    assert view.marked() == ("a", "c")
    click(qtbot, view, "a", CTRL)
    assert view.marked() == ()
    with qtbot.waitSignal(view.deleteRequested) as deleted:
        qtbot.keyClick(view, Qt.Key.Key_Delete)
    assert deleted.args == [("c",)]  # not the one that was let go
    click(qtbot, view, "a")
    click(qtbot, view, "c", Qt.KeyboardModifier.ShiftModifier)
    assert view.marked() == ("a", "b", "c")
    view.grab()
    with qtbot.waitSignal(view.deleteRequested) as deleted:
        qtbot.keyClick(view, Qt.Key.Key_Delete)
    assert deleted.args == [("a", "b", "c")]
    qtbot.keyClick(view, Qt.Key.Key_Escape)
    assert view.marked() == ()


def test_dragging_over_the_list_marks_nothing(qtbot: QtBot, view: ChatListView) -> None:
    click(qtbot, view, "a")
    places = [view.visualRect(model_of(view).index_of(each)).center() for each in "abc"]
    qtbot.mousePress(view.viewport(), Qt.MouseButton.LeftButton, pos=places[0])
    for place in places[1:]:
        qtbot.mouseMove(view.viewport(), place)
    qtbot.mouseRelease(view.viewport(), Qt.MouseButton.LeftButton, pos=places[2])
    assert view.marked() == ()


def test_a_chat_comes_into_sight_with_its_heading(view: ChatListView) -> None:
    chats = [chat(str(number)) for number in range(100)]
    model_of(view).set_rows([Heading("Today"), *chats])
    bar = view.verticalScrollBar()
    bar.setValue(bar.maximum())
    view.bring_into_sight(model_of(view).index_of("0"))
    assert bar.value() == 0
    bar.setValue(bar.maximum())
    view.bring_into_sight(model_of(view).index_of("50"))
    assert bar.value() > 0


def test_a_heading_does_nothing(qtbot: QtBot, view: ChatListView) -> None:
    heading = view.visualRect(model_of(view).index(0)).center()
    with qtbot.assertNotEmitted(view.chatOpened):
        qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=heading)


def test_only_a_title_that_is_cut_has_a_tip(view: ChatListView) -> None:
    long = ChatSummary(id="long", title="A long title " * 9, updated_at=0.0)
    model_of(view).set_rows([chat("a"), long])

    def asks_at(chat_id: str) -> None:
        at = view.visualRect(model_of(view).index_of(chat_id)).center()
        asked = QHelpEvent(QEvent.Type.ToolTip, at, view.viewport().mapToGlobal(at))
        QApplication.sendEvent(view.viewport(), asked)

    asks_at("a")
    assert QToolTip.text() == ""
    asks_at("long")
    assert QToolTip.text() == title_of(long)
    QToolTip.hideText()


def test_50_000_chats_cost_what_is_in_sight(qtbot: QtBot, view: ChatListView) -> None:
    chats = [chat(str(number), NOW.timestamp() - number * 600) for number in range(50_000)]
    started = time.process_time()
    model_of(view).set_rows(rows_by_age(chats, NOW, month_name))
    view.grab()
    assert time.process_time() - started < 2.0
    first = chats[0]
    started = time.process_time()
    changed = [ChatSummary(id=first.id, title="New title", updated_at=first.updated_at)]
    model_of(view).set_rows(rows_by_age([*changed, *chats[1:]], NOW, month_name))
    view.verticalScrollBar().setValue(view.verticalScrollBar().maximum() // 2)
    view.grab()
    assert time.process_time() - started < 1.0


def test_what_a_screen_reader_hears() -> None:
    model = ChatListModel()
    model.set_rows([chat("a"), chat("b", unread=True)])
    role = Qt.ItemDataRole.AccessibleTextRole
    assert model.index(1).data(role) == "Chat b, new answer"
    model.set_replying(frozenset({"a"}))
    assert model.index(0).data(role) == "Chat a, an answer is being written"
