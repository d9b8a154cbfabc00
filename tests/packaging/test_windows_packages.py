"""What Windows is told: the registry, the source of the .msi, the setup's script, the zip."""

from __future__ import annotations

import re
import runpy
import struct
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from xml.etree import ElementTree as Xml

import pytest
from pack import elsewhere, marker, msi, nsis, windows, zipped
from pack.product import PACKAGING, ROOT, PackError, Product

from app.domain.kinds import KINDS

MADE = Product(version="1.2.3", machine="x86_64", epoch_s=1_700_000_000)
WIX = {"": msi.NAMESPACE}


def program(machine: int) -> bytes:
    head = bytearray(b"MZ".ljust(0x80, b"\0"))
    struct.pack_into("<I", head, 0x3C, 0x80)
    return bytes(head) + b"PE\0\0" + struct.pack("<H", machine)


@pytest.fixture
def bundle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(windows, "WORK", tmp_path / "work")
    folder = tmp_path / "Möwe 鳥"
    (folder / "_internal" / "resources").mkdir(parents=True)
    (folder / "_internal" / "a b.dll").write_bytes(b"library")
    for name in (windows.PROGRAM, windows.CONSOLE):
        (folder / name).write_bytes(program(0x8664))
    return folder


# The registry


def test_every_kind_of_file_can_be_opened_and_none_is_taken_over() -> None:
    rows = list(windows.entries(MADE, "C:\\Linnet\\linnetw.exe"))
    assert {".png", ".mp4", ".mp3", ".pdf", ".txt", ".md"} <= set(windows.endings())
    assert len(windows.endings()) >= sum(len(kind.endings.split()) for kind in KINDS) - 3
    for ending in windows.endings():
        own = [row for row in rows if row.key.startswith(f"Classes\\{ending}\\")]
        assert own == [
            windows.Entry(f"Classes\\{ending}\\OpenWithProgids", "Linnet.File", "", False)
        ]


def test_links_and_files_go_to_the_windowed_program() -> None:
    rows = list(windows.entries(MADE, "C:\\a b\\linnetw.exe"))
    commands = [row.value for row in rows if row.key.endswith("shell\\open\\command")]
    assert commands == ['"C:\\a b\\linnetw.exe" "%1"'] * 3
    assert windows.Entry("Classes\\linnet", "URL Protocol", "") in rows
    assert [row for row in rows if row.value == MADE.id]


def test_what_is_deleted_is_ours_and_all_of_it() -> None:
    keys = windows.own_keys(MADE)
    assert keys == (
        "Classes\\Applications\\linnetw.exe",
        "Classes\\Linnet.File",
        "Classes\\linnet",
        "Microsoft\\Windows\\CurrentVersion\\App Paths\\linnet.exe",
    )
    for row in windows.entries(MADE, ""):
        in_own = row.key.startswith((*keys, "Linnet\\"))
        assert in_own is row.own, row


def test_the_setup_writes_and_deletes_the_same() -> None:
    script = nsis.entries_script(MADE)
    written = set(re.findall(r"WriteRegStr HKCU '([^']+)' '([^']*)'", script))
    rows = windows.entries(MADE, "")
    assert written == {(f"Software\\{row.key}", row.name) for row in rows}
    deleted = set(re.findall(r"DeleteRegValue HKCU '([^']+)' '([^']*)'", script))
    assert deleted == {(key, name) for key, name in written if "OpenWithProgids" in key} | {
        ("Software\\RegisteredApplications", "Linnet")
    }
    assert "$INSTDIR\\linnetw.exe" in script


def test_the_setup_names_the_same_exit_codes_as_its_trial() -> None:
    text = (PACKAGING / "windows" / "linnet.nsi").read_text(encoding="utf-8")
    codes = dict(re.findall(r"^!define (RUNNING|TOO_OLD|NEWER|NO_RIGHT|NO_ROOM) (\d)$", text, re.M))
    assert codes == {"RUNNING": "3", "TOO_OLD": "4", "NEWER": "5", "NO_RIGHT": "6", "NO_ROOM": "7"}
    assert not re.search(r'RMDir /r "\$INSTDIR"', text), "a person's own files may lie there"


def test_the_window_and_its_setup_mean_the_same_mutex() -> None:
    """By it the setup knows that Linnet is running."""
    window = (ROOT / "app" / "ui" / "desktop.py").read_text(encoding="utf-8")
    script = (PACKAGING / "windows" / "linnet.nsi").read_text(encoding="utf-8")
    stub = (PACKAGING / "windows" / "stub.c").read_text(encoding="utf-8")
    assert 'f"Local\\\\{TITLE}.Running"' in window
    assert 'w "Local\\${TITLE}.Running"' in script
    assert f'L"Local\\\\{MADE.title}.Running"' in stub


# The .msi


def test_the_source_of_the_msi(bundle: Path) -> None:
    root = Xml.fromstring(msi.source(bundle, MADE))
    assert msi.source(bundle, MADE) == msi.source(bundle, MADE)
    files = [file.get("Source") for file in root.iterfind(".//File", WIX)]
    assert files == ["payload/_internal/a b.dll", "payload/linnet.exe", "payload/linnetw.exe"]
    components = [each.get("Id") for each in root.iterfind(".//Component", WIX)]
    assert components == [each.get("Id") for each in root.iterfind(".//ComponentRef", WIX)]
    guids = {each.get("Guid") for each in root.iterfind(".//Component", WIX)}
    assert len(guids) == 3


def test_versions_of_the_msi_follow_each_other(bundle: Path) -> None:
    first, second = (
        Xml.fromstring(msi.source(bundle, replace(MADE, version=version)))
        for version in ("1.2.3", "1.2.4")
    )
    one, two = first.find("Product", WIX), second.find("Product", WIX)
    assert one is not None
    assert two is not None
    assert one.get("UpgradeCode") == two.get("UpgradeCode")
    assert one.get("Id") != two.get("Id")
    before, after = (
        [each.get("Guid") for each in root.iterfind(".//Component", WIX)]
        for root in (first, second)
    )
    assert before == after


def test_wix_is_told_what_wixl_has_no_words_for(bundle: Path) -> None:
    root = Xml.fromstring(msi.source(bundle, MADE))
    msi.add_for_wix(root, MADE)
    (path,) = root.iterfind(".//Environment", WIX)
    assert (path.get("Name"), path.get("Part"), path.get("System")) == ("PATH", "last", "yes")
    (identity,) = root.iterfind(".//Shortcut/ShortcutProperty", WIX)
    assert identity.get("Value") == MADE.id


def test_the_dates_of_the_summary() -> None:
    then = struct.pack("<IQ", 0x40, 134_000_000_000_000_000)
    data = b"before" + then + bytes.fromhex("e0859ff2f94f6810ab9108002b27b3d9") + b"." * 40 + then
    changed = msi.with_date(data, 1_700_000_000)
    assert changed.startswith(b"before" + then)
    assert changed.endswith(struct.pack("<IQ", 0x40, 133_444_736_000_000_000))
    assert len(changed) == len(data)


# Bundles


@pytest.mark.parametrize(("machine", "name"), [(0x8664, "x86_64"), (0xAA64, "aarch64")])
def test_what_a_bundle_is_for(bundle: Path, machine: int, name: str) -> None:
    (bundle / windows.PROGRAM).write_bytes(program(machine))
    assert windows.machine_of(bundle) == name


@pytest.mark.parametrize("content", [b"", b"#!/bin/sh\n", b"MZ" + bytes(70), program(0x14C)])
def test_what_is_no_bundle_for_windows_is_told(bundle: Path, content: bytes) -> None:
    (bundle / windows.PROGRAM).write_bytes(content)
    with pytest.raises(PackError):
        elsewhere.build(MADE, [str(bundle)])
    with pytest.raises(PackError):
        windows.machine_of(bundle / "nowhere")


def test_the_zip_has_one_folder_and_no_clock(bundle: Path, tmp_path: Path) -> None:
    first = zipped.build(bundle, MADE, tmp_path / "one")
    second = zipped.build(bundle, MADE, tmp_path / "two")
    assert first.name == "Linnet-1.2.3-windows-x64.zip"
    assert first.read_bytes() == second.read_bytes()
    with zipfile.ZipFile(first) as packed:
        names = packed.namelist()
        assert {name.partition("/")[0] for name in names} == {first.stem}
        said = packed.read(f"{first.stem}/_internal/{marker.PLACE}").decode()
        assert 'kind = "portable"' in said
        assert packed.getinfo(names[0]).date_time == (2023, 11, 14, 22, 13, 20)


def test_versions_as_windows_compares_them() -> None:
    assert windows.version_numbers("1.2.3") == (1, 2, 3, 0)
    assert windows.version_numbers("1.2-rc1") == (1, 2, 0, 0)
    assert "(1, 2, 3, 0)" in windows.version_resource(MADE, windows.PROGRAM)


def test_signing_is_skipped_without_means(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "a b.exe"
    file.write_bytes(b"program")
    monkeypatch.delenv(nsis.SIGN, raising=False)
    nsis.sign(file)
    assert file.read_bytes() == b"program"
    monkeypatch.setenv(nsis.SIGN, f'"{sys.executable}" -c "import sys; sys.exit(1)"')
    with pytest.raises(PackError, match=r"a b\.exe could not be signed"):
        nsis.sign(file)


# The program for the terminal


@pytest.mark.parametrize(
    ("name", "words", "opens"),
    [
        ("linnet.exe", [], True),
        ("LINNET.EXE", ["--new-chat"], True),
        ("linnet.exe", ["linnet://chat/1"], True),
        ("linnet.exe", ["ask", "Hello"], False),
        ("linnet.exe", ["--version"], False),
        ("linnet.exe", ["--selftest"], False),
        ("linnetw.exe", [], False),
    ],
)
def test_a_terminal_is_not_kept_waiting_for_a_window(
    name: str, words: list[str], opens: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    called: list[list[str]] = []

    def start(command: list[str], **options: Any) -> SimpleNamespace:
        assert options["env"]["PYINSTALLER_RESET_ENVIRONMENT"] == "1"
        called.append(command)
        return SimpleNamespace()

    monkeypatch.setattr(subprocess, "Popen", start)
    found = runpy.run_path(str(PACKAGING / "start.py"), run_name="start")
    (tmp_path / "linnetw.exe").touch()
    assert found["open_window"](tmp_path / name, words) is opens
    assert called == ([[str(tmp_path / "linnetw.exe"), *words]] if opens else [])
