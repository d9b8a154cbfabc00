"""One window for each data folder: who is first, who hands over, and what a crash leaves."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtNetwork import QLocalSocket
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from source_tree import ROOT

from app.ui import desktop
from app.ui.instance import Instance, server_name
from app.ui.window_state import SIDEBAR_PX, WindowState


def test_a_second_start_is_not_the_first(qapp: QApplication, tmp_path: Path) -> None:
    first, second, elsewhere = Instance(tmp_path), Instance(tmp_path), Instance(tmp_path / "..")
    assert first.take()
    assert not second.take()
    assert elsewhere.take()
    elsewhere.release()
    first.release()
    assert second.take()
    second.release()


CALLER = """
import sys
from pathlib import Path
from PySide6.QtCore import QCoreApplication
from app.ui.instance import Instance
from app.ui import instance
wait = instance.time.sleep
instance.time.sleep = lambda time_s: (print("in vain", flush=True), wait(time_s))
application = QCoreApplication([])
second = Instance(Path(sys.argv[1]))
print(second.take(), flush=True)
print(second.hand_over(["--chat=abc"]))
"""


def test_a_later_start_hands_over_what_it_was_told(
    qtbot: QtBot, qapp: QApplication, tmp_path: Path
) -> None:
    first = Instance(tmp_path)
    assert first.take()
    heard: list[list[str]] = []
    first.listen(lambda words: heard.append(list(words)))
    command = [sys.executable, "-c", CALLER, str(tmp_path)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as caller:
        qtbot.waitUntil(lambda: caller.poll() is not None, timeout=20_000)
        assert caller.stdout is not None
        assert caller.stdout.read().split() == ["False", "True"]
    assert heard == [["--chat=abc"]]
    first.release()


def test_a_first_one_that_is_still_starting_is_waited_for(
    qtbot: QtBot, qapp: QApplication, tmp_path: Path
) -> None:
    first = Instance(tmp_path)
    assert first.take()
    heard: list[list[str]] = []
    command = [sys.executable, "-c", CALLER, str(tmp_path)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as caller:
        assert caller.stdout is not None
        assert caller.stdout.readline().strip() == "False"
        assert caller.stdout.readline().strip() == "in vain"
        first.listen(lambda words: heard.append(list(words)))
        qtbot.waitUntil(lambda: caller.poll() is not None, timeout=20_000)
        assert caller.stdout.read().split()[-1] == "True"
    assert heard == [["--chat=abc"]]
    first.release()


def called(folder: Path) -> QLocalSocket:
    """A connection to the first one; nothing is said yet."""
    socket = QLocalSocket()
    socket.connectToServer(server_name(folder))
    assert socket.waitForConnected(5000)
    return socket


def test_a_caller_may_take_its_time(
    qtbot: QtBot, qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.ui.instance.PATIENCE_MS", 300)
    first = Instance(tmp_path)
    assert first.take()
    heard: list[list[str]] = []
    first.listen(lambda words: heard.append(list(words)))
    slow, silent, strange = called(tmp_path), called(tmp_path), called(tmp_path)
    qtbot.waitUntil(lambda: len(first._callers) == 3)
    slow.write(
        b'{"words": ["a',
    )
    slow.flush()
    strange.write(b"nonsense\n")
    strange.flush()
    qtbot.waitUntil(lambda: len(first._callers) == 2)
    slow.write(b'b"]}\n')
    slow.flush()
    qtbot.waitUntil(lambda: heard == [["ab"]])
    # Who says nothing is left at last, and holds up nobody meanwhile.
    qtbot.waitUntil(lambda: silent.state() == QLocalSocket.LocalSocketState.UnconnectedState)
    assert heard == [["ab"]]
    first.release()


def test_nobody_answers(
    qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.ui.instance.STARTING_S", 0.1)
    assert not Instance(tmp_path).hand_over([])


def test_the_name_of_the_server_fits_into_a_socket_address(tmp_path: Path) -> None:
    assert len(server_name(tmp_path)) < 50
    assert server_name(tmp_path) != server_name(tmp_path / "x")


def test_what_the_window_remembers(tmp_path: Path) -> None:
    file = tmp_path / "window.ini"
    state = WindowState(file)
    assert state.sidebar_px == SIDEBAR_PX
    assert state.sidebar_shown
    assert state.open_chat == ""
    state.sidebar_px, state.sidebar_shown, state.open_chat = 300, False, "chat"
    state.write()
    again = WindowState(file)
    assert (again.sidebar_px, again.sidebar_shown, again.open_chat) == (300, False, "chat")


def test_nonsense_in_the_file_is_left_out(tmp_path: Path) -> None:
    file = tmp_path / "window.ini"
    file.write_text("[General]\nsidebar_px=wide\ngeometry=nonsense\n")
    state = WindowState(file)
    assert state.sidebar_px == SIDEBAR_PX
    assert state.geometry.isEmpty()


@pytest.mark.parametrize(
    ("environment", "plugin", "expected"),
    [
        ({"QT_IM_MODULE": "fcitx"}, False, "ibus"),
        ({"QT_IM_MODULE": "fcitx5"}, False, "ibus"),
        ({"QT_IM_MODULE": "fcitx"}, True, "fcitx"),
        ({"QT_IM_MODULE": "ibus"}, False, "ibus"),
        ({"QT_IM_MODULE": "fcitx", "WAYLAND_DISPLAY": "wayland-0"}, False, "fcitx"),
        ({}, False, None),
    ],
)
def test_fcitx_is_reached_through_its_ibus_front_end(
    environment: dict[str, str], plugin: bool, expected: str | None, tmp_path: Path
) -> None:
    folder = tmp_path / "platforminputcontexts"
    folder.mkdir()
    if plugin:
        (folder / "libfcitx5platforminputcontextplugin.so").touch()
    machine = tmp_path / "machine-id"
    machine.write_text(f"{'0a' * 16}\n")
    desktop._choose_input_method(environment, tmp_path, (machine,))
    assert environment.get("QT_IM_MODULE") == expected


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"QT_IM_MODULE": "fcitx"}, {"QT_IM_MODULE": "compose"}),
        ({"QT_IM_MODULE": "ibus"}, {"QT_IM_MODULE": "compose"}),
        (
            {"QT_IM_MODULE": "ibus", "WAYLAND_DISPLAY": "wayland-0"},
            {"QT_IM_MODULE": "compose", "WAYLAND_DISPLAY": "wayland-0"},
        ),
        ({"QT_IM_MODULES": "wayland;fcitx;ibus"}, {"QT_IM_MODULES": "wayland;fcitx"}),
        ({"QT_IM_MODULES": "ibus"}, {"QT_IM_MODULES": "compose"}),
        ({}, {}),
    ],
)
@pytest.mark.parametrize("content", [None, "", "uninitialized\n"])
def test_without_the_id_of_a_machine_ibus_would_end_the_program(
    environment: dict[str, str], expected: dict[str, str], content: str | None, tmp_path: Path
) -> None:
    (tmp_path / "platforminputcontexts").mkdir()
    machine = tmp_path / "machine-id"
    if content is not None:
        machine.write_text(content)
    found = dict(environment)
    desktop._choose_input_method(found, tmp_path, (machine, tmp_path / "other"))
    assert found == expected


@pytest.mark.skipif(sys.platform != "linux", reason="others always have a display")
def test_without_a_display_it_says_so(tmp_path: Path) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        assert desktop.has_display({name: "x"})
    runtime = {"XDG_RUNTIME_DIR": str(tmp_path)}
    assert not desktop.has_display(runtime)
    (tmp_path / "wayland-0").touch()
    assert desktop.has_display(runtime)
    bare = {"HOME": str(tmp_path), "PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}
    done = subprocess.run(
        [sys.executable, "-m", "app"], cwd=ROOT, env=bare, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr == (
        "There is no display here for a window. In the terminal `linnet ask` answers.\n"
    )
