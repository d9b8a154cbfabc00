"""What the fields of a service say: complaints in their place, the host to fill in, a lost key."""

from __future__ import annotations

from pathlib import Path

from loopback import Loopback, whole
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QMessageBox
from pytestqt.qtbot import QtBot
from service_cases import KEY, LIST, Room, at, room

from app.providers import presets
from app.ui.settings.window import SettingsWindow
from app.ui.theme import Theme


def opened(here: Room, theme: Theme, qtbot: QtBot, service_id: str = "") -> SettingsWindow:
    window = SettingsWindow(theme, here.config, here.services)
    qtbot.addWidget(window)
    window.show_page("services", service_id)
    return window


def question_of(window: SettingsWindow) -> QMessageBox:
    found = next(box for box in window.findChildren(QMessageBox) if box.isVisible())
    assert found.defaultButton() is found.button(QMessageBox.StandardButton.Cancel)
    return found


async def test_a_complaint_stands_below_its_field_until_that_is_mended(
    tmp_path: Path, theme: Theme, qtbot: QtBot
) -> None:
    async with room(tmp_path) as here:
        first = here.services.add(presets.OPENAI)
        second = here.services.add(presets.DEEPSEEK)
        window = opened(here, theme, qtbot, first.id)
        await here.settled()
        form = window.services.form
        form._fold.click()
        variable = form._members["key_env"].widget
        proxy = form._members["proxy"].widget
        assert isinstance(variable, QLineEdit)
        assert isinstance(proxy, QLineEdit)
        variable.selectAll()
        QTest.keyClicks(variable, "not a name")
        QTest.keyClick(variable, Qt.Key.Key_Return)
        assert form.more.complaint(variable)
        below = next(
            form.more.itemAt(row + 1, form.more.ItemRole.FieldRole).widget()
            for row in range(form.more.rowCount())
            if form.more._field_at(row) is variable
        )
        assert below.isVisible()
        # Another field that is right says nothing about this one.
        QTest.keyClicks(proxy, "http://127.0.0.1:3128")
        QTest.keyClick(proxy, Qt.Key.Key_Return)
        assert form.more.complaint(variable)
        assert variable.property("invalid")
        # What is wrong there is no matter of another service.
        window.services.choose(second.id)
        assert variable.text() == second.key_env
        assert not form.more.complaint(variable)
        assert not variable.property("invalid")
        assert not below.isVisible()


async def test_a_service_without_a_host_begins_at_the_host(
    tmp_path: Path, theme: Theme, qtbot: QtBot
) -> None:
    async with room(tmp_path) as here:
        window = opened(here, theme, qtbot)
        gallery, form = window.services.gallery, window.services.form
        next(card for card in gallery.cards if card.preset is presets.GENERIC_GATEWAY).click()
        await here.settled()
        line = form._members["base_url"].widget
        assert isinstance(line, QLineEdit)
        assert window.focusWidget() is line
        assert line.selectedText() == "YOUR-DOMAIN"
        assert form.remark.isVisible()
        QTest.keyClicks(line, "chat.example.org")
        QTest.keyClick(line, Qt.Key.Key_Return)
        assert here.config.settings.services[0].base_url == "https://chat.example.org/api/v1"
        assert not form.remark.isVisible()


async def test_a_key_is_removed_after_asking_and_what_a_test_found_goes_with_it(
    tmp_path: Path, theme: Theme, qtbot: QtBot
) -> None:
    async with room(tmp_path) as here, Loopback() as server:
        server.add(whole(LIST))
        made = here.services.add(at(server))
        here.services.keys.store(made, KEY)
        await here.settled()
        window = opened(here, theme, qtbot, made.id)
        form = window.services.form
        form.trial.begin()
        await here.settled()
        assert form.trial.verdict.text().startswith("Works")
        form.key.remove.click()
        assert list(here.safe.entries.values()) == [KEY]
        question_of(window).reject()
        await here.settled()
        assert list(here.safe.entries.values()) == [KEY]
        QApplication.processEvents()
        form.key.remove.click()
        asked = question_of(window)
        next(each for each in asked.buttons() if each.text() == "Remove key").click()
        await here.settled()
        assert here.safe.entries == {}
        assert form.trial.verdict.text() == ""
        assert form.trial.steps.isHidden()
        assert form.key.status.text() == "No key yet."


async def test_no_row_is_higher_or_lower_than_what_stands_in_it(
    tmp_path: Path, theme: Theme, qtbot: QtBot
) -> None:
    async with room(tmp_path) as here:
        made = here.services.add(presets.OPENAI)
        here.services.keys.store(made, KEY)
        await here.settled()
        window = opened(here, theme, qtbot, made.id)
        await here.settled()
        QApplication.processEvents()
        form = window.services.form
        key = form.key
        layout = key.layout()
        assert layout is not None
        assert key.height() == key.sizeHint().height() == layout.heightForWidth(key.width())
        gap = form.refresh.y() - form.table.geometry().bottom() - 1
        assert gap == form.rows.verticalSpacing()
