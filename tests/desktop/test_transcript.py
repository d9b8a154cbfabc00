"""The transcript on a real desktop: read by a screen reader, driven by mouse, keys, clipboard."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from loopback import Loopback, events
from virtual_desktop import SYSTEM_PYTHON, Desktop, wait_for

Start = Callable[..., Any]
HERE = Path(__file__).resolve().parent

PARTS = [
    "A **linnet** is a finch, see [the page](https://example.org/linnet).\n\n",
    "- red breast\n- forked tail\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n",
    "```python\nprint('tweet')\n```\n\nMath: $x^2$.",
]
READ = (
    "A linnet is a finch, see the page.\n• red breast\n• forked tail\na, b\n1, 2\n"
    "print('tweet')\nMath: x^2."
)


def answer(*parts: str) -> Any:
    chunks = [{"choices": [{"index": 0, "delta": {"content": part}}]} for part in parts]
    return events(*chunks, {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})


def nodes(desktop: Desktop) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = desktop.accessible("tree")
    return found


def messages(desktop: Desktop) -> list[dict[str, Any]]:
    """The items of the transcript, in order."""
    return [n for n in nodes(desktop) if n["role"] == "list item" and re.search(r"\d:", n["name"])]


def names(desktop: Desktop) -> set[str]:
    return {node["name"] for node in nodes(desktop)}


def ask(desktop: Desktop, question: str) -> None:
    desktop.accessible("write", "Message", question)
    desktop.accessible("press", "Send")


def clipboard(desktop: Desktop, kind: str = "UTF8_STRING") -> str:
    return desktop.run("xclip", "-selection", "clipboard", "-o", "-t", kind)


def test_a_screen_reader_reads_the_messages_and_presses_their_buttons(
    desktop: Desktop, start: Start, service: Loopback
) -> None:
    service.add(answer(*PARTS), answer("Another answer."))
    program = start()
    assert program.window
    script = [SYSTEM_PYTHON, str(HERE / "accessible.py"), "linnet", "listen", "15"]
    listener = desktop.spawn(*script, log_name="announcements")
    wait_for(lambda: "listening" in desktop.log("announcements"), "the listener")
    ask(desktop, "What is a linnet?")
    wait_for(lambda: "Regenerate" in names(desktop), "the answer")
    question, reply = messages(desktop)
    assert re.fullmatch(r"You, \d\d:\d\d", question["name"])
    assert question["text"] == "What is a linnet?"
    assert re.fullmatch(r"small, \d\d:\d\d", reply["name"])
    assert reply["text"] == READ
    assert desktop.accessible("read", "small,") == READ
    assert {"showing", "focusable"} <= set(reply["states"])
    assert listener.wait(20) == 0
    told = json.loads(desktop.log("announcements").splitlines()[-1])["found"]
    assert told == ["small has answered."]
    assert {"Copy", "Save code", "Wrap lines", "More", "the page"} <= names(desktop)
    desktop.accessible("press", "Regenerate")
    wait_for(lambda: messages(desktop)[-1]["text"] == "Another answer.", "the other answer")
    assert len(service.requests) == 2
    desktop.accessible("press", "Older version")
    wait_for(lambda: messages(desktop)[-1]["text"] == READ, "the first answer")
    assert program.quit() == 0


def test_a_long_answer_is_read_to_its_end(
    desktop: Desktop, start: Start, service: Loopback
) -> None:
    paragraphs = [f"Paragraph {number} of it." for number in range(900)]
    service.add(answer("\n\n".join(paragraphs)))
    program = start()
    assert program.window
    ask(desktop, "At length, please")
    wait_for(lambda: "Regenerate" in names(desktop), "the end of the answer")
    assert desktop.accessible("read", "small,") == "\n".join(paragraphs)
    assert program.quit() == 0


def test_text_is_selected_by_keyboard_and_copied(
    desktop: Desktop, start: Start, service: Loopback
) -> None:
    service.add(answer(*PARTS))
    program = start()
    ask(desktop, "What is a linnet?")
    wait_for(lambda: "Regenerate" in names(desktop), "the answer")
    desktop.activate(program.window)
    desktop.keys("F7", "ctrl+Home", "Right", "Right", "ctrl+shift+Right", "ctrl+shift+Right")
    desktop.keys("ctrl+c")
    wait_for(lambda: clipboard(desktop) == "at is", "the copy")
    desktop.keys("ctrl+a", "ctrl+c")
    wait_for(lambda: clipboard(desktop).startswith("What is a linnet?"), "the copy of all")
    assert "<strong>linnet</strong>" in clipboard(desktop, "text/html")
    assert "**linnet**" in clipboard(desktop, "text/markdown")
    assert program.quit() == 0


def test_selected_text_is_pasted_with_the_middle_button(
    desktop: Desktop, start: Start, service: Loopback
) -> None:
    service.add(answer("Some words to take along."))
    program = start()
    ask(desktop, "Say something")
    wait_for(lambda: "Regenerate" in names(desktop), "the answer")
    desktop.activate(program.window)
    area = next(n for n in messages(desktop) if n["name"].startswith("small"))["area"]
    left, top, _, height = area
    window = desktop.area(program.window)
    column = next(n for n in nodes(desktop) if n["name"] == "Regenerate")["area"][0]
    y = top + height // 2
    assert window.y < y < window.y + window.height
    assert left < column
    desktop.drag((column + 4, y), (column + 600, y))
    wait_for(lambda: desktop.run("xclip", "-selection", "primary", "-o"), "the selection")
    field = desktop.place("Message").centre
    desktop.run("xdotool", "mousemove", str(field[0]), str(field[1]), "click", "2")

    def typed() -> str:
        return next((n.get("text", "") for n in nodes(desktop) if n["name"] == "Message"), "")

    wait_for(lambda: "words to take along." in typed(), "the pasted words")
    assert program.quit() == 0


def test_a_picture_is_opened_with_a_screen_reader(
    desktop: Desktop, start: Start, service: Loopback, tmp_path: Path
) -> None:
    service.add(answer("A window."))
    program = start()
    picture = tmp_path / "window.png"
    desktop.screenshot(picture, program.window)
    source = desktop.spawn(SYSTEM_PYTHON, "drag_source.py", str(picture), cwd=HERE)
    window = desktop.window("Drag source")
    desktop.run("xdotool", "windowmove", "--sync", window, "20", "20")
    desktop.activate(window)
    wait_for(lambda: "Message" in names(desktop), "the field")
    desktop.drag(desktop.area(window).centre, desktop.place("Message").centre)
    wait_for(lambda: any("window.png" in name for name in names(desktop)), "the chip")
    source.terminate()
    source.wait()
    ask(desktop, "What is this?")
    wait_for(lambda: "Regenerate" in names(desktop), "the answer")
    opener = wait_for(
        lambda: next((n for n in names(desktop) if n.startswith("Open ") and "png" in n), None),
        "the picture's button",
    )
    desktop.accessible("press", opener)
    viewer = desktop.window("window")
    assert "Zoom in" in names(desktop)
    desktop.activate(viewer)
    desktop.keys("Escape")
    wait_for(lambda: "Zoom in" not in names(desktop), "the end of the viewer")
    assert program.quit() == 0


@pytest.mark.parametrize(("keys", "title"), [("ctrl+s", "Save chat"), ("ctrl+p", "Print")])
def test_a_chat_is_saved_and_printed(
    desktop: Desktop, start: Start, service: Loopback, tmp_path: Path, keys: str, title: str
) -> None:
    service.add(answer(*PARTS))
    program = start()
    ask(desktop, "What is a linnet?")
    wait_for(lambda: "Regenerate" in names(desktop), "the answer")
    desktop.activate(program.window)
    desktop.keys(keys)
    desktop.activate(desktop.window(title))
    path = tmp_path / "kept.pdf"
    field = "File name:" if keys == "ctrl+s" else "Output file:"
    desktop.accessible("write", field, str(path))
    desktop.keys("Return")
    wait_for(lambda: "Saved as “kept.pdf”." in names(desktop), "the notice")
    assert path.read_bytes().startswith(b"%PDF")
    assert program.quit() == 0


def test_selected_words_are_dragged_into_the_question(
    desktop: Desktop, start: Start, service: Loopback
) -> None:
    service.add(answer("Some words to take along."))
    program = start()
    ask(desktop, "Say something")
    wait_for(lambda: "Regenerate" in names(desktop), "the answer")
    desktop.activate(program.window)
    left = next(n for n in nodes(desktop) if n["name"] == "Regenerate")["area"][0] - 26
    _, top, _, height = next(n for n in messages(desktop) if n["name"].startswith("small"))["area"]
    y = top + height // 2
    desktop.drag((left, y), (left + 600, y))
    wait_for(lambda: desktop.run("xclip", "-selection", "primary", "-o"), "the selection")
    desktop.drag((left + 30, y), desktop.place("Message").centre)

    def typed() -> str:
        return next((n.get("text", "") for n in nodes(desktop) if n["name"] == "Message"), "")

    wait_for(lambda: typed() == "Some words to take along.", "the words in the question")
    assert program.quit() == 0
