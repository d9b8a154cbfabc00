"""Pictures on their way into a message: what is taken, converted, refused and why."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QUrl
from PySide6.QtGui import QColor, QImage

from app.ui.attaching import LARGEST_BYTES, Attaching


@pytest.fixture
def stored() -> dict[str, bytes]:
    return {}


@pytest.fixture
def attaching(stored: dict[str, bytes], qapp: object) -> Attaching:
    def store(data: bytes) -> str:
        sha256 = hashlib.sha256(data).hexdigest()
        stored[sha256] = data
        return sha256

    return Attaching(store, stored.__getitem__)


def picture(path: Path, width_px: int = 40, height_px: int = 30) -> Path:
    image = QImage(width_px, height_px, QImage.Format.Format_RGB32)
    image.fill(QColor("teal"))
    assert image.save(str(path))
    return path


@pytest.mark.parametrize(
    ("name", "mime"), [("a.png", "image/png"), ("b.JPG", "image/jpeg"), ("c.webp", "image/webp")]
)
def test_pictures_that_services_take_are_kept_as_they_are(
    attaching: Attaching, stored: dict[str, bytes], tmp_path: Path, name: str, mime: str
) -> None:
    file = picture(tmp_path / name)
    attached = attaching.files([file])
    (media,) = attached.media
    assert (media.mime, media.name, media.width_px, media.height_px) == (mime, name, 40, 30)
    assert media.sha256 is not None
    assert stored[media.sha256] == file.read_bytes()
    assert not attached.refused


def test_the_content_decides_and_not_the_name(attaching: Attaching, tmp_path: Path) -> None:
    file = picture(tmp_path / "real.png").rename(tmp_path / "called.jpg")
    (media,) = attaching.files([file]).media
    assert media.mime == "image/png"


def test_other_pictures_become_png(attaching: Attaching, tmp_path: Path) -> None:
    (media,) = attaching.files([picture(tmp_path / "old.bmp")]).media
    assert media.mime == "image/png"


def test_each_refusal_has_its_reason_and_the_rest_goes_on(
    attaching: Attaching, tmp_path: Path
) -> None:
    (tmp_path / "notes.txt").write_text("no picture")
    (tmp_path / "empty.png").touch()
    broken = picture(tmp_path / "broken.png", 400, 400)
    broken.write_bytes(broken.read_bytes()[:60])
    with (tmp_path / "huge.png").open("wb") as huge:
        huge.truncate(LARGEST_BYTES + 1)
    (tmp_path / "folder").mkdir()
    names = ["notes.txt", "empty.png", "broken.png", "huge.png", "folder", "gone.png"]
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe")
        names.append("pipe")
    good = picture(tmp_path / "good.png")
    attached = attaching.files([*(tmp_path / name for name in names), good])
    assert [media.name for media in attached.media] == ["good.png"]
    assert len(attached.refused) == len(names)
    for name, sentence in zip(names, attached.refused, strict=True):
        assert name in sentence
        assert sentence.endswith(".")


def test_a_pasted_picture_and_pasted_files(attaching: Attaching, tmp_path: Path) -> None:
    pasted = QMimeData()
    image = QImage(8, 8, QImage.Format.Format_ARGB32)
    image.fill(QColor("red"))
    pasted.setImageData(image)
    (media,) = attaching.mime(pasted).media
    assert (media.mime, media.width_px) == ("image/png", 8)

    copied = QMimeData()
    copied.setUrls([QUrl.fromLocalFile(str(picture(tmp_path / "copied.png")))])
    assert attaching.mime(copied).media[0].name == "copied.png"


def test_a_full_disk_is_said(tmp_path: Path, qapp: object) -> None:
    def store(data: bytes) -> str:
        raise OSError("The disk is full.")

    attached = Attaching(store, lambda sha256: b"").files([picture(tmp_path / "a.png")])
    assert attached.refused == ("The disk is full.",)


def test_thumbnails_are_small_and_missing_bytes_give_none(
    attaching: Attaching, stored: dict[str, bytes], tmp_path: Path
) -> None:
    (media,) = attaching.files([picture(tmp_path / "wide.png", 2000, 500)]).media
    thumbnail = attaching.thumbnail(media)
    assert (thumbnail.width(), thumbnail.height()) == (640, 160)
    stored.clear()
    assert attaching.thumbnail(media).isNull()
