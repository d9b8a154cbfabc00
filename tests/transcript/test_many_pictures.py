"""A chat full of camera pictures: what opening and scrolling it decodes."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QSize, QSizeF
from PySide6.QtGui import QColor, QImage
from pytestqt.qtbot import QtBot
from shown_chat import chat_of

from app.domain.message import Media, Text
from app.storage.thumbnails import Thumbnails
from app.ui.theme import Theme
from app.ui.transcript import pictures
from app.ui.transcript.means import Means
from app.ui.transcript.pictures import LARGE_PX, SMALL_PX, Pictures
from app.ui.transcript.view import TranscriptView

COUNT = 500
WIDE, HIGH = 4000, 3000
"""Twelve megapixels."""


def image(wide: int, high: int) -> QImage:
    made = QImage(wide, high, QImage.Format.Format_RGB32)
    made.fill(QColor("#336699"))
    return made


@pytest.fixture(scope="module")
def camera(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One picture of a camera, which stands for all."""
    path = tmp_path_factory.mktemp("camera") / "camera.jpg"
    assert image(WIDE, HIGH).save(str(path), "JPEG", 60)  # type: ignore[call-overload]
    return path


@pytest.fixture
def small(tmp_path: Path) -> Thumbnails:
    """Thumbnails of all, as attaching makes them."""
    thumbnails = Thumbnails(tmp_path / "small")
    path = tmp_path / "one.jpg"
    assert image(SMALL_PX, SMALL_PX * 3 // 4).save(str(path), "JPEG")  # type: ignore[call-overload]
    for number in range(COUNT):
        thumbnails.keep(f"{number:064x}", path.read_bytes())
    return thumbnails


@pytest.fixture
def decoded(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Path, QSize]]:
    """Which files were decoded, and to what size."""
    found: list[tuple[Path, QSize]] = []
    decode = pictures.decode

    def counted(path: Path, wanted: QSize, *, cover: bool = True) -> QImage:
        made = decode(path, wanted, cover=cover)
        found.append((path, made.size()))
        return made

    monkeypatch.setattr(pictures, "decode", counted)
    return found


def media(number: int) -> Media:
    sha256 = f"{number:064x}"
    return Media(
        mime="image/jpeg", sha256=sha256, name=f"{number}.jpg", width_px=WIDE, height_px=HIGH
    )


def test_opening_decodes_thumbnails_of_what_is_seen_only(
    theme: Theme, camera: Path, small: Thumbnails, decoded: list[tuple[Path, QSize]], qtbot: QtBot
) -> None:
    view = TranscriptView(theme, means=Means(path_of=lambda sha256: camera, small=small))
    qtbot.addWidget(view)
    view.resize(800, 700)
    questions = [(media(at), media(at + 1), Text("Look")) for at in range(0, COUNT, 2)]
    says = [part for question in questions for part in (question, "Seen.")]
    view.set_chat(chat_of(*says))
    with qtbot.waitExposed(view):
        view.show()
    view.grab()
    around = view.stage.feed.around
    qtbot.waitUntil(lambda: not around.pictures._asked)
    assert 2 <= len(decoded) <= 20
    assert not [path for path, _ in decoded if path == camera], "the camera's own was decoded"
    assert all(max(size.width(), size.height()) <= SMALL_PX for _, size in decoded)
    view.verticalScrollBar().setValue(0)
    view.grab()
    qtbot.waitUntil(lambda: not around.pictures._asked)
    assert len(decoded) <= 40
    assert not [path for path, _ in decoded if path == camera]


@pytest.mark.parametrize("scale", [1.0, 2.0])
def test_a_shown_picture_is_sharp_at_the_scale_of_the_screen(
    camera: Path,
    small: Thumbnails,
    decoded: list[tuple[Path, QSize]],
    scale: float,
    qtbot: QtBot,
) -> None:
    """A thumbnail of a question suffices at 200 %; an answer's picture is made smaller once."""
    store = Pictures(Means(path_of=lambda sha256: camera, small=small))
    thumb, large = QSizeF(123, 92) * scale, QSizeF(512, 384) * scale
    with qtbot.waitSignal(store.ready):
        assert store.get(media(1), thumb) is None
    pixmap = store.get(media(1), thumb)
    assert pixmap is not None
    assert pixmap.width() >= thumb.width()
    assert decoded.pop()[0] != camera
    for _ in range(2):
        store = Pictures(Means(path_of=lambda sha256: camera, small=small))
        with qtbot.waitSignal(store.ready):
            assert store.get(media(2), large) is None
        pixmap = store.get(media(2), large)
        assert pixmap is not None
        assert pixmap.width() >= large.width()
    own = [size for path, size in decoded if path == camera]
    assert len(own) == (1 if scale > 1 else 0), "once, and then the smaller copy is there"
    assert all(max(size.width(), size.height()) <= LARGE_PX for size in own)


def test_what_was_turned_by_the_camera_stands_upright(tmp_path: Path) -> None:
    path = tmp_path / "turned.jpg"
    assert image(400, 300).save(str(path), "JPEG")  # type: ignore[call-overload]
    plain = path.read_bytes()
    exif = b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0"
    path.write_bytes(
        plain[:2] + b"\xff\xe1" + (len(exif) + 2).to_bytes(2, "big") + exif + plain[2:]
    )
    assert pictures.own_size(path) == QSize(300, 400)
    made = pictures.decode(path, QSize(60, 60))
    assert made.width() < made.height()
