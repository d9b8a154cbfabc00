"""What other programs give, by drag and drop, by the clipboard and by file dialogs, is attached."""

from __future__ import annotations

import base64
import io
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from loopback import Loopback, events, in_thread
from PIL import Image
from virtual_desktop import SYSTEM_PYTHON, Desktop, wait_for

HERE = Path(__file__).resolve().parent
Start = Callable[..., Any]
Offer = dict[str, bytes | str]
SETTINGS = """\
default_service = "test"
[[services]]
id = "test"
name = "Test"
base_url = "{url}/v1"
auth = "none"
default_model = "small"
models_path = ""
"""
ANSWER = events({"choices": [{"index": 0, "delta": {"content": "Yes."}, "finish_reason": "stop"}]})


def picture(kind: str = "PNG", size: tuple[int, int] = (60, 40)) -> bytes:
    target = io.BytesIO()
    Image.effect_noise(size, 60).convert("RGB").save(target, kind)
    return target.getvalue()


@pytest.fixture
def service(linnet_home: Path) -> Iterator[Loopback]:
    with in_thread() as server:
        linnet_home.mkdir()
        (linnet_home / "settings.toml").write_text(SETTINGS.format(url=server.url))
        server.add(ANSWER)
        yield server


Gives = Callable[..., "Giver"]


class Giver:
    """A program that gives away `offered`: types of data and what each holds."""

    def __init__(self, desktop: Desktop, folder: Path, way: str, offered: Offer) -> None:
        self._desktop = desktop
        folder.mkdir()
        words = []
        for at, (kind, data) in enumerate(offered.items()):
            file = folder / f"offer-{at}"
            file.write_bytes(data.encode() if isinstance(data, str) else data)
            words.append(f"{kind}={file}")
        self._log_name = f"giver of {folder.parent.name} {folder.name}"
        script = [SYSTEM_PYTHON, str(HERE / "giver.py"), way, *words]
        self._process = desktop.spawn(*script, log_name=self._log_name)
        wait_for(lambda: "ready" in self.given, "the giver")

    @property
    def given(self) -> list[str]:
        """The types that were asked for."""
        lines = self._desktop.log(self._log_name).splitlines()
        return [line.removeprefix("given ") for line in lines]

    def drag_to(self, place: tuple[int, int]) -> None:
        window = self._desktop.window("^Giver$")
        self._desktop.activate(window)
        self._desktop.drag(self._desktop.area(window).centre, place)

    def close(self) -> None:
        self._process.terminate()
        self._process.wait()


@pytest.fixture
def give(desktop: Desktop, tmp_path: Path) -> Iterator[Gives]:
    given: list[Giver] = []

    def begin(way: str, offered: Offer) -> Giver:
        while given:  # one at a time: each has the clipboard, or the place on the screen
            given.pop().close()
        given.append(Giver(desktop, tmp_path / f"given-{time.monotonic_ns()}", way, offered))
        return given[-1]

    yield begin
    for giver in given:
        giver.close()


def names(desktop: Desktop) -> list[str]:
    return [node["name"] for node in desktop.accessible("tree")]


def chips(desktop: Desktop) -> list[str]:
    """The names of what is attached, or refused, in the order in which a screen reader goes."""
    found = names(desktop)
    if any("Reading" in name for name in found):
        return []
    return [name.removeprefix("Remove ") for name in found if name.startswith("Remove ")]


def written(desktop: Desktop) -> str:
    nodes = desktop.accessible("tree")
    return next((str(n.get("text", "")) for n in nodes if n["name"] == "Message"), "")


def questions(service: Loopback) -> list[Any]:
    """What was asked; the list of models is asked for, too."""
    return [seen.json for seen in service.requests if seen.method == "POST"]


def sent_pictures(service: Loopback) -> list[bytes]:
    """What the pictures in the last question hold."""
    content = questions(service)[-1]["messages"][-1]["content"]
    urls = [part["image_url"]["url"] for part in content if part["type"] == "image_url"]
    return [base64.b64decode(url.partition(",")[2]) for url in urls]


def wait_for_chips(desktop: Desktop, *expected: str) -> None:
    wait_for(lambda: chips(desktop) == [*expected], f"the chips {expected}")


def clear(desktop: Desktop) -> None:
    for name in chips(desktop):
        desktop.accessible("press", f"Remove {name}")
    desktop.accessible("write", "Message", "")


def uris(*paths: Path) -> str:
    return "".join(f"{path.as_uri()}\r\n" for path in paths)


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    """A picture and a text, with names that have to be quoted."""
    seen, read = tmp_path / "a bird ü (1).PNG", tmp_path / "50% of 'it'.txt"
    seen.write_bytes(picture())
    read.write_text("Remember the milk.")
    return seen, read


CAT = "https://example.org/cat.png"
PAGE = "https://example.org/page"
IMAGE_TAG = f'<meta http-equiv="content-type" content="text/html"><img src="{CAT}">'


def test_drops_from_another_program(
    desktop: Desktop, start: Start, service: Loopback, give: Gives, files: tuple[Path, Path]
) -> None:
    program = start()
    window = desktop.area(program.window)
    wait_for(lambda: "Message" in names(desktop), "the field")
    field = desktop.place("Message").centre
    chats = (window.x + 130, window.y + window.height - 150)
    png = picture(size=(600, 500))  # so large that it comes in parts
    assert len(png) > 400_000

    give("drag", {"text/uri-list": uris(*files)}).drag_to(chats)
    wait_for_chips(desktop, *(path.name for path in files))
    clear(desktop)

    browser = {"text/html": IMAGE_TAG, "image/png": png, "text/uri-list": f"{CAT}\r\n",
               "text/x-moz-url": f"{CAT}\ncat".encode("utf-16-le"), "text/plain": CAT}  # fmt: skip
    giver = give("drag", browser)
    giver.drag_to(field)
    wait_for_chips(desktop, "cat.png")
    assert "image/png" in giver.given
    desktop.accessible("press", "Send")
    wait_for(lambda: questions(service), "the question")
    assert sent_pictures(service) == [png], "the data, not the address"

    del browser["image/png"], browser["text/plain"]
    give("drag", browser).drag_to(chats)
    wait_for_chips(desktop, "cat.png")
    assert any(name.startswith("cat.png") and "Link" in name for name in names(desktop))
    clear(desktop)

    link = {"text/uri-list": f"{PAGE}\r\n", "text/html": f'<a href="{PAGE}">x</a>'}
    give("drag", link).drag_to(chats)
    wait_for(lambda: written(desktop) == PAGE, "the address of a page, which is no attachment")
    assert not chips(desktop)
    clear(desktop)

    words = {"text/plain;charset=utf-8": "wörds", "UTF8_STRING": "wörds"}
    for place in (chats, field):
        give("drag", words).drag_to(place)
        wait_for(lambda: written(desktop) == "wörds", "the dropped words")
        clear(desktop)

    give("drag", {"application/x-unheard-of": "?"}).drag_to(chats)
    nothing = "There is nothing in it that can be attached."
    wait_for(lambda: nothing in names(desktop), "a word about it")
    assert program.quit() == 0


def test_the_clipboard_of_another_program(
    desktop: Desktop, start: Start, service: Loopback, give: Gives, files: tuple[Path, Path]
) -> None:
    program = start()
    window = program.window
    wait_for(lambda: "Message" in names(desktop), "the field")

    def paste(offered: Offer) -> Giver:
        giver = give("copy", offered)
        desktop.activate(window)
        desktop.click(*desktop.place("Message").centre)
        desktop.keys("ctrl+v")
        return giver

    paste({"image/png": picture(size=(600, 500)), "text/html": IMAGE_TAG})
    wait_for_chips(desktop, "Pasted picture.png")
    clear(desktop)

    bitmap = picture("BMP")
    paste({"image/bmp": bitmap})
    wait_for_chips(desktop, "Pasted picture.png")
    desktop.accessible("press", "Send")
    wait_for(lambda: questions(service), "the question")
    (sent,) = sent_pictures(service)
    as_it_was, as_it_is = (Image.open(io.BytesIO(data)).convert("RGB") for data in (bitmap, sent))
    assert sent.startswith(b"\x89PNG")
    assert as_it_was.tobytes() == as_it_is.tobytes()

    listed = "\n".join(("copy", *(path.as_uri() for path in files)))
    both = {"x-special/gnome-copied-files": listed, "text/uri-list": uris(*files),
            "text/plain;charset=utf-8": "\n".join(map(str, files))}  # fmt: skip
    for offered in (both, {"x-special/gnome-copied-files": listed}):
        paste(offered)
        wait_for_chips(desktop, *(path.name for path in files))
        clear(desktop)

    table = {"text/plain;charset=utf-8": "a\tb\n1\t2", "UTF8_STRING": "a\tb\n1\t2",
             "text/plain": "a\tb\n1\t2", "image/png": picture()}  # fmt: skip
    paste(table)
    wait_for(lambda: written(desktop) == "a\tb\n1\t2", "the cells of a spreadsheet, as text")
    assert not chips(desktop)
    clear(desktop)

    paste({"UTF8_STRING": "A long story. " * 1000, "text/plain;charset=utf-8": "A story. " * 1000})
    wait_for(lambda: "Attach it as a file" in names(desktop), "the offer")
    desktop.accessible("press", "Attach it as a file")
    wait_for_chips(desktop, "Pasted text.txt")
    assert written(desktop) == ""
    assert program.quit() == 0


def test_files_chosen_in_the_dialog(
    desktop: Desktop, start: Start, service: Loopback, files: tuple[Path, Path]
) -> None:
    program = start()
    window = program.window
    wait_for(lambda: "Attach" in names(desktop), "the button")
    desktop.activate(window)
    shown = len(desktop.windows("^linnet$", by="class"))
    desktop.accessible("press", "Attach")
    wait_for(lambda: len(desktop.windows("^linnet$", by="class")) > shown, "the menu")
    desktop.keys("Down")
    desktop.keys("Return")
    dialog = desktop.window("Attach files")
    desktop.activate(dialog)
    desktop.accessible("write", "File name:", " ".join(f'"{path}"' for path in files))
    desktop.keys("Return")
    wait_for_chips(desktop, *(path.name for path in files))
    assert desktop.windows("Attach files") == []

    desktop.keys("ctrl+o")
    desktop.activate(desktop.window("Attach files"))
    desktop.keys("Escape")
    wait_for(lambda: not desktop.windows("Attach files"), "the end of the dialog")
    wait_for_chips(desktop, *(path.name for path in files))
    desktop.activate(window)
    assert program.quit() == 0
