"""What the lock names for other systems, and whether its binaries run there."""

from __future__ import annotations

import re
import struct
import zipfile
from pathlib import Path

import pytest
from pack.binaries import machines, thinned
from pack.product import ROOT, PackError
from pack.trials.payload import expect_it_runs, licence_of
from pack.wheels import TARGETS, Target, contents, lay_out, locked

LOCK = (ROOT / "requirements.txt").read_text(encoding="utf-8")
WINDOWS, WINDOWS_ARM, MAC, _ = TARGETS


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_every_system_gets_its_requirements_with_hashes(target: Target) -> None:
    rows = list(locked(LOCK, target))
    names = [re.split(r"[=\[]", row)[0] for row in rows]
    assert len(names) == len(set(names)), "one version of each"
    assert all("--hash=sha256:" in row for row in rows)
    assert {"pyside6-essentials", "httpx", "pynacl", "pillow"} <= set(names)
    assert ("pywin32-ctypes" in names) is (target.system == "win32")
    assert ("pi-heif" in names) is (target is not WINDOWS_ARM)
    assert not {"secretstorage", "cryptography"} & set(names), "those of Linux"


def wheel(folder: Path, files: dict[str, bytes], metadata: str) -> Path:
    path = folder / "some_thing-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as packed:
        for name, data in files.items():
            packed.writestr(name, data)
        packed.writestr("some_thing-1.0.dist-info/METADATA", metadata)
    return path


def test_a_wheel_is_laid_out_as_a_bundle(tmp_path: Path) -> None:
    files = {
        "thing/__init__.py": b"code",
        "thing/core.pyd": b"library",
        "some_thing-1.0.data/platlib/libthing.dll": b"another",
        "PySide6/Qt6Core.dll": b"qt",
        "PySide6/Qt6Quick.dll": b"not needed",
    }
    wheel(tmp_path, files, "")
    assert "PySide6/Qt6Quick.dll" not in dict(contents(tmp_path, "win32"))
    lay_out(tmp_path, WINDOWS, tmp_path / "inside")
    laid = {path.relative_to(tmp_path / "inside").as_posix() for path in
            (tmp_path / "inside").rglob("*") if path.is_file()}  # fmt: skip
    assert laid == {"thing/core.pyd", "libthing.dll", "PySide6/Qt6Core.dll"}


def test_licences_are_read_from_the_wheel(tmp_path: Path) -> None:
    file = wheel(tmp_path, {}, "Name: Some.Thing\nLicense-Expression: MIT OR GPL-3.0-only\n")
    assert licence_of(file) == "MIT"
    assert licence_of(wheel(tmp_path, {}, "Name: other\n")) == "none"


def pe(machine: int) -> bytes:
    head = bytearray(b"MZ".ljust(0x80, b"\0"))
    struct.pack_into("<I", head, 0x3C, 0x80)
    return bytes(head) + b"PE\0\0" + struct.pack("<H", machine)


def macho(kind: int, floor: int) -> bytes:
    head = struct.pack("<IIIIIIII", 0xFEEDFACF, kind, 0, 6, 1, 24, 0, 0)
    return head + struct.pack("<IIIIII", 0x32, 24, 1, floor << 16, 0, 0)


def test_for_which_processor_a_binary_is() -> None:
    fat = struct.pack(">II", 0xCAFEBABE, 2)
    fat += struct.pack(">IIIII", 0x01000007, 3, 4096, 100, 12)
    fat += struct.pack(">IIIII", 0x0100000C, 0, 8192, 100, 12)
    assert machines(pe(0x8664)) == ("x86_64",)
    assert machines(pe(0xAA64)) == ("aarch64",)
    assert machines(macho(0x0100000C, 13)) == ("aarch64",)
    assert machines(fat) == ("x86_64", "aarch64")
    assert machines(b"text") == ()


def test_of_a_binary_for_two_processors_one_half_travels() -> None:
    intel, arm = macho(0x01000007, 13), macho(0x0100000C, 13)
    fat = struct.pack(">II", 0xCAFEBABE, 2)
    fat += struct.pack(">IIIII", 0x01000007, 3, 4096, len(intel), 12)
    fat += struct.pack(">IIIII", 0x0100000C, 0, 8192, len(arm), 12)
    fat = (fat.ljust(4096, b"\0") + intel).ljust(8192, b"\0") + arm
    assert thinned(fat, MAC.processor) == arm
    assert thinned(fat, "x86_64") == intel
    assert thinned(arm, "x86_64") == arm
    assert thinned(b"text", "x86_64") == b"text"


@pytest.mark.parametrize(
    ("target", "name", "data", "why"),
    [
        (WINDOWS, "a.dll", pe(0xAA64), "is for aarch64"),
        (MAC, "a.dylib", macho(0x01000007, 11), "is for x86_64"),
        (MAC, "a.dylib", macho(0x0100000C, 14), r"needs macOS 14\.0"),
    ],
)
def test_what_would_not_load_is_told(target: Target, name: str, data: bytes, why: str) -> None:
    with pytest.raises(PackError, match=why):
        expect_it_runs(target, name, data)


def test_what_loads_is_fine() -> None:
    expect_it_runs(WINDOWS, "a.dll", pe(0x8664))
    expect_it_runs(MAC, "a.dylib", macho(0x0100000C, 13))
    # Marked by the machine it was built on, not by what it uses.
    expect_it_runs(MAC, "PySide6/QtCore.abi3.so", macho(0x0100000C, 15))
