"""Attachments on their way into a message, in the real window: taken in, refused, kept, sent."""

from __future__ import annotations

import asyncio
import os
import wave
from collections.abc import Iterator
from pathlib import Path
from threading import Event

import pypdfium2
import pytest
import shiboken6
from loopback import Loopback, events, in_thread
from PySide6.QtCore import QEvent, QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QColor, QDragEnterEvent, QDropEvent, QGuiApplication, QImage, QTextCursor
from PySide6.QtWidgets import QApplication, QFileDialog
from stage import Stage, play, service

from app.assembly.attaching import Attaching
from app.domain.kinds import is_link
from app.ui.attach_desk import name_filters
from app.ui.attach_offers import LONG_CHARS
from app.ui.attachment_chips import AttachmentChip
from app.ui.drawings import draw_svg
from app.ui.drop_overlay import DropOverlay

pytestmark = pytest.mark.usefixtures("qapp")
SVG = (
    b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 20">'
    b'<rect width="9" height="9"/></svg>'
)


@pytest.fixture
def server(qapp: QApplication) -> Iterator[Loopback]:
    with in_thread() as running:
        yield running


def picture(path: Path, width_px: int = 40, height_px: int = 30) -> Path:
    image = QImage(width_px, height_px, QImage.Format.Format_RGB32)
    image.fill(QColor("teal"))
    assert image.save(str(path))
    return path


def sound(path: Path) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(bytes(2 * 8000 * 3))
    return path


def document(path: Path) -> Path:
    made = pypdfium2.PdfDocument.new()
    for _ in range(2):
        made.new_page(200, 300).close()
    made.save(str(path))
    made.close()
    return path


def files(*paths: Path) -> QMimeData:
    given = QMimeData()
    given.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    return given


def chips(on: Stage) -> tuple[AttachmentChip, ...]:
    return on.page.composer.chips.shown


async def attached(on: Stage, given: QMimeData) -> tuple[AttachmentChip, ...]:
    """Paste and wait until all of it is told."""
    on.page.composer.field.insertFromMimeData(given)
    await settled(on)
    return chips(on)


async def settled(on: Stage) -> None:
    await on.until(lambda: chips(on) and not on.page.composer.chips.busy)


def test_every_kind_becomes_a_chip_that_says_what_it_is(linnet_home: Path, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("Remember the milk.")
    (tmp_path / "drawing.svg").write_bytes(SVG)
    paths = [
        picture(tmp_path / "harbour.PNG"),
        picture(tmp_path / "old.bmp"),
        tmp_path / "drawing.svg",
        sound(tmp_path / "voice.wav"),
        document(tmp_path / "letter.pdf"),
        tmp_path / "notes.txt",
    ]

    async def story(on: Stage) -> None:
        shown = await attached(on, files(*paths))
        assert [chip.refused for chip in shown] == [""] * 6
        media = on.page.composer.media
        assert [each.mime for each in media] == [
            *("image/png", "image/png", "image/png", "audio/wav", "application/pdf"),
            "text/plain",
        ]
        names = [chip.accessibleName() for chip in shown]
        assert names[0].startswith("harbour.PNG, ")
        assert "40×30" in names[0]
        assert "0:03" in names[3]
        assert "2 pages" in names[4]
        assert on.chat.unsent.parts == media
        await on.until(lambda: not shown[0].thumbnail.isNull() and not shown[4].thumbnail.isNull())
        assert shown[3].thumbnail.isNull()

    play(story, linnet_home)


def test_each_refusal_has_its_sentence_and_the_rest_goes_on(
    linnet_home: Path, tmp_path: Path
) -> None:
    (tmp_path / "empty.png").touch()
    broken = picture(tmp_path / "broken.png", 400, 400)
    broken.write_bytes(broken.read_bytes()[:60])
    (tmp_path / "folder").mkdir()
    names = ["empty.png", "broken.png", "folder", "gone.png"]
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe")
        names.append("pipe")
    good = picture(tmp_path / "good.png")

    async def story(on: Stage) -> None:
        shown = await attached(on, files(*(tmp_path / name for name in names), good))
        assert [media.name for media in on.page.composer.media] == ["good.png"]
        for name, chip in zip(names, shown, strict=False):
            assert name in chip.refused
            assert chip.refused in chip.accessibleName()
            assert chip.refused in chip.toolTip()
        shown[0].remove.click()
        assert len(chips(on)) == len(names)

    play(story, linnet_home)


def test_a_picture_comes_from_the_clipboard_in_each_of_its_forms(
    linnet_home: Path, tmp_path: Path
) -> None:
    image = QImage(8, 6, QImage.Format.Format_RGB32)
    image.fill(QColor("red"))
    decoded, clear, encoded, browser = QMimeData(), QMimeData(), QMimeData(), QMimeData()
    decoded.setImageData(image)
    clear.setImageData(image.convertToFormat(QImage.Format.Format_ARGB32))
    data = picture(tmp_path / "a.jpg").read_bytes()
    encoded.setData("image/jpeg", data)
    browser.setData("image/png", picture(tmp_path / "a.png").read_bytes())
    browser.setUrls([QUrl("https://example.com/quay.png")])

    async def story(on: Stage) -> None:
        for given in (decoded, clear, encoded, browser):
            QGuiApplication.clipboard().setMimeData(given)
            on.page.composer.field.paste()
        await settled(on)
        assert [chip.refused for chip in chips(on)] == [""] * 4
        media = on.page.composer.media
        assert [each.mime for each in media] == [*["image/png"] * 2, "image/jpeg", "image/png"]
        assert [each.width_px for each in media] == [8, 8, 40, 40]
        assert media[3].name == "quay.png"
        assert media[3].url is None

    play(story, linnet_home)


def test_what_holds_nothing_and_addresses_are_told_too(linnet_home: Path) -> None:
    async def story(on: Stage) -> None:
        on.page.composer.field.mimePasted.emit(QMimeData())
        assert on.window.notice.isVisible()
        addresses = QMimeData()
        addresses.setUrls([QUrl("https://example.com/cat.mp4"), QUrl("ftp://example.com/a.png")])
        on.page.composer.field.mimePasted.emit(addresses)
        await settled(on)
        video, refused = chips(on)
        assert video.media is not None
        assert (video.media.url, video.media.mime) == ("https://example.com/cat.mp4", "video/mp4")
        assert "https://" in refused.refused

    play(story, linnet_home)


def test_what_comes_before_all_is_loaded_waits_for_it(
    linnet_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was pasted or dropped is gone by then, so it was copied."""
    loading = Event()
    monkeypatch.setattr(Attaching, "is_loaded", lambda self: False)
    monkeypatch.setattr(Attaching, "load", lambda self: loading.wait())
    path = picture(tmp_path / "a.png")

    async def story(on: Stage) -> None:
        field = on.page.composer.field
        browser, bitmap, decoded = QMimeData(), QMimeData(), QMimeData()
        browser.setData("image/png", path.read_bytes())
        browser.setUrls([QUrl("https://example.org/quay.png")])
        bitmap.setData("image/bmp", picture(tmp_path / "b.bmp", 9, 9).read_bytes())
        decoded.setImageData(QImage(str(path)))
        for given in (files(path), browser, bitmap, decoded):
            field.mimePasted.emit(given)
            given.clear()
        on.page.composer.attachRequested.emit()
        assert chips(on) == ()
        loading.set()
        await on.until(lambda: len(chips(on)) == 4)
        await settled(on)
        names = ["a.png", "quay.png", "Pasted picture.png", "Pasted picture.png"]
        assert [media.name for media in on.page.composer.media] == names
        assert [media.width_px for media in on.page.composer.media] == [40, 40, 9, 40]
        await on.until(lambda: on.page.findChild(QFileDialog))
        on.page.findChild(QFileDialog).reject()

    play(story, linnet_home)


def test_the_file_dialog_offers_all_kinds(linnet_home: Path, tmp_path: Path) -> None:
    path = picture(tmp_path / "chosen.png")
    assert any("*.mp4" in row and "*.MP4" in row for row in name_filters())

    async def story(on: Stage) -> None:
        on.page.composer.attachRequested.emit()
        dialog = on.page.findChild(QFileDialog)
        assert dialog is not None
        dialog.filesSelected.emit([str(path)])
        dialog.reject()
        await settled(on)
        assert [media.name for media in on.page.composer.media] == ["chosen.png"]

    play(story, linnet_home)


def test_what_was_begun_in_a_chat_ends_in_that_chat(linnet_home: Path, tmp_path: Path) -> None:
    path = picture(tmp_path / "late.png")

    async def story(on: Stage) -> None:
        first = on.chat
        on.page.composer.field.set_text("a draft")
        on.page.composer.field.insertFromMimeData(files(path, tmp_path / "gone.png"))
        assert len(chips(on)) == 2
        on.window.new_chat()
        assert chips(on) == ()
        assert not on.page.composer.chips.isVisible()
        await on.until(lambda: first.unsent.parts)
        assert not on.page.composer.media
        on.window.show_chat(first)
        await settled(on)
        assert [media.name for media in on.page.composer.media] == ["late.png"]
        assert [bool(chip.refused) for chip in chips(on)].count(True) == 1

    play(story, linnet_home)


def test_nothing_is_sent_without_what_is_still_being_attached(
    linnet_home: Path, tmp_path: Path, server: Loopback
) -> None:
    path = picture(tmp_path / "a.png")
    delta = {"choices": [{"index": 0, "delta": {"content": "Teal."}, "finish_reason": "stop"}]}
    server.add(events(delta))

    async def story(on: Stage) -> None:
        field = on.page.composer.field
        field.insertFromMimeData(files(path, tmp_path / "gone.png"))
        on.ask("Which colour?")
        assert on.window.notice.isVisible()
        assert not on.path
        await settled(on)
        on.press(Qt.Key.Key_Return, on=field)
        await on.until(lambda: on.chat.draft is None and len(on.path) > 1)
        assert [media.name for media in on.path[0].media] == ["a.png"]
        assert chips(on) == ()

    play(story, linnet_home, [service(server)])


def test_what_is_still_being_attached_can_be_removed(linnet_home: Path, tmp_path: Path) -> None:
    path = picture(tmp_path / "a.png", 3000, 3000)

    async def story(on: Stage) -> None:
        on.page.composer.field.insertFromMimeData(files(path))
        (chip,) = chips(on)
        assert chip.busy
        chip.remove.click()
        assert chips(on) == ()
        tasks = [task for task in asyncio.all_tasks() if task.get_name() == "attach"]
        await on.until(lambda: all(task.done() for task in tasks))
        assert on.chat.unsent.parts == ()

    play(story, linnet_home)


def test_a_start_with_a_draft_of_attachments_outlives_the_way_to_another_chat(
    server: Loopback, linnet_home: Path, tmp_path: Path
) -> None:
    path = picture(tmp_path / "a.png")

    async def before(on: Stage) -> None:
        await on.asked("Hello")
        on.window.new_chat()
        await attached(on, files(path))

    async def after(on: Stage) -> None:
        assert len(on.page.composer.chips.shown) == 1
        viewport = on.page.transcript.viewport()
        (other,) = [row.id for row in on.engine.library.chats() if row.id != on.chat.id]
        on.window.open_chat(other)
        await on.until(lambda: on.page.content.currentWidget() is on.page.transcript)
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        assert shiboken6.isValid(viewport)  # the chips before it in Tab's way are gone
        assert not on.page.transcript.grab().isNull()

    delta = {"choices": [{"index": 0, "delta": {"content": "ok"}, "finish_reason": "stop"}]}
    server.add(events(delta))
    play(before, linnet_home, [service(server)])
    play(after, linnet_home)


def test_a_draft_shows_its_thumbnails_after_a_restart(linnet_home: Path, tmp_path: Path) -> None:
    path = picture(tmp_path / "a.png", 2000, 500)

    async def first(on: Stage) -> None:
        await attached(on, files(path))

    async def second(on: Stage) -> None:
        (chip,) = chips(on)
        await on.until(lambda: not chip.thumbnail.isNull())
        assert chip.thumbnail.width() < 2000

    play(first, linnet_home)
    play(second, linnet_home)


def test_a_pasted_link_is_text_until_the_offer_is_taken(linnet_home: Path) -> None:
    url = "https://example.com/Cat.MP4?size=2"

    async def story(on: Stage) -> None:
        field, notice = on.page.composer.field, on.window.notice
        field.set_text("Look: ")
        given = QMimeData()
        given.setText(url)
        field.insertFromMimeData(given)
        assert on.page.composer.text == f"Look: {url}"
        assert "a video" in notice.text
        field.moveCursor(QTextCursor.MoveOperation.Start)
        field.add_text("Now. ")
        notice.action.click()
        await settled(on)
        assert on.page.composer.text == "Now. Look: "
        assert [media.url for media in on.page.composer.media] == [url]

    play(story, linnet_home)


def test_a_very_long_text_is_offered_as_a_file(linnet_home: Path) -> None:
    text = "A line of words.\n" * (LONG_CHARS // 16)

    async def story(on: Stage) -> None:
        given = QMimeData()
        given.setText("short")
        on.page.composer.field.insertFromMimeData(given)
        assert not on.window.notice.isVisible()
        given.setText(text)
        on.page.composer.field.insertFromMimeData(given)
        assert on.page.composer.text == "short" + text
        on.window.notice.action.click()
        await settled(on)
        assert on.page.composer.text == "short"
        (media,) = on.page.composer.media
        assert (media.name, media.mime) == ("Pasted text.txt", "text/plain")
        assert on.engine.blobs.read(media.sha256 or "") == text.encode()

    play(story, linnet_home)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://example.com/a.png", True),
        (" http://example.com/a/b.JPG?x=1#y\n", True),
        ("https://youtu.be/abc", True),
        ("https://example.com/", False),
        ("https://example.com/png", False),
        ("https://example.com/a.html", False),
        ("see https://example.com/a.png", False),
        ("ftp://example.com/a.png", False),
        ("a.png", False),
        ("", False),
    ],
)
def test_what_is_a_link_to_a_picture_or_a_video(text: str, expected: bool) -> None:
    assert is_link(text) is expected


def test_a_drawing_shows_nothing_from_outside_of_it(qapp: QApplication, tmp_path: Path) -> None:
    secret = picture(tmp_path / "secret.png")
    outside = SVG.replace(
        b"<rect", f'<image href="{secret.as_uri()}" width="40" height="20"/><rect'.encode()
    )
    drawn = QImage.fromData(draw_svg(outside, 80))
    assert (drawn.width(), drawn.height()) == (80, 40)
    assert drawn.pixelColor(70, 30).alpha() == 0
    assert draw_svg(b"<!DOCTYPE svg [<!ENTITY a 'b'>]>" + SVG, 80) == b""
    assert draw_svg(b"<svg", 80) == b""


def test_what_is_dropped_stays_where_it_came_from(linnet_home: Path, tmp_path: Path) -> None:
    """A program that hears that something was moved deletes it."""
    words = QMimeData()
    words.setText("words of another program")
    both = Qt.DropAction.CopyAction | Qt.DropAction.MoveAction

    async def story(on: Stage) -> None:
        overlay = on.page.findChild(DropOverlay)
        field = on.page.composer.field
        assert overlay is not None
        for target, given in (
            (on.window, words),
            (overlay, files(picture(tmp_path / "a.png"))),
            (field.viewport(), words),
        ):
            at = QPointF(target.rect().center())
            keys = (Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ShiftModifier)
            entered = QDragEnterEvent(at.toPoint(), both, given, *keys)
            entered.setDropAction(Qt.DropAction.MoveAction)
            QApplication.sendEvent(target, entered)
            dropped = QDropEvent(at, both, given, *keys)
            dropped.setDropAction(Qt.DropAction.MoveAction)
            QApplication.sendEvent(target, dropped)
            assert dropped.isAccepted()
            assert dropped.dropAction() is Qt.DropAction.CopyAction
        await on.until(lambda: len(on.page.composer.media) == 1)

    play(story, linnet_home)
