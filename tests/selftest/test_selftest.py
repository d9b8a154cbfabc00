"""`linnet --selftest`: what it says of a whole program, and of one that lacks something."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from source_tree import ROOT

WITHOUT_PDF = """
import sys
sys.modules["pypdfium2"] = None  # as if the package lacked it
from app.__main__ import main
sys.exit(main(["--selftest"]))
"""


def test_a_whole_program_passes(linnet_home: Path) -> None:
    words = [sys.executable, "-m", "app", "--selftest"]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=100, check=False)
    found = json.loads(done.stdout)
    assert found["wrong"] == []
    assert done.returncode == 0
    assert found["window"]["characters"] > 100
    assert not linnet_home.exists()  # it has touched nothing of the person's


def test_it_needs_no_display(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM", "XDG_RUNTIME_DIR"):
        monkeypatch.delenv(name, raising=False)
    words = [sys.executable, "-m", "app", "--selftest"]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=100, check=False)
    assert json.loads(done.stdout)["window"]["platform"] in ("offscreen", "windows", "cocoa")


def test_a_part_that_is_missing_is_named() -> None:
    words = [sys.executable, "-c", WITHOUT_PDF]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=100, check=False)
    found = json.loads(done.stdout)
    assert done.returncode == 1
    assert found["wrong"] == ["documents"]
    assert "pypdfium2" in found["documents"]["error"]
