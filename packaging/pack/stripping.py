"""Takes symbols, and the folders of the machine that built them, out of libraries on Linux.

Invariant: a library whose parts were moved around by patchelf may come out of `strip` in a form
that the loader refuses; such a one stays as it was. Qt's own libraries have no symbols to lose.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

from pack.elf import loads, without_absolute_paths
from pack.libraries import binaries


def strip(bundle: Path) -> int:
    """Strip what can be stripped below `bundle`; how many bytes that saved."""
    saved = 0
    with tempfile.TemporaryDirectory() as folder:
        for path, data in binaries(bundle):
            if "PySide6" in path.parts or path.parent == bundle:
                continue
            small = Path(folder, path.name)
            command = ["strip", "--strip-unneeded", "-o", str(small), str(path)]
            if subprocess.run(command, capture_output=True, check=False).returncode == 0:
                stripped = small.read_bytes()
                if len(stripped) < len(data) and loads(stripped):
                    shutil.copyfile(small, path)
                    saved += len(data) - len(stripped)
    return saved


def forget_folders(bundle: Path) -> None:
    """Let no library look in a folder of the machine that built it."""
    for path, data in binaries(bundle):
        changed = without_absolute_paths(data)
        if changed != data:
            path.write_bytes(changed)
