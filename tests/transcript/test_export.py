"""A chat on paper and in files: nothing is lost, nothing runs, the window goes on."""

from __future__ import annotations

import base64
import json
import random
import re
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pypdfium2
import pytest
from PySide6.QtGui import QColor, QImage
from PySide6.QtPrintSupport import QPrinter
from PySide6.QtWidgets import QDialog, QFileDialog, QWidget
from pytestqt.qtbot import QtBot
from shown_chat import HandChat, chat_of

from app.domain.message import Media, Reasoning, Role, Text, ToolCall
from app.domain.settings import Service
from app.ui.export.desk import ExportDesk, file_name, messages_of
from app.ui.export.files import Kind, beside, kind_of
from app.ui.export.texts import PIECE_BYTES, json_pieces, markdown_pieces
from app.ui.export.web_page import page_pieces
from app.ui.transcript.means import Means
from app.written_chats import read_history

Write = Callable[[HandChat, Path], str]
HOSTILE = (
    "<script>alert(1)</script> <img src=x onerror=alert(1)> [a](javascript:alert(1))\n\n"
    "$\\text{<script>alert(2)</script>}$ ![x](https://example.org/x.png)"
)


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "stored"
    image = QImage(400, 200, QImage.Format.Format_RGB32)
    image.fill(QColor("#ff0000"))
    image.save(str(path), "PNG")
    return path


@pytest.fixture
def desk(qtbot: QtBot, picture: Path) -> ExportDesk:
    window = QWidget()
    qtbot.addWidget(window)
    means = Means(path_of=lambda sha256: picture if sha256 == "red" else None)
    return ExportDesk(means, window)


@pytest.fixture
def write(desk: ExportDesk, qtbot: QtBot) -> Write:
    def written(chat: HandChat, path: Path) -> str:
        with qtbot.waitSignal(desk.noticed, timeout=20_000) as told:
            desk.write(chat, path)  # type: ignore[arg-type]
        assert told.args is not None
        assert not beside(path).exists()
        return str(told.args[0])

    return written


def titled(chat: HandChat, title: str = "A chat") -> HandChat:
    chat.conversation = replace(chat.conversation, title=title)
    return chat


def words_of(path: Path) -> list[str]:
    """The words of each page of a PDF."""
    document = pypdfium2.PdfDocument(path)
    try:
        return [page.get_textpage().get_text_range() for page in document]
    finally:
        document.close()


def test_every_line_is_on_a_page(write: Write, tmp_path: Path) -> None:
    code = "\n".join(f"line_{n:03} = 1  # with some words behind it" for n in range(200))
    rows = "\n".join(
        f"| row_{number:03} with words behind it | and another cell with words |"
        for number in range(70)
    )
    paragraph = " ".join(f"word_{number:03}" for number in range(900))
    answer = f"# Head\n\n```python\n{code}\n```\n\n| a | b |\n|-|-|\n{rows}\n\n{paragraph}"
    path = tmp_path / "chat.pdf"
    assert write(titled(chat_of("Question?", answer)), path) == "Saved as “chat.pdf”."
    pages = words_of(path)
    assert len(pages) > 5
    assert "A chat" in pages[0]
    assert "Question?" in pages[0]
    everything = "\n".join(pages)
    for name, count in (("line", 200), ("row", 70), ("word", 900)):
        for number in range(count):
            assert f"{name}_{number:03}" in everything
    assert [page.split()[-1] for page in pages] == [str(n + 1) for n in range(len(pages))]


def test_headings_are_not_left_behind(write: Write, tmp_path: Path) -> None:
    filling = "\n\n".join(["A paragraph."] * 23)
    chat = chat_of("Q", f"{filling}\n\n## Lonely\n\n" + "Words that follow. " * 200)
    path = tmp_path / "chat.pdf"
    write(titled(chat), path)
    for page in words_of(path):
        assert not page.strip().splitlines()[-2].startswith("Lonely")


def test_pictures_and_formulas_are_on_paper(write: Write, tmp_path: Path) -> None:
    media = Media(mime="image/png", sha256="red", name="red.png")
    chat = chat_of((media, Text("Look")), "With $\\sqrt{x}$ and\n\n$$\ny^2\n$$", "Q", (media,))
    path = tmp_path / "chat.pdf"
    write(titled(chat), path)
    document = pypdfium2.PdfDocument(path)
    drawn = document[0].render(scale=1).to_pil().convert("RGB")
    document.close()
    colours = drawn.getcolors(1 << 24)
    assert colours is not None
    red = sum(count for count, colour in colours if colour[0] > 230 and colour[1] < 30)
    assert red > 20_000, "both pictures"
    assert "\\sqrt" not in words_of(path)[0], "the formula is drawn"


def test_the_window_goes_on_while_a_long_chat_is_printed(
    desk: ExportDesk, qtbot: QtBot, tmp_path: Path
) -> None:
    chat = titled(chat_of(*["A question", "An answer. " * 300] * 15))
    printer = QPrinter()
    printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
    printer.setOutputFileName(str(tmp_path / "printed.pdf"))
    with qtbot.waitSignal(desk.noticed, timeout=20_000) as told:
        desk.print_on(printer, chat)  # type: ignore[arg-type]
        assert not told.signal_triggered
    assert told.args == ["Saved as “printed.pdf”."]
    assert len(words_of(tmp_path / "printed.pdf")) > 10


def test_a_long_print_is_told_of_and_stopped(
    desk: ExportDesk, qtbot: QtBot, tmp_path: Path
) -> None:
    chat = titled(chat_of(*["A question", "An answer. " * 600] * 40))
    path = tmp_path / "chat.pdf"
    said: list[str] = []
    desk.busy.connect(lambda words, stop: (said.append(words), stop()))
    desk.noticed.connect(said.append)
    with qtbot.waitSignal(desk.noticed, timeout=20_000):
        desk.write(chat, path)  # type: ignore[arg-type]
    assert said == ["20 pages so far…", "The chat could not be saved: Printing was stopped."]
    assert not path.exists()
    assert not beside(path).exists()


def test_the_window_may_go_while_it_prints(desk: ExportDesk, qtbot: QtBot, tmp_path: Path) -> None:
    chat = titled(chat_of(*["A question", "An answer. " * 600] * 40))
    desk.write(chat, tmp_path / "chat.pdf")  # type: ignore[arg-type]
    with qtbot.waitSignal(desk.noticed):
        desk.stop()


def test_an_empty_chat_is_not_printed(desk: ExportDesk, qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "chat.pdf"
    with qtbot.waitSignal(desk.noticed) as told:
        desk.write(chat_of(), path)  # type: ignore[arg-type]
    assert told.args is not None
    assert "nothing to print" in told.args[0]
    assert not path.exists()
    assert not beside(path).exists()


def test_a_file_that_cannot_be_written_is_told_and_leaves_the_old_one(
    write: Write, tmp_path: Path
) -> None:
    chat = titled(chat_of("Q", "A"))
    folder = tmp_path / "folder.md"
    folder.mkdir()
    assert "could not be saved" in write(chat, folder)
    assert "could not be saved" in write(chat, tmp_path / "missing" / "chat.pdf")
    assert folder.is_dir()


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def test_nothing_in_a_web_page_runs_or_loads(tmp_path: Path) -> None:
    chat = chat_of(HOSTILE, HOSTILE)
    title = "</title><script>alert(3)</script>"
    reader = _Tags()
    reader.feed("".join(page_pieces(title, chat.conversation.path(), lambda sha256: None)))
    for tag, attributes in reader.found:
        assert tag not in ("script", "iframe", "object", "link", "base", "form")
        assert not [name for name in attributes if name.startswith("on")]
        assert not (attributes.get("href") or "").startswith("javascript:")
        assert tag != "img" or (attributes["src"] or "").startswith(("data:", "https:"))
    policy = next(a for tag, a in reader.found if tag == "meta" and "http-equiv" in a)
    assert "default-src 'none'" in (policy["content"] or "")


def test_the_type_of_a_picture_stays_within_its_mark(picture: Path) -> None:
    hostile = 'image/x"><meta http-equiv="refresh" content="0,url=https://example.org/"><i "'
    chat = chat_of("Q", (Media(mime=hostile, sha256="red"),))
    reader = _Tags()
    reader.feed("".join(page_pieces("x", chat.conversation.path(), lambda sha256: picture)))
    assert "refresh" not in [attributes.get("http-equiv") for _, attributes in reader.found]


def test_a_web_page_has_all_of_it(write: Write, tmp_path: Path) -> None:
    media = Media(mime="image/png", sha256="red", name="red.png")
    parts = (Reasoning("Let me **think**.", 9.0), Text("So $x^2$\n\n- [x] done"), media)
    path = tmp_path / "chat.html"
    write(titled(chat_of("a < b", parts)), path)
    html = path.read_text("utf-8")
    assert "<summary>Thought for 9 s</summary>" in html
    assert "<strong>think</strong>" in html
    assert "a &lt; b" in html
    assert '<svg role="img" aria-label="x^2"' in html
    assert 'src="data:image/png;base64,' in html
    assert 'type="checkbox"' in html


def test_a_web_page_has_colours_and_notes_of_their_own() -> None:
    text = 'A[^1].\n\n[^1]: n id="fn-1"\n\n```python\nif a < b: pass  # "fn\n```'
    html = "".join(
        page_pieces("x", chat_of("Q", text, "Q", text).conversation.path(), lambda sha256: None)
    )
    assert '<span class="keyword">if</span> a &lt; b' in html
    assert '<span class="comment"># "fn</span>' in html
    assert ".keyword { color: var(--keyword) }" in html
    targets = re.findall(r'href="#([^"]+)"', html)
    ids = re.findall(r'<[^>]* id="([^"]+)"', html)
    assert sorted(targets) == sorted(ids)
    assert len(set(ids)) == 4
    assert 'n id="fn-1"' in html


def test_markdown_keeps_the_source(tmp_path: Path) -> None:
    parts = (Reasoning("one\n\ntwo"), Text("**bold**\n"), Media(mime="image/png", sha256="x"))
    text = "".join(markdown_pieces("A\nchat", chat_of("Hello", parts).conversation.path()))
    assert text.startswith("# A chat\n\n## You\n\n*")
    assert "\n\n> Reasoning\n>\n> one\n>\n> two\n\n**bold**\n\n(image/png)\n" in text


def test_json_is_read_again(picture: Path, tmp_path: Path) -> None:
    media = Media(mime="image/png", sha256="red", name="red.png")
    paper = Media(mime="application/pdf", url="https://example.org/a.pdf", name="a.pdf")
    call = ToolCall(id="c1", name="look", arguments='{"at": "it"}')
    chat = chat_of((media, paper, Text("Look")), (Reasoning("Hm."), Text("Red."), call))
    messages = chat.conversation.path()
    path = tmp_path / "chat.json"
    path.write_text(
        "".join(json_pieces("A chat", messages, lambda sha256: picture)), encoding="utf-8"
    )
    assert json.loads(path.read_text("utf-8"))["title"] == "A chat"
    stored: list[bytes] = []

    def add(data: bytes) -> str:
        stored.append(data)
        return "red"

    ids = iter("ab")
    service = Service(id="s", base_url="https://example.org/v1")
    history = read_history(path, service, add, lambda: next(ids), 0.0)
    question, answer = history.messages
    assert stored == [picture.read_bytes()]
    assert [part.mime for part in question.media] == ["image/png", "application/pdf"]
    assert question.text == "Look"
    assert (answer.text, answer.reasoning, answer.tool_calls[0].name) == ("Red.", "Hm.", "look")


def test_json_comes_in_pieces_however_large_an_attachment_is(tmp_path: Path) -> None:
    content = random.Random(1).randbytes(5_000_001)
    file = tmp_path / "film.mp4"
    file.write_bytes(content)
    media = Media(mime="video/mp4", sha256="film", name="film.mp4")
    chat = chat_of((media, Text('Look\nat "it"')), "Seen.", (media,), "Again.")
    pieces = [*json_pieces("A chat", chat.conversation.path(), lambda sha256: file, "c")]
    assert max(map(len, pieces)) <= 4 * PIECE_BYTES // 3
    text = "".join(pieces)
    found = json.loads(text)
    assert (found["id"], found["title"]) == ("c", "A chat")
    assert text == json.dumps(found, ensure_ascii=False, indent=2) + "\n"
    for at in (0, 2):
        url = found["messages"][at]["content"][0]["video_url"]["url"]
        assert url == f"data:video/mp4;base64,{base64.b64encode(content).decode()}"
    assert "".join(json_pieces("None", (), lambda sha256: None)) == (
        '{\n  "title": "None",\n  "messages": []\n}\n'
    )


def test_an_answer_that_is_being_written_is_taken_as_it_is() -> None:
    chat = chat_of("Q")
    chat.begin()
    chat.answer("So far")
    last = messages_of(chat)[-1]  # type: ignore[arg-type]
    assert (last.role, last.text) == (Role.ASSISTANT, "So far")


def test_names_of_files() -> None:
    assert file_name("What? a/b: <c>") == "What a b c"
    assert file_name("..") == "Chat"
    assert len(file_name("x" * 500)) == 80
    assert kind_of(Path("a.HTML"), Kind.PDF) is Kind.WEB_PAGE
    assert kind_of(Path("a"), Kind.JSON) is Kind.JSON


def test_of_an_empty_chat_no_place_is_asked_for(desk: ExportDesk, qtbot: QtBot) -> None:
    window = desk.parent()
    assert isinstance(window, QWidget)
    for ask in (desk.save, desk.print):
        with qtbot.waitSignal(desk.noticed) as told:
            ask(chat_of())  # type: ignore[arg-type]
        assert told.args == ["There is nothing in this chat yet."]
        assert window.findChild(QDialog) is None


def test_the_dialog_offers_all_kinds(desk: ExportDesk, qtbot: QtBot, tmp_path: Path) -> None:
    chat = titled(chat_of("Q", "A"), "What: now?")
    desk.save(chat)  # type: ignore[arg-type]
    window = desk.parent()
    assert isinstance(window, QWidget)
    dialog = window.findChild(QFileDialog)
    assert dialog is not None
    assert [name.split("(*.")[1] for name in dialog.nameFilters()] == [
        "pdf)",
        "html)",
        "md)",
        "json)",
    ]
    assert Path(dialog.selectedFiles()[0]).name == "What now.pdf"
    dialog.filterSelected.emit(Kind.MARKDOWN.filter)
    assert Path(dialog.selectedFiles()[0]).name == "What now.md"
    path = tmp_path / "given.md"
    with qtbot.waitSignal(desk.noticed):
        dialog.fileSelected.emit(str(path))
    assert "A" in path.read_text("utf-8")
    dialog.close()
