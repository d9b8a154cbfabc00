"""What a service cannot take is said on its chip before sending, with what helps."""

from __future__ import annotations

from pathlib import Path

import pypdfium2
import pytest
from loopback import Loopback
from PySide6.QtCore import QMimeData, QUrl
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QInputDialog
from stage import Stage, play, service

from app.domain.message import Media
from app.providers.base import ModelInfo, Quirks
from app.ui.attachment_chips import AttachmentChip

pytestmark = pytest.mark.usefixtures("qapp")


@pytest.fixture
def server() -> Loopback:
    """Nothing is asked of it here."""
    return Loopback()


def document(path: Path) -> Path:
    made = pypdfium2.PdfDocument.new()
    for _ in range(2):
        made.new_page(200, 300).close()
    made.save(str(path))
    made.close()
    return path


def picture(path: Path, side_px: int = 40) -> Path:
    image = QImage(side_px, side_px, QImage.Format.Format_RGB32)
    image.fill(0xFF336699)
    assert image.save(str(path))
    return path


async def attached(on: Stage, *paths: Path) -> AttachmentChip:
    """The last chip, when all are taken in."""
    given = QMimeData()
    given.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    on.page.composer.field.insertFromMimeData(given)
    await settled(on)
    return on.page.composer.chips.shown[-1]


async def settled(on: Stage) -> None:
    await on.until(lambda: not on.page.composer.chips.busy)


def choose(chip: AttachmentChip, words: str) -> None:
    """Press a row of the chip's menu."""
    menu = chip.menu()
    (action,) = [each for each in menu.actions() if each.text() == words]
    action.trigger()
    menu.deleteLater()


def test_what_is_not_taken_is_said_and_held_back_until_it_is_mended(
    server: Loopback, linnet_home: Path, tmp_path: Path
) -> None:
    path = document(tmp_path / "letter.pdf")

    async def story(on: Stage) -> None:
        chip = await attached(on, path)
        assert chip.blocked
        assert "takes no PDF files" in chip.accessibleName()
        assert "takes no PDF files" in chip.toolTip()
        on.ask("What does it say?")
        assert "takes no PDF files" in on.window.notice.text
        assert on.window.notice.action.isVisible()
        assert on.window.notice.action.text() == "What helps…"
        drawn: list[bool] = []
        on.page.composer.chips.shownAnew.connect(lambda: drawn.append(True))
        on.type("!")
        assert on.page.composer.text == "What does it say?!"
        assert on.window.notice.isVisible()  # what is written changes nothing about it
        assert not drawn
        help_gone = on.window.notice._act
        before = on.chat.id
        on.window.new_chat()
        assert not on.window.notice.isVisible()  # it was about the other chat
        assert help_gone is not None
        help_gone()  # and does no harm there
        on.window.open_chat(before)
        (chip,) = on.page.composer.chips.shown
        assert not on.path
        choose(chip, "Send its text")  # there is none in it
        await settled(on)
        assert on.page.composer.media == (chip.media,)
        assert "letter.pdf" in on.window.notice.text
        choose(chip, "Send 2 pages as pictures")
        assert on.page.composer.media == (chip.media,)
        await settled(on)
        assert [each.mime.partition("/")[0] for each in on.chat.unsent.parts
                if isinstance(each, Media)] == ["image", "image"]  # fmt: skip
        assert not on.page.composer.chips.blocked

    play(story, linnet_home, [service(server)])


def test_another_service_or_model_is_counted_anew(
    server: Loopback, linnet_home: Path, tmp_path: Path
) -> None:
    path = document(tmp_path / "letter.pdf")
    services = [service(server), service(server, "other", takes_file=True)]

    async def story(on: Stage) -> None:
        chip = await attached(on, path)
        asked: list[bool] = []
        on.page.header.modelRequested.connect(lambda: asked.append(True))
        choose(chip, "Choose another service…")
        assert asked == [True]
        on.chat.set_service("other", "model-a")
        assert not chip.trouble
        assert chip.more.isVisible()
        on.engine.services.lists.put(services[1], (ModelInfo(id="model-a", vision=False),))
        assert "cannot see" in chip.trouble
        choose(chip, "Remove\tDel")
        assert not on.page.composer.media

    play(story, linnet_home, services)


def test_a_warning_holds_nothing_back_and_an_address_can_be_given(
    server: Loopback, linnet_home: Path, tmp_path: Path
) -> None:
    path = picture(tmp_path / "a.png")
    own = service(server, takes_image_url=True)

    async def story(on: Stage) -> None:
        on.engine.quirks.learn(own, "model-a", Quirks(data_urls=False))
        chip = await attached(on, path)
        assert "by their address only" in chip.trouble
        assert not on.page.composer.chips.blocked
        choose(chip, "Give an address…")
        dialog = on.page.findChild(QInputDialog)
        assert dialog is not None
        dialog.setTextValue("https://example.com/a.png")
        dialog.accept()
        await on.until(lambda: on.page.composer.media[0].url == "https://example.com/a.png")
        assert not on.page.composer.chips.shown[0].trouble

    play(story, linnet_home, [own])


def test_too_many_pictures_are_said_on_one_chip(
    server: Loopback, linnet_home: Path, tmp_path: Path
) -> None:
    paths = [picture(tmp_path / f"{at}.png") for at in range(3)]

    async def story(on: Stage) -> None:
        last = await attached(on, *paths)
        assert [chip.blocked for chip in on.page.composer.chips.shown] == [False, False, True]
        choose(last, "Remove\tDel")
        assert not on.page.composer.chips.blocked

    play(story, linnet_home, [service(server, most_pictures=2)])


def test_a_change_ends_in_its_chat(server: Loopback, linnet_home: Path, tmp_path: Path) -> None:
    path = document(tmp_path / "letter.pdf")

    async def story(on: Stage) -> None:
        chip = await attached(on, path)
        first = on.chat
        choose(chip, "Send 2 pages as pictures")
        on.window.new_chat()
        assert len(first.unsent.parts) == 1
        await on.until(lambda: len(first.unsent.parts) == 2)
        assert not on.page.composer.media
        on.window.show_chat(first)
        assert on.page.composer.media == first.unsent.parts

    play(story, linnet_home, [service(server)])
