"""Pictures of a chat: opened by click and key, looked at large, copied, saved; broken ones too."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, QSize, QSizeF, Qt
from PySide6.QtGui import QColor, QGuiApplication, QImage, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QMessageBox
from pytestqt.qtbot import QtBot
from shown_chat import HandChat, chat_of

from app.domain.message import Media, Text
from app.ui.theme import Theme
from app.ui.transcript.gallery import exhibit_of, exhibits_of, file_name
from app.ui.transcript.means import Means
from app.ui.transcript.menu import Under
from app.ui.transcript.pictures import Pictures, decode
from app.ui.transcript.view import TranscriptView
from app.ui.viewing.canvas import PictureCanvas
from app.ui.viewing.exhibit import MAX_PIXELS, Exhibit, read_file
from app.ui.viewing.lending import Lending
from app.ui.viewing.picture_pane import PicturePane
from app.ui.viewing.viewer import Viewer

Files = Callable[[str], Path | None]


@pytest.fixture
def files(tmp_path: Path) -> Files:
    """Stored files by their hash: two pictures, a broken one and a document."""
    for name, color in (("red", "#ff0000"), ("blue", "#0000ff")):
        image = QImage(400, 200, QImage.Format.Format_RGB32)
        image.fill(QColor(color))
        image.save(str(tmp_path / name), "PNG")
    (tmp_path / "broken").write_bytes(b"\x89PNG\r\n\x1a\nbroken")
    (tmp_path / "paper").write_bytes(b"%PDF-1.7")

    def path_of(sha256: str) -> Path | None:
        path = tmp_path / sha256
        return path if path.exists() else None

    return path_of


def media(sha256: str, mime: str = "image/png") -> Media:
    return Media(mime=mime, sha256=sha256, name=f"{sha256}.png", width_px=400, height_px=200)


def chat_with_pictures() -> HandChat:
    paper = replace(media("paper", "application/pdf"), name="paper.pdf")
    question = (media("red"), paper, Text("What are these?"))
    answer = (Text("Here is another."), replace(media("blue"), name=""), media("broken"))
    return chat_of(question, answer, (media("gone"), Text("And this?")))


@pytest.fixture
def view(theme: Theme, files: Files, qtbot: QtBot) -> TranscriptView:
    shown = TranscriptView(theme, means=Means(path_of=files))
    qtbot.addWidget(shown)
    shown.resize(800, 900)
    shown.set_chat(chat_with_pictures())
    with qtbot.waitExposed(shown):
        shown.show()
    shown.refresh()
    return shown


@pytest.fixture
def lending(tmp_path: Path) -> Lending:
    return Lending(tmp_path / "lent")


def canvas_of(viewer: Viewer) -> PictureCanvas:
    assert isinstance(viewer.pane, PicturePane)
    return viewer.pane.canvas


def viewer_of(view: TranscriptView, qtbot: QtBot) -> Viewer:
    qtbot.waitUntil(lambda: view.findChild(Viewer) is not None)
    viewer = view.findChild(Viewer)
    assert viewer is not None
    qtbot.waitUntil(lambda: viewer.copy.isEnabled())
    return viewer


def test_a_click_opens_the_picture_among_the_others(view: TranscriptView, qtbot: QtBot) -> None:
    button = next(b for b in view.stage.overlay.buttons if b.accessibleName() == "Open red.png")
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    viewer = viewer_of(view, qtbot)
    assert viewer.windowTitle() == "red.png"
    assert viewer.facts.text().startswith("red.png · ")
    assert viewer.facts.text().endswith(" · 400×200 · file 1 of 4")
    viewer.next.click()
    assert viewer.windowTitle() == "paper.pdf"
    viewer.next.click()
    assert viewer.facts.text().startswith("picture.png")
    qtbot.waitUntil(lambda: viewer.copy.isEnabled())
    viewer.next.click()
    qtbot.waitUntil(lambda: "cannot be shown" in canvas_of(viewer).accessibleDescription())
    assert not viewer.copy.isEnabled()
    assert not viewer.next.isEnabled()
    QTest.keyClick(viewer, Qt.Key.Key_Escape)
    assert not viewer.isVisible()


def test_enter_opens_it_too(view: TranscriptView, qtbot: QtBot) -> None:
    button = next(b for b in view.stage.overlay.buttons if b.accessibleName() == "Open red.png")
    button.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(button, Qt.Key.Key_Return)
    assert viewer_of(view, qtbot).exhibit.name == "red.png"


def test_copying_and_saving(
    theme: Theme, view: TranscriptView, files: Files, tmp_path: Path, lending: Lending, qtbot: QtBot
) -> None:
    path = files("blue")
    viewer = Viewer(theme, [Exhibit(("m", "blue"), "blue.png", path)], 0, lending, view)
    qtbot.addWidget(viewer)
    viewer.show()
    qtbot.waitUntil(lambda: viewer.copy.isEnabled())
    assert not viewer.next.isVisible()
    QTest.keyClick(viewer, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().image().pixelColor(5, 5) == QColor("#0000ff")
    QTest.keyClick(viewer, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    dialog = viewer.findChild(QFileDialog)
    assert dialog is not None
    dialog.fileSelected.emit(str(tmp_path / "copy.png"))
    assert path is not None
    assert (tmp_path / "copy.png").read_bytes() == path.read_bytes()
    dialog.fileSelected.emit(str(tmp_path / "nowhere" / "copy.png"))
    box = viewer.findChild(QMessageBox)
    assert box is not None
    assert "could not be saved" in box.text()
    box.close()
    dialog.close()


def test_zooming_keeps_the_point_under_the_pointer(
    theme: Theme, view: TranscriptView, files: Files, lending: Lending, qtbot: QtBot
) -> None:
    viewer = Viewer(theme, [Exhibit(("m", "red"), "", files("red"))], 0, lending, view)
    qtbot.addWidget(viewer)
    viewer.resize(440, 360)
    with qtbot.waitExposed(viewer):
        viewer.show()
    canvas = canvas_of(viewer)
    qtbot.waitUntil(lambda: viewer.copy.isEnabled())
    assert canvas.fits
    assert canvas.zoom == 1.0
    at = QPointF(300, 170)
    before = canvas._picture_point(at)
    for turned in (120, 120, 120, -120):
        event = QWheelEvent(
            at,
            canvas.mapToGlobal(at),
            QPoint(),
            QPoint(0, turned),
            Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        QApplication.sendEvent(canvas, event)
    assert canvas.zoom == pytest.approx(1.25**2)
    after = canvas._picture_point(at)
    assert abs(after.x() - before.x()) < 0.01  # downwards the picture is smaller than the canvas
    assert viewer.zoom.text() == "156 %"
    QTest.keyClick(viewer, Qt.Key.Key_1)
    assert canvas.zoom == 1.0
    viewer.larger.click()
    QTest.keyClick(viewer, Qt.Key.Key_0)
    assert canvas.fits
    for _ in range(60):
        canvas.zoom_by(2)
    assert canvas.zoom == 16.0
    for _ in range(60):
        canvas.zoom_by(0.5)
    assert canvas.zoom > 0.1


def test_dragging_moves_and_leaves_no_gap(
    theme: Theme, view: TranscriptView, files: Files, lending: Lending, qtbot: QtBot
) -> None:
    viewer = Viewer(theme, [Exhibit(("m", "red"), "", files("red"))], 0, lending, view)
    qtbot.addWidget(viewer)
    with qtbot.waitExposed(viewer):
        viewer.show()
    canvas = canvas_of(viewer)
    qtbot.waitUntil(lambda: viewer.copy.isEnabled())
    canvas.set_zoom(8.0)
    assert canvas.can_move
    before = canvas._shown_rect().topLeft()
    QTest.mousePress(canvas, Qt.MouseButton.LeftButton, pos=QPoint(200, 150))
    QTest.mouseMove(canvas, QPoint(160, 140))
    QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=QPoint(160, 140))
    assert canvas._shown_rect().topLeft() - before == QPointF(-40, -10)
    for _ in range(300):
        QTest.keyClick(viewer, Qt.Key.Key_Right)
    assert canvas._shown_rect().right() == pytest.approx(canvas.width())
    QTest.mouseDClick(canvas, Qt.MouseButton.LeftButton)
    assert canvas.fits
    viewer.resize(500, 500)
    assert canvas.grab().toImage().pixelColor(canvas.width() // 2, canvas.height() // 2) == QColor(
        "#ff0000"
    )


def test_the_menu_offers_what_can_be_done(view: TranscriptView) -> None:
    message = view.stage.feed.messages[0]
    red, paper = message.media
    exhibits = [
        exhibit_of(message.id, each, view.stage.feed.around.pictures.path_of)
        for each in (red, paper)
    ]
    under = Under(place=0, exhibit=exhibits[0])
    names = [a.text() for a in view.menus.menu(message, under).actions()]
    assert names[:5] == ["Open", "Copy picture", "Save as…", "", "Leave out of further questions"]
    under = Under(place=1, exhibit=exhibits[1])
    names = [a.text() for a in view.menus.menu(message, under).actions()]
    assert names[:2] == ["Open", "Save as…"]
    names = [a.text() for a in view.menus.menu(message, Under(href="https://a.b")).actions()]
    assert names[:2] == ["Open link", "Copy link address"]


def test_a_picture_that_is_gone_or_broken_says_so(view: TranscriptView, qtbot: QtBot) -> None:
    view.grab()
    pictures = view.stage.feed.around.pictures
    keys = {key.sha256 for key in pictures._kept}
    qtbot.waitUntil(lambda: {"broken", "red", "blue"} <= {k.sha256 for k in pictures._kept})
    broken = next(key for key in pictures._kept if key.sha256 == "broken")
    assert pictures._kept[broken] is None
    assert "gone" in keys | {k.sha256 for k in pictures._kept}
    view.grab()


def test_a_picture_of_unknown_size_takes_its_own_shape(
    theme: Theme, files: Files, qtbot: QtBot
) -> None:
    unknown = Media(mime="image/png", sha256="red")
    view = TranscriptView(theme, means=Means(path_of=files))
    qtbot.addWidget(view)
    view.resize(800, 900)
    view.set_chat(chat_of("Draw", (unknown,)))
    with qtbot.waitExposed(view):
        view.show()
    row = view.stage.layout.items[1].rows[1]

    def covers() -> QSize:
        view.refresh()
        return row.built().controls()[0].rect.size()

    qtbot.waitUntil(lambda: covers() == QSize(400, 200))


def test_names_and_files(files: Files) -> None:
    chat = chat_with_pictures()
    found = [*exhibits_of(chat.conversation.path().with_media(), files)]
    assert [picture.name for picture in found] == [
        "red.png",
        "paper.pdf",
        "picture.png",
        "broken.png",
    ]
    assert file_name(Media(mime="application/pdf", sha256="x")) == "file.pdf"
    assert file_name(Media(mime="application/x-msdownload", sha256="x")) == "file"
    assert file_name(Media(mime="application/x-sh", sha256="x")) == "file"


def test_a_huge_picture_is_read_smaller(tmp_path: Path) -> None:
    image = QImage(20_000, 2_500, QImage.Format.Format_Grayscale8)
    image.fill(Qt.GlobalColor.white)
    image.save(str(tmp_path / "huge"), "PNG")
    read = read_file(tmp_path / "huge")
    assert 0 < read.width() * read.height() <= MAX_PIXELS
    assert read_file(tmp_path / "missing").isNull()
    assert Exhibit(("a", "b"), "none").picture().isNull()


def test_focus_of_the_canvas_is_seen(
    theme: Theme, view: TranscriptView, files: Files, lending: Lending, qtbot: QtBot
) -> None:
    viewer = Viewer(theme, [Exhibit(("m", "red"), "", files("red"))], 0, lending, view)
    qtbot.addWidget(viewer)
    with qtbot.waitExposed(viewer):
        viewer.show()
    viewer.save.setFocus(Qt.FocusReason.TabFocusReason)
    without = canvas_of(viewer).grab().toImage()
    canvas_of(viewer).setFocus(Qt.FocusReason.TabFocusReason)
    assert canvas_of(viewer).grab().toImage() != without


def test_a_drawing_of_an_answer_reads_no_other_file(
    files: Files, tmp_path: Path, qtbot: QtBot
) -> None:
    red = tmp_path / "red"
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'width="400" height="200"><image xlink:href="{red}" width="400" height="200"/>'
        '<rect x="390" width="9" height="9" fill="#0000ff"/></svg>'
    )
    (tmp_path / "drawing").write_text(svg)
    assert read_file(tmp_path / "drawing").isNull()
    assert decode(tmp_path / "drawing", QSize(400, 200)).isNull()
    pictures = Pictures(Means(path_of=files))
    shown = media("drawing", "image/svg+xml")
    with qtbot.waitSignal(pictures.ready):
        pictures.get(shown, QSizeF(400, 200))
    pixmap = pictures.get(shown, QSizeF(400, 200))
    assert pixmap is not None
    image = pixmap.toImage()
    inside = image.pixelColor(image.width() // 2, image.height() // 2)
    assert inside.alpha() == 0
