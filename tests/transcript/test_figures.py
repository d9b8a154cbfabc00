"""Pictures that an answer names by address: a frame first, the picture when the person wants it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, Qt
from PySide6.QtGui import QColor, QDrag, QGuiApplication, QImage
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot
from shown_chat import chat_of

from app.domain.message import Media, Text
from app.ui.theme import Theme
from app.ui.transcript.means import Means
from app.ui.transcript.overlay import OverlayButton
from app.ui.transcript.remote import Done, Remote, Standing, host_of
from app.ui.transcript.units.figures import FiguredUnit
from app.ui.transcript.view import TranscriptView
from app.ui.viewing.lending import Lending
from app.ui.viewing.viewer import Viewer

CAT = "https://pictures.example/animals/cat.png"
STORED = Media(mime="image/png", sha256="cat", name="cat.png", width_px=400, height_px=200)


class HandLoader:
    """Loads when the test says so."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.cancelled: list[str] = []
        self.done: Done = lambda found: None
        self.told: Callable[[float | None], None] = lambda share: None

    def load(
        self, url: str, done: Done, told: Callable[[float | None], None]
    ) -> Callable[[], None]:
        self.asked.append(url)
        self.done, self.told = done, told
        return lambda: self.cancelled.append(url)


@pytest.fixture
def loader() -> HandLoader:
    return HandLoader()


@pytest.fixture
def open_chat(
    theme: Theme, loader: HandLoader, tmp_path: Path, qtbot: QtBot
) -> Callable[..., TranscriptView]:
    image = QImage(400, 200, QImage.Format.Format_RGB32)
    image.fill(QColor("#ff0000"))
    image.save(str(tmp_path / "cat"), "PNG")

    def path_of(sha256: str) -> Path | None:
        path = tmp_path / sha256
        return path if path.exists() else None

    def opened(*answer: str | Media) -> TranscriptView:
        lending = Lending(tmp_path / "lent")
        view = TranscriptView(
            theme, means=Means(path_of=path_of, load=loader.load, lending=lending)
        )
        qtbot.addWidget(view)
        view.resize(800, 700)
        parts = tuple(Text(part) if isinstance(part, str) else part for part in answer)
        view.set_chat(chat_of("Show me", parts))
        with qtbot.waitExposed(view):
            view.show()
        view.refresh()
        return view

    return opened


def button(view: TranscriptView, name: str) -> OverlayButton:
    view.refresh()
    return next(b for b in view.stage.overlay.buttons if b.accessibleName() == name)


def figure(view: TranscriptView) -> FiguredUnit:
    rows = [row for item in view.stage.layout.items.values() for row in item.rows]
    return next(row.built() for row in rows if isinstance(row.built(), FiguredUnit))  # type: ignore[return-value]


def look(view: TranscriptView) -> Remote:
    return view.stage.feed.around.remote.look(figure(view).figures[0].url)


def test_nothing_is_fetched_before_the_person_wants_it(
    open_chat: Callable[..., TranscriptView], loader: HandLoader, qtbot: QtBot
) -> None:
    view = open_chat(f"Here is one:\n\n![A cat]({CAT})\n\nThat was it.")
    view.grab()
    assert loader.asked == []
    load = button(view, "Load picture from pictures.example")
    assert load.toolTip() == CAT
    load.click()
    assert loader.asked == [CAT]
    loader.told(0.5)
    cancel = button(view, "Cancel from pictures.example")
    view.grab()
    cancel.click()
    assert loader.cancelled == [CAT]
    button(view, "Load picture from pictures.example").click()
    before = figure(view).height
    loader.done(STORED)
    view.refresh()
    assert figure(view).height > before
    shown = button(view, "Open A cat")
    assert shown.size().width() == 400
    qtbot.waitUntil(
        lambda: view.grab().toImage().pixelColor(shown.geometry().center()).name() == "#ff0000"
    )
    shown.click()
    viewer = view.findChild(Viewer)
    assert viewer is not None
    assert viewer.windowTitle() == "cat.png"
    viewer.close()


def test_a_refusal_is_told_and_can_be_tried_again(
    open_chat: Callable[..., TranscriptView], loader: HandLoader
) -> None:
    view = open_chat(f"![A cat]({CAT})")
    button(view, "Load picture from pictures.example").click()
    loader.done("There is no file at this address (HTTP 404).")
    again = button(view, "Try again from pictures.example")
    assert "HTTP 404" in again.accessibleDescription()
    view.grab()
    again.click()
    assert loader.asked == [CAT, CAT]
    loader.done(STORED)
    assert look(view).standing is Standing.THERE


def test_words_beside_a_picture_stay_words(
    open_chat: Callable[..., TranscriptView], loader: HandLoader
) -> None:
    view = open_chat(f"Before ![one]({CAT}) and ![two](http://other.example/b.png) after.")
    unit = figure(view)
    assert unit.text == "Before one and two after."
    assert [each.url for each in unit.figures] == [CAT, "http://other.example/b.png"]
    assert {spot.href for spot in unit.links()} == {each.url for each in unit.figures}
    assert button(view, "Load picture from other.example")
    assert host_of("https://xn--e1afmkfd.example/a") == host_of("https://пример.example/a")


def test_other_addresses_and_tables_stay_words(
    open_chat: Callable[..., TranscriptView], loader: HandLoader
) -> None:
    view = open_chat(f"![a](cat.png) ![b](ftp://x.y/z.png)\n\n| a |\n|---|\n| ![c]({CAT}) |\n")
    rows = [row for item in view.stage.layout.items.values() for row in item.rows]
    assert not [row for row in rows if isinstance(row.built(), FiguredUnit)]


def test_a_data_address_holds_its_picture(
    open_chat: Callable[..., TranscriptView], loader: HandLoader, qtbot: QtBot
) -> None:
    url = "data:image/png;base64,iVBORw0KGgo="
    view = open_chat(f"![dot]({url})")
    qtbot.waitUntil(lambda: loader.asked == [url])
    loader.done(STORED)
    assert button(view, "Open dot")
    view.grab()


def test_a_picture_that_the_service_gave_by_address_waits_too(
    open_chat: Callable[..., TranscriptView], loader: HandLoader
) -> None:
    view = open_chat("Done.", Media(mime="image/*", url=CAT))
    view.grab()
    assert loader.asked == []
    button(view, "Load picture from pictures.example").click()
    assert loader.asked == [CAT]


def test_a_picture_is_dragged_out_and_copied(
    open_chat: Callable[..., TranscriptView],
    loader: HandLoader,
    monkeypatch: pytest.MonkeyPatch,
    qtbot: QtBot,
) -> None:
    view = open_chat("Here.", STORED)
    shown = button(view, "Open cat.png")
    dropped: list[tuple[list[str], bytes, QColor]] = []

    def take(drag: QDrag, actions: Qt.DropAction) -> Qt.DropAction:
        data: QMimeData = drag.mimeData()
        file = data.urls()[0].toLocalFile()
        image = data.imageData()
        dropped.append((data.formats(), Path(file).read_bytes(), image.pixelColor(3, 3)))
        assert Path(file).name == "cat.png"
        return Qt.DropAction.CopyAction

    monkeypatch.setattr(QDrag, "exec", take)
    middle = shown.rect().center()
    QTest.mousePress(shown, Qt.MouseButton.LeftButton, pos=middle)
    QTest.mouseMove(shown, middle + QPoint(40, 10))
    QTest.mouseRelease(shown, Qt.MouseButton.LeftButton, pos=middle + QPoint(40, 10))
    formats, content, color = dropped[0]
    assert "text/uri-list" in formats
    assert content.startswith(b"\x89PNG")
    assert color == QColor("#ff0000")
    assert view.findChild(Viewer) is None, "a drag is no click"
    gallery, message = view.acts.gallery, view.stage.feed.messages[1]
    item = view.stage.layout.items[1]
    unit = next(row.built() for row in item.rows if row.built().controls())
    exhibit = gallery.exhibit(message, unit, 0)
    assert exhibit is not None
    with qtbot.waitSignal(gallery.copier.copied):
        gallery.copier.copy(exhibit)
    assert QGuiApplication.clipboard().image().size().width() == 400
