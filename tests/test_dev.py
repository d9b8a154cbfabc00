"""The script `dev`: what it finds, what it asks for, and what it says when it cannot go on."""

from __future__ import annotations

import ast
import hashlib
import importlib.machinery
import importlib.util
import json
import socket
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from source_tree import ROOT


@pytest.fixture
def dev(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The script as a module, with an own .venv that does not exist yet."""
    loader = importlib.machinery.SourceFileLoader("linnet_dev", str(ROOT / "dev"))
    spec = importlib.util.spec_from_loader("linnet_dev", loader)
    assert spec
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    loader.exec_module(module)
    monkeypatch.setattr(module, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(module, "UNPACKED", tmp_path / ".venv" / "system")
    monkeypatch.setattr(module, "FREEZER", tmp_path / ".venv" / "package")
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    return module


def test_it_is_python_3_8_and_the_standard_library() -> None:
    tree = ast.parse((ROOT / "dev").read_text(encoding="utf-8"), feature_version=(3, 8))
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
    names = [n.name for i in imports if isinstance(i, ast.Import) for n in i.names]
    names += [str(i.module) for i in imports if isinstance(i, ast.ImportFrom)]
    assert {name.split(".")[0] for name in names} <= sys.stdlib_module_names


def test_help_and_unknown_commands(dev: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    assert dev.main(["help"]) == 0
    assert "./dev run" in capsys.readouterr().out
    assert dev.main(["rum"]) == 2
    assert "no command 'rum'" in capsys.readouterr().out


def test_this_python_is_taken_when_it_will_do(dev: ModuleType) -> None:
    assert dev.find_python() == sys.executable


def test_without_a_python_it_says_how_to_get_one(
    dev: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(dev, "output", lambda *_, **__: "")
    monkeypatch.setattr(dev, "works", lambda *_: False)
    assert dev.main(["run"]) == 1
    said = capsys.readouterr().err
    assert "Python 3.11 to 3.14" in said
    assert "Get one:" in said
    assert said.count("\n") == 1


def test_an_unchanged_lock_installs_nothing(
    dev: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: Any, **__: Any) -> None:
        raise AssertionError("something was started")

    monkeypatch.setattr(dev, "works", lambda *_: True)
    monkeypatch.setattr(dev.subprocess, "run", never)
    sums = {k: hashlib.sha256((ROOT / v).read_bytes()).hexdigest() for k, v in dev.LOCKS.items()}
    dev.VENV.mkdir()
    stamp = dev.VENV / dev.STAMP
    stamp.write_text(json.dumps(sums))
    dev.make_environment("run")
    stamp.write_text(json.dumps({**sums, "run": "another sum"}))
    with pytest.raises(AssertionError, match="was started"):
        dev.make_environment("run")


linux = pytest.mark.usefixtures("only_linux")


@pytest.fixture
def only_linux(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")


@linux
def test_without_a_display_no_platform_shows_a_window(
    dev: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert dev.platforms() == []
    monkeypatch.setenv("DISPLAY", ":987")  # nobody listens there
    assert dev.platforms() == []
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-0")
    assert dev.platforms() == ["wayland"]
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    assert dev.platforms() == []


@linux
def test_a_display_that_is_listened_to_is_found(
    dev: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("\0/tmp/.X11-unix/X986")
        server.listen()
        monkeypatch.setenv("DISPLAY", ":986.0")
        assert dev.platforms() == ["xcb"]


@linux
def test_missing_libraries_end_with_one_line_to_run(
    dev: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dev, "missing_libraries", lambda _: {"libxcb-cursor.so.0", "libGL.so.1"})
    monkeypatch.setattr(dev.shutil, "which", lambda _: None)
    with pytest.raises(dev.Stop, match=r"sudo apt-get install .* libgl1 libxcb-cursor0$"):
        dev.prepare(["xcb"])
    monkeypatch.setattr(dev.shutil, "which", lambda name: name == "dnf" or None)
    with pytest.raises(dev.Stop, match=r"sudo dnf install -y 'libGL.so.1\(\)\(64bit\)'"):
        dev.prepare(["xcb"])


@linux
def test_of_two_platforms_the_one_that_is_complete_is_taken(
    dev: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    lacking = {"xcb": {"libxcb-cursor.so.0"}, "wayland": set[str]()}
    monkeypatch.setattr(dev, "missing_libraries", lambda names: lacking[names[0]])
    assert dev.prepare(["xcb", "wayland"]) == {"QT_QPA_PLATFORM": "wayland"}


@linux
def test_as_root_just_what_is_missing_is_installed(
    dev: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    lacking = [{"libGL.so.1", "libunknown.so.3"}, {"libGL.so.1", "libunknown.so.3"}, set[str]()]
    installed: list[list[str]] = []
    monkeypatch.setattr(dev, "missing_libraries", lambda _: lacking.pop(0))
    monkeypatch.setattr(dev, "is_root", lambda: True)
    monkeypatch.setattr(dev.shutil, "which", lambda name: name)
    monkeypatch.setattr(dev, "apt_install", installed.append)
    dev.prepare(["offscreen"])
    assert installed == [["libgl1"]]
