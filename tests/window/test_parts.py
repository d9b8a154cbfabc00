"""The smaller parts: model picker, notices, find bar, keys, search results, welcome, options."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QEvent, QObject, QPoint, QSize, QStandardPaths, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from app.domain.conversation import SearchHit
from app.domain.settings import Sampling
from app.ui import notices
from app.ui.find_bar import FindBar
from app.ui.header import Header
from app.ui.icons import icon_pixmap, resource
from app.ui.model_picker import ModelPicker, ServiceModels, matching_rows
from app.ui.notices import Notice
from app.ui.sampling_form import SamplingForm
from app.ui.search_results import shortened
from app.ui.shortcuts import install, keys_text, shortcuts
from app.ui.theme import Theme
from app.ui.usual_folder import usual_folder
from app.ui.welcome import Welcome, starters

GOOGLE = ServiceModels(
    service_id="g", name="Google", models=(("gemini-pro", "Gemini Pro"), ("gemini-flash", ""))
)
OWN = ServiceModels(service_id="o", name="My gateway", remark="no key", models=(("m/1", ""),))


def words(services: tuple[ServiceModels, ...], text: str) -> list[tuple[str, str | None]]:
    return [(row.text, row.model) for row in matching_rows(services, text, OWN)]


def test_models_are_narrowed_by_every_word() -> None:
    assert words((GOOGLE, OWN), "") == [
        ("Google", None),
        ("Gemini Pro", "gemini-pro"),
        ("gemini-flash", "gemini-flash"),
        ("My gateway", None),
        ("m/1", "m/1"),
    ]
    assert words((GOOGLE, OWN), "goog FLASH")[:2] == [
        ("Google", None),
        ("gemini-flash", "gemini-flash"),
    ]


def test_any_other_name_can_be_typed() -> None:
    assert words((GOOGLE, OWN), "brand-new") == [("Use “brand-new”", "brand-new")]
    assert words((GOOGLE,), "gemini-pro")[-1] == ("Gemini Pro", "gemini-pro")


def test_the_picker_is_driven_from_its_field(qtbot: QtBot, theme: Theme) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    parent.show()
    picker = ModelPicker(theme, parent)
    picker.set_services((GOOGLE, OWN))
    picker.set_chosen("g", "gemini-pro")
    picker.popup(parent)
    qtbot.keyClick(picker.field, Qt.Key.Key_Down)
    qtbot.keyClick(picker.field, Qt.Key.Key_Down)  # over the heading
    picker.set_services((GOOGLE, OWN))  # a list that came in later keeps the place
    with qtbot.waitSignal(picker.chosen) as chosen:
        qtbot.keyClick(picker.field, Qt.Key.Key_Return)
    assert chosen.args == ["o", "m/1"]
    assert not picker.isVisible()


def test_the_picker_shows_the_model_in_use_and_goes_by_pages(qtbot: QtBot, theme: Theme) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    parent.show()
    picker = ModelPicker(theme, parent)
    many = tuple((f"model-{number}", "") for number in range(30))
    picker.set_chosen("o", "of-my-own")
    picker.set_services((GOOGLE, ServiceModels(service_id="o", name="Mine", models=many)))
    picker.popup(parent)

    def marked() -> str:
        return str(picker.list.currentIndex().data())

    assert marked() == "of-my-own"  # though its service does not list it
    qtbot.keyClick(picker.field, Qt.Key.Key_PageDown)
    assert marked() == "model-9"
    for _ in range(4):
        qtbot.keyClick(picker.field, Qt.Key.Key_PageDown)
    assert marked() == "model-29"
    for _ in range(6):
        qtbot.keyClick(picker.field, Qt.Key.Key_PageUp)
    assert "gemini-pro" in marked()
    picker.hide()


def test_a_notice_offers_to_take_back_and_goes(
    qtbot: QtBot, theme: Theme, monkeypatch: pytest.MonkeyPatch
) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    parent.resize(700, 400)
    parent.show()
    below = QWidget(parent)
    below.setGeometry(0, 320, 700, 80)
    notice = Notice(theme, parent, below)
    done: list[str] = []
    notice.show_text("“A chat” was moved to the bin.", "Undo", lambda: done.append("undone"))
    assert notice.isVisible()
    assert notice.action.text() == "Undo"
    assert parent.rect().contains(notice.geometry())
    assert not below.geometry().intersects(notice.geometry())
    notice.action.click()
    assert done == ["undone"]
    assert not notice.isVisible()
    notice.show_text("Copied.")
    assert not notice.action.isVisible()
    QTest.mouseMove(parent, QPoint(1, 1))
    elsewhere = QLineEdit(parent)
    elsewhere.show()
    elsewhere.setFocus()
    monkeypatch.setattr(notices, "SHOWN_MS", 20)
    monkeypatch.setattr(notices, "READING_MS", 1)
    notice.show_text("Copied.")
    qtbot.waitUntil(lambda: not notice.isVisible())


def test_a_notice_is_as_wide_as_its_own_words(qtbot: QtBot, theme: Theme) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    parent.resize(700, 400)
    parent.show()
    below = QWidget(parent)
    below.setGeometry(0, 320, 700, 80)
    notice = Notice(theme, parent, below)
    widths = []
    for text in ("Copied.", "A sentence that is far longer than the other one is.", "Copied."):
        notice.show_text(text)
        QApplication.processEvents()
        right = notice.close_button.geometry().right()
        assert notice.width() - right < 30
        widths.append(notice.width())
    assert widths[0] == widths[2] < widths[1]
    notice.show_text("Moved to the bin.", "Undo", lambda: None)
    notice.leave()
    assert notice.isVisible()
    notice.show_here("This text is long.", "Attach it as a file", lambda: None)
    notice.leave()
    assert not notice.isVisible()
    notice.show_text("There is nothing in this chat yet.")
    notice.leave()
    assert not notice.isVisible()


def test_the_find_bar_asks_and_counts(qtbot: QtBot, theme: Theme) -> None:
    bar = FindBar(theme)
    qtbot.addWidget(bar)
    with qtbot.waitSignal(bar.wordsChanged) as changed:
        bar.open_bar("cat")
    assert changed.args == ["cat"]
    bar.show_count(3, 17)
    assert bar.count.text() == "3 of 17"
    with qtbot.waitSignal(bar.stepRequested) as stepped:
        qtbot.keyClick(bar.field, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    assert stepped.args == [-1]
    bar.show_count(0, 0)
    assert bar.count.text() == "No hits"
    assert not bar.next.isEnabled()
    with qtbot.waitSignal(bar.closed):
        qtbot.keyClick(bar.field, Qt.Key.Key_Escape)


def test_no_key_stands_twice_and_each_has_words(qtbot: QtBot) -> None:
    keys = [each.keys for each in shortcuts()]
    assert len(keys) == len(set(keys))
    assert all(each.text for each in shortcuts())
    assert keys_text("new_chat") == "Ctrl+N"
    window = QWidget()
    qtbot.addWidget(window)
    actions = {each.name: (lambda: None) for each in shortcuts()}
    installed = [shortcut.key().toString() for shortcut in install(window, actions)]
    assert len(installed) == len(set(installed))


def test_a_snippet_starts_shortly_before_its_hit() -> None:
    text = "word " * 40 + "needle and\nmore"
    at = text.index("needle")
    hit = SearchHit(
        chat_id="c", chat_title="t", message_id="m", snippet=text, marks=((at, at + 6),)
    )
    shown, marks = shortened(hit)
    ((start, end),) = marks
    assert shown.startswith("…")
    assert shown[start:end] == "needle"
    assert start < 30
    assert "\n" not in shown


@given(st.text(alphabet="ab `*#>|\n\t🐈", max_size=40), st.integers(0, 40), st.integers(0, 10))
def test_a_snippet_without_markup_keeps_its_marks(text: str, start: int, length: int) -> None:
    start = min(start, len(text))
    end = min(start + length, len(text))
    hit = SearchHit(
        chat_id="c", chat_title="t", message_id="m", snippet=text, marks=((start, end),)
    )
    shown, ((left, right),) = shortened(hit)
    assert "`" not in shown
    assert 0 <= left <= right <= len(shown)
    letters = [char for char in text[start:end] if char in "ab🐈"]
    assert [char for char in shown[left:right] if char in "ab🐈"] == letters


def test_markup_of_a_snippet_is_left_out() -> None:
    text = "## Rent\n\nThe contract has **eleven clauses** and `code`."
    at = text.index("eleven")
    hit = SearchHit(
        chat_id="c", chat_title="t", message_id="m", snippet=text, marks=((at, at + 6),)
    )
    shown, ((start, end),) = shortened(hit)
    assert shown == "Rent The contract has eleven clauses and code."
    assert shown[start:end] == "eleven"


def test_every_icon_is_drawn_in_the_colour_asked_for(theme: Theme) -> None:
    files = sorted(resource("resources", "icons").glob("*.svg"))
    assert len(files) > 40
    for file in files:
        for scale in (1.0, 1.5, 2.0):
            pixmap = icon_pixmap(file.stem, theme.color("accent"), 18, scale)
            assert pixmap.size() == QSize(round(18 * scale), round(18 * scale))
        image = pixmap.toImage()
        wanted = theme.color("accent")
        for x in range(image.width()):
            for y in range(image.height()):
                color = image.pixelColor(x, y)
                if color.alpha() == 255:  # overlapping strokes round
                    assert abs(color.red() - wanted.red()) <= 2, file.stem
                    assert abs(color.green() - wanted.green()) <= 2, file.stem


def test_the_welcome_offers_what_fits(qtbot: QtBot, theme: Theme) -> None:
    welcome = Welcome(theme)
    qtbot.addWidget(welcome)
    welcome.resize(900, 700)
    welcome.show()
    welcome.set_service("You are using the demo.", newcomer=True)
    assert welcome.add_key.isVisible()
    assert not welcome.use_local.isVisible()
    welcome.show_local("Ollama")
    assert "Ollama" in welcome.use_local.text()
    welcome.set_service("", newcomer=False)
    assert not welcome.add_key.isVisible()
    assert len(starters()) == 4


def test_the_header_shows_sidebar_and_new_chat_while_the_sidebar_is_hidden(
    qtbot: QtBot, theme: Theme
) -> None:
    header = Header(theme, str.lower)
    qtbot.addWidget(header)
    header.show()
    assert header.model.accessibleName() == "Model"
    assert not header.new_chat.isVisible()
    header.set_sidebar_shown(shown=False)
    assert header.sidebar.isVisible()
    assert header.new_chat.isVisible()


def test_the_sampling_form_tells_what_is_set_and_leaves_the_rest_open(qtbot: QtBot) -> None:
    form = SamplingForm()
    qtbot.addWidget(form)
    told: list[Sampling] = []
    form.changed.connect(told.append)
    inherited = Sampling(temperature=0.7, show_reasoning=True, system_prompt="Be kind.")
    form.show_sampling(Sampling(model="m"), inherited, ("low", "high"))
    assert told == []
    assert form.prompt.placeholderText() == "Be kind."
    assert form.reasoning.currentText() == "Default: Yes"
    form.temperature.setValue(0.0)
    form.limit.setValue(256)
    form.finish()
    form.effort.setCurrentIndex(2)
    form.json.setCurrentIndex(1)
    assert told[-1] == Sampling(
        model="m", temperature=0.0, max_tokens=256, effort="high", json_answer=True
    )
    form.temperature.setValue(form.temperature.minimum())
    form.effort.setCurrentIndex(0)
    form.finish()
    assert told[-1].temperature is None
    assert told[-1].effort is None


def test_the_header_names_the_service_where_the_title_has_room(qtbot: QtBot, theme: Theme) -> None:
    header = Header(theme, str.lower)
    qtbot.addWidget(header)
    header.set_title("A title that is longer than what is left in a narrow window")
    header.set_model("gemini-3.1-pro", "Ace Data Cloud")
    header.resize(900, 52)
    header.show()
    both = header.model.sizeHint().width()
    header.resize(440, 52)
    one = header.model.sizeHint().width()
    assert one < both
    assert "Ace Data Cloud" in header.model.toolTip()
    header.set_title("Short")
    assert header.model.sizeHint().width() == both
    header.set_sidebar_shown(shown=False)  # two more buttons
    header.resize(380, 52)
    assert header.model.sizeHint().width() == one


def test_the_header_is_not_painted_anew_for_what_stands_there(qtbot: QtBot, theme: Theme) -> None:
    header = Header(theme, str.lower)
    qtbot.addWidget(header)
    painted: list[QObject] = []

    class Watch(QObject):
        def eventFilter(self, watched: QObject, event: QEvent) -> bool:
            if event.type() in (QEvent.Type.Paint, QEvent.Type.LayoutRequest):
                painted.append(watched)
            return False

    def tell(title: str, model: str) -> int:
        painted.clear()
        header.set_title(title)
        header.set_model(model, "Own server")
        QApplication.processEvents()
        return len(painted)

    header.resize(900, 52)
    with qtbot.waitExposed(header):
        header.show()
    tell("A title", "model-a")
    watch = Watch()
    for each in (header, header.title, header.model):
        each.installEventFilter(watch)
    assert tell("A title", "model-a") == 0
    assert tell("Another", "model-a") > 0
    assert tell("Another", "model-b") > 0


def test_the_welcome_leaves_out_what_there_is_no_room_for(qtbot: QtBot, theme: Theme) -> None:
    welcome = Welcome(theme)
    qtbot.addWidget(welcome)
    welcome.show()

    def cards(width: int, height: int, *, newcomer: bool) -> int:
        welcome.resize(width, height)
        welcome.set_service("", newcomer=newcomer)
        shown = [each for each in welcome._cards if each.isVisible()]
        assert all(welcome.rect().contains(each.geometry().center()) for each in shown)
        return len(shown)

    assert cards(640, 320, newcomer=False) == 4
    assert cards(640, 320, newcomer=True) == 0
    assert cards(440, 320, newcomer=False) == 0
    assert cards(440, 500, newcomer=True) == 4


def test_a_dialog_for_files_begins_in_a_folder_that_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    documents = QStandardPaths.StandardLocation.DocumentsLocation
    places = {
        documents: tmp_path / "Documents",
        QStandardPaths.StandardLocation.HomeLocation: tmp_path,
    }
    monkeypatch.setattr(QStandardPaths, "writableLocation", lambda kind: str(places[kind]))
    assert usual_folder(documents) == str(tmp_path)
    places[documents].mkdir()
    assert usual_folder(documents) == str(places[documents])
