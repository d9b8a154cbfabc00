"""The settings window over real services, a keyring in memory and a server on loopback."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path

from loopback import Loopback, whole
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QFocusEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QComboBox,
    QFormLayout,
    QLineEdit,
    QMenu,
    QPlainTextEdit,
)
from pytestqt.qtbot import QtBot
from service_cases import KEY, LIST, Room, at, refused, room

from app.domain.credentials import KEPT
from app.domain.settings import Form, Palette, Service, Timeouts
from app.providers import presets
from app.ui.focus import KeyboardFocus
from app.ui.settings.navigation import ENTRY
from app.ui.settings.service_form import COMMON, NOT_SHOWN
from app.ui.settings.window import SettingsWindow
from app.ui.theme import Theme


def opened(here: Room, theme: Theme, qtbot: QtBot, service_id: str = "") -> SettingsWindow:
    window = SettingsWindow(theme, here.config, here.services)
    qtbot.addWidget(window)
    window.show_page("services", service_id)
    return window


async def test_every_field_of_a_service_can_be_edited(
    tmp_path: Path, theme: Theme, qtbot: QtBot
) -> None:
    async with room(tmp_path) as here:
        made = here.services.add(presets.OPENAI)
        window = opened(here, theme, qtbot, made.id)
        await here.settled()
        form = window.services.form
        wanted = {field.name for field in (*fields(Service), *fields(Timeouts))} - NOT_SHOWN
        assert set(form._members) == wanted
        assert set(COMMON) <= wanted
        for name, member in form._members.items():
            assert member.widget.accessibleName(), name


async def test_a_change_holds_at_once_and_touches_one_field(
    tmp_path: Path, theme: Theme, qtbot: QtBot
) -> None:
    async with room(tmp_path) as here:
        made = here.services.add(presets.OPENAI)
        window = opened(here, theme, qtbot, made.id)
        await here.settled()
        line = window.services.form._members["base_url"].widget
        assert isinstance(line, QLineEdit)
        line.selectAll()
        QTest.keyClicks(line, "http://127.0.0.1:9/v1")
        QTest.keyClick(line, Qt.Key.Key_Return)
        # The variable of the preset holds a key for the preset's own host.
        moved = replace(made, base_url="http://127.0.0.1:9/v1", key_env="")
        assert here.services.get(made.id) == moved
        switch = window.services.form._members["stream"].widget
        assert isinstance(switch, QCheckBox)
        switch.click()
        changed = here.services.get(made.id)
        assert changed is not None
        assert not changed.stream
        box = window.services.form.form.widget
        assert isinstance(box, QComboBox)
        box.setCurrentIndex(box.findData(Form.GEMINI))
        box.activated.emit(box.currentIndex())
        assert here.config.settings.services[0].form is Form.GEMINI


async def test_a_secret_header_is_kept_when_its_field_is_left(
    tmp_path: Path, theme: Theme, qtbot: QtBot
) -> None:
    async with room(tmp_path) as here:
        made = here.services.add(presets.OPENAI)
        window = opened(here, theme, qtbot, made.id)
        form = window.services.form
        form._fold.click()
        await here.settled()
        member = form._members["extra_headers"]
        text = member.widget
        assert isinstance(text, QPlainTextEdit)
        window.activateWindow()
        text.setFocus()
        qtbot.waitUntil(text.hasFocus)
        assert not form.kept.isVisible()
        QTest.keyClicks(text, "X-Title: Linnet")
        QTest.keyClick(text, Qt.Key.Key_Return)
        QTest.keyClicks(text, "X-Api-Key: hun")
        member.finish()  # a pause while it is typed
        assert here.safe.entries == {}
        QTest.keyClicks(text, "ter")
        menu = QMenu(text)
        menu.addAction("Paste", lambda: text.insertPlainText("2"))
        menu.popup(text.mapToGlobal(text.rect().center()))
        menu.actions()[0].trigger()
        menu.close()
        assert text.toPlainText().endswith("X-Api-Key: hunter2")
        form._fold.setFocus()
        await here.settled()
        assert list(here.safe.entries.values()) == ["hunter2"]
        assert text.toPlainText() == "X-Title: Linnet\nX-Api-Key: ••••••••"
        assert form.kept.text() == (
            "The values with dots are kept in Test Keyring, never in a file."
        )
        assert form.kept.isVisibleTo(form)
        text.setFocus()
        text.setPlainText("X-Title: Another\nX-Api-Key: ••••••••")
        form._fold.setFocus()
        await here.settled()
        assert list(here.safe.entries.values()) == ["hunter2"]
        changed = here.services.get(made.id)
        assert changed is not None
        assert changed.extra_headers == {"X-Title": "Another", "X-Api-Key": KEPT}
        other = here.services.add(presets.DEEPSEEK)
        text.setFocus()
        text.insertPlainText("X-Token: 17\n")
        member.finish()
        window.show_page("services", other.id)
        await here.settled()
        assert sorted(here.safe.entries.values()) == ["17", "hunter2"]
        assert here.services.get(other.id) == other
        assert text.toPlainText() == ""


async def test_a_bad_text_is_told_and_changes_nothing(
    tmp_path: Path, theme: Theme, qtbot: QtBot
) -> None:
    async with room(tmp_path) as here:
        made = here.services.add(presets.OPENAI)
        window = opened(here, theme, qtbot, made.id)
        await here.settled()
        form = window.services.form
        for name, text in (
            ("extra_body", "[1]"),
            ("extra_headers", "no colon"),
            ("extra_headers", "Authorization: Bearer x"),
            ("key_env", "sk-not a name"),
        ):
            member = form._members[name]
            widget = member.widget
            widget.setPlainText(text) if name.startswith("extra") else widget.setText(text)
            member.finish()
            assert form.rows.complaint(widget) or form.more.complaint(widget)
            assert widget.property("invalid")
            assert here.services.get(made.id) == made
        form._members["extra_body"].widget.setPlainText('{"service_tier": "flex"}')
        form._members["extra_body"].finish()
        changed = here.services.get(made.id)
        assert changed is not None
        assert changed.extra_body == {"service_tier": "flex"}


async def test_a_key_goes_to_the_keyring_and_leaves_the_field(
    tmp_path: Path, theme: Theme, qtbot: QtBot
) -> None:
    async with room(tmp_path) as here, Loopback() as server:
        server.add(whole(LIST))
        made = here.services.add(at(server))
        window = opened(here, theme, qtbot, made.id)
        await here.settled()
        key = window.services.form.key
        assert key.line.echoMode() is QLineEdit.EchoMode.Password
        QTest.keyClicks(key.line, KEY)
        QTest.keyClick(key.line, Qt.Key.Key_Return)
        await here.settled()
        assert list(here.safe.entries.values()) == [KEY]
        assert key.line.text() == ""
        assert "Test Keyring" in key.status.text()
        # A saved key is tried at once.
        sent = [request.header("authorization") for request in server.requests]
        assert f"Bearer {KEY}" in sent
        assert window.services.form.trial.verdict.text().startswith("Works")
        assert window.services.form.table.models.rowCount() == 2
        key.eye.pressed.emit()
        await here.settled()
        assert key.line.text() == KEY
        assert key.typed() is None
        key.eye.released.emit()
        assert key.line.text() == ""
        assert KEY not in (tmp_path / "settings.toml").read_text()


async def test_another_host_has_no_key(tmp_path: Path, theme: Theme, qtbot: QtBot) -> None:
    async with room(tmp_path) as here:
        made = here.services.add(replace(presets.OPENAI, key_env=""))
        here.services.keys.store(made, KEY)
        await here.settled()
        window = opened(here, theme, qtbot, made.id)
        key = window.services.form.key
        assert "Test Keyring" in key.status.text()
        key.eye.pressed.emit()
        await here.settled()
        assert key.line.text() == KEY
        here.services.change(replace(made, base_url="https://example.org/v1"))
        assert key.line.text() == ""
        await here.settled()
        assert key.status.text() == "No key yet."
        assert key.remove.isHidden()
        here.services.change(made)
        await here.settled()
        assert "Test Keyring" in key.status.text()


async def test_without_a_keyring_the_session_is_offered(
    tmp_path: Path, theme: Theme, qtbot: QtBot
) -> None:
    async with room(tmp_path, keyring=False) as here, Loopback() as server:
        server.add(whole(LIST))
        made = here.services.add(at(server))
        window = opened(here, theme, qtbot, made.id)
        await here.settled()
        key = window.services.form.key
        assert "no keyring" in key.status.text()
        assert "environment variable" in key.status.text()
        here.services.change(replace(made, key_env="OWN_KEY"))
        assert "OWN_KEY" in key.status.text()
        QTest.keyClicks(key.line, KEY)
        assert not key.session.isHidden()
        key.session.click()
        assert "session" in key.status.text()
        await here.settled()


async def test_a_wrong_key_is_told_step_by_step(tmp_path: Path, theme: Theme, qtbot: QtBot) -> None:
    async with room(tmp_path) as here, Loopback() as server:
        server.add(refused())
        made = here.services.add(at(server))
        window = opened(here, theme, qtbot, made.id)
        await here.settled()
        trial = window.services.form.trial
        QTest.keyClicks(window.services.form.key.line, "sk-wrong")
        trial.button.click()
        await here.settled()
        assert trial.verdict.text() == "It does not work yet."
        assert server.requests[-1].header("authorization") == "Bearer sk-wrong"
        assert not trial.ask.isVisible()
        assert here.safe.entries == {}


async def test_default_service_and_removal(tmp_path: Path, theme: Theme, qtbot: QtBot) -> None:
    async with room(tmp_path) as here:
        first = here.services.add(presets.OPENAI)
        second = here.services.add(presets.DEEPSEEK)
        window = opened(here, theme, qtbot, second.id)
        await here.settled()
        assert spoken(window) == [first.id]  # new chats go to the first without a choice
        assert window.answers.service.currentData() == first.id
        window.services.form.make_default.click()
        assert here.config.settings.default_service == second.id
        assert not window.services.form.make_default.isEnabled()
        assert spoken(window) == [second.id]
        here.services.remove(second.id)
        here.services.remove(first.id)
        await here.settled()
        assert window.services.entries.count() == 1
        assert window.services.form.heading.text() == presets.DEMO.name
        assert window.services.form.remove.isHidden()


def spoken(window: SettingsWindow) -> list[str]:
    """The services that the list calls the default."""
    entries = window.services.entries
    rows = [entries.item(row) for row in range(entries.count())]
    said = Qt.ItemDataRole.AccessibleTextRole
    return [row.data(ENTRY).key for row in rows if "default" in row.data(said)]


async def test_with_the_demo_alone_the_presets_are_offered(
    tmp_path: Path, theme: Theme, qtbot: QtBot
) -> None:
    async with room(tmp_path) as here:
        window = opened(here, theme, qtbot)
        gallery = window.services.gallery
        assert gallery.isVisible()
        offered = [card.preset.id for card in gallery.cards]
        assert offered == [each.id for each in presets.PRESETS if each.form is not Form.DEMO]
        assert all(card.accessibleName() and card.second for card in gallery.cards)
        gallery.show_running([presets.OLLAMA.base_url])
        running = [card.preset.id for card in gallery.cards if "Running" in card.second]
        assert running == ["ollama"]
        next(card for card in gallery.cards if card.preset.id == "openai").click()
        await here.settled()
        assert [each.id for each in here.config.settings.services] == ["openai"]
        assert window.services.form.isVisible()
        assert window.services.entries.chosen() == "openai"
        assert window.focusWidget() is window.services.form.key.line
        entries = window.services.entries
        window.services.add.click()
        assert gallery.isVisible()
        assert entries.selectedItems() == []
        entries.setFocus(Qt.FocusReason.TabFocusReason)  # passing through changes nothing
        assert gallery.isVisible()
        QTest.mouseClick(
            entries.viewport(),
            Qt.MouseButton.LeftButton,
            pos=entries.visualItemRect(entries.item(0)).center(),
        )
        assert window.services.form.isVisible()
        assert window.services.form.heading.text() == "OpenAI"
        assert entries.selectedItems() == [entries.item(0)]


async def test_the_ring_is_for_the_keyboard(tmp_path: Path, theme: Theme, qtbot: QtBot) -> None:
    async with room(tmp_path) as here:
        window = opened(here, theme, qtbot)
        ring = KeyboardFocus(window.pages)

        def take_focus(reason: Qt.FocusReason) -> None:
            QApplication.sendEvent(window.pages, QFocusEvent(QEvent.Type.FocusIn, reason))

        take_focus(Qt.FocusReason.ActiveWindowFocusReason)
        assert not ring.shown
        QTest.keyClick(window.pages, Qt.Key.Key_Down)
        assert ring.shown
        QTest.mouseClick(window.pages.viewport(), Qt.MouseButton.LeftButton)
        assert not ring.shown
        take_focus(Qt.FocusReason.TabFocusReason)
        assert ring.shown
        take_focus(Qt.FocusReason.MouseFocusReason)
        assert not ring.shown
        await here.settled()


async def test_in_a_narrow_window_labels_stand_above_their_fields(
    tmp_path: Path, theme: Theme, qtbot: QtBot
) -> None:
    async with room(tmp_path) as here:
        made = here.services.add(presets.OPENAI)
        window = opened(here, theme, qtbot, made.id)
        await here.settled()
        form = window.services.form
        for size, policy in (
            (window.minimumSize(), QFormLayout.RowWrapPolicy.WrapAllRows),
            (window.size(), QFormLayout.RowWrapPolicy.DontWrapRows),
        ):
            window.resize(size)
            QApplication.processEvents()
            assert form.rows.rowWrapPolicy() == policy
            assert form.horizontalScrollBar().maximum() == 0  # nothing is cut
            label, field = form.rows.labelForField(form.form.widget), form.form.widget
            stacked = policy is QFormLayout.RowWrapPolicy.WrapAllRows
            assert label.height() < 24 if stacked else label.height() == field.height()


async def test_fields_are_one_height_and_begin_at_one_line(
    tmp_path: Path, theme: Theme, qtbot: QtBot
) -> None:
    async with room(tmp_path) as here:
        here.services.add(presets.OPENAI)
        window = opened(here, theme, qtbot)
        await here.settled()
        window.show_page("answers")
        answers = window.answers
        form = answers.form
        fields_shown = (answers.service, answers.model, form.temperature, form.limit, form.effort)
        assert {field.height() for field in fields_shown} == {34}
        lefts = {field.mapTo(window, QPoint()).x() for field in (*fields_shown, form.prompt)}
        assert len(lefts) == 1


async def test_answers_and_appearance_write_the_settings(
    tmp_path: Path, theme: Theme, qtbot: QtBot
) -> None:
    async with room(tmp_path) as here:
        here.services.add(presets.GEMINI)
        window = opened(here, theme, qtbot)
        await here.settled()
        answers = window.answers
        answers.service.setCurrentIndex(answers.service.findData("gemini"))
        answers.service.activated.emit(answers.service.currentIndex())
        assert here.config.settings.default_service == "gemini"
        answers.model.setEditText("gemini-3.5-flash")
        answers.model.lineEdit().editingFinished.emit()
        assert here.config.settings.sampling.model == "gemini-3.5-flash"
        answers.form.prompt.setPlainText("Be brief.")
        window.close()
        assert here.config.settings.sampling.system_prompt == "Be brief."
        assert here.config.settings.sampling.model == "gemini-3.5-flash"
        appearance = window.appearance
        appearance.text_size.setValue(18)
        appearance.switches["send_with_enter"].click()
        appearance.switches["strip_metadata"].click()
        box = appearance.palette_choice
        box.setCurrentIndex(box.findData(Palette.DARK))
        box.activated.emit(box.currentIndex())
        settings = here.config.settings
        assert (settings.text_px, settings.send_with_enter) == (18, False)
        assert settings.palette is Palette.DARK
        assert not settings.strip_metadata
        await here.settled()


async def test_edits_elsewhere_show_and_typing_is_not_disturbed(
    tmp_path: Path, theme: Theme, qtbot: QtBot
) -> None:
    async with room(tmp_path) as here:
        made = here.services.add(presets.OPENAI)
        window = opened(here, theme, qtbot, made.id)
        await here.settled()
        line = window.services.form._members["name"].widget
        assert isinstance(line, QLineEdit)
        QTest.keyClicks(line, "X")
        current = here.services.get(made.id)
        assert current is not None
        here.services.change(replace(current, proxy="http://127.0.0.1:3128"))
        assert line.text().startswith("X")
        proxy = window.services.form._members["proxy"].widget
        assert isinstance(proxy, QLineEdit)
        assert proxy.text() == "http://127.0.0.1:3128"
        window.close()
        assert here.config.settings.services[0].name.startswith("X")
        await here.settled()


async def test_enter_presses_the_button_that_has_the_keyboard(
    tmp_path: Path, theme: Theme, qtbot: QtBot
) -> None:
    async with room(tmp_path) as here:
        window = opened(here, theme, qtbot)
        pressed: list[str] = []
        window.services.add.clicked.connect(lambda: pressed.append("add"))
        window.services.add.setFocus()
        QTest.keyClick(window.services.add, Qt.Key.Key_Return)
        assert pressed == ["add"]


async def test_settings_that_cannot_be_written_are_told_where_they_are_changed(
    tmp_path: Path, theme: Theme, qtbot: QtBot
) -> None:
    async with room(tmp_path) as here:
        window = opened(here, theme, qtbot)
        assert window.problem.isHidden()
        usual, target = here.config.path, tmp_path / "file" / "settings.toml"
        target.parent.touch()  # nothing can be written below a file
        here.config.path = target
        window.show_page("appearance")
        window.appearance.switches["notify"].click()
        assert not here.config.settings.notify  # it holds until the end
        assert str(target) in window.problem.text()
        assert window.problem.isVisible()
        here.config.path = usual
        window.appearance.switches["notify"].click()
        assert window.problem.isHidden()
