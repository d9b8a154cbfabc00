"""`./dev package [KIND...]`: makes what this system can make, into dist/.

    bundle     the frozen program, of which all others are made (made anew, unless `keep` is given)
    deb rpm appimage archive      on Linux
    installer msi portable        on Windows
    image                         on macOS
    wheel                         for pipx and uv, on any system
    check      try the Linux packages in clean roots: see packaging/README.md
    measure    sizes and starts, as a table
    manifests  Flatpak, winget and Homebrew, for what lies in dist/
    list       the signed list of releases, for what lies in dist/

Without a kind: all packages of this system, and the wheel.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from pack import bundle, deb, portable, rpm, tools, trial
from pack.product import PackError, Product, product, say

Build = Callable[[Path, Product], Path]

PACKAGES: dict[str, dict[str, Build]] = {
    "linux": {
        "deb": deb.build,
        "rpm": rpm.build,
        "appimage": portable.build_appimage,
        "archive": portable.build_archive,
    },
}


def main(words: Sequence[str]) -> int:
    """Run what was asked for; 1 with a sentence when it cannot be done."""
    packages = PACKAGES[sys.platform]
    if list(words[:1]) == ["needs"]:
        print(*tools.missing(_wanted(words[1:], packages)))
        return 0
    try:
        _make(_wanted(words, packages), packages, keep="keep" in words)
    except PackError as error:
        print(f"dev package: {error}", file=sys.stderr)
        return 1
    return 0


def _wanted(words: Sequence[str], packages: dict[str, Build]) -> list[str]:
    kinds = [word for word in words if word != "keep"] or [*packages, "wheel"]
    unknown = set(kinds) - {"bundle", "wheel", "check", *packages}
    if unknown:
        raise PackError(f"There is no package {', '.join(sorted(unknown))}.\n\n{__doc__}")
    frozen = [] if "bundle" in kinds else ["bundle"]
    return frozen + kinds if set(kinds) & set(packages) else kinds


def _make(kinds: Sequence[str], packages: dict[str, Build], *, keep: bool) -> None:
    made = product()
    if "check" in kinds:
        trial.try_all(made)
    if "bundle" in kinds:
        folder = bundle.frozen() if keep and bundle.frozen().is_dir() else bundle.freeze(made)
        for kind in kinds:
            if kind in packages:
                packages[kind](folder, made)
    say("Done.")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
