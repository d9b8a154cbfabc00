"""`./dev package [KIND...]`: makes what this system can make, into dist/.

    bundle     the frozen program, of which all others are made (made anew, unless `keep` is given)
    deb rpm appimage archive      on Linux
    installer msi portable        on Windows
    image                         on macOS
    wheel                         with the source distribution, on any system

Without a kind: all packages of this system, and the wheel. Alone, with words of their own:

    check [RELEASE...] [TRIAL...]     tries the Linux packages in clean roots of Debian
    measure [WARM COLD]               sizes and starts, as the table of packaging/README.md
    twice [KIND...]                   builds two times and says which files came out the same
    windows FOLDER [KIND...]          the same as on Windows, anywhere, of a bundle frozen there
    manifests [ADDRESS]               for winget, Homebrew and Flatpak
    check-installed                   tries dist/ on a Windows or Mac that is thrown away
    check-wheels                      looks at what would travel on Windows and macOS
    check-windows                     tries the Windows installers under wine
    estimate-windows, estimate-macos  say how large packages come out, and of what
    list                              signs the list of releases (pack/announcing.py)
    key FILE                          makes a pair of keys for it
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from pack import (
    announcing,
    bundle,
    deb,
    elsewhere,
    estimate,
    image,
    manifests,
    measuring,
    portable,
    rpm,
    tools,
    trials,
    twice,
    wheel,
)
from pack.product import PackError, Product, product, say
from pack.trials import hosted, payload, windows

Build = Callable[[Path, Product], Path]
Deed = Callable[[Product, Sequence[str]], None]

# Made of the bundle, for each system.
PACKAGES: dict[str, Mapping[str, Build]] = {
    "linux": {
        "deb": deb.build,
        "rpm": rpm.build,
        "appimage": portable.build_appimage,
        "archive": portable.build_archive,
    },
    "win32": elsewhere.PACKAGES,
    "darwin": {"image": image.build},
}
# Done with what lies in dist/.
DEEDS: dict[str, Deed] = {
    "check": trials.check,
    "measure": measuring.measure,
    "twice": twice.build,
    "windows": elsewhere.build,
    "manifests": manifests.write,
    "check-installed": hosted.check,
    "check-wheels": payload.check,
    "check-windows": windows.check,
    "estimate-windows": estimate.estimate,
    "estimate-macos": estimate.estimate_images,
    "list": announcing.sign_list,
    "key": announcing.print_key,
}


def main(words: Sequence[str]) -> int:
    """Run what was asked for; 1 with a sentence when it cannot be done."""
    try:
        if list(words[:1]) == ["needs"]:
            print(*tools.missing(wanted(words[1:])))
        elif words and words[0] in DEEDS:
            DEEDS[words[0]](product(), words[1:])
        else:
            _make(wanted(words), product(), keep="keep" in words)
    except PackError as error:
        print(f"dev package: {error}", file=sys.stderr)
        return 1
    return 0


def wanted(words: Sequence[str], system: str = sys.platform) -> list[str]:
    """The kinds that `words` ask for, the bundle before what is made of it."""
    if words and words[0] in DEEDS:
        return wanted(words[1:], system) if DEEDS[words[0]] is twice.build else [words[0]]
    packages = PACKAGES.get(system, {})
    kinds = [word for word in words if word != "keep"] or [*packages, "wheel"]
    if unknown := set(kinds) - {"bundle", "wheel", *packages}:
        raise PackError(f"There is no package {', '.join(sorted(unknown))}.\n\n{__doc__}")
    made_of_it = set(kinds) & set(packages)
    return ["bundle", *kinds] if made_of_it and "bundle" not in kinds else kinds


def _make(kinds: Sequence[str], made: Product, *, keep: bool) -> None:
    if "bundle" in kinds:
        folder = bundle.frozen() if keep and bundle.frozen().is_dir() else bundle.freeze(made)
        for kind, build in PACKAGES.get(sys.platform, {}).items():
            if kind in kinds:
                build(folder, made)
    if "wheel" in kinds:
        wheel.build(made)
    say("Done.")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
