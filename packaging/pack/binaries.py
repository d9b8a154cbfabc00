"""Which libraries a binary asks its loader for: ELF, PE and Mach-O, read without tools.

Invariant: pure functions over bytes, the same on every system; 64 bits, little-endian. What is no
such binary asks for nothing. Raises ValueError for one that is cut off.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator

_ELF, _MZ = b"\x7fELF", b"MZ"
_MACHO_64, _MACHO_FAT = 0xFEEDFACF, 0xCAFEBABE
_DT_NULL, _DT_NEEDED, _DT_STRTAB, _DT_SONAME = 0, 1, 5, 14
_PT_LOAD, _PT_DYNAMIC = 1, 2
_PE_IMPORTS = 1
_LC_LOAD_DYLIB, _LC_LOAD_WEAK_DYLIB, _LC_REEXPORT_DYLIB = 0xC, 0x80000018, 0x8000001F
_LC_BUILD_VERSION = 0x32
_PE_MACHINES = {0x8664: "x86_64", 0xAA64: "aarch64"}
_MACHO_MACHINES = {0x01000007: "x86_64", 0x0100000C: "aarch64"}


def needed(data: bytes) -> tuple[str, ...]:
    """The names of libraries in the order in which `data` asks for them; () for other files.

    Mach-O gives whole paths (`@rpath/...`), the others bare names.
    """
    try:
        return tuple(_names(data))
    except (struct.error, IndexError) as error:
        raise ValueError("the binary is cut off") from error


def is_binary(data: bytes) -> bool:
    """Whether the first bytes are those of a program or a library."""
    return data[:4] == _ELF or data[:2] == _MZ or _macho_start(data) is not None


def machines(data: bytes) -> tuple[str, ...]:
    """What processors a PE or Mach-O file is for, as kernels call them."""
    if data[:2] == _MZ:
        (header,) = struct.unpack_from("<I", data, 0x3C)
        (machine,) = struct.unpack_from("<H", data, header + 4)
        return (_PE_MACHINES.get(machine, hex(machine)),)
    start = _macho_start(data)
    if start is None:
        return ()
    if start == 0:
        (kind,) = struct.unpack_from("<I", data, 4)
        return (_MACHO_MACHINES.get(kind, hex(kind)),)
    (count,) = struct.unpack_from(">I", data, 4)
    kinds = [struct.unpack_from(">I", data, 8 + 20 * index)[0] for index in range(count)]
    return tuple(_MACHO_MACHINES.get(kind, hex(kind)) for kind in kinds)


def thinned(data: bytes, machine: str) -> bytes:
    """What is for `machine` of a Mach-O file for several processors; anything else as it is."""
    if _macho_start(data):
        (count,) = struct.unpack_from(">I", data, 4)
        for index in range(count):
            kind, _, start, size, _ = struct.unpack_from(">IIIII", data, 8 + 20 * index)
            if _MACHO_MACHINES.get(kind) == machine:
                return data[start : start + size]
    return data


def glibc_floor(data: bytes) -> tuple[int, int]:
    """The oldest glibc that has every symbol version which an ELF file names; (0, 0) for none."""
    found = re.findall(rb"\0GLIBC_(\d+)\.(\d+)(?=[\0.])", data)
    return max(((int(major), int(minor)) for major, minor in found), default=(0, 0))


def macos_floor(data: bytes) -> tuple[int, int] | None:
    """The oldest macOS that a Mach-O file runs on."""
    start = _macho_start(data)
    if start is None:
        return None
    for command, at, _ in _load_commands(data, start):
        if command == _LC_BUILD_VERSION:
            packed = int.from_bytes(data[at + 12 : at + 16], "little")
            return packed >> 16, packed >> 8 & 0xFF
    return None


def _names(data: bytes) -> Iterator[str]:
    if data[:4] == _ELF:
        yield from _elf_names(data)
    elif data[:2] == _MZ:
        yield from _pe_names(data)
    elif (start := _macho_start(data)) is not None:
        for command, at, _ in _load_commands(data, start):
            if command in (_LC_LOAD_DYLIB, _LC_LOAD_WEAK_DYLIB, _LC_REEXPORT_DYLIB):
                (offset,) = struct.unpack_from("<I", data, at + 8)
                yield _text(data, at + offset)


def _text(data: bytes, at: int) -> str:
    return data[at : data.index(b"\0", at)].decode("utf-8", "replace")


# ELF


def _elf_names(data: bytes) -> Iterator[str]:
    if data[4:6] != b"\x02\x01":
        raise ValueError("only 64-bit little-endian ELF files are read")
    (table,) = struct.unpack_from("<Q", data, 32)
    size, count = struct.unpack_from("<HH", data, 54)
    headers = [struct.unpack_from("<IIQQQQQQ", data, table + i * size) for i in range(count)]
    loads = [(address, offset, length) for kind, _, offset, address, _, length, *_ in headers
             if kind == _PT_LOAD]  # fmt: skip
    for kind, _, offset, _, _, length, *_ in headers:
        if kind == _PT_DYNAMIC:
            entries = list(struct.iter_unpack("<QQ", data[offset : offset + length // 16 * 16]))
            texts = next((value for tag, value in entries if tag == _DT_STRTAB), 0)
            base = next((o + texts - a for a, o, n in loads if a <= texts < a + n), texts)
            for tag, value in entries:
                if tag == _DT_NULL:
                    return
                if tag == _DT_NEEDED:
                    yield _text(data, base + value)


# PE


def _pe_names(data: bytes) -> Iterator[str]:
    (header,) = struct.unpack_from("<I", data, 0x3C)
    if data[header : header + 4] != b"PE\0\0":
        return
    sections, optional_size = struct.unpack_from("<H12xH", data, header + 6)
    optional = header + 24
    (magic,) = struct.unpack_from("<H", data, optional)
    if magic != 0x20B:
        raise ValueError("only 64-bit PE files are read")
    imports, _ = struct.unpack_from("<II", data, optional + 112 + 8 * _PE_IMPORTS)
    table: list[tuple[int, int, int, int]] = [
        struct.unpack_from("<IIII", data, optional + optional_size + 40 * i + 8)
        for i in range(sections)
    ]

    def place(address: int) -> int:
        for size, start, raw_size, raw in table:
            if start <= address < start + max(size, raw_size):
                return address - start + raw
        raise ValueError("an address lies in no section")

    at = place(imports) if imports else -1
    while at >= 0:
        (name,) = struct.unpack_from("<I", data, at + 12)
        if not name:
            return
        yield _text(data, place(name))
        at += 20


# Mach-O


def _macho_start(data: bytes) -> int | None:
    """Where the first architecture begins; those of one fat file link alike."""
    if len(data) < 8:
        return None
    (big, count) = struct.unpack_from(">II", data)
    # A Java class begins with the same four bytes and a version above 40.
    if big == _MACHO_FAT and 0 < count < 20:
        return int.from_bytes(data[16:20], "big")
    (little,) = struct.unpack_from("<I", data)
    return 0 if little == _MACHO_64 else None


def _load_commands(data: bytes, start: int) -> Iterator[tuple[int, int, int]]:
    """Each load command: its number, where it begins, its length."""
    (count,) = struct.unpack_from("<I", data, start + 16)
    at = start + 32
    for _ in range(count):
        command, length = struct.unpack_from("<II", data, at)
        yield command, at, length
        at += length
