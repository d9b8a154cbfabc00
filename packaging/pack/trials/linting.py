"""What the checkers of distributions and desktops say of the packages, and the bill of materials.

Invariant: what a checker says and may say stands, with the reason, in linux/lintian-overrides and
linux/rpmlint.toml; everything else is an error.
"""

from __future__ import annotations

import ctypes
import json
import os
import tempfile
from pathlib import Path

from pack import rpm, sbom
from pack.product import OUT, PackError, Product, run, say


def check(made: Product) -> None:
    """Raises PackError with what a checker said."""
    debs = list(OUT.glob(f"{made.name}_{made.version}_*.deb"))
    run("lintian", "--fail-on", "error,warning", "--allow-root", *debs)
    for file in OUT.glob(f"{made.name}-{made.version}-*.rpm"):
        rpm.check(file)
    with tempfile.TemporaryDirectory() as folder:
        run("dpkg-deb", "-x", *debs, folder)
        share = Path(folder, "usr", "share")
        run("desktop-file-validate", *share.glob("applications/*.desktop"))
        run("appstreamcli", "validate", "--no-net", *share.glob("metainfo/*.xml"))
        run("appstreamcli", "validate-tree", "--no-net", folder)
        for bill in OUT.glob(f"{made.name}-{made.version}-linux-*.cdx.json"):
            rows = json.loads(bill.read_text(encoding="utf-8"))
            sbom.refuse(rows)
            sbom.compare(rows, Path(folder, "usr", "lib", made.name))
        _expect_lgpl(next(Path(folder).rglob("libavutil.so.*")))
    say("lintian, rpmlint, desktop-file-validate and appstreamcli have nothing to say.")
    say("The bill of materials names every file, and no licence that is not accepted.")


def _expect_lgpl(library: Path) -> None:
    """Ask FFmpeg itself; it knows how it was built."""
    ask = ctypes.CDLL(str(library), mode=os.RTLD_LAZY).avutil_license
    ask.restype = ctypes.c_char_p
    licence = ask().decode()
    if not licence.startswith("LGPL"):
        raise PackError(f"FFmpeg says that it is under {licence}.")
    say(f"FFmpeg is under {licence}, as it says itself.")
