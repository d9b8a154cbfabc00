"""The window's imports are Python's own, although Qt's binding puts another in their place."""

from __future__ import annotations

import subprocess
import sys

LOOK = """
import builtins
own = builtins.__import__
import app.main
print(builtins.__import__ is own)
"""


def test_imports_after_qt_are_pythons_own() -> None:
    done = subprocess.run([sys.executable, "-c", LOOK], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "True"
