"""Where a frozen program reads its modules from, which is said before there are any."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path

import pytest
from pack.product import PACKAGING


@pytest.mark.parametrize(
    ("system", "shared", "expected"),
    [
        ("linux", False, "/proc/self/exe?123456"),
        ("darwin", False, "/somewhere/linnet?123456"),
        ("win32", False, "/somewhere/linnet?123456"),
        ("win32", True, "{folder}/linnet.pyz"),
        ("linux", True, "{folder}/linnet.pyz"),
    ],
)
def test_modules_are_read_from_one_file_where_there_are_two_programs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, system: str, shared: bool, expected: str
) -> None:
    if shared:
        (tmp_path / "linnet.pyz").touch()
    monkeypatch.setattr(sys, "platform", system)
    monkeypatch.setattr(sys, "_MEIPASS", str(tmp_path), raising=False)
    monkeypatch.setattr(sys, "_pyinstaller_pyz", "/somewhere/linnet?123456", raising=False)
    runpy.run_path(str(PACKAGING / "modules.py"))
    assert vars(sys)["_pyinstaller_pyz"] == expected.format(folder=tmp_path)
