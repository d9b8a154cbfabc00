"""What a frozen program puts right before all else."""

from __future__ import annotations

import runpy

import pytest
from pack import freezing
from pack.product import PACKAGING


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, "C.UTF-8"),
        ({"LANG": "C"}, "C.UTF-8"),
        ({"LANG": "de_DE.UTF-8", "LC_CTYPE": "POSIX"}, "C.UTF-8"),
        ({"LANG": "de_DE.UTF-8"}, None),
        ({"LC_CTYPE": "de_DE", "LANG": "C"}, "de_DE"),
        ({"LC_ALL": "C"}, None),  # somebody means it
    ],
)
def test_letters_are_utf_8_where_nobody_has_said_otherwise(
    environment: dict[str, str], expected: str | None
) -> None:
    found = runpy.run_path(str(PACKAGING / "start.py"), run_name="start")
    found["settle"](environment)
    assert environment.get("LC_CTYPE") == expected


def test_programs_that_are_started_find_what_is_theirs() -> None:
    found = runpy.run_path(str(PACKAGING / "start.py"), run_name="start")
    environment = {"LD_LIBRARY_PATH": "/ours", "LD_LIBRARY_PATH_ORIG": "/theirs", "LANG": "C.UTF-8"}
    found["settle"](environment)
    assert environment == {"LD_LIBRARY_PATH": "/theirs", "LANG": "C.UTF-8"}
    environment = {"LD_LIBRARY_PATH": "/ours", "QT_PLUGIN_PATH": "/usr/lib/qt6", "LANG": "en_GB"}
    found["settle"](environment)
    assert environment == {"LANG": "en_GB"}


def test_only_hooks_that_do_something_run_before_the_program() -> None:
    assert not freezing.runs_first("pyi_rth_multiprocessing", "linux")
    assert freezing.runs_first("pyi_rth_multiprocessing", "darwin")
    for system in ("linux", "win32", "darwin"):
        assert freezing.runs_first("start", system)
