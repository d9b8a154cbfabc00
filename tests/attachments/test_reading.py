"""Bad input: a sentence for each, and the rest goes on."""

from __future__ import annotations

import errno
import os
import shutil
import socket
from pathlib import Path

import pytest
from attaching_desk import Desk
from file_makers import encoded, pdf, picture
from PIL import Image

from app.attachments import RefusedError, reading
from app.attachments.copying import SPARE_BYTES
from app.attachments.naming import LONGEST_NAME, plain_name
from app.attachments.reading import opened


async def test_a_folder(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    assert "is a folder" in await desk.refusal(tmp_path / "photos")


async def test_a_file_of_no_bytes(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "nothing.png").touch()
    assert await desk.refusal(tmp_path / "nothing.png") == "nothing.png is empty."
    assert await desk.refusal(b"", "pasted.png") == "pasted.png is empty."


async def test_a_file_that_vanished(desk: Desk, tmp_path: Path) -> None:
    assert "not there" in await desk.refusal(tmp_path / "gone.png")
    assert "not there" in await desk.refusal(tmp_path / "gone" / "deeper.png")
    assert "not there" in await desk.refusal(tmp_path / "zero\0character")
    assert "not there" in await desk.refusal(tmp_path / ("long" * 100))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes among files here")
async def test_pipes_sockets_and_devices(desk: Desk, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.png")
    assert "is a pipe or a device" in await desk.refusal(tmp_path / "pipe.png")
    assert "is a pipe or a device" in await desk.refusal(Path("/dev/zero"))
    with socket.socket(socket.AF_UNIX) as unix:
        unix.bind(str(tmp_path / "s.png"))
        assert "is a pipe or a device" in await desk.refusal(tmp_path / "s.png")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes among files here")
def test_a_pipe_that_took_the_place_of_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the look and the opening; it must not hang."""
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "file").write_bytes(b"hello")
    plain = os.stat(tmp_path / "file")
    monkeypatch.setattr(os, "stat", lambda path, **more: plain)
    with pytest.raises(RefusedError, match="is a pipe"), opened(tmp_path / "pipe"):
        raise AssertionError("it is no file")


def test_no_permission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The administrator may read everything, so the refusal is the system's by proxy."""
    (tmp_path / "secret.txt").write_text("hello")

    def refuse(path: object, flags: int) -> int:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(RefusedError, match="may not be read"), opened(tmp_path / "secret.txt"):
        raise AssertionError("it is locked")


def test_a_disk_that_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.txt").write_text("hello")

    def fail(descriptor: int, count: int) -> bytes:
        raise OSError(errno.EIO, "Input/output error")

    with opened(tmp_path / "a.txt") as file:
        monkeypatch.setattr(os, "read", fail)
        with pytest.raises(RefusedError, match=r"could not be read: Input/output error\."):
            file.whole(100)


@pytest.mark.parametrize("change", ["grows", "shrinks", "is written over"])
def test_a_file_that_changes_while_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    monkeypatch.setattr(reading, "PIECE_BYTES", 4)
    path = tmp_path / "log.txt"
    path.write_bytes(b"0123456789")
    with opened(path) as file:
        pieces = file.pieces()
        assert next(pieces) == b"0123"
        with path.open("r+b") as writer:
            match change:
                case "grows":
                    writer.seek(0, os.SEEK_END)
                    writer.write(b"more")
                case "shrinks":
                    writer.truncate(6)
                case _:
                    writer.write(b"9876543210")
        os.utime(path, ns=(1, 1))
        with pytest.raises(RefusedError, match="changed while it was read"):
            list(pieces)


def test_a_file_that_vanishes_while_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is open stays readable: it is whole, so it is taken."""
    monkeypatch.setattr(reading, "PIECE_BYTES", 4)
    path = tmp_path / "a.txt"
    path.write_bytes(b"0123456789")
    with opened(path) as file:
        pieces = file.pieces()
        first = next(pieces)
        path.unlink()
        assert first + b"".join(pieces) == b"0123456789"


async def test_too_large(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "huge.txt"
    with path.open("wb") as file:
        file.write(b"hello")
        file.truncate(30_000_000)
    path.write_bytes(b"text " * 5_000_000)
    said = await desk.refusal(path)
    assert said == "huge.txt is too large: 25 MB, and 20 MB is the most that can be attached."


async def test_a_video_that_is_too_large_is_not_copied_first(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "long.mp4"
    with path.open("wb") as file:
        file.write(b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom")
        file.truncate(2_100_000_000)  # of which next to nothing is on the disk
    said = await desk.refusal(path)
    assert said == "long.mp4 is too large: 2.1 GB, and 2 GB is the most that can be attached."
    assert not desk.blobs.folder.exists()


async def test_no_room_is_told_before_anything_is_copied(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "paper.pdf"
    path.write_bytes(pdf("hello"))
    room = shutil.disk_usage(tmp_path)._replace(free=SPARE_BYTES + path.stat().st_size - 1)
    monkeypatch.setattr(shutil, "disk_usage", lambda place: room)
    assert await desk.refusal(path) == (
        "There is no room for paper.pdf on the disk. Free some space first."
    )
    assert not desk.blobs.folder.exists()


@pytest.mark.skipif(os.name == "nt", reason="a limit on files is set in another way there")
async def test_a_disk_that_becomes_full(desk: Desk, tmp_path: Path) -> None:
    """Half of it is written; nothing of that stays, and a smaller file goes."""
    import resource

    noise = Image.effect_noise((1000, 800), 90)
    (tmp_path / "large.png").write_bytes(encoded(noise, "png"))
    (tmp_path / "small.png").write_bytes(encoded(picture(), "png"))
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, before[1]))
    try:
        said = await desk.refusal(tmp_path / "large.png")
        small = await desk.media(tmp_path / "small.png")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert said.startswith("large.png: ")
    assert "could not be read or written" in said
    kept = [path for path in desk.blobs.folder.rglob("*") if path.is_file()]
    assert kept == [desk.blobs.path(small.sha256 or "")]


async def test_a_full_disk(desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.png").write_bytes(encoded(picture(), "png"))

    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    said = await desk.refusal(tmp_path / "a.png")
    assert said.startswith("a.png: The disk is full")
    assert not [*desk.blobs.folder.glob("**/*.*")]


async def test_the_original_is_not_needed_any_more(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(encoded(picture(), "png"))
    media = await desk.media(path)
    path.unlink()
    assert desk.content(media) == encoded(picture(), "png")


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("two\nlines.png", "two lines.png"),
        ("photo\u202egnp.exe", "photo gnp.exe"),
        ("\u2066a\u2069\u200fb.txt", "a b.txt"),
        ("tab\tand\0zero.txt", "tab and zero.txt"),
        ("../../etc/passwd", "passwd"),
        ("C:\\photos\\cat.jpg", "cat.jpg"),
        ("  spaces .png ", "spaces .png"),
        ("👩‍🔬 नमस्ते.txt", "👩‍🔬 नमस्ते.txt"),
        ("lone \udce4 half", "lone \ufffd half"),
        ("x" * 300 + ".jpeg", "x" * (LONGEST_NAME - 6) + "….jpeg"),
        ("y" * 300, "y" * (LONGEST_NAME - 1) + "…"),
    ],
)
def test_names(name: str, shown: str) -> None:
    assert plain_name(name) == shown
    assert len(plain_name(name)) <= LONGEST_NAME


async def test_a_name_with_everything(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "inno\ncent\u202egpj.png"
    path.write_bytes(encoded(picture(), "png"))
    assert (await desk.media(path)).name == "inno cent gpj.png"
