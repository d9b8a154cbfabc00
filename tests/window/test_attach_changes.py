"""What is changed of an attachment: by itself where it must be, else as the person says."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import pytest
from file_makers import encoded, exif, heic, need_ffmpeg, pdf, picture, recording, sound, video
from loopback import Loopback
from PySide6.QtCore import QMimeData, Qt, QUrl
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog
from stage import Stage, play, service

from app.attachments import ffmpeg
from app.domain.message import Media
from app.domain.settings import Form, Service
from app.providers.base import ModelInfo
from app.ui.attachment_chip import AttachmentChip
from app.ui.change_kinds import CompressDialog, PagesDialog, PartDialog, ShrinkDialog

pytestmark = pytest.mark.usefixtures("qapp")

Dialog = TypeVar("Dialog", bound=QDialog)


@pytest.fixture
def server() -> Loopback:
    """Nothing answers there."""
    return Loopback()


async def attached(on: Stage, *paths: Path) -> AttachmentChip:
    given = QMimeData()
    given.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    on.page.composer.field.insertFromMimeData(given)
    await settled(on)
    return on.page.composer.chips.shown[-1]


async def settled(on: Stage) -> None:
    await on.until(lambda: not on.page.composer.chips.busy)


def rows(chip: AttachmentChip) -> list[str]:
    menu = chip.menu()
    words = [action.text() for action in menu.actions() if action.text()]
    menu.deleteLater()
    return words


def choose(chip: AttachmentChip, words: str) -> None:
    menu = chip.menu()
    (action,) = [each for each in menu.actions() if each.text() == words]
    action.trigger()
    menu.deleteLater()


def dialog_of(on: Stage, kind: type[Dialog]) -> Dialog:
    (found,) = [each for each in on.page.findChildren(kind) if each.isVisible()]
    return found


def gemini(server: Loopback) -> Service:
    return service(
        server, form=Form.GEMINI, path="/v1beta", takes_uploads=True, name="Google", models_path=""
    )


def test_what_must_be_converted_is_converted_and_told_and_can_be_put_back(
    server: Loopback, linnet_home: Path, tmp_path: Path
) -> None:
    (tmp_path / "photo.heic").write_bytes(heic(picture(80, 60)))

    async def story(on: Stage) -> None:
        await attached(on, tmp_path / "photo.heic")
        await on.until(lambda: on.page.composer.media[0].mime == "image/jpeg")
        (chip,) = on.page.composer.chips.shown
        assert "cannot read HEIC" in chip.accessibleName()
        assert "converted to JPEG" in chip.accessibleName()
        assert not chip.blocked
        choose(chip, "Back to photo.heic")
        await settled(on)
        (chip,) = on.page.composer.chips.shown
        assert chip.media is not None
        assert chip.media.mime == "image/heic"
        assert chip.blocked  # it is not converted against the person's will

    play(story, linnet_home, [service(server)])


def test_a_sound_is_converted_by_itself(
    server: Loopback, linnet_home: Path, tmp_path: Path
) -> None:
    path = sound(tmp_path / "hum.flac")

    async def story(on: Stage) -> None:
        await attached(on, path)
        await on.until(lambda: on.page.composer.media[0].mime == "audio/mp3")
        (chip,) = on.page.composer.chips.shown
        assert "Its sound was converted." in chip.accessibleName()
        assert not chip.trouble

    play(story, linnet_home, [service(server, takes_audio=True)])


def test_a_part_of_a_film_at_an_address_is_told(server: Loopback, linnet_home: Path) -> None:
    async def story(on: Stage) -> None:
        given = QMimeData()
        given.setUrls([QUrl("https://youtu.be/abc")])
        on.page.composer.field.mimePasted.emit(given)
        await on.until(lambda: on.page.composer.media)
        (chip,) = on.page.composer.chips.shown
        assert "Compress it…" not in rows(chip)
        choose(chip, "Choose a part…")
        dialog = dialog_of(on, PartDialog)
        assert dialog.end.text() == "to the end"
        assert not dialog.cut.isVisible()
        dialog.start.setValue(60)
        dialog.go.click()
        (media,) = on.page.composer.media
        assert (media.start_s, media.end_s) == (60, None)

    play(story, linnet_home, [gemini(server)])


def test_models_that_take_it_are_offered(
    server: Loopback, linnet_home: Path, tmp_path: Path
) -> None:
    (tmp_path / "a.png").write_bytes(encoded(picture(), "png"))
    own, other = service(server), service(server, "other", name="Other", takes_image_data=True)

    async def story(on: Stage) -> None:
        on.engine.services.lists.put(
            own,
            (
                ModelInfo(id="model-a", vision=False),
                ModelInfo(id="blind", vision=False),
                ModelInfo(id="unknown"),
                ModelInfo(id="seer", display="The Seer", vision=True),
            ),
        )
        chip = await attached(on, tmp_path / "a.png")
        assert chip.trouble == "model-a cannot see."
        offered = [words for words in rows(chip) if words.startswith("Ask ")]
        assert offered == ["Ask The Seer · Own server instead"]
        choose(chip, offered[0])
        assert on.chat.sampling.model == "seer"
        assert not chip.trouble
        on.engine.services.change(replace(own, takes_image_data=False, takes_image_url=False))
        assert chip.blocked
        choose(chip, "Ask model-a · Other instead")
        assert on.chat.service.id == "other"
        assert not chip.trouble

    play(story, linnet_home, [own, other])


def test_all_problems_of_an_attachment_are_told(
    server: Loopback, linnet_home: Path, tmp_path: Path
) -> None:
    (tmp_path / "a.png").write_bytes(encoded(picture(), "png"))
    own = service(server, most_pictures=1)

    async def story(on: Stage) -> None:
        on.engine.services.lists.put(own, (ModelInfo(id="model-a", vision=False),))
        chip = await attached(on, tmp_path / "a.png", tmp_path / "a.png")
        assert "cannot see" in chip.trouble
        assert "takes 1 picture" in chip.trouble
        assert chip.trouble in chip.accessibleName()

    play(story, linnet_home, [own])


def test_a_picture_is_made_smaller_upright_and_without_its_place(
    server: Loopback, linnet_home: Path, tmp_path: Path
) -> None:
    path = tmp_path / "photo.jpg"
    path.write_bytes(encoded(picture(800, 400), "jpg", exif=exif(orientation=6, place=True)))

    async def story(on: Stage) -> None:
        chip = await attached(on, path)
        assert chip.media is not None
        assert (chip.media.width_px, chip.media.height_px) == (400, 800)
        assert b"Exif" not in on.engine.blobs.read(chip.media.sha256 or "")
        choose(chip, "Make it smaller…")
        dialog = dialog_of(on, ShrinkDialog)
        assert not dialog.go.isEnabled()
        dialog.longest.setValue(200)
        dialog.quality.setValue(50)
        await on.until(dialog.go.isEnabled)
        assert "100×200" in dialog.then.words.text()
        await on.until(lambda: not dialog.then.picture.image.isNull())
        assert on.page.composer.media == (chip.media,)
        dialog.go.click()
        (media,) = on.page.composer.media
        assert (media.width_px, media.height_px) == (100, 200)
        (chip,) = on.page.composer.chips.shown
        choose(chip, "Back to photo.jpg")
        assert on.page.composer.media[0].width_px == 400

    play(story, linnet_home, [service(server)])


def test_metadata_stays_where_the_person_wants_it(
    server: Loopback, linnet_home: Path, tmp_path: Path
) -> None:
    path = tmp_path / "photo.jpg"
    path.write_bytes(encoded(picture(80, 40), "jpg", exif=exif(place=True)))

    async def story(on: Stage) -> None:
        settings = on.engine.config.settings
        on.engine.config.change(replace(settings, strip_metadata=False))
        chip = await attached(on, path)
        assert chip.media is not None
        assert b"Exif" in on.engine.blobs.read(chip.media.sha256 or "")

    play(story, linnet_home, [service(server)])


def test_a_video_is_compressed_after_a_look_at_its_new_size(
    server: Loopback, linnet_home: Path, tmp_path: Path
) -> None:
    path = video(tmp_path / "clip.mp4", source="testsrc=d=2:s=640x480:r=25")

    async def story(on: Stage) -> None:
        chip = await attached(on, path)
        before = chip.media
        assert before is not None
        choose(chip, "Compress it…")
        dialog = dialog_of(on, CompressDialog)
        dialog.size_field.setValue(0.1)
        assert dialog.go.text() == "Compress"
        dialog.go.click()
        assert dialog.working
        dialog.reject()  # stopped in the middle of it
        choose(chip, "Compress it…")
        dialog = dialog_of(on, CompressDialog)
        dialog.size_field.setValue(0.1)
        dialog.go.click()
        begun = dialog._cancel_work
        QTest.keyClick(dialog.size_field, Qt.Key.Key_Return)
        assert dialog._cancel_work is begun  # Enter begins nothing anew
        await on.until(lambda: dialog.go.text() == "Use it")
        assert "0:02" in dialog.then.words.text()
        assert on.page.composer.media == (before,)
        QTest.keyClick(dialog.size_field, Qt.Key.Key_Return)  # and takes what was made
        (made,) = on.page.composer.media
        assert made.mime == "video/mp4"
        assert (made.size_bytes or 0) < 120_000
        assert made != before

    play(story, linnet_home, [service(server, video_form="image_url")])


def test_a_change_is_stopped_on_its_chip(
    server: Loopback, linnet_home: Path, tmp_path: Path
) -> None:
    path = video(tmp_path / "clip.mp4", source="testsrc=d=20:s=640x480:r=25")

    async def story(on: Stage) -> None:
        chip = await attached(on, path)
        before = chip.media
        choose(chip, "Send the sound only")
        assert chip.busy
        assert chip.remove.accessibleName() == "Stop changing clip.mp4"
        chip.remove.click()
        assert not chip.busy
        assert on.page.composer.media == (before,)
        assert "as it was" in chip.accessibleName()
        choose(chip, "Send the sound only")
        await settled(on)
        assert on.page.composer.media[0].mime == "audio/mp3"

    play(story, linnet_home, [service(server, video_form="image_url", takes_audio=True)])


def test_google_is_told_the_part_and_others_get_it_cut(
    server: Loopback, linnet_home: Path, tmp_path: Path
) -> None:
    path = video(tmp_path / "clip.mp4", source="testsrc=d=4:s=64x48:r=10")
    other = service(server, "other", name="Other", video_form="image_url")

    async def story(on: Stage) -> None:
        chip = await attached(on, path)
        choose(chip, "Choose a part…")
        dialog = dialog_of(on, PartDialog)
        dialog.start.setValue(1)
        dialog.end.setValue(0.5)
        assert not dialog.go.isEnabled()
        dialog.end.setValue(2.5)
        dialog.frames.setValue(5)
        dialog.go.click()
        (media,) = on.page.composer.media
        assert (media.start_s, media.end_s, media.frames_per_s) == (1, 2.5, 5)
        assert on.chat.unsent.parts == (media,)
        assert "0:01-0:02" in chip.accessibleName()
        on.chat.set_service("other", "model-a")
        assert "the whole recording" in chip.trouble
        choose(chip, "Only 0:01 to 0:02")
        await settled(on)
        (media,) = on.page.composer.media
        assert media.duration_s == pytest.approx(1.5, abs=0.2)
        assert media.start_s is None
        assert not on.page.composer.chips.shown[0].trouble

    play(story, linnet_home, [gemini(server), other])


def test_the_time_of_a_part_is_written_as_a_clock(
    server: Loopback, linnet_home: Path, tmp_path: Path
) -> None:
    (tmp_path / "long.wav").write_bytes(recording(90))
    need_ffmpeg()

    async def story(on: Stage) -> None:
        chip = await attached(on, tmp_path / "long.wav")
        choose(chip, "Choose a part…")
        dialog = dialog_of(on, PartDialog)
        dialog.start.selectAll()
        QTest.keyClicks(dialog.start, "1:05.5")
        QTest.keyClick(dialog.start, Qt.Key.Key_Tab)
        assert dialog.start.value() == 65.5
        assert dialog.start.text() == "1:05.5"
        assert dialog.end.text() == "1:30"
        assert dialog.go.text() == "Cut"
        dialog.go.click()
        await on.until(lambda: dialog.go.text() == "Use it")
        dialog.go.click()
        (media,) = on.page.composer.media
        assert media.duration_s == pytest.approx(24.5, abs=0.3)

    play(story, linnet_home, [service(server, takes_audio=True)])


def test_a_document_goes_as_the_person_chooses(
    server: Loopback, linnet_home: Path, tmp_path: Path
) -> None:
    (tmp_path / "letter.pdf").write_bytes(pdf("One", "Two", "Three"))

    async def story(on: Stage) -> None:
        chip = await attached(on, tmp_path / "letter.pdf")
        assert not chip.trouble
        choose(chip, "Send its pages as pictures…")
        dialog = dialog_of(on, PagesDialog)
        dialog.first.setValue(2)
        dialog.go.click()
        await settled(on)
        assert [each.mime for each in on.page.composer.media] == ["image/jpeg"] * 2
        assert all("letter.pdf, page" in each.name for each in on.page.composer.media)
        choose(on.page.composer.chips.shown[1], "Back to letter.pdf")
        (chip,) = on.page.composer.chips.shown
        choose(chip, "Send its text")
        await settled(on)
        (media,) = on.page.composer.media
        assert b"Two" in on.engine.blobs.read(media.sha256 or "")

    play(story, linnet_home, [service(server, takes_file=True)])


def test_a_plain_word_where_there_is_no_ffmpeg(
    server: Loopback, linnet_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = video(tmp_path / "clip.mp4")
    monkeypatch.setattr(shutil, "which", lambda name, path=None: None)

    async def story(on: Stage) -> None:
        chip = await attached(on, path)
        assert "Compress it…" not in rows(chip)
        choose(chip, "Compress, cut, sound only: needs ffmpeg")
        assert on.window.notice.text == ffmpeg.NO_FFMPEG

    play(story, linnet_home, [service(server, video_form="image_url")])


def test_what_is_uploaded_first_is_told(
    server: Loopback, linnet_home: Path, tmp_path: Path
) -> None:
    path = tmp_path / "noise.wav"
    path.write_bytes(recording(1100))  # more than goes inline

    async def story(on: Stage) -> None:
        chip = await attached(on, path)
        assert isinstance(chip.media, Media)
        assert "uploaded to Google first" in chip.accessibleDescription()

    play(story, linnet_home, [gemini(server)])


def test_what_a_window_still_needs_is_not_swept_away(
    server: Loopback, linnet_home: Path, tmp_path: Path
) -> None:
    """Emptying the bin days later takes nothing that a chip can go back to."""
    (tmp_path / "photo.heic").write_bytes(heic(picture(80, 60)))
    (tmp_path / "aside.png").write_bytes(encoded(picture(8, 8), "png"))

    async def story(on: Stage) -> None:
        blobs, house = on.engine.blobs, on.engine.house()
        unneeded = blobs.add(b"nobody needs it")
        await on.asked("Hello")
        await attached(on, tmp_path / "aside.png")
        (aside,) = on.page.composer.media
        on.page.deeds.edit(on.path[0].id)
        await attached(on, tmp_path / "photo.heic")
        await on.until(lambda: on.page.composer.media[0].mime == "image/jpeg")
        (chip,) = on.page.composer.chips.shown
        assert chip.media is not None
        assert chip.origin is not None
        needed = [aside.sha256, chip.media.sha256, chip.origin.media.sha256]
        for sha256 in (unneeded, *needed):
            os.utime(blobs.path(sha256 or ""), (0, 0))
        tidied: list[object] = []
        house.tidy(tidied.append)
        await on.until(lambda: tidied)
        with pytest.raises(KeyError):
            blobs.path(unneeded)
        assert all(blobs.path(sha256 or "").is_file() for sha256 in needed)
        choose(chip, "Back to photo.heic")
        await settled(on)

    play(story, linnet_home, (service(server),))
