"""What a frozen program puts right before all else."""

from __future__ import annotations

import runpy

import pytest
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
    found["write_in_utf8"](environment)
    assert environment.get("LC_CTYPE") == expected
