"""The zip for Windows, for those who install nothing: unpack it and run it.

Invariant: the same bundle gives the same bytes; dates are those of the sources.
"""

from __future__ import annotations

import time
import zipfile
from dataclasses import replace
from pathlib import Path

from pack import windows
from pack.product import OUT, PACKAGING, Product, say

README = PACKAGING / "windows" / "README.txt"
_EARLIEST_S = 315532800  # what a zip can say: 1980
_PLAIN_FILE = 0o100644 << 16


def build(bundle: Path, made: Product, folder: Path = OUT) -> Path:
    """Write the zip of a frozen Windows bundle. Raises PackError."""
    made = replace(made, machine=windows.machine_of(bundle))
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / windows.file_name(made, ".zip")
    payload = windows.copy_of(bundle, "portable", made)
    top = file.stem
    date = time.gmtime(max(made.epoch_s, _EARLIEST_S))[:6]
    words = README.read_text(encoding="utf-8").replace("\n", "\r\n").encode()
    with zipfile.ZipFile(file, "w", compresslevel=9) as packed:
        _add(packed, f"{top}/README.txt", words, date)
        for path in sorted(payload.rglob("*")):
            if path.is_file():
                name = f"{top}/{path.relative_to(payload).as_posix()}"
                _add(packed, name, path.read_bytes(), date)
    say(f"{file.name}: {file.stat().st_size / 1e6:.1f} MB")
    return file


def _add(
    packed: zipfile.ZipFile, name: str, data: bytes, date: tuple[int, int, int, int, int, int]
) -> None:
    entry = zipfile.ZipInfo(name, date)
    entry.external_attr = _PLAIN_FILE
    packed.writestr(entry, data, zipfile.ZIP_DEFLATED)
