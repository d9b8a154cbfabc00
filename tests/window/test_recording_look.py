"""Where there is no ffmpeg, Qt Multimedia tells how long a recording is and makes its poster."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from file_makers import sound, video
from PySide6.QtCore import QMimeData, QObject, QUrl
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot
from stage import Stage, play

from app.ui.recording_look import Look, RecordingLook

pytestmark = [
    pytest.mark.usefixtures("qapp"),
    pytest.mark.qt_log_ignore(
        "No RHI backend",  # the tests have no graphics
        "Could not open media",
        extend=True,
    ),
]


@pytest.fixture
def recordings(tmp_path: Path) -> tuple[Path, Path]:
    return (
        video(tmp_path / "clip.avi", source="testsrc=d=3:s=640x480:r=10"),
        sound(tmp_path / "hum.mp3"),
    )


@pytest.fixture
def no_ffmpeg(recordings: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name, path=None: None)


@pytest.mark.usefixtures("no_ffmpeg")
def test_a_recording_gets_its_length_and_its_poster(
    linnet_home: Path, recordings: tuple[Path, Path]
) -> None:
    async def first(on: Stage) -> None:
        given = QMimeData()
        given.setUrls([QUrl.fromLocalFile(str(path)) for path in recordings])
        on.page.composer.field.insertFromMimeData(given)
        chips = on.page.composer.chips
        await on.until(lambda: chips.shown and not chips.busy)
        await on.until(lambda: not chips.shown[0].thumbnail.isNull())
        await on.until(lambda: all(media.duration_s for media in chips.media))
        clip, hum = chips.media
        assert clip.duration_s == pytest.approx(3, abs=0.2)
        assert (clip.width_px, clip.height_px) == (640, 480)
        assert hum.duration_s == pytest.approx(1, abs=0.2)
        poster = chips.shown[0].thumbnail
        assert (poster.width(), poster.height()) == (512, 384)
        assert "0:03" in chips.shown[0].accessibleName()
        assert "tokens" in chips.shown[0].accessibleName()
        assert on.chat.unsent.parts == (clip, hum)
        assert on.engine.thumbnails.path(clip.sha256 or "") is not None

    async def second(on: Stage) -> None:
        chips = on.page.composer.chips
        assert chips.media[0].duration_s
        await on.until(lambda: not chips.shown[0].thumbnail.isNull())

    play(first, linnet_home)
    play(second, linnet_home)


def test_what_cannot_be_looked_into_is_told_as_nothing(tmp_path: Path, qtbot: QtBot) -> None:
    path = tmp_path / "broken.mp4"
    path.write_bytes(b"\0\0\0\x18ftypmp42" + bytes(400))
    parent = QObject()
    look = RecordingLook(parent)
    seen: list[Look] = []
    look.ask("a", path, seen.append)
    look.ask("a", path, seen.append)
    look.ask("b", tmp_path / "gone.mp4", seen.append)
    qtbot.waitUntil(lambda: len(seen) == 3)
    assert seen == [Look()] * 3
    assert QImage.fromData(seen[0].poster).isNull()
    look.close()


def test_a_look_ends_with_its_window(recordings: tuple[Path, Path], qtbot: QtBot) -> None:
    parent = QObject()
    look = RecordingLook(parent)
    seen: list[Look] = []
    for key in ("a", "b", "c"):
        look.ask(key, recordings[0], seen.append)
    qtbot.waitUntil(lambda: bool(seen))
    look.close()
    assert len(seen) < 3
