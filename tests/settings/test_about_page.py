"""The pages about the program and a person's data, and what is told of new versions."""

from __future__ import annotations

import asyncio
import json
import os
from dataclasses import replace
from pathlib import Path

import pytest
from loopback import Loopback, whole
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QMessageBox, QPushButton, QWidget
from pytestqt.qtbot import QtBot
from release_lists import NOW, Looking, listed, public

from app import parts as program_parts
from app.build import TITLE
from app.domain.history import origin
from app.domain.message import Media, Text
from app.domain.settings import Service
from app.domain.upload import Upload
from app.engine import Engine
from app.engine import build as build_engine
from app.parts import Part, parts
from app.providers import presets
from app.storage.uploads import Uploads
from app.ui.links import LinkQuestion
from app.ui.settings.about import AboutPage
from app.ui.settings.data import DataPage
from app.ui.settings.door import SettingsDoor
from app.ui.settings.licences import Licences
from app.ui.settings.new_versions import NewVersions
from app.ui.settings.window import SettingsWindow
from app.ui.theme import Theme

KEY = "sk-test-0123456789abcdef"


@pytest.fixture
async def engine(tmp_path: Path) -> object:
    engine = build_engine(tmp_path / "home", environment={})
    engine.open()
    yield engine
    await engine.shutdown()


def about(engine: Engine, theme: Theme, qtbot: QtBot) -> AboutPage:
    page = AboutPage(theme, engine.config, engine.house(), engine.updates)
    qtbot.addWidget(page)
    page.show()
    return page


async def until(engine: Engine) -> None:
    """Until nothing runs in the background any more."""
    while running := [t for t in asyncio.all_tasks() if t.get_name() in engine.tasks.running]:
        await asyncio.wait(running, timeout=10)


async def test_a_source_tree_does_not_speak_of_new_versions(
    engine: Engine, theme: Theme, qtbot: QtBot
) -> None:
    page = about(engine, theme, qtbot)
    await until(engine)
    assert page.versions is None
    assert not [label for label in page.findChildren(QLabel) if label.text() == "New versions"]
    assert not page.findChildren(NewVersions)


async def test_everything_about_the_program_can_be_reached_by_keyboard(
    engine: Engine, theme: Theme, qtbot: QtBot
) -> None:
    page = about(engine, theme, qtbot)
    await until(engine)
    buttons = page.findChildren(QPushButton)
    names = [button.accessibleName() or button.text() for button in buttons]
    assert len(names) == len(set(names))
    for button in buttons:
        assert button.focusPolicy() & Qt.FocusPolicy.TabFocus
    shown = {line.text() for line in page.findChildren(QLineEdit)}
    assert str(engine.paths.data) in shown
    assert str(engine.paths.log) in shown


async def test_diagnostics_hold_no_key_no_name_and_nothing_that_was_said(
    engine: Engine, theme: Theme, qtbot: QtBot
) -> None:
    await said(engine, "my deepest thoughts")
    own = Service(
        id="secret-id",
        name="Secret Gateway",
        base_url=f"https://gateway.corp.example/v1?key={KEY}",
        extra_headers={"x-tenant": KEY},
    )
    engine.config.change(replace(engine.config.settings, services=(own,)))
    page = about(engine, theme, qtbot)
    await until(engine)
    page.help.copy_button.click()
    text = QApplication.clipboard().text()
    for secret in (KEY, "gateway", "Secret", "secret-id", "deepest", str(Path.home())):
        assert secret not in text
    for fact in (TITLE, "Python", "Qt", "own (openai)", "attachments"):
        assert fact in text


async def test_licences_can_be_read(engine: Engine, theme: Theme, qtbot: QtBot) -> None:
    page = about(engine, theme, qtbot)
    dialog = Licences(theme, engine.house(), page)
    dialog.open()
    await until(engine)
    names = [dialog.entries.item(row).text() for row in range(dialog.entries.count())]
    assert names[0] == TITLE
    assert {"PySide6", "Python", "httpx", "GNU General Public License"} <= set(names)
    assert "Permission is hereby granted" in dialog.text.toPlainText()
    for _ in range(names.index("PySide6")):
        QTest.keyClick(dialog.entries, Qt.Key.Key_Down)
    assert "GNU LESSER GENERAL PUBLIC LICENSE" in dialog.text.toPlainText()
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()


def test_a_package_shows_its_own_list(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "resources"
    (folder / "licences").mkdir(parents=True)
    (folder / "licences" / "GPL-3.0.txt").write_text("the words of it")
    monkeypatch.setattr(program_parts, "resources", lambda: folder)
    rows = [
        {"name": "Qt", "version": "6", "licence": "LGPL-3.0-only", "text": "words"},
        {"name": TITLE, "version": "1", "licence": "MIT", "text": "own words"},
    ]
    (folder / "notices.json").write_text(json.dumps(rows))
    found = parts()
    assert [part.name for part in found[:2]] == [TITLE, "Qt"]
    assert found[1] == Part("Qt", "6", "LGPL-3.0-only", "words")
    assert found[-1].text == "the words of it"
    for broken in ("[1]", "{", '[{"name": "x"}]'):
        (folder / "notices.json").write_text(broken)
        assert "httpx" in {part.name for part in parts()}


# New versions


@pytest.fixture
async def looking(tmp_path: Path) -> object:
    async with Loopback() as server:
        server.add(whole(listed()))
        here = Looking(tmp_path, f"{server.url}/latest.json")
        yield here
        await here.close()


async def settled(here: Looking) -> None:
    while running := [t for t in asyncio.all_tasks() if t.get_name() in here.tasks.running]:
        await asyncio.wait(running, timeout=10)


async def test_a_new_version_is_shown_and_its_page_named_before_it_opens(
    looking: Looking, engine: Engine, theme: Theme, qtbot: QtBot
) -> None:
    page = AboutPage(theme, looking.config, engine.house(), looking.updates)
    qtbot.addWidget(page)
    page.show()
    versions = page.versions
    assert versions is not None
    assert not versions.switch.isChecked()
    assert versions.found.isHidden()
    versions.check.click()
    assert versions.status.text() == "Looking…"
    versions.check.click()  # once is enough; the button keeps the keyboard
    await settled(looking)
    assert versions.status.text() == "Version 0.6.0 is there."
    assert versions.found.isVisible()
    words = " ".join(label.text() for label in versions.found.findChildren(QLabel))
    assert "0.6.0" in words
    assert "Faster" in words
    versions.open_page.click()
    (question,) = page.window().findChildren(LinkQuestion)
    assert "linnet.example" in " ".join(each.text() for each in question.findChildren(QLabel))
    assert question.trust.isHidden()  # that is for the links of chats: nobody here would hear it
    question.reject()
    versions.switch.click()
    assert looking.config.settings.look_for_updates
    looking.config.change(replace(looking.config.settings, look_for_updates=False))
    page.show_settings(looking.config.settings)
    assert not versions.switch.isChecked()


async def test_a_package_manager_is_named_instead(
    looking: Looking, engine: Engine, theme: Theme, qtbot: QtBot
) -> None:
    looking.package = replace(looking.package, kind="deb")
    page = AboutPage(theme, looking.config, engine.house(), looking.again())
    qtbot.addWidget(page)
    assert page.versions is None
    assert "package manager" in " ".join(label.text() for label in page.findChildren(QLabel))
    assert looking.watch.seconds == NOW
    assert public() in looking.package.keys


# Data


async def said(engine: Engine, text: str) -> str:
    """The id of a new chat with a question in it."""
    chat = engine.library.new_chat()
    chat.send((Text(text),))
    chat.stop()
    await until(engine)
    return chat.id


async def test_the_bin_gives_back_and_is_emptied_after_a_question(
    engine: Engine, theme: Theme, qtbot: QtBot
) -> None:
    ids = [await said(engine, f"question {number}") for number in range(3)]
    page = DataPage(engine.house(), engine.library, engine.uploads)
    qtbot.addWidget(page)
    page.show()
    await until(engine)
    assert "The bin is empty" in page.bin_words.text()
    assert page.delete.isHidden()
    assert page.sizes["chats"].text().startswith("3 chats, ")
    drawn: list[bool] = []
    page.bin.model().modelReset.connect(lambda: drawn.append(True))
    for chat_id in ids:
        engine.library.bin(chat_id)
    qtbot.waitUntil(lambda: page.bin.count() == 3)  # followed while it is shown
    assert len(drawn) == 1  # once for all of them
    assert not page.restore.isEnabled()
    titles = [page.bin.item(row).text() for row in range(3)]
    page.bin.item(titles.index("question 1")).setSelected(True)
    page.restore.click()
    assert [row.id for row in engine.library.chats()] == [ids[1]]
    assert page.bin_words.text().startswith("2 chats.")
    page.delete.click()
    (question,) = page.findChildren(QMessageBox)
    assert question.defaultButton() is question.button(QMessageBox.StandardButton.Cancel)
    question.reject()
    assert page.bin.count() == 2  # nothing without a yes
    page.delete.click()
    question = page.findChildren(QMessageBox)[-1]
    yes = next(each for each in question.buttons() if each.text() == "Delete for good")
    yes.click()
    await until(engine)
    assert "The bin is empty" in page.bin_words.text()
    with pytest.raises(KeyError):
        engine.library.restore(ids[0])
    assert engine.library.open(ids[1]).conversation.messages


async def test_a_draft_in_the_bin_is_named_as_in_the_list(
    engine: Engine, theme: Theme, qtbot: QtBot
) -> None:
    chat = engine.library.new_chat()
    chat.set_unsent("half a thought", ())
    await until(engine)
    engine.library.bin(chat.id)
    page = DataPage(engine.house(), engine.library, engine.uploads)
    qtbot.addWidget(page)
    page.show()
    await until(engine)
    assert page.bin.item(0).text() == "Draft: half a thought"


async def test_emptying_the_bin_offers_to_delete_its_uploads(
    engine: Engine, theme: Theme, qtbot: QtBot
) -> None:
    """Each file once, and only where the person leaves the box checked."""
    async with Loopback() as server:
        server.route("/v1beta/files/one", whole({}))
        gemini = replace(presets.GEMINI, base_url=server.url, auth="none")
        engine.services.add(gemini)
        (service,) = [each for each in engine.services.list() if each.base_url == server.url]
        sha256 = engine.blobs.add(b"a film")
        film = Media(mime="video/mp4", sha256=sha256, name="film.mp4", size_bytes=6)
        upload = Upload(name="files/one", uri=f"{server.url}/one", mime="video/mp4")
        stored = engine.uploads._known
        assert isinstance(stored, Uploads)
        stored.keep(origin(service), sha256, replace(upload, expires_at=engine.clock.now() + 999))
        for _ in range(2):
            chat = engine.library.new_chat()
            chat.send((Text("look"), film))
            chat.stop()
            await until(engine)
            engine.library.bin(chat.id)
        page = DataPage(engine.house(), engine.library, engine.uploads)
        qtbot.addWidget(page)
        page.show()
        page.delete.click()
        question = page.findChildren(QMessageBox)[-1]
        box = question.checkBox()
        assert box is not None
        assert box.text().startswith("Delete 1 uploaded file from ")
        assert box.isChecked()
        yes = next(each for each in question.buttons() if each.text() == "Delete for good")
        yes.click()
        await until(engine)
        assert [(seen.method, seen.path) for seen in server.requests] == [
            ("DELETE", "/v1beta/files/one")
        ]
        assert stored.get(origin(service), sha256, "video/mp4") is None
        assert "The bin is empty" in page.bin_words.text()


async def test_sizes_count_attachments(engine: Engine, theme: Theme, qtbot: QtBot) -> None:
    engine.blobs.add(b"x" * 2500)
    page = DataPage(engine.house(), engine.library, engine.uploads)
    qtbot.addWidget(page)
    page.show()
    await until(engine)
    assert page.sizes["attachments"].text() == "1 file, 2.5 kB"


async def test_no_text_is_cut_at_any_width(
    looking: Looking, engine: Engine, theme: Theme, qtbot: QtBot
) -> None:
    page = AboutPage(theme, looking.config, engine.house(), looking.updates)
    qtbot.addWidget(page)
    page.show()
    assert page.versions is not None
    page.versions.check.click()
    await settled(looking)
    for width in (420, 560, 640, 800, 1100, 1600):
        page.resize(width, 380)
        QApplication.processEvents()
        for label in page.findChildren(QLabel):
            needed = label.heightForWidth(label.width())
            assert label.height() >= needed, (width, label.text())


async def test_every_control_of_the_settings_has_a_name(
    engine: Engine, theme: Theme, qtbot: QtBot
) -> None:
    engine.services.add(presets.OPENAI)
    parent = QWidget()
    qtbot.addWidget(parent)
    door = SettingsDoor(
        theme,
        engine.config,
        engine.services,
        engine.library,
        engine.house(),
        engine.uploads,
        engine.updates,
        parent,
    )
    for page in ("services", "answers", "appearance", "data", "about"):
        door.open(page)
        await until(engine)
        (window,) = parent.findChildren(SettingsWindow)
        for control in window.findChildren(QWidget):
            if control.isVisible() and control.focusPolicy() & Qt.FocusPolicy.TabFocus:
                found = QAccessible.queryAccessibleInterface(control)
                assert found.text(QAccessible.Text.Name), (page, control)


async def test_everything_is_backed_up_into_a_folder_that_can_be_opened(
    engine: Engine, theme: Theme, qtbot: QtBot, tmp_path: Path
) -> None:
    chat_id = await said(engine, "keep me")
    sha256 = engine.blobs.add(b"a picture")
    engine.config.change(replace(engine.config.settings, text_px=20))
    page = DataPage(engine.house(), engine.library, engine.uploads)
    qtbot.addWidget(page)
    page.show()
    place = tmp_path / "disk"
    place.mkdir()
    page.backup.into(place)
    assert page.backup.words.text() == "Copying…"
    await until(engine)
    assert page.backup.show_button.isVisible()
    (made,) = place.iterdir()
    assert str(made) in page.backup.words.text()
    copy = build_engine(made, environment={})
    copy.open()
    assert copy.library.open(chat_id).conversation.path()[0].text == "keep me"
    assert copy.blobs.read(sha256) == b"a picture"
    assert copy.config.settings.text_px == 20
    await copy.shutdown()


async def test_a_back_up_that_fails_leaves_nothing_and_says_why(
    engine: Engine, theme: Theme, qtbot: QtBot, tmp_path: Path
) -> None:
    await said(engine, "keep me")
    page = DataPage(engine.house(), engine.library, engine.uploads)
    qtbot.addWidget(page)
    page.show()
    page.backup.into(tmp_path / "missing")
    await until(engine)
    assert "cannot write to" in page.backup.words.text()
    assert not page.backup.show_button.isVisible()
    engine.paths.database.rename(tmp_path / "gone")
    page.backup.into(tmp_path)
    await until(engine)
    assert not page.backup.show_button.isVisible()
    assert not [name for name in os.listdir(tmp_path) if name.startswith("linnet-2")]
    (tmp_path / "gone").rename(engine.paths.database)


async def test_an_emptied_bin_gives_its_room_back(
    engine: Engine, theme: Theme, qtbot: QtBot
) -> None:
    sha256 = engine.blobs.add(b"x" * 2500)
    os.utime(engine.blobs.path(sha256), (0, 0))  # not just taken in for a question
    page = DataPage(engine.house(), engine.library, engine.uploads)
    qtbot.addWidget(page)
    page.show()
    await until(engine)
    assert page.sizes["attachments"].text() == "1 file, 2.5 kB"
    page._delete_all(())
    await until(engine)
    assert page.sizes["attachments"].text() == "0 files, 0 bytes"


async def test_a_back_up_comes_back_after_a_question(
    engine: Engine, theme: Theme, qtbot: QtBot, tmp_path: Path
) -> None:
    other = build_engine(tmp_path / "other", environment={})
    other.open()
    await said(other, "bring me back")
    other.config.change(replace(other.config.settings, text_px=20))
    made: list[Path] = []
    other.house().back_up(tmp_path, lambda folder, problem: made.append(folder))
    await until(other)
    await other.shutdown()
    page = DataPage(engine.house(), engine.library, engine.uploads)
    qtbot.addWidget(page)
    page.show()
    row = page.restoring
    assert [action.text() for action in row.button.menu().actions()] == [
        "A back-up…",
        "A chat that was saved as JSON…",
    ]
    row.look_at(made[0])
    assert row.cancel.isVisible()
    assert row.bar.isVisible()
    assert not row.button.isEnabled()
    await until(engine)
    (question,) = row.findChildren(QMessageBox)
    assert question.text() == "Bring back 1 chat?"
    assert "Nothing here is replaced" in question.informativeText()
    box = question.checkBox()
    assert box is not None
    assert not box.isChecked()
    question.defaultButton().click()
    await until(engine)
    assert row.words.text() == "1 chat was added."
    assert not row.cancel.isVisible()
    assert row.button.isEnabled()
    assert engine.config.settings.text_px != 20


async def test_a_back_up_that_is_not_wanted_or_refused_leaves_a_sentence(
    engine: Engine, theme: Theme, qtbot: QtBot, tmp_path: Path
) -> None:
    await said(engine, "mine")
    made: list[Path] = []
    engine.house().back_up(tmp_path, lambda folder, problem: made.append(folder))
    page = DataPage(engine.house(), engine.library, engine.uploads)
    qtbot.addWidget(page)
    page.show()
    await until(engine)
    row = page.restoring
    row.look_at(made[0])
    await until(engine)
    (question,) = row.findChildren(QMessageBox)
    question.reject()
    await until(engine)
    assert row.words.text() == "Nothing was changed."
    row.look_at(tmp_path)
    await until(engine)
    assert "is no back-up of Linnet" in row.words.text()
    row.look_at(made[0])
    row.cancel.click()
    await until(engine)
    assert row.words.text() == "Nothing was changed."
    assert not any(engine.paths.scratch.iterdir())
