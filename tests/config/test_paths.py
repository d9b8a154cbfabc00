"""Files of the person in one place or where the system wants them; files of the program found."""

from __future__ import annotations

import stat
import sys
from pathlib import Path

import pytest

from app import build, paths
from app.paths import FolderError, find_paths


def mode(folder: Path) -> int:
    return stat.S_IMODE(folder.stat().st_mode)


def test_a_home_holds_everything(tmp_path: Path) -> None:
    home = tmp_path / "deep" / "home"
    found = find_paths(home, {"LINNET_HOME": "/elsewhere"})
    assert not home.exists()
    found.make()
    for place in (found.data, found.settings, found.log, found.cache, found.database, found.blobs):
        assert place.is_relative_to(home)
    for folder in (found.data, found.log.parent, found.cache):
        assert mode(folder) == 0o700
    found.make()


def test_the_variable_names_the_home(tmp_path: Path) -> None:
    assert find_paths(None, {"LINNET_HOME": str(tmp_path)}).data == tmp_path
    assert find_paths(None, {"LINNET_HOME": "~/chats"}).data == Path.home() / "chats"
    assert find_paths(Path("relative"), {}).data == Path.cwd() / "relative"


def test_without_a_home_the_system_decides() -> None:
    for environment in ({}, {"LINNET_HOME": ""}):
        found = find_paths(None, environment)
        found.make()
        for folder in (found.data, found.settings.parent, found.log.parent, found.cache):
            assert build.NAME in folder.parts
            assert mode(folder) == 0o700


def test_a_folder_of_ours_is_closed_to_others_and_no_other(tmp_path: Path) -> None:
    for name, expected in [("settings.toml", 0o700), ("holiday.jpg", 0o755)]:
        home = tmp_path / name.split(".")[0]
        home.mkdir()
        home.chmod(0o755)
        (home / name).touch()
        find_paths(home, {}).make()
        assert mode(home) == expected


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(FolderError, match="cannot be made") as caught:
        find_paths(tmp_path / "file" / "home", {}).make()
    assert str(tmp_path / "file" / "home") in str(caught.value)


def test_what_the_program_brings_is_found_everywhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tree = Path(__file__).resolve().parents[2]
    assert paths.resources() == tree / "resources"
    assert paths.icons() == tree / "icons"

    wheel = tmp_path / "site-packages" / "app"
    (wheel / "icons").mkdir(parents=True)
    monkeypatch.setattr(paths, "__file__", str(wheel / "paths.py"))
    assert paths.icons() == wheel / "icons"
    with pytest.raises(FileNotFoundError):
        paths.resources()

    bundle = tmp_path / "bundle"
    (bundle / "icons").mkdir(parents=True)
    monkeypatch.setattr(sys, "_MEIPASS", str(bundle), raising=False)
    assert paths.icons() == bundle / "icons"


def test_the_identity_is_fixed() -> None:
    # It names folders and keyring entries of those who use the program.
    assert build.NAME == "linnet"
    assert build.TITLE == "Linnet"
    assert build.APPLICATION_ID == "org.linnet.Linnet"
