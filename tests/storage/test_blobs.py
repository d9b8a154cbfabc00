"""Attachments lie once by their content; a half-written one never appears."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator
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
