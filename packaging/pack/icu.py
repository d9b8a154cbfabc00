"""The data of ICU that Qt carries on Linux, cut down to what Qt uses: 32 MB become 7.

Invariant: collation, case mapping and formats stay as they are; what goes are names of time zones
and places, word breaking, and codecs that Python has itself. Only the data library changes.
"""

from __future__ import annotations

import re
import struct
import subprocess
import tempfile
from pathlib import Path

from pack.product import PackError, run

_SOURCE = """.section .rodata
.balign 16
.globl {symbol}
.type {symbol},@object
{symbol}:
.incbin "{blob}"
.size {symbol}, .-{symbol}
.section .note.GNU-stack,"",@progbits
"""


def stays(item: str) -> bool:
    """Whether Qt needs the item `item` of ICU's data."""
    folder, _, name = item.rpartition("/")
    if folder == "coll":
        return True
    if folder:
        return folder != "brkitr" and name in ("root.res", "pool.res", "res_index.res")
    if item.endswith(".cnv"):
        return False
    of_a_language = re.match(r"[a-z]{2,3}(_|\.res$)", item)
    return not (item.endswith(".res") and of_a_language and item != "en.res")


def trim(library: Path) -> tuple[int, int]:
    """Put a smaller library in the place of libicudata.so.NN; its sizes before and after."""
    number = re.fullmatch(r"libicudata\.so\.(\d+)", library.name)
    if number is None:
        raise PackError(f"{library.name} does not look like ICU's data.")
    symbol = f"icudt{number.group(1)}_dat"
    before = library.stat().st_size
    with tempfile.TemporaryDirectory() as folder:
        whole = Path(folder, f"icudt{number.group(1)}l.dat")
        whole.write_bytes(_content(library.read_bytes(), symbol.encode()))
        small = Path(folder, "small", whole.name)
        small.parent.mkdir()
        listed = subprocess.run(["icupkg", "-l", whole], capture_output=True, text=True, check=True)
        gone = [item for item in listed.stdout.split() if not stays(item)]
        names = Path(folder, "gone.txt")
        names.write_text("\n".join(gone) + "\n", encoding="ascii")
        run("icupkg", "-r", names, whole, small)
        source = Path(folder, "data.S")
        source.write_text(_SOURCE.format(symbol=symbol, blob=small), encoding="utf-8")
        shared = ["-shared", "-nostdlib", "-s", "-Wl,--build-id=none", "-Wl,-Bsymbolic"]
        run("gcc", *shared, f"-Wl,-soname,{library.name}", "-o", library, source)
    return before, library.stat().st_size


def _content(data: bytes, symbol: bytes) -> bytes:
    """The bytes that `symbol` names in an ELF library."""
    (table,) = struct.unpack_from("<Q", data, 40)
    size, count, _ = struct.unpack_from("<HHH", data, 58)
    sections = [struct.unpack_from("<IIQQQQIIQQ", data, table + i * size) for i in range(count)]
    for kind, link, offset, length in ((s[1], s[6], s[4], s[5]) for s in sections):
        if kind != 11:  # the dynamic symbols
            continue
        texts = sections[link][4]
        for at in range(offset, offset + length, 24):
            name, _, _, section, value, extent = struct.unpack_from("<IBBHQQ", data, at)
            if data.startswith(symbol + b"\0", texts + name):
                start = value - sections[section][3] + sections[section][4]
                return data[start : start + extent]
    raise PackError(f"{symbol.decode()} is not in ICU's data library.")
