"""What `./dev package` makes of its words."""

from __future__ import annotations

import pytest
from pack.__main__ import PACKAGES, main, wanted


def test_without_words_everything_of_the_system() -> None:
    assert wanted([], "linux") == ["bundle", "deb", "rpm", "appimage", "archive", "wheel"]
    assert wanted(["keep"], "linux") == wanted([], "linux")


def test_a_package_needs_the_bundle_and_a_wheel_does_not() -> None:
    for system, packages in PACKAGES.items():
        for kind in packages:
            assert wanted([kind], system) == ["bundle", kind]
    assert wanted(["wheel"]) == ["wheel"]
    assert wanted(["deb", "bundle"], "linux") == ["deb", "bundle"]


def test_building_twice_needs_what_is_built() -> None:
    assert wanted(["twice"], "linux") == wanted([], "linux")
    assert wanted(["twice", "deb"], "linux") == ["bundle", "deb"]
    assert wanted(["check", "trixie"], "linux") == ["check"]


def test_an_unknown_word_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["floppy"]) == 1
    assert "There is no package floppy" in capsys.readouterr().err


def test_what_is_missing_is_asked_for_by_the_same_words(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["needs", "wheel"]) == 0
    assert capsys.readouterr().out.strip() == ""
