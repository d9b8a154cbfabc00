"""`linnet --selftest`: what it says of a whole program, and of one that lacks something."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

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


def test_a_part_that_is_missing_is_named() -> None:
    words = [sys.executable, "-c", WITHOUT_PDF]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=100, check=False)
    found = json.loads(done.stdout)
    assert done.returncode == 1
    assert found["wrong"] == ["documents"]
    assert "pypdfium2" in found["documents"]["error"]
