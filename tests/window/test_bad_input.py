"""Bad files dropped all at once: each gets its sentence on its chip, and the rest goes on."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest
from file_makers import bomb, encoded, locked_pdf, pdf, picture, video
from PySide6.QtCore import QMimeData, QUrl
from stage import Stage, play

from app.ui.attachment_chip import AttachmentChip

pytestmark = pytest.mark.usefixtures("qapp")


async def attached(on: Stage, *paths: Path) -> tuple[AttachmentChip, ...]:
    given = QMimeData()
    given.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    on.page.composer.field.insertFromMimeData(given)
    chips = on.page.composer.chips
    await on.until(lambda: len(chips.shown) >= len(paths) and not chips.busy)
    return chips.shown


@pytest.fixture
def good(tmp_path: Path) -> Path:
    path = tmp_path / "good.png"
    path.write_bytes(encoded(picture(), "png"))
    return path


@pytest.fixture
def growing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file to which somebody adds a line whenever a piece of it is read."""
    path = tmp_path / "growing.log"
    path.write_bytes(b"A line of words.\n" * 200_000)
    real = os.read

    def read(descriptor: int, count: int) -> bytes:
        if os.path.samestat(os.fstat(descriptor), path.stat()):
            with path.open("ab") as file:
                file.write(b"One more.\n")
        return real(descriptor, count)

    monkeypatch.setattr(os, "read", read)
    return path


def bad_files(folder: Path) -> dict[Path, str]:
    """What can be wrong with a file, and what is said of it."""
    whole = encoded(picture(200, 200), "png")
    contents = {
        "cut.png": (whole[: len(whole) // 2], "is damaged or cut off"),
        "broken.jpg": (b"\xff\xd8\xff\xe0" + bytes(200), "is damaged or cut off"),
        "bomb.png": (bomb(30_000, 30_000), "has too many pixels: 30000 × 30000"),
        "nothing.png": (b"", "is empty"),
        "locked.pdf": (locked_pdf(), "asks for a password"),
        "broken.pdf": (pdf("One")[:200], "is damaged or cut off"),
        "program.bin": (bytes(range(256)) * 20, "program.bin"),
        # A line break, and a mark that would show the name as bird.exe.png.
        "two\nlines \u202egnp.exe.png": (b"", "two lines gnp.exe.png is empty"),
    }
    found: dict[Path, str] = {}
    for name, (content, said) in contents.items():
        (folder / name).write_bytes(content)
        found[folder / name] = said
    (folder / "photos").mkdir()
    found[folder / "photos"] = "is a folder"
    found[folder / "gone.png"] = "is not there any more"
    if hasattr(os, "mkfifo"):
        os.mkfifo(folder / "pipe.png")
        found[folder / "pipe.png"] = "is a pipe or a device"
        found[Path("/dev/zero")] = "is a pipe or a device"
    silent = video(folder / "mute.mp4", sound=False)
    silent.write_bytes(silent.read_bytes().replace(b"vide", b"meta").replace(b"avc1", b"xxxx"))
    found[silent] = "holds neither pictures nor sound"
    return found


def test_every_bad_file_is_told_of_and_the_rest_goes_on(
    linnet_home: Path, tmp_path: Path, good: Path
) -> None:
    bad = bad_files(tmp_path)

    async def story(on: Stage) -> None:
        shown = await attached(on, *bad, good)
        assert len(shown) == len(bad) + 1
        told = {chip.refused for chip in shown[:-1]}
        for chip, (path, said) in zip(shown, bad.items(), strict=False):
            assert said in chip.refused, (path, chip.refused, told)
            assert chip.refused in chip.accessibleName()
            assert "\n" not in chip.accessibleName()
            assert "\u202e" not in chip.accessibleName() + chip.toolTip()
        assert not shown[-1].refused
        assert [media.name for media in on.page.composer.media] == ["good.png"]

    play(story, linnet_home)


def test_a_video_without_pictures_becomes_its_sound(linnet_home: Path, tmp_path: Path) -> None:
    path = video(tmp_path / "voice.mp4", pictures=False)

    async def story(on: Stage) -> None:
        (chip,) = await attached(on, path)
        assert chip.media is not None
        assert chip.media.mime == "audio/mp3"
        assert "has no pictures, so its sound is attached" in chip.accessibleName()

    play(story, linnet_home)


def test_a_file_that_is_written_meanwhile(linnet_home: Path, growing: Path, good: Path) -> None:
    async def story(on: Stage) -> None:
        first, second = await attached(on, growing, good)
        assert "changed while it was read" in first.refused
        assert second.media is not None

    play(story, linnet_home)


def test_a_file_that_may_not_be_read(
    linnet_home: Path, tmp_path: Path, good: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The administrator may read everything, so the refusal is the system's by proxy."""
    secret = tmp_path / "secret.png"
    secret.write_bytes(good.read_bytes())
    real = os.open

    def refuse(path: object, *more: int) -> int:
        if path == secret:
            raise PermissionError(errno.EACCES, "Permission denied")
        return real(path, *more)  # type: ignore[arg-type]

    monkeypatch.setattr(os, "open", refuse)

    async def story(on: Stage) -> None:
        first, second = await attached(on, secret, good)
        assert first.refused == "secret.png may not be read. Allow reading it and try again."
        assert second.media is not None

    play(story, linnet_home)


def test_a_full_disk_is_told_and_the_next_one_is_taken(
    linnet_home: Path, tmp_path: Path, good: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "other.png"
    other.write_bytes(encoded(picture(90, 30), "png"))

    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    async def story(on: Stage) -> None:
        with monkeypatch.context() as patch:
            patch.setattr(os, "fsync", full)
            (chip,) = await attached(on, good)
            assert "The disk is full" in chip.refused
        _, second = await attached(on, other)
        assert second.media is not None

    play(story, linnet_home)
