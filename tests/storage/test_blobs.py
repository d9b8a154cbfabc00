"""Attachments lie once by their content; a half-written one never appears. Small tables too."""

from __future__ import annotations

import hashlib
import os
import stat
from pathlib import Path

import pytest

from app.storage.blobs import Blobs
from app.storage.database import Database
from app.storage.errors import StorageError, Trouble
from app.storage.learned import Learned
from app.storage.remembered import Remembered

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


def test_what_was_learned_stays(path: Path, database: Database) -> None:
    learned = Learned(database)
    assert learned.all() == {}
    learned.save("own", "m", {"dropped": frozenset({"top_p", "seed"}), "stream": False})
    learned.save("own", "m", {"dropped": frozenset({"top_p", "seed"}), "stream": None})
    learned.save("other", "m", {})
    with Database.open(path) as again:
        assert Learned(again).all() == {
            ("own", "m"): {"dropped": ["seed", "top_p"], "stream": None},
            ("other", "m"): {},
        }
    learned.forget("own")
    assert list(learned.all()) == [("other", "m")]


def test_where_the_window_was_left(path: Path, database: Database) -> None:
    remembered = Remembered(database)
    assert remembered.get("window") is None
    remembered.set("window", [10, 20, 1280, 820])
    remembered.set("open chat", "c")
    with Database.open(path) as again:
        assert Remembered(again).get("window") == [10, 20, 1280, 820]
    remembered.set("open chat", None)
    assert remembered.get("open chat") is None
