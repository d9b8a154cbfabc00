"""The viewer: every kind in its pane, driven by keys, and nothing held when it is closed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pypdfium2
import pytest
from media_makers import document, film, picture, sound
from PySide6.QtCore import QLoggingCategory, Qt, QUrl
from PySide6.QtGui import QColor, QDesktopServices, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMessageBox, QWidget
from pytestqt.qtbot import QtBot

from app.attachments import pdf
from app.domain.message import Media
from app.domain.settings import Palette
from app.ui.saving import save
from app.ui.theme import Theme
from app.ui.viewing.exhibit import Exhibit
from app.ui.viewing.lending import Lending, lent_name
from app.ui.viewing.pages_pane import PagesPane
from app.ui.viewing.picture_pane import PicturePane
from app.ui.viewing.player_pane import PlayerPane, clock
from app.ui.viewing.text_pane import TextPane
from app.ui.viewing.viewer import Viewer

Show = Callable[[Sequence[Exhibit]], Viewer]
pytestmark = pytest.mark.qt_log_ignore(
    *("PulseAudioService", "Could not open media", "No HW decoder", "No audio device"),
    "No RHI backend",
)
CONTROL = Qt.KeyboardModifier.ControlModifier


def exhibit(path: Path, mime: str, name: str = "") -> Exhibit:
    media = Media(mime=mime, sha256=path.name, name=name or path.name)
    return Exhibit(("m1", path.name), name or path.name, path, media=media)


@pytest.fixture
def theme(qapp: QApplication) -> Theme:
    return Theme(Palette.LIGHT)


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """Qt's sound thread warns of no device while the window's thread waits for it, holding Python,
    by which pytest-qt reads warnings: each would wait for the other."""
    QLoggingCategory.setFilterRules("default.warning=false")
    yield
    QLoggingCategory.setFilterRules("")


@pytest.fixture
def show(theme: Theme, qtbot: QtBot, tmp_path: Path) -> Show:
    parent = QWidget()
    parent.resize(900, 700)
    qtbot.addWidget(parent)

    def shown(exhibits: Sequence[Exhibit]) -> Viewer:
        viewer = Viewer(theme, exhibits, 0, Lending(tmp_path / "lent"), parent)
        with qtbot.waitExposed(viewer):
            viewer.show()
        return viewer

    return shown


def test_each_kind_has_its_pane(show: Show, tmp_path: Path, qtbot: QtBot) -> None:
    (tmp_path / "code.py").write_text("def f():\n    return 1\n")
    viewer = show(
        [
            exhibit(picture(tmp_path / "red.png"), "image/png"),
            exhibit(film(tmp_path / "film.avi"), "video/avi"),
            exhibit(sound(tmp_path / "hum.wav"), "audio/wav"),
            exhibit(document(tmp_path / "paper.pdf"), "application/pdf"),
            exhibit(tmp_path / "code.py", "text/plain"),
        ]
    )
    for number, pane in enumerate((PicturePane, PlayerPane, PlayerPane, PagesPane, TextPane), 1):
        assert isinstance(viewer.pane, pane)
        assert viewer.windowTitle() == viewer.exhibit.name
        assert viewer.facts.text().startswith(f"{viewer.exhibit.name} · ")
        assert viewer.facts.text().endswith(f"{number} of 5")
        assert viewer.smaller.isVisible() is not isinstance(viewer.pane, PlayerPane)
        QTest.keyClick(viewer, Qt.Key.Key_PageDown, CONTROL)
    assert viewer.exhibit.name == "code.py"  # the end holds
    QTest.keyClick(viewer, Qt.Key.Key_PageUp, CONTROL)
    assert viewer.exhibit.name == "paper.pdf"
    QTest.keyClick(viewer, Qt.Key.Key_Escape)
    assert not viewer.isVisible()


def test_a_film_is_played_sought_and_let_go(show: Show, tmp_path: Path, qtbot: QtBot) -> None:
    viewer = show([exhibit(film(tmp_path / "film.avi"), "video/avi")])
    pane = viewer.pane
    assert isinstance(pane, PlayerPane)
    qtbot.waitUntil(lambda: not pane.face.image.isNull())
    assert pane.face.image.pixelColor(20, 20).red() > 200
    assert not pane.playing  # nothing plays by itself
    qtbot.waitUntil(lambda: pane.time.text() == "0:00 / 0:03")
    assert viewer.facts.text().endswith("64×48")
    QTest.keyClick(viewer, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: pane.playing)
    assert pane.play.accessibleName() == "Pause"
    QTest.keyClick(viewer, Qt.Key.Key_K)
    qtbot.waitUntil(lambda: not pane.playing)
    QTest.mouseClick(pane.seek, Qt.MouseButton.LeftButton, pos=pane.seek.rect().center())
    qtbot.waitUntil(lambda: 1300 < pane.player.position() < 1700)
    qtbot.waitUntil(lambda: pane.face.image.pixelColor(20, 20).blue() > 200)
    QTest.keyClick(viewer, Qt.Key.Key_Home)
    qtbot.waitUntil(lambda: pane.player.position() == 0)
    QTest.keyClick(viewer, Qt.Key.Key_End)
    qtbot.waitUntil(lambda: pane.player.position() == pane.player.duration())
    assert not pane.volume.isEnabled()  # it has no sound
    sources: list[QUrl] = []
    pane.player.sourceChanged.connect(sources.append)
    QTest.keyClick(viewer, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: sources == [QUrl()])


def test_a_sound_is_heard_as_loud_as_is_wished(show: Show, tmp_path: Path, qtbot: QtBot) -> None:
    viewer = show([exhibit(sound(tmp_path / "hum.wav"), "audio/wav")])
    pane = viewer.pane
    assert isinstance(pane, PlayerPane)
    qtbot.waitUntil(lambda: pane.volume.isEnabled() and pane.seek.maximum() > 0)
    assert pane.time.text() == "0:00 / 0:03"
    before = pane.volume.value()
    QTest.keyClick(viewer, Qt.Key.Key_Down)
    assert pane.volume.value() < before
    QTest.keyClick(viewer, Qt.Key.Key_M)
    assert pane.mute.accessibleName() == "Sound on"
    pane.mute.click()
    assert pane.mute.accessibleName() == "Mute"
    QTest.mouseClick(pane.face, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: pane.playing)
    viewer.close()
    assert clock(3_723_000) == "1:02:03"


def test_what_cannot_be_played_is_said(show: Show, tmp_path: Path, qtbot: QtBot) -> None:
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(b"\0\0\0\x18ftypmp42 and nothing else")
    viewer = show([exhibit(broken, "video/mp4"), exhibit(sound(tmp_path / "a.wav"), "audio/wav")])
    pane = viewer.pane
    assert isinstance(pane, PlayerPane)
    qtbot.waitUntil(lambda: "broken.mp4 cannot be played here" in pane.face.words)
    assert "Open it with the system's program" in pane.face.words
    assert not pane.play.isEnabled()
    assert viewer.save.isEnabled()
    assert viewer.open_with.isEnabled()
    QTest.keyClick(viewer, Qt.Key.Key_PageDown, CONTROL)
    qtbot.waitUntil(lambda: pane.volume.isEnabled())
    assert pane.play.isEnabled()
    assert pane.face.words == ""
    viewer.close()


def test_pages_are_painted_where_they_are_seen(show: Show, tmp_path: Path, qtbot: QtBot) -> None:
    viewer = show([exhibit(document(tmp_path / "paper.pdf"), "application/pdf")])
    pane = viewer.pane
    assert isinstance(pane, PagesPane)
    sheets = pane.sheets
    qtbot.waitUntil(lambda: 0 in sheets.painted)
    assert viewer.facts.text().endswith("page 1 of 40")
    QTest.keyClick(viewer, Qt.Key.Key_End)
    qtbot.waitUntil(lambda: 39 in sheets.painted)
    assert not {10, 20, 30} & sheets.painted
    assert viewer.facts.text().endswith("page 40 of 40")
    sheets.go_to(20)
    assert sheets.current == 20
    QTest.keyClick(viewer, Qt.Key.Key_Right)
    assert sheets.current == 21
    fitting = sheets.zoom
    viewer.larger.click()
    assert sheets.zoom == pytest.approx(1.25 * fitting)
    assert sheets.current == 21  # what was seen is still seen
    QTest.keyClick(viewer, Qt.Key.Key_0)
    assert sheets.zoom == pytest.approx(fitting)
    viewer.close()


def test_a_document_that_is_broken_says_so(show: Show, tmp_path: Path, qtbot: QtBot) -> None:
    broken = tmp_path / "broken.pdf"
    broken.write_bytes(b"%PDF-1.7 and nothing else")
    viewer = show([exhibit(broken, "application/pdf")])
    pane = viewer.pane
    assert isinstance(pane, PagesPane)
    qtbot.waitUntil(lambda: "damaged" in pane.sheets.accessibleDescription())
    viewer.close()


def test_code_is_coloured_selected_and_copied(show: Show, tmp_path: Path, qtbot: QtBot) -> None:
    text = "def f():\n    return 'äö😀' + 1  # why\n" + "x = 1\n" * 5000
    (tmp_path / "code.py").write_text(text, encoding="utf-8")
    viewer = show([exhibit(tmp_path / "code.py", "text/plain")])
    pane = viewer.pane
    assert isinstance(pane, TextPane)
    qtbot.waitUntil(lambda: pane.can_copy)
    assert viewer.facts.text().endswith("003 lines")
    first, second = (pane.field.document().findBlockByNumber(at) for at in (0, 1))
    assert first.layout().formats()[0].format.foreground().color() == QColor(
        pane.theme.color("keyword")
    )
    comment = second.layout().formats()[-1]
    assert comment.format.fontItalic()
    assert comment.start == len("    return 'äö😀' + 1  ") + 1  # Qt counts the smile twice
    assert not pane.field.document().findBlockByNumber(4000).layout().formats()
    pane.field.verticalScrollBar().setValue(4000)
    assert pane.field.document().findBlockByNumber(4000).layout().formats()
    pane.field.moveCursor(pane.field.textCursor().MoveOperation.Start)
    QTest.keyClick(viewer, Qt.Key.Key_C, CONTROL)
    assert QGuiApplication.clipboard().text() == text
    pane.field.selectAll()
    before = pane.field.font().pixelSize()
    viewer.larger.click()
    assert pane.field.font().pixelSize() > before
    viewer.close()


def test_the_file_itself_is_copied_and_opened_under_its_name(
    show: Show, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored = sound(tmp_path / ("a" * 64))
    opened: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(url.toLocalFile()))
    viewer = show([exhibit(stored, "audio/wav", "my hum.wav")])
    QGuiApplication.clipboard().setText("nothing yet")
    viewer.copy.click()
    qtbot.waitUntil(lambda: QGuiApplication.clipboard().mimeData().hasUrls())
    copy = Path(QGuiApplication.clipboard().mimeData().urls()[0].toLocalFile())
    assert copy.name == "my hum.wav"
    assert copy.read_bytes() == stored.read_bytes()
    assert copy != stored
    QTest.keyClick(viewer, Qt.Key.Key_O, CONTROL)
    qtbot.waitUntil(lambda: opened == [str(copy)])
    stored.unlink()
    copy.unlink()
    viewer.open_with.click()
    qtbot.waitUntil(lambda: viewer.facts.text() == "The file could not be read.")
    viewer.close()


@pytest.mark.parametrize(
    ("name", "mime", "lent"),
    [
        ("a.png", "image/png", "a.png"),
        ("a.PNG", "image/png", "a.PNG"),
        ("run.bat", "text/plain", "run.bat.txt"),
        ("script.sh", "text/plain", "script.sh.txt"),
        ("notes.md", "text/markdown", "notes.md"),
        ("clip", "video/mp4", "clip.mp4"),
        ("clip.exe", "video/mov", "clip.exe.mov"),
        ("../../x\n.png", "image/png", "x.png"),
        ("", "image/png", "attachment.png"),
        # An answer may name any type.
        ("", "image/exe", "attachment.png"),
        ("", "video/bat", "attachment.mp4"),
        ("", "audio/mp3", "attachment.mp3"),
        ("", "application/x-sh", "attachment.bin"),
        ("setup.exe", "application/x-msdownload", "setup.exe.bin"),
        ("a.svg", "image/svg", "a.svg.png"),
        ("page.html", "text/html", "page.html.txt"),
    ],
)
def test_what_is_lent_can_only_be_looked_at(name: str, mime: str, lent: str) -> None:
    given = Exhibit(("m", "s"), name, media=Media(mime=mime, sha256="s", name=name))
    assert lent_name(given) == lent


def test_a_copy_that_could_not_be_made_whole_is_not_lent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored = tmp_path / "stored"
    stored.write_bytes(b"x" * 100)
    given = exhibit(stored, "audio/wav", "hum.wav")

    def fall(source: Path, target: Path) -> None:
        target.write_bytes(b"x")
        raise OSError("No space left on device")

    lending = Lending(tmp_path / "lent")
    with monkeypatch.context() as broken:
        broken.setattr("shutil.copyfile", fall)
        with pytest.raises(OSError, match="space"):
            lending.lend(given)
    assert not [*(tmp_path / "lent").rglob("*.*")]
    assert lending.lend(given).read_bytes() == stored.read_bytes()


def test_saving_leaves_the_old_file_until_the_new_one_is_whole(
    tmp_path: Path, qtbot: QtBot, theme: Theme
) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    target = tmp_path / "mine.txt"
    target.write_text("old")

    def fall(path: Path) -> None:
        path.write_text("half")
        raise OSError(28, "No space left on device")

    save("Save as", target, fall, parent)
    assert target.read_text() == "old"
    assert [*tmp_path.iterdir()] == [target]
    assert "No space" in parent.findChildren(QMessageBox)[0].text()


@pytest.mark.parametrize("side", [(600, 14_000), (1, 14_400), (14_400, 1), (3, 3)])
def test_a_page_of_any_size_is_painted_in_bounded_memory(
    show: Show, tmp_path: Path, qtbot: QtBot, side: tuple[int, int]
) -> None:
    paper = pypdfium2.PdfDocument.new()
    paper.new_page(*side)
    paper.save(tmp_path / "long.pdf")
    paper.close()
    page = pdf.paint_page(tmp_path / "long.pdf", "long.pdf", 0, 4000)
    assert page.width_px * page.height_px <= pdf.MOST_PAINTED_PX * 1.01 + 30_000
    viewer = show([exhibit(tmp_path / "long.pdf", "application/pdf")])
    pane = viewer.pane
    assert isinstance(pane, PagesPane)
    qtbot.waitUntil(lambda: pane.sheets.painted == frozenset({0}))
    pane.sheets.set_zoom(6.0)
    pane.sheets._want()
    qtbot.waitUntil(lambda: not pane.sheets._asked)
    viewer.close()
