"""Attachments lie once by their content; a half-written one never appears."""

from __future__ import annotations

import hashlib
import os
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from app.storage.blobs import Blobs
from app.storage.errors import StorageError, Trouble

PICTURE = b"\x89PNG" + bytes(range(256))


@pytest.fixture
def blobs(tmp_path: Path) -> Blobs:
    return Blobs(tmp_path / "blobs")


def files(blobs: Blobs) -> list[Path]:
    return [entry for entry in blobs.folder.rglob("*") if entry.is_file()]


def test_the_same_bytes_lie_once(blobs: Blobs) -> None:
    sha256 = blobs.add(PICTURE)
    assert sha256 == hashlib.sha256(PICTURE).hexdigest()
    assert blobs.add(PICTURE) == sha256
    assert blobs.read(sha256) == PICTURE
    assert files(blobs) == [blobs.path(sha256)]
    for place in (blobs.folder, blobs.path(sha256).parent, blobs.path(sha256)):
        assert not stat.S_IMODE(place.stat().st_mode) & 0o077


@pytest.mark.parametrize("name", ["0" * 64, "", "..", "../../etc/passwd", "A" * 64, "0" * 65])
def test_what_is_not_here_is_a_key_error(blobs: Blobs, name: str) -> None:
    with pytest.raises(KeyError):
        blobs.read(name)


def test_a_failed_write_leaves_nothing(blobs: Blobs, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StorageError, match="The disk is full") as caught:
        blobs.add(PICTURE)
    assert caught.value.trouble is Trouble.FULL
    assert files(blobs) == []


def test_a_locked_folder_is_told(locked_folder: Path) -> None:
    with pytest.raises(StorageError, match="cannot write to"):
        Blobs(locked_folder / "blobs").add(PICTURE)


def test_sweep_takes_what_nobody_names_and_is_old(blobs: Blobs) -> None:
    named, unnamed, fresh = blobs.add(b"named"), blobs.add(b"unnamed"), blobs.add(b"fresh")
    for sha256 in (named, unnamed):
        os.utime(blobs.path(sha256), (1000.0, 1000.0))
    assert blobs.sweep({named}, stored_before=2000.0) == 1
    assert blobs.read(named) == b"named"
    assert blobs.read(fresh) == b"fresh"
    with pytest.raises(KeyError):
        blobs.read(unnamed)

    assert blobs.add(b"named") == named  # named anew: as young as if it were new
    assert blobs.sweep(set(), stored_before=2000.0) == 0


def test_an_empty_store_sweeps_nothing(blobs: Blobs) -> None:
    assert blobs.sweep(set(), stored_before=1e12) == 0


def test_what_comes_in_pieces_is_kept_whole(blobs: Blobs) -> None:
    sha256 = blobs.keep(PICTURE[at : at + 7] for at in range(0, len(PICTURE), 7))
    assert sha256 == hashlib.sha256(PICTURE).hexdigest()
    assert blobs.keep((PICTURE,)) == blobs.add(PICTURE) == sha256
    assert files(blobs) == [blobs.path(sha256)]
    assert blobs.size(sha256) == len(PICTURE)
    assert blobs.piece(sha256, 4, 10) == PICTURE[4:14]
    assert blobs.piece(sha256, len(PICTURE) - 2, 10) == PICTURE[-2:]
    with pytest.raises(KeyError):
        blobs.piece("0" * 64, 0, 1)


def test_pieces_that_break_off_leave_nothing(blobs: Blobs) -> None:
    def broken() -> Iterator[bytes]:
        yield PICTURE
        raise ValueError("no more")

    with pytest.raises(ValueError, match="no more"):
        blobs.keep(broken())
    assert files(blobs) == []


def test_sweep_takes_what_a_killed_program_left(blobs: Blobs) -> None:
    blobs.add(PICTURE)
    for age in (1000.0, 3000.0):
        left = blobs.folder / f".left-{age}"
        left.write_bytes(b"half")
        os.utime(left, (age, age))
    assert blobs.sweep({hashlib.sha256(PICTURE).hexdigest()}, stored_before=2000.0) == 1
    assert (blobs.folder / ".left-3000.0").exists()


# Several processes


def test_what_another_process_needs_anew_while_it_is_swept_stays(
    blobs: Blobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It attaches the same file between the look at the old one and its end."""
    sha256 = blobs.add(PICTURE)
    os.utime(blobs.path(sha256), (1000.0, 1000.0))
    put_aside = os.replace

    def meanwhile(source: Path, target: Path) -> None:
        if Path(target).name.startswith(".swept-"):
            assert Blobs(blobs.folder).add(PICTURE) == sha256
        put_aside(source, target)

    monkeypatch.setattr(os, "replace", meanwhile)
    assert blobs.sweep(set(), stored_before=2000.0) == 0
    assert blobs.read(sha256) == PICTURE
    assert files(blobs) == [blobs.path(sha256)]


def test_a_sweep_that_was_killed_is_finished_by_the_next(
    blobs: Blobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    needed, old, fresh = (blobs.add(each) for each in (b"needed", b"old", b"fresh"))
    for sha256, age in ((needed, 1000.0), (old, 1000.0), (fresh, 3000.0)):
        path = blobs.path(sha256)
        os.utime(path, (age, age))
        path.rename(blobs.folder / f".swept-{sha256}")
    assert blobs.sweep({needed}, stored_before=2000.0) == 1
    assert blobs.read(needed) == b"needed"
    assert blobs.read(fresh) == b"fresh"
    with pytest.raises(KeyError):
        blobs.path(old)


SWEEPER = """
import sys, time
from pathlib import Path
from app.storage.blobs import Blobs

blobs, end = Blobs(Path(sys.argv[1])), time.monotonic() + 20
print("ready", flush=True)
while (blobs.folder / "going").exists() and time.monotonic() < end:
    blobs.sweep({"going"}, stored_before=time.time() - 3600)
"""


def test_two_processes_sweep_while_a_third_attaches(blobs: Blobs) -> None:
    """All contents are old, and each is attached anew at any moment of the sweeping."""
    contents = [bytes([number]) * 100 for number in range(40)]
    for content in contents:
        blobs.add(content)
    (blobs.folder / "going").touch()
    words = [sys.executable, "-c", SWEEPER, str(blobs.folder)]
    sweepers = [
        subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(2)
    ]
    for sweeper in sweepers:
        assert sweeper.stdout
        assert sweeper.stdout.readline() == b"ready\n"
    for _ in range(15):
        named = [blobs.add(content) for content in contents]
        # Put aside for a moment it may be; gone it is not.
        for sha256 in named:
            until = time.monotonic() + 5
            while not blobs._place(sha256).exists():
                assert time.monotonic() < until, "what was needed anew is gone"
        for sha256 in named:
            with suppress(FileNotFoundError):
                os.utime(blobs.path(sha256), (1000.0, 1000.0))
    (blobs.folder / "going").unlink()
    for sweeper in sweepers:
        _, complaints = sweeper.communicate(timeout=30)
        assert (sweeper.returncode, complaints) == (0, b"")


def test_nothing_outside_is_swept(blobs: Blobs, tmp_path: Path) -> None:
    """A folder that somebody linked into the store."""
    foreign = tmp_path / "photos"
    foreign.mkdir()
    (foreign / "holiday.jpg").write_bytes(PICTURE)
    os.utime(foreign / "holiday.jpg", (1000.0, 1000.0))
    blobs.add(PICTURE)
    (blobs.folder / "zz").symlink_to(foreign)
    blobs.sweep(set(), stored_before=2000.0)
    assert (foreign / "holiday.jpg").exists()
