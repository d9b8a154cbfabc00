"""The real program on a real desktop: seen by a screen reader, driven by keys and drag and drop."""

from __future__ import annotations

import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from loopback import Gate, Loopback, events
from pack.desktop import entry as menu_entry
from pack.product import product
from virtual_desktop import SYSTEM_PYTHON, Desktop, wait_for

from app.build import APPLICATION_ID

Start = Callable[..., Any]
HERE = Path(__file__).resolve().parent

CONTROLS = {
    "New chat",
    "Search chats",
    "Chats",
    "Model",
    "Transcript",
    "Message",
    "Send",
    "Attach",
    "Settings",
}


def chunk(text: str = "", reasoning: str = "", finish: str | None = None) -> dict[str, object]:
    delta = {"content": text, "reasoning_content": reasoning}
    return {"choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}


def names(desktop: Desktop) -> set[str]:
    return {node["name"] for node in desktop.accessible("tree")}


def said(desktop: Desktop) -> str:
    """All that a screen reader can read in the window."""
    return "\n".join(f"{n['name']} {n.get('text', '')}" for n in desktop.accessible("tree"))


def ask(desktop: Desktop, question: str) -> None:
    desktop.accessible("write", "Message", question)
    desktop.accessible("press", "Send")


def test_a_screen_reader_finds_every_control(desktop: Desktop, start: Start) -> None:
    program = start()
    assert program.window
    wait_for(lambda: names(desktop) >= CONTROLS, "all controls")
    roles = {"push button", "text", "list", "check box", "combo box"}
    controls = [n for n in desktop.accessible("tree") if n["role"] in roles]
    assert not [n for n in controls if "showing" in n["states"] and not n["name"]]
    assert program.quit() == 0


def test_a_desktop_knows_the_window_by_the_names_in_its_menu(
    desktop: Desktop, start: Start
) -> None:
    program = start()
    kinds = ("WM_CLASS", "_GTK_APPLICATION_ID", "_KDE_NET_WM_DESKTOP_FILE")
    said = desktop.run("xprop", "-id", str(program.window), *kinds).splitlines()
    values = [line.partition(" = ")[2] for line in said]
    entry = menu_entry(product()).splitlines()
    name = next(line for line in entry if line.startswith("StartupWMClass=")).partition("=")[2]
    assert values == [f'"{name}", "{name}"', f'"{APPLICATION_ID}"', f'"{APPLICATION_ID}"']
    assert program.quit() == 0


def test_a_question_can_be_asked_with_a_screen_reader(
    desktop: Desktop, start: Start, service: Loopback
) -> None:
    answer = [chunk(reasoning="A bird, then."), chunk("The linnet is "), chunk("a small finch.")]
    service.add(events(*answer, chunk(finish="stop")))
    program = start()
    assert program.window
    ask(desktop, "What is a linnet?")
    wait_for(lambda: "a small finch." in said(desktop), "the answer")
    (request,) = service.requests
    assert request.json["messages"][-1] == {"role": "user", "content": "What is a linnet?"}
    assert {"Regenerate", "Copy", "Reasoning", "Send"} <= names(desktop)
    assert "What is a linnet?" in said(desktop)
    assert program.quit() == 0


def test_a_question_can_be_typed(desktop: Desktop, start: Start, service: Loopback) -> None:
    service.add(events(chunk("Yes."), chunk(finish="stop")))
    program = start()
    desktop.activate(program.window)
    wait_for(lambda: "Message" in names(desktop), "the field")
    desktop.type("Is it spring")
    desktop.keys("question", "Return")
    wait_for(lambda: service.requests, "the request")
    assert service.requests[0].json["messages"][-1]["content"] == "Is it spring?"
    wait_for(lambda: "Yes." in said(desktop), "the answer")
    assert program.quit() == 0


def test_an_answer_can_be_stopped_and_stays(
    desktop: Desktop, start: Start, service: Loopback
) -> None:
    service.add(events(chunk("Half of the answer"), Gate(), done=False))
    program = start()
    assert program.window
    ask(desktop, "Tell me all")
    wait_for(lambda: "Half of the answer" in said(desktop), "the first words")
    desktop.accessible("press", "Stop")
    wait_for(lambda: "Send" in names(desktop), "the end of the answer")
    wait_for(lambda: service.open_connections == 0, "the end of the connection", within_s=2)
    assert "Half of the answer" in said(desktop)
    assert program.quit() == 0


def test_a_second_start_raises_the_first_window(desktop: Desktop, start: Start) -> None:
    first = start()
    window = first.window
    other = desktop.spawn(SYSTEM_PYTHON, "drag_source.py", cwd=HERE)
    desktop.activate(desktop.window("Drag source"))
    assert desktop.active_window() != window
    second = start()
    assert second.process.wait(10) == 0
    wait_for(lambda: desktop.active_window() == window, "the raising of the first window")
    assert desktop.windows("^linnet$", by="class") == [window]
    other.terminate()
    other.wait()
    assert first.quit() == 0


def test_an_answer_cut_off_by_a_kill_is_there_at_the_next_start(
    desktop: Desktop, start: Start, service: Loopback, linnet_home: Path
) -> None:
    service.add(events(chunk("Half of the answer"), Gate(), done=False))
    program = start()
    assert program.window
    ask(desktop, "Tell me all")

    def is_on_disk() -> bool:
        files = [linnet_home / name for name in ("linnet.db", "linnet.db-wal")]
        return any(path.exists() and b"Half of" in path.read_bytes() for path in files)

    wait_for(is_on_disk, "the first checkpoint", within_s=5)
    assert "Stop" in names(desktop)
    program.process.send_signal(signal.SIGKILL)
    program.process.wait()
    again = start()
    assert again.window
    wait_for(lambda: "Half of the answer" in said(desktop), "the answer that was cut off")
    assert "Tell me all" in said(desktop)
    assert "Retry" in names(desktop)
    assert again.quit() == 0


@pytest.mark.parametrize("onto", ["Message", "Transcript", "Chats"])
def test_a_picture_dragged_from_another_program_is_attached(
    desktop: Desktop, start: Start, tmp_path: Path, service: Loopback, onto: str
) -> None:
    program = start()
    service.add(events(chunk("Yes."), chunk(finish="stop")))
    ask(desktop, "Is it spring?")  # a transcript is shown from then on
    picture = tmp_path / "a bird ü (1).png"
    desktop.screenshot(picture, program.window)
    source = desktop.spawn(SYSTEM_PYTHON, "drag_source.py", str(picture), cwd=HERE)
    window = desktop.window("Drag source")
    desktop.run("xdotool", "windowmove", "--sync", window, "20", "20")
    desktop.activate(window)
    wait_for(lambda: "Message" in names(desktop), "the field")
    desktop.drag(desktop.area(window).centre, desktop.place(onto).centre)
    wait_for(lambda: any(picture.name in name for name in names(desktop)), "the chip")
    source.terminate()
    source.wait()
    assert program.quit() == 0


def test_nothing_is_left_in_the_folder_for_temporary_files(
    desktop: Desktop, start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(desktop.environment, "TMPDIR", str(tmp_path))
    program = start()
    wait_for(lambda: names(desktop) >= CONTROLS, "the window's content")
    assert program.quit() == 0
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith("linnet-")] in (
        [],
        ["linnet-home"],
    )


def test_the_window_is_drawn(desktop: Desktop, start: Start, tmp_path: Path) -> None:
    program = start()
    wait_for(lambda: names(desktop) >= CONTROLS, "the window's content")
    picture = desktop.screenshot(tmp_path / "window.png", program.window)
    colours = desktop.run("identify", "-format", "%k", str(picture))
    assert int(colours) > 50
    assert program.quit() == 0
