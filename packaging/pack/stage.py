"""The tree that all Linux packages carry: the bundle, and what the desktop and the shells look for.

Invariant: below one prefix; nothing in it knows where it will lie. Dates are those of the sources.
"""

from __future__ import annotations

import gzip
import os
import shutil
from pathlib import Path

from pack import completions, desktop, icons, libraries, manual, marker
from pack.product import Product

ZSH_OF_DEBIAN = "zsh/vendor-completions"
ZSH = "zsh/site-functions"


def stage(bundle: Path, prefix: Path, made: Product, kind: str, zsh: str = ZSH) -> None:
    """Lay everything out below `prefix`, which is /usr in a package. It is made anew.

    `kind` is what the program is told about its package.
    """
    shutil.rmtree(prefix, ignore_errors=True)
    shutil.copytree(bundle, prefix / "lib" / made.name, symlinks=True)
    marker.write(prefix / "lib" / made.name / "_internal" / "resources", made, kind)
    (prefix / "bin").mkdir()
    (prefix / "bin" / made.name).symlink_to(f"../lib/{made.name}/{made.name}")
    share = prefix / "share"
    icons.write_hicolor(share, made)
    for place, text in (
        (f"applications/{made.id}.desktop", desktop.entry(made)),
        (f"metainfo/{made.id}.metainfo.xml", desktop.metainfo(made)),
        (f"bash-completion/completions/{made.name}", completions.bash(made)),
        (f"fish/vendor_completions.d/{made.name}.fish", completions.fish(made)),
        (f"{zsh}/_{made.name}", completions.zsh(made)),
    ):
        write(share / place, text)
    write_packed(share / "man" / "man1" / f"{made.name}.1.gz", manual.page(made))
    libraries.tidy_dates(prefix, made.epoch_s)


def write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")


def write_packed(file: Path, text: str) -> None:
    """With gzip, without a name or a date in it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(gzip.compress(text.encode(), 9, mtime=0))


def size_kib(folder: Path) -> int:
    """What the files take, as du counts it without blocks."""
    sizes = (os.lstat(path).st_size for path in folder.rglob("*"))
    return sum(-(-size // 1024) for size in sizes)
