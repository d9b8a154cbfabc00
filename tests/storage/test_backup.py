"""A backup: whole, for its owner alone, also while the program tidies up."""

from __future__ import annotations

import os
import shutil
import stat
from pathlib import Path

import pytest

from app.storage.backup import back_up
from app.storage.blobs import Blobs
from app.storage.stored import Stored


@pytest.fixture
def stored(tmp_path: Path) -> Stored:
    home = tmp_path / "home"
    home.mkdir()
    return Stored(home / "linnet.sqlite3", home / "blobs")


def test_a_copy_is_for_its_owner_alone(stored: Stored, tmp_path: Path) -> None:
    sha256 = stored.blobs.add(b"a picture")
    copy = tmp_path / "copy"
    back_up(stored.database.path, (stored.blobs.folder, tmp_path / "missing"), copy)
    assert Blobs(copy / "blobs").read(sha256) == b"a picture"
    for place in (copy, *copy.rglob("*")):
        assert not stat.S_IMODE(place.stat().st_mode) & 0o077, place
    stored.close()


def test_what_is_swept_meanwhile_is_passed_over(
    stored: Stored, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept, gone = (stored.blobs.add(data) for data in (b"kept", b"gone"))
    really = shutil.copyfile

    def sweeping(file: Path, target: Path) -> None:
        if file.name == gone:
            os.unlink(file)
        really(file, target)

    monkeypatch.setattr(shutil, "copyfile", sweeping)
    copy = tmp_path / "copy"
    back_up(stored.database.path, (stored.blobs.folder,), copy)
    assert Blobs(copy / "blobs").read(kept) == b"kept"
    with pytest.raises(KeyError):
        Blobs(copy / "blobs").read(gone)
    stored.close()
