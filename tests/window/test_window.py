"""The window around the chats: keys, search, bin and undo, model, settings, names, a key."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from loopback import Gate, Loopback, events, in_thread, whole
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QColor, QDragEnterEvent, QDropEvent, QGuiApplication, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from stage import Stage, play, service

from app import main as program
from app.domain.message import Media
from app.domain.settings import Palette
from app.engine import Engine
from app.ui.chat_options import ChatOptions
from app.ui.dialogs import Dialogs
from app.ui.drop_overlay import DropOverlay
from app.ui.focus import next_in_chain
from app.ui.key_dialog import KeyDialog
from app.ui.links import LinkQuestion, can_open
from app.ui.model_choice import ModelChoice
from app.ui.settings.window import SettingsWindow
from app.ui.shortcut_list import ShortcutList
from app.ui.theme import Theme
from app.ui.window import MainWindow
from app.ui.window_state import WindowState

CTRL = Qt.KeyboardModifier.ControlModifier
ALT = Qt.KeyboardModifier.AltModifier
NONE = Qt.KeyboardModifier.NoModifier


@pytest.fixture
def server(qapp: QApplication) -> Iterator[Loopback]:
    with in_thread() as running:
        yield running


def answer(words: str, reasoning: str = "") -> object:
    end = {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}
    thought = {"choices": [{"index": 0, "delta": {"reasoning_content": reasoning}}]}
    said = {"choices": [{"index": 0, "delta": {"content": words}}]}
    return events(*([thought] if reasoning else []), said, end)


def opened(kind: type[QWidget]) -> list[QWidget]:
    return [w for w in QApplication.topLevelWidgets() if isinstance(w, kind) and w.isVisible()]


def test_keys_walk_the_chats_and_hide_the_sidebar(server: Loopback, linnet_home: Path) -> None:
    server.add(answer("ok"))

    async def story(on: Stage) -> None:
        for name in ("first", "second", "third"):
            on.press(Qt.Key.Key_N, CTRL, on=on.window)
            await on.asked(name)
        assert on.titles() == ["third", "second", "first"]
        on.press(Qt.Key.Key_Down, ALT)
        assert on.chat.conversation.title == "second"
        on.press(Qt.Key.Key_Up, ALT)
        assert on.chat.conversation.title == "third"
        on.press(Qt.Key.Key_B, CTRL)
        assert not on.window.sidebar.isVisible()
        assert on.page.header.new_chat.isVisible()
        on.press(Qt.Key.Key_K, CTRL)
        assert on.window.sidebar.isVisible()
        assert on.focused() is on.window.sidebar.search
        on.press(Qt.Key.Key_L, CTRL)
        assert on.focused() is on.page.composer.field

    play(story, linnet_home, [service(server)])


def test_esc_closes_what_is_open_one_after_another(server: Loopback, linnet_home: Path) -> None:
    gate = Gate()
    server.add(events({"choices": [{"index": 0, "delta": {"content": "So"}}]}, gate))

    async def story(on: Stage) -> None:
        field = on.page.composer.field
        on.ask("first")
        await on.until(lambda: on.chat.draft is not None and on.chat.draft.text)
        on.page.open_find()
        on.window.notice.show_text("Something was done.")
        field.setFocus()
        on.press(Qt.Key.Key_Escape, on=field)  # the answer first: it is what runs
        await on.until(lambda: on.chat.draft is None)
        assert on.page.find_bar.isVisible()
        on.press(Qt.Key.Key_Escape, on=field)
        assert not on.page.find_bar.isVisible()
        assert on.window.notice.isVisible()
        on.press(Qt.Key.Key_Escape, on=field)
        assert not on.window.notice.isVisible()
        on.window.sidebar.focus_search()
        on.press(Qt.Key.Key_Escape, on=on.window.sidebar.search)
        assert on.focused() is field
        gate.open()

    play(story, linnet_home, [service(server)])


def test_page_keys_turn_the_chat_while_one_writes(server: Loopback, linnet_home: Path) -> None:
    server.add(answer("\n\n".join(f"Paragraph {number}." for number in range(200))))

    async def story(on: Stage) -> None:
        await on.asked("first")
        bar = on.page.transcript.verticalScrollBar()
        await on.until(lambda: bar.maximum() > 500 and bar.value() == bar.maximum())
        field = on.page.composer.field
        assert on.focused() is field
        on.press(Qt.Key.Key_PageUp)
        await on.until(lambda: bar.value() < bar.maximum() - 200)
        assert on.focused() is field
        above = bar.value()
        on.press(Qt.Key.Key_PageDown)
        await on.until(lambda: bar.value() > above + 100)
        field.set_text("\n" * 60)  # a text of pages has them for itself
        at = field.textCursor().position()
        on.press(Qt.Key.Key_PageUp)
        assert field.textCursor().position() < at

    play(story, linnet_home, [service(server)])


def test_words_that_nobody_wanted_are_for_the_composer(server: Loopback, linnet_home: Path) -> None:
    server.add(answer("ok"))

    async def story(on: Stage) -> None:
        field = on.page.composer.field
        await on.asked("first")
        for elsewhere in (on.page.transcript, on.window.sidebar.chats):
            field.set_text("")
            elsewhere.setFocus()
            on.press(Qt.Key.Key_H, on=elsewhere)
            assert on.focused() is field
            assert field.toPlainText() == "h"
        QGuiApplication.clipboard().setText("pasted")
        on.page.transcript.setFocus()
        on.press(Qt.Key.Key_V, CTRL, on=on.page.transcript)
        assert field.toPlainText() == "hpasted"
        on.page.transcript.setFocus()
        for key, held in ((Qt.Key.Key_Space, NONE), (Qt.Key.Key_E, CTRL), (Qt.Key.Key_F9, NONE)):
            on.press(key, held, on=on.page.transcript)
        assert on.focused() is on.page.transcript
        assert field.toPlainText() == "hpasted"

    play(story, linnet_home, [service(server)])


def test_words_typed_before_the_window_is_filled_are_kept(
    server: Loopback, linnet_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def build(engine: Engine, theme: Theme) -> MainWindow:
        window = MainWindow(WindowState(engine.paths.window))
        window.show()
        QTest.keyClicks(window, "Hi there")
        for key in (Qt.Key.Key_Backspace, Qt.Key.Key_Return):
            QTest.keyClick(window, key)
        program.fill(window, engine, theme)
        return window

    monkeypatch.setattr(program, "build", build)

    async def story(on: Stage) -> None:
        await on.until(lambda: on.page.composer.field.toPlainText() == "Hi ther")
        assert not server.requests

    play(story, linnet_home, [service(server)])


def test_search_finds_reasoning_and_jumps_to_the_message(
    server: Loopback, linnet_home: Path
) -> None:
    server.add(answer("Nothing special.", "A walrus came to mind."), answer("Other."))

    async def story(on: Stage) -> None:
        await on.asked("first question")
        wanted = on.answer.id
        on.press(Qt.Key.Key_N, CTRL)
        await on.asked("second question")
        sidebar = on.window.sidebar
        on.press(Qt.Key.Key_K, CTRL)
        on.type("walrus")
        results = sidebar.results.model()
        await on.until(lambda: results.rowCount() == 1)
        assert "walrus" in str(results.index(0, 0).data(Qt.ItemDataRole.AccessibleTextRole))
        on.press(Qt.Key.Key_Down)
        on.press(Qt.Key.Key_Return)
        assert on.answer.id == wanted
        # Esc ends the search, then takes the marks away that it has left.
        assert on.page.transcript.stage.finder.active
        on.press(Qt.Key.Key_Escape, on=sidebar.results)
        assert sidebar.search.text() == ""
        assert on.focused() is sidebar.search
        on.press(Qt.Key.Key_Escape, on=sidebar.search)
        assert not on.page.transcript.stage.finder.active
        assert on.focused() is on.page.composer.field
        on.press(Qt.Key.Key_K, CTRL)
        on.type("walrus")
        await on.until(lambda: results.rowCount() == 1)
        on.press(Qt.Key.Key_Down)
        on.press(Qt.Key.Key_Return)
        on.press(Qt.Key.Key_S)
        assert sidebar.search.text() == "walruss"
        on.press(Qt.Key.Key_N, CTRL, on=on.window)
        assert sidebar.search.text() == ""
        on.press(Qt.Key.Key_K, CTRL)
        on.type("walrus")
        assert on.focused() is sidebar.search
        on.press(Qt.Key.Key_Escape, on=sidebar.search)
        assert sidebar.search.text() == ""
        assert sidebar.chats.isVisible()

    play(story, linnet_home, [service(server)])


def test_a_search_without_hits_says_so(server: Loopback, linnet_home: Path) -> None:
    async def story(on: Stage) -> None:
        sidebar = on.window.sidebar
        sidebar.search.setText("nowhere to be found")
        await on.until(lambda: sidebar._nothing.isVisible())

    play(story, linnet_home, [service(server)])


def test_delete_goes_to_the_bin_and_undo_brings_it_back(
    server: Loopback, linnet_home: Path
) -> None:
    server.add(answer("ok"))

    async def story(on: Stage) -> None:
        await on.asked("keep me")
        deleted = on.chat.id
        chats = on.window.sidebar.chats
        chats.setFocus()
        on.press(Qt.Key.Key_Delete, on=chats)
        await on.until(lambda: on.titles() == [])
        assert on.chat.id != deleted
        assert "keep me" in on.window.notice.text
        on.window.notice.action.click()
        await on.until(lambda: on.titles() == ["keep me"])
        assert on.chat.id == deleted

    play(story, linnet_home, [service(server)])


def test_several_chats_are_pinned_deleted_and_brought_back_together(
    server: Loopback, linnet_home: Path
) -> None:
    server.add(answer("ok"))

    async def story(on: Stage) -> None:
        for name in ("one", "two", "three"):
            on.press(Qt.Key.Key_N, CTRL, on=on.window)
            await on.asked(name)
        sidebar = on.window.sidebar
        ids = [chat.id for chat in on.window.library.chats()]
        sidebar.chats.mark(ids[:2])
        menu = sidebar.marked_menu(sidebar.chats.marked())
        words = [action.text().partition("\t")[0] for action in menu.actions() if action.text()]
        assert words == ["Pin 2 chats", "Delete 2 chats"]
        menu.actions()[0].trigger()
        await on.until(lambda: sidebar.marked_menu(ids[:2]).actions()[0].text() == "Unpin 2 chats")
        assert sidebar.chats.marked() == tuple(ids[:2])  # they moved, and stay marked
        menu.actions()[-1].trigger()
        await on.until(lambda: on.titles() == ["one"])
        assert on.window.notice.text == "2 chats were moved to the bin."
        on.window.notice.action.click()
        await on.until(lambda: on.titles() == ["three", "two", "one"])

    play(story, linnet_home, [service(server)])


def test_a_click_on_a_chat_leaves_the_keyboard_to_the_message(
    server: Loopback, linnet_home: Path
) -> None:
    server.add(answer("ok"))

    async def story(on: Stage) -> None:
        await on.asked("older")
        older = on.chat.id
        on.press(Qt.Key.Key_N, CTRL, on=on.window)
        await on.asked("newer")
        chats = on.window.sidebar.chats
        # The chat that was just begun is where the keyboard is in the list, not the one before.
        assert chats.currentIndex().data() == "newer"
        on.page.transcript.setFocus()
        row = chats.visualRect(chats.model().index(2, 0))
        assert row.isValid()
        QTest.mouseClick(chats.viewport(), Qt.MouseButton.LeftButton, NONE, row.center())
        assert on.chat.id == older
        assert on.focused() is on.page.composer.field

    play(story, linnet_home, [service(server)])


def test_rename_and_pin(server: Loopback, linnet_home: Path) -> None:
    server.add(answer("ok"))

    async def story(on: Stage) -> None:
        await on.asked("older")
        on.press(Qt.Key.Key_N, CTRL)
        await on.asked("newer")
        on.window.open_chat(on.engine.library.chats()[1].id)
        on.press(Qt.Key.Key_F2)
        editor = on.focused()
        editor.selectAll()  # type: ignore[attr-defined]
        on.type("A name of my own")
        on.press(Qt.Key.Key_Return)
        await on.until(lambda: on.titles() == ["newer", "A name of my own"])
        menu = on.window.sidebar.chat_menu(on.chat.id)
        next(a for a in menu.actions() if a.text() == "Pin").trigger()
        assert on.titles() == ["A name of my own", "newer"]

    play(story, linnet_home, [service(server)])


def test_drafts_belong_to_their_chat(server: Loopback, linnet_home: Path) -> None:
    server.add(answer("ok"))

    async def story(on: Stage) -> None:
        await on.asked("first")
        first = on.chat.id
        on.page.composer.field.setFocus()
        on.type("half a thought")
        on.press(Qt.Key.Key_N, CTRL)
        assert on.page.composer.text == ""
        on.type("another")
        assert on.titles()[0] == "New chat"
        on.window.open_chat(first)
        assert on.page.composer.text == "half a thought"

    play(story, linnet_home, [service(server)])


def test_a_window_that_is_killed_finds_its_chat_again(server: Loopback, linnet_home: Path) -> None:
    server.add(answer("ok"))

    async def story(on: Stage) -> None:
        await on.asked("first")
        file = on.engine.paths.window
        await on.until(lambda: WindowState(file).open_chat == on.chat.id, "the chat in the file")

    play(story, linnet_home, [service(server)])


def test_the_model_is_chosen_for_the_chat_from_the_services_list(
    server: Loopback, linnet_home: Path
) -> None:
    server.route("/v1/models", whole({"data": [{"id": "model-a"}, {"id": "model-z"}]}))
    server.add(answer("ok"))

    async def story(on: Stage) -> None:
        choice = on.page.findChild(ModelChoice)
        assert choice is not None
        on.press(Qt.Key.Key_M, CTRL)
        picker = choice.picker
        assert picker.isVisible()
        await on.until(lambda: picker._model.find("own", "model-z").isValid())
        on.press(Qt.Key.Key_Z, on=picker.field)
        on.press(Qt.Key.Key_Return, on=picker.field)
        assert on.chat.sampling.model == "model-z"
        assert on.page.header.model.text() == "model-z"
        on.press(Qt.Key.Key_M, CTRL)
        picker.field.setText("typed/by-hand")
        on.press(Qt.Key.Key_Return, on=picker.field)
        assert on.page.header.model.text() == "typed/by-hand"
        await on.asked("hello")
        assert server.requests[-1].json["model"] == "typed/by-hand"

    play(story, linnet_home, [service(server)])


def test_the_picker_says_why_a_service_has_no_list(server: Loopback, linnet_home: Path) -> None:
    server.route("/v1/models", whole({"error": {"message": "No such key."}}, status=401))

    async def story(on: Stage) -> None:
        choice = on.page.findChild(ModelChoice)
        assert choice is not None
        on.press(Qt.Key.Key_M, CTRL)
        shown = choice.picker._model
        await on.until(lambda: (row := shown.row_at(shown.index(0))) and "key" in row.note)
        row = shown.row_at(shown.index(0))
        assert row is not None
        assert row.note == "The key was not accepted"
        choice.picker.hide()

    play(story, linnet_home, [service(server)])


def test_effort_and_options_of_a_chat_go_into_the_question(
    server: Loopback, linnet_home: Path
) -> None:
    server.add(answer("ok"))

    async def story(on: Stage) -> None:
        next(a for a in on.page.composer.effort.menu().actions() if a.text() == "high").trigger()
        assert on.page.composer.effort.text() == "Reasoning: high"
        on.page.deeds.optionsRequested.emit(True)
        (dialog,) = opened(ChatOptions)
        assert isinstance(dialog, ChatOptions)
        assert dialog.focusWidget() is dialog.form.limit
        dialog.form.limit.setValue(300)
        dialog.form.prompt.setPlainText("Be brief.")
        dialog.accept()
        await on.asked("hello")
        body = server.requests[-1].json
        assert body["reasoning_effort"] == "high"
        assert body["max_tokens"] == 300
        assert body["messages"][0] == {"role": "system", "content": "Be brief."}

    play(story, linnet_home, [service(server)])


def test_old_turns_can_be_left_out_and_sent_again(server: Loopback, linnet_home: Path) -> None:
    server.add(answer("ok"))

    async def story(on: Stage) -> None:
        for question in ("one", "two", "three", "four"):
            on.ask(question)
            await on.until(lambda: on.chat.draft is None and on.answer.finish)
        on.page.deeds.leave_out_old_turns()
        await on.asked("five")
        await on.until(lambda: on.chat.draft is None and len(on.path) == 10)
        sent = [m["content"] for m in server.requests[-1].json["messages"] if m["role"] == "user"]
        assert sent == ["three", "four", "five"]
        menu = on.page.header.menu()
        next(a for a in menu.actions() if "whole chat" in a.text()).trigger()
        assert on.chat.conversation.context_start_id is None

    play(story, linnet_home, [service(server)])


def test_settings_hold_at_once(server: Loopback, linnet_home: Path) -> None:
    async def story(on: Stage) -> None:
        config = on.engine.config
        config.change(replace(config.settings, palette=Palette.DARK, send_with_enter=False))
        assert on.theme.dark
        assert not on.page.composer.field.send_with_enter
        size = config.settings.text_px
        on.press(Qt.Key.Key_Plus, CTRL)
        assert config.settings.text_px == on.theme.text_px == size + 1
        on.press(Qt.Key.Key_0, CTRL)
        assert config.settings.text_px == size

    play(story, linnet_home, [service(server)])


def test_the_windows_beside_open_and_do_not_block(
    server: Loopback, linnet_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story(on: Stage) -> None:
        await on.until(lambda: on.window.findChild(Dialogs) is not None)
        on.press(Qt.Key.Key_Comma, CTRL, on=on.window)
        (settings,) = opened(SettingsWindow)
        settings.close()
        on.press(Qt.Key.Key_Slash, CTRL, on=on.window)
        (keys,) = opened(ShortcutList)
        keys.close()
        on.page.deeds.linkRequested.emit("https://example.com/a")
        (link,) = opened(LinkQuestion)
        assert isinstance(link, LinkQuestion)
        link.copy_button.click()
        assert QGuiApplication.clipboard().text() == "https://example.com/a"
        # A host can be trusted until the end; another one, or another kind, is asked about.
        went: list[str] = []
        monkeypatch.setattr("app.ui.links.open_link", went.append)
        monkeypatch.setattr("app.ui.dialogs.open_link", went.append)
        on.page.deeds.linkRequested.emit("https://example.com/a")
        (link,) = opened(LinkQuestion)
        assert isinstance(link, LinkQuestion)
        assert link.focusWidget() is link.open_button
        assert link.trust.isVisible()
        link.trust.setChecked(True)
        link.open_button.click()
        on.page.deeds.linkRequested.emit("https://EXAMPLE.com/b")
        assert went == ["https://example.com/a", "https://EXAMPLE.com/b"]
        for other in ("https://example.com.evil.org/", "file://example.com/x", "mailto:a@b.org"):
            on.page.deeds.linkRequested.emit(other)
            (link,) = opened(LinkQuestion)
            link.close()
        assert len(went) == 2

    play(story, linnet_home, [service(server)])


@pytest.mark.parametrize(
    ("address", "opens"),
    [
        ("https://example.com/x", True),
        ("http://127.0.0.1:8080", True),
        ("mailto:someone@example.com", True),
        ("file:///etc/passwd", False),
        ("javascript:alert(1)", False),
        ("https://", False),
        ("vscode://open", False),
        ("", False),
    ],
)
def test_only_web_and_mail_addresses_open(address: str, opens: bool) -> None:
    assert can_open(address) is opens


def test_a_newcomer_adds_a_key_and_is_ready(server: Loopback, linnet_home: Path) -> None:
    server.route("/v1/models", whole({"data": [{"id": "the-model"}]}))
    server.route("/v1/chat/completions", answer("Hello from the service."))  # type: ignore[arg-type]

    async def story(on: Stage) -> None:
        assert on.page.welcome.add_key.isVisible()
        await on.until(lambda: on.window.findChild(Dialogs) is not None)
        on.page.welcome.add_key.click()
        (dialog,) = opened(KeyDialog)
        assert isinstance(dialog, KeyDialog)
        dialog.service.setCurrentIndex(dialog.service.findText("OpenAI-compatible"))
        assert not dialog.go.isEnabled()
        dialog.address.setText(f"{server.url}/v1")
        dialog.key.setText("  sk-test-key-1234567890 ")
        dialog.go.click()
        # There is no keyring in the tests: the key can be kept for the session.
        await on.until(lambda: dialog.session.isVisible())
        dialog.session.click()
        assert not opened(KeyDialog)
        assert dialog.key.text() == ""
        assert on.page.header.model.text() == "the-model"
        await on.asked("hello")
        assert on.answer.text == "Hello from the service."
        assert server.requests[-1].header("authorization") == "Bearer sk-test-key-1234567890"
        assert not on.page.welcome.add_key.isVisible()
        settings = (linnet_home / "settings.toml").read_text()
        assert "sk-test" not in settings

    play(story, linnet_home)


def test_a_wrong_key_is_said_and_nothing_is_set_up(server: Loopback, linnet_home: Path) -> None:
    refusal = whole({"error": {"message": "bad key", "code": "invalid_api_key"}}, status=401)
    server.add(refusal)

    async def story(on: Stage) -> None:
        await on.until(lambda: on.window.findChild(Dialogs) is not None)
        on.page.welcome.add_key.click()
        (dialog,) = opened(KeyDialog)
        assert isinstance(dialog, KeyDialog)
        dialog.service.setCurrentIndex(dialog.service.findText("OpenAI-compatible"))
        dialog.address.setText(f"{server.url}/v1")
        dialog.key.setText("sk-wrong-key-123456")
        dialog.go.click()
        await on.until(lambda: dialog.anyway.isVisible())
        assert dialog.verdict.isVisible()
        dialog.reject()
        assert on.engine.config.settings.services == ()

    play(story, linnet_home)


def test_a_picture_is_dropped_sent_and_kept(
    server: Loopback, linnet_home: Path, tmp_path: Path
) -> None:
    server.add(answer("A teal square."))
    image = QImage(32, 32, QImage.Format.Format_RGB32)
    image.fill(QColor("teal"))
    file = tmp_path / "square.png"
    assert image.save(str(file))

    async def story(on: Stage) -> None:
        mime = QMimeData()
        paths = (file, tmp_path / "gone.png")
        mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
        middle = on.window.rect().center()
        given = (mime, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
        overlay = on.page.findChild(DropOverlay)
        assert overlay is not None
        entered = QDragEnterEvent(middle, Qt.DropAction.CopyAction, *given)
        QApplication.sendEvent(on.window, entered)
        assert entered.isAccepted()
        assert overlay.isVisible()
        dropped = QDropEvent(QPointF(middle), Qt.DropAction.CopyAction, *given)
        QApplication.sendEvent(overlay, dropped)
        assert not overlay.isVisible()
        chips = on.page.composer.chips
        await on.until(lambda: chips.shown and not chips.busy)
        assert [media.name for media in chips.media] == ["square.png"]
        assert "gone.png" in chips.shown[1].refused
        await on.asked("what is this?")
        parts = server.requests[-1].json["messages"][0]["content"]
        assert {part["type"] for part in parts} == {"text", "image_url"}
        kept = [part for part in on.path[0].parts if isinstance(part, Media)]
        assert on.engine.blobs.read(kept[0].sha256 or "") == file.read_bytes()

    play(story, linnet_home, [service(server)])


def test_a_new_chat_by_its_key_marks_no_other_chat(server: Loopback, linnet_home: Path) -> None:
    async def story(on: Stage) -> None:
        for text in ("One", "Two"):
            on.window.new_chat()
            await on.asked(text)
        handle = on.window.windowHandle()
        assert handle is not None
        QTest.keyPress(handle, Qt.Key.Key_Control)
        QTest.keyPress(handle, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
        on.page.composer.field.set_text("Three")
        on.window.open_chat(on.engine.library.chats()[-1].id)
        assert on.window.sidebar.chats.marked() == ()
        QTest.keyRelease(handle, Qt.Key.Key_Control)

    for _ in range(2):
        server.add(answer("ok"))
    play(story, linnet_home, [service(server)])


def test_tab_walks_as_one_reads(server: Loopback, linnet_home: Path) -> None:
    async def story(on: Stage) -> None:
        assert on.page.transcript  # made late, and still in its place
        way, widget = [], on.window.sidebar.collapse
        while next_in_chain(widget) is not on.window.sidebar.collapse:
            if widget.focusPolicy() & Qt.FocusPolicy.TabFocus and widget.accessibleName():
                way.append(widget.accessibleName())
            following = next_in_chain(widget)
            assert following is not None
            widget = following
        agreed = ["New chat", "Search chats", "Chats", "Settings", "Model", "Transcript", "Message"]
        assert [name for name in way if name in agreed] == agreed
        composer = way[way.index("Message") :]
        assert composer[:3] == ["Message", "Send", "Attach"]

    async def with_a_chat(on: Stage) -> None:
        await on.asked("Hello")
        await story(on)

    server.add(answer("ok"))
    play(story, linnet_home, [service(server)])
    play(with_a_chat, linnet_home, [service(server)])
    play(story, linnet_home)  # the chat is there from the start


def test_every_control_has_a_name_and_the_agreed_ones_are_there(
    server: Loopback, linnet_home: Path
) -> None:
    server.add(answer("ok", "hm"))

    async def story(on: Stage) -> None:
        await on.asked("hello")
        shown = [w for w in on.window.findChildren(QWidget) if w.isVisible()]
        names = {w.accessibleName() for w in shown}
        agreed = "New chat,Search chats,Chats,Model,Transcript,Message,Send,Attach,Settings"
        assert set(agreed.split(",")) <= names
        for widget in shown:
            if widget.focusPolicy() & Qt.FocusPolicy.TabFocus and widget.isEnabled():
                assert widget.accessibleName(), widget

    play(story, linnet_home, [service(server)])


def test_a_bug_is_told_quietly(server: Loopback, linnet_home: Path) -> None:
    from app.main import watch_bugs

    async def story(on: Stage) -> None:
        import sys

        before = sys.excepthook
        unwatch = watch_bugs(on.engine, on.window)
        told: list[BaseException] = []
        try:
            bug = ValueError("a bug of the test")
            sys.excepthook(ValueError, bug, None)
        finally:
            unwatch()
            told.append(bug)
        assert sys.excepthook is before
        assert "Something went wrong" in on.window.notice.text
        on.expected_bugs.append(bug)

    play(story, linnet_home, [service(server)])


def test_an_answer_is_gone_on_from_in_a_chat_of_its_own(
    server: Loopback, linnet_home: Path
) -> None:
    server.add(answer("ok"))

    async def story(on: Stage) -> None:
        await on.asked("first")
        await on.asked("second")
        before = on.chat
        on.page.transcript.branchRequested.emit(before.conversation.path()[1].id)
        await on.until(lambda: on.chat is not before)
        assert [message.text for message in on.chat.conversation.path()] == ["first", "ok"]
        assert on.titles() == ["Branch: first", "first"]
        assert on.focused() is on.page.composer.field
        assert on.window.notice.action.text() == "Go back"
        on.window.notice.action.click()
        assert on.chat is before

    play(story, linnet_home, [service(server)])
