"""A place to keep attachments in, what takes them, and recordings made once for all tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from attaching_desk import Desk
from file_makers import SOUNDS, VIDEOS, sound, video

from app.attachments.ffmpeg import Tools
from app.storage.blobs import Blobs


@pytest.fixture(scope="session")
def recordings(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """The recording with that ending, made when it is first asked for."""
    folder = tmp_path_factory.mktemp("recordings")

    def of(ending: str) -> Path:
        path = folder / f"made.{ending}"
        if not path.exists():
            (video if ending in VIDEOS else sound)(path)
        return path

    assert not VIDEOS.keys() & SOUNDS.keys()
    return of


@pytest.fixture
def blobs(tmp_path: Path) -> Blobs:
    return Blobs(tmp_path / "blobs")


@pytest.fixture
def desk(blobs: Blobs, tmp_path: Path) -> Iterator[Desk]:
    made = Desk(blobs, tmp_path / "cache")
    yield made
    assert not made.tasks.running
    assert not [*(tmp_path / "cache" / "work").glob("*")], "a workshop was left behind"


@pytest.fixture
def bare_desk(blobs: Blobs, tmp_path: Path) -> Desk:
    """On a computer without ffmpeg."""
    return Desk(blobs, tmp_path / "cache", tools=Tools())
