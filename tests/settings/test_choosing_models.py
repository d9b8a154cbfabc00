"""Hundreds of models in the settings: found, chosen, and never changed by scrolling past."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractSpinBox, QApplication, QComboBox, QLabel, QWidget
from pytestqt.qtbot import QtBot
from service_cases import room

from app.providers import presets
from app.services import ModelInfo, Step, StepKind, StepState
from app.ui.choice_box import ChoiceBox, TypedChoiceBox
from app.ui.settings.model_table import ModelTable, takes
from app.ui.settings.window import SettingsWindow
from app.ui.theme import Theme
from app.ui.verdict import Verdict

MANY = tuple(
    ModelInfo(id=f"{maker}/{name}-{number}", context=131_072)
    for maker in ("one", "two")
    for name in ("large", "small")
    for number in range(100)
)


def turn_wheel(widget: QWidget) -> bool:
    """Whether `widget` took a notch of the wheel for itself."""
    event = QWheelEvent(
        QPointF(widget.rect().center()),
        QPointF(widget.mapToGlobal(widget.rect().center())),
        QPoint(),
        QPoint(0, -120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    event.ignore()
    return widget.event(event) and event.isAccepted()


async def test_scrolling_past_a_field_changes_nothing(
    tmp_path: Path, theme: Theme, qtbot: QtBot
) -> None:
    async with room(tmp_path) as here:
        made = here.services.add(presets.OPENAI)
        here.services.lists.put(made, MANY)
        window = SettingsWindow(theme, here.config, here.services)
        qtbot.addWidget(window)
        window.show_page("services", made.id)
        await here.settled()
        before = here.config.settings
        fields = [*window.findChildren(QComboBox), *window.findChildren(QAbstractSpinBox)]
        assert len(fields) > 8
        for field in fields:
            field.setFocus(Qt.FocusReason.MouseFocusReason)
            assert not turn_wheel(field), field.accessibleName()
        assert here.config.settings == before


async def test_a_change_of_another_field_leaves_a_long_list_alone(
    tmp_path: Path, theme: Theme, qtbot: QtBot
) -> None:
    async with room(tmp_path) as here:
        made = here.services.add(presets.OPENAI)
        here.services.lists.put(made, MANY)
        window = SettingsWindow(theme, here.config, here.services)
        qtbot.addWidget(window)
        window.show_page("services", made.id)
        await here.settled()
        form = window.services.form
        resets: list[str] = []
        form.table.models.modelReset.connect(lambda: resets.append("table"))
        form.model.model().rowsRemoved.connect(lambda: resets.append("box"))
        form.table.verticalScrollBar().setValue(500)
        form._change("stream", False)
        form._change("name", "Another")
        assert resets == []
        assert form.table.verticalScrollBar().value() == 500


async def test_a_search_for_a_model_ends_with_the_service_that_is_shown(
    tmp_path: Path, theme: Theme, qtbot: QtBot
) -> None:
    async with room(tmp_path) as here:
        first, second = here.services.add(presets.OPENAI), here.services.add(presets.DEEPSEEK)
        for each in (first, second):
            here.services.lists.put(each, MANY)
        window = SettingsWindow(theme, here.config, here.services)
        qtbot.addWidget(window)
        window.show_page("services", first.id)
        await here.settled()
        form = window.services.form
        QTest.keyClicks(form.find_model, "small two 42")
        window.services.choose(second.id)
        assert form.find_model.text() == ""
        assert len(form.table.models.shown) == len(MANY)


async def test_a_model_is_found_and_made_the_default(
    tmp_path: Path, theme: Theme, qtbot: QtBot
) -> None:
    async with room(tmp_path) as here:
        made = here.services.add(presets.OPENAI)
        here.services.lists.put(made, MANY)
        window = SettingsWindow(theme, here.config, here.services)
        qtbot.addWidget(window)
        window.show_page("services", made.id)
        await here.settled()
        form = window.services.form
        QTest.keyClicks(form.find_model, "SMALL two 42")
        assert [model.id for model in form.table.models.shown] == ["two/small-42"]
        form.table.selectRow(0)
        QTest.keyClick(form.table, Qt.Key.Key_Return)
        changed = here.services.get(made.id)
        assert changed is not None
        assert changed.default_model == "two/small-42"
        assert form.model.currentText() == "two/small-42"
        said = form.table.models.index(0, 0).data()
        assert said == "two/small-42 · default"
        here.services.lists.put(changed, MANY[:3])
        assert not form.find_model.isVisible()
        assert form.table.models.rowCount() == 3


def test_columns_of_which_nothing_is_known_are_not_shown(theme: Theme, qtbot: QtBot) -> None:
    table = ModelTable()
    qtbot.addWidget(table)
    table.show_models((ModelInfo(id="a"), ModelInfo(id="b")), "a")
    assert [table.isColumnHidden(column) for column in range(4)] == [False, True, True, True]
    told = ModelInfo(id="c", inputs=frozenset({"text", "image", "video"}), thinking=True)
    assert takes(told) == "text, pictures, video"
    table.show_models((told,), "")
    assert [table.isColumnHidden(column) for column in range(4)] == [False, False, False, True]


def test_what_is_typed_finds_a_model_by_any_part_of_its_name(qtbot: QtBot) -> None:
    box = TypedChoiceBox()
    qtbot.addWidget(box)
    box.show_choices([model.id for model in MANY], "one/large-0")
    completer = box.completer()
    completer.setCompletionPrefix("SMALL-42")
    assert completer.completionCount() == 2


def test_the_longest_name_widens_no_page(theme: Theme, qtbot: QtBot) -> None:
    box = TypedChoiceBox()
    qtbot.addWidget(box)
    box.show_choices(["short"], "short")
    before = box.sizeHint().width()
    box.show_choices(["a-very-long-name-of-a-model/" * 8], "short")
    assert box.sizeHint().width() == before


def test_a_list_of_choices_shows_all_that_fit(theme: Theme, qtbot: QtBot) -> None:
    box = ChoiceBox()
    qtbot.addWidget(box)
    box.addItems(["One", "Two", "Three"])
    box.show()
    box.showPopup()
    view = box.view()
    last = view.visualRect(view.model().index(2, 0))
    assert view.viewport().rect().contains(last)
    assert last.height() >= 28
    box.hidePopup()


async def test_escape_takes_back_what_is_looked_for_before_it_closes_the_settings(
    tmp_path: Path, theme: Theme, qtbot: QtBot
) -> None:
    async with room(tmp_path) as here:
        made = here.services.add(presets.OPENAI)
        here.services.lists.put(made, MANY)
        window = SettingsWindow(theme, here.config, here.services)
        qtbot.addWidget(window)
        window.show_page("services", made.id)
        await here.settled()
        field = window.services.form.find_model
        QTest.keyClicks(field, "large")
        QTest.keyClick(field, Qt.Key.Key_Escape)
        assert field.text() == ""
        assert window.isVisible()
        QTest.keyClick(field, Qt.Key.Key_Escape)
        assert not window.isVisible()


def test_the_verdict_of_a_step_is_never_cut(theme: Theme, qtbot: QtBot) -> None:
    verdict = Verdict(theme)
    qtbot.addWidget(verdict)
    verdict.setFixedWidth(260)
    verdict.show()
    verdict.show_step(Step(kind=StepKind.KEY, state=StepState.RUNNING))
    QApplication.processEvents()
    verdict.show_step(Step(kind=StepKind.KEY, state=StepState.FAILED, text="A long word. " * 12))
    QApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest)
    label = verdict.findChild(QLabel)
    assert label is not None
    assert label.minimumHeight() >= label.heightForWidth(label.width()) > 60
