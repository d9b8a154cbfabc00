"""Tries the Linux packages as people have them: installed, started, upgraded, removed; all in
clean roots, as root and as a person, and with what can go wrong.

Invariant: nothing is tried on the machine itself. What is found is said line by line, and the first
thing that is wrong ends it with a sentence. Pictures of the window are kept in dist/pictures.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence

from pack.product import OUT, ROOTS, PackError, Product, say
from pack.trials import appimage, archive, deb, linting, python, rpm
from pack.trials.roots import copy, make
from pack.trials.screen import screen
from pack.trials.trial import Trial

RELEASES = ("bookworm", "trixie")
TRIALS: Mapping[str, Callable[[Trial], None]] = {
    "deb": deb.attempt,
    "rpm": rpm.attempt,
    "archive": archive.attempt,
    "appimage": appimage.attempt,
    "wheel": python.attempt,
}


def check(made: Product, words: Sequence[str]) -> None:
    """All trials on all releases, or those that `words` name. Raises PackError."""
    if unknown := set(words) - set(RELEASES) - set(TRIALS) - {"lint"}:
        raise PackError(f"There is no trial of {', '.join(sorted(unknown))}.")
    if not list(OUT.glob(f"{made.name}_{made.version}_*.deb")):
        raise PackError("There is no package to try: ./dev package")
    linting.check(made)
    if set(words) == {"lint"}:
        return
    with screen() as display:
        for release in [word for word in words if word in RELEASES] or RELEASES:
            clean = make(release, ROOTS)
            for name in [word for word in words if word in TRIALS] or TRIALS:
                say(f"\n{release}, {name}")
                root = copy(clean, f"{release}-{name}", OUT, display.name)
                try:
                    TRIALS[name](Trial(root, display, made))
                finally:
                    shutil.rmtree(root.path, ignore_errors=True)
    say("\nEverything is as it should be.")
