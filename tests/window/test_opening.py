"""What a start, a link and the desktop ask of the open window."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QObject, QUrl
from PySide6.QtGui import QFileOpenEvent, QImage
from PySide6.QtWidgets import QApplication
from stage import Stage, play

from app.call import Call, read_call
from app.ui.opening import OpenEvents, answer

pytestmark = pytest.mark.usefixtures("qapp")


def picture(folder: Path) -> Path:
    file = folder / "a picture ü.png"
    image = QImage(32, 24, QImage.Format.Format_RGB32)
    image.fill(0xFF336699)
    assert image.save(str(file))
    return file


def test_a_link_fills_in_a_question_and_sends_nothing(linnet_home: Path) -> None:
    async def story(on: Stage) -> None:
        on.page.composer.field.set_text("my own words")
        answer(on.window, read_call(["linnet://new?prompt=Send%20me%0Anow"]))
        assert on.page.composer.text == "Send me\nnow"
        assert not on.path
        assert not on.engine.library.replying()
        on.page.composer.field.undo()
        assert on.page.composer.text == ""

    play(story, linnet_home)


def test_files_start_a_chat_with_them(linnet_home: Path, tmp_path: Path) -> None:
    async def story(on: Stage) -> None:
        before = on.chat
        answer(on.window, read_call([str(picture(tmp_path))]))
        await on.until(lambda: on.page.composer.media, "the picture")
        assert on.page.composer.media[0].name == "a picture ü.png"
        answer(on.window, Call(files=(tmp_path / "gone.png",)))
        chips = on.page.composer.chips
        await on.until(lambda: any(chip.refused for chip in chips.shown), "the missing file")
        assert before.conversation.path() == ()

    play(story, linnet_home)


def test_a_chat_is_opened_and_an_unknown_one_is_not(linnet_home: Path) -> None:
    async def story(on: Stage) -> None:
        await on.asked("first")
        first = on.chat.id
        answer(on.window, Call(new_chat=True))
        assert on.chat.id != first
        answer(on.window, Call(chat_id="unknown"))
        assert on.chat.id != first
        answer(on.window, read_call([f"linnet://chat/{first}"]))
        assert on.chat.id == first

    play(story, linnet_home)


def test_what_macos_opens_waits_for_a_listener(qapp: QApplication, tmp_path: Path) -> None:
    opened = OpenEvents(qapp, "darwin")
    file = picture(tmp_path)
    QApplication.sendEvent(qapp, QFileOpenEvent(QUrl.fromLocalFile(str(file))))
    QApplication.sendEvent(qapp, QFileOpenEvent(QUrl("linnet://new?prompt=a%20b")))
    heard: list[str] = []
    opened.listen(heard.append)
    QApplication.sendEvent(qapp, QFileOpenEvent(QUrl("linnet://chat/1")))
    assert [read_call([word]) for word in heard] == [
        Call(files=(file,)),
        Call(new_chat=True, prompt="a b"),
        Call(chat_id="1"),
    ]
    qapp.removeEventFilter(opened)
    opened.deleteLater()


@pytest.mark.parametrize("platform", ["linux", "win32"])
def test_elsewhere_no_event_passes_through_python(qapp: QApplication, platform: str) -> None:
    passed: list[QEvent] = []

    class Watched(OpenEvents):
        def eventFilter(self, watched: QObject, event: QEvent) -> bool:
            passed.append(event)
            return False

    opened = Watched(qapp, platform)
    QApplication.sendEvent(qapp, QFileOpenEvent(QUrl("linnet://chat/1")))
    assert not passed
    opened.deleteLater()
