"""Reading and mending binaries, held against what the system's own tools say."""

from __future__ import annotations

import struct
import subprocess
import sys
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pack.binaries import glibc_floor, is_binary, macos_floor, needed
from pack.elf import loads, without_absolute_paths, without_needed

LIBRARY = Path(str(find_spec("_ssl").origin))  # type: ignore[union-attr]
linux = pytest.mark.skipif(sys.platform != "linux", reason="ELF is for Linux")


def read_elf(file: Path) -> list[str]:
    said = subprocess.run(["readelf", "-dW", file], capture_output=True, text=True, check=True)
    lines = (line for line in said.stdout.splitlines() if "(NEEDED)" in line)
    return [line.partition("[")[2].rstrip("]") for line in lines]


@linux
def test_elf_files_are_read_as_readelf_does() -> None:
    assert list(needed(LIBRARY.read_bytes())) == read_elf(LIBRARY)
    assert glibc_floor(LIBRARY.read_bytes()) >= (2, 2)


@linux
def test_a_library_forgets_one_that_it_asks_for(tmp_path: Path) -> None:
    before = needed(LIBRARY.read_bytes())
    changed = without_needed(LIBRARY.read_bytes(), before[0])
    file = tmp_path / LIBRARY.name
    file.write_bytes(changed)
    assert read_elf(file) == list(before[1:]) == list(needed(changed))
    assert len(changed) == LIBRARY.stat().st_size
    assert without_needed(changed, "libnobody.so") == changed
    assert loads(changed)


@linux
def test_folders_of_the_builder_go(tmp_path: Path) -> None:
    source, file = tmp_path / "a.c", tmp_path / "liba.so"
    source.write_text("int a(void) { return 1; }\n")
    for folder, stays in (("/opt/builder/lib", False), ("$ORIGIN", True)):
        words = ["gcc", "-shared", "-nostdlib", f"-Wl,-rpath,{folder}", "-o", file, source]
        subprocess.run(words, check=True)
        changed = without_absolute_paths(file.read_bytes())
        file.write_bytes(changed)
        said = subprocess.run(["readelf", "-dW", file], capture_output=True, text=True, check=True)
        assert ("RUNPATH" in said.stdout) is stays


def macho(links: list[str], minos: tuple[int, int]) -> bytes:
    commands = []
    for link in links:
        text = link.encode() + b"\0"
        text += bytes(-(24 + len(text)) % 8)
        commands.append(struct.pack("<IIIIII", 0xC, 24 + len(text), 24, 0, 0, 0) + text)
    commands.append(struct.pack("<IIIIII", 0x32, 24, 1, minos[0] << 16 | minos[1] << 8, 0, 0))
    body = b"".join(commands)
    head = struct.pack("<IIIIIIII", 0xFEEDFACF, 0, 0, 6, len(commands), len(body), 0, 0)
    return head + body


def test_mach_o_files_thin_and_fat() -> None:
    core = "@rpath/QtCore.framework/Versions/A/QtCore"
    thin = macho([core, "/usr/lib/libSystem.B.dylib"], (13, 0))
    head = struct.pack(">IIIIIII", 0xCAFEBABE, 1, 0, 0, 4096, len(thin), 12)
    for data in (thin, head.ljust(4096, b"\0") + thin):
        assert needed(data) == (core, "/usr/lib/libSystem.B.dylib")
        assert macos_floor(data) == (13, 0)
        assert is_binary(data)


def test_other_files_ask_for_nothing() -> None:
    for data in (b"", b"#!/bin/sh\n", b"\xca\xfe\xba\xbe\0\0\0\x41", b"MZ" + bytes(70)):
        assert needed(data) == ()
    assert macos_floor(b"text") is None


@given(st.binary(max_size=300), st.sampled_from([b"\x7fELF\x02\x01", b"MZ", b"\xcf\xfa\xed\xfe"]))
def test_a_file_that_is_cut_off_is_told(rest: bytes, head: bytes) -> None:
    with suppress(ValueError):
        needed(head + rest)
