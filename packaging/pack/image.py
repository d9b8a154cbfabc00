"""The .dmg for macOS, one for each architecture: open it, and drag Linnet into the programs.

Invariant: needs Apple's tools, so it is made on a Mac. Without CODESIGN_IDENTITY it is sealed for
no one, and without the three words for Apple's notary it is not shown to it; both are said.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from pack import macos
from pack.product import OUT, WORK, Product, reproducible, run, say

ARCHITECTURES = {"aarch64": "arm64", "x86_64": "intel"}


def file_name(made: Product) -> str:
    """`Linnet-1.2.3-macos-arm64.dmg`; the other one is called `intel`, as people call it."""
    return f"{made.title}-{made.version}-macos-{ARCHITECTURES[made.machine]}.dmg"


def build(bundle: Path, made: Product) -> Path:
    """Write the .dmg into dist/. Raises PackError."""
    archive = WORK / "image" / f"{made.title}.zip"
    folder = WORK / "image" / "folder"
    shutil.rmtree(folder.parent, ignore_errors=True)
    folder.mkdir(parents=True)
    if macos.can_notarise():
        run("ditto", "-c", "-k", "--keepParent", bundle, archive)
        macos.notarise(archive)
        run("xcrun", "stapler", "staple", bundle)  # for a Mac that is offline at the first start
    run("ditto", bundle, folder / bundle.name)
    (folder / "Applications").symlink_to("/Applications")
    OUT.mkdir(exist_ok=True)
    file = OUT / file_name(made)
    what = ["-volname", made.title, "-srcfolder", folder, "-fs", "HFS+", "-format", "ULMO"]
    run("hdiutil", "create", "-ov", "-quiet", *what, file, env=reproducible())
    macos.sign_image(file)
    if macos.can_notarise():
        macos.notarise(file)
        run("xcrun", "stapler", "staple", file)
        run("spctl", "--assess", "--type", "open", "--context", "context:primary-signature", file)
    else:
        say("It is not shown to Apple's notary, because there are no words for that.")
    run("hdiutil", "verify", "-quiet", file)
    say(f"{file.name}: {file.stat().st_size / 1e6:.1f} MB")
    return file
