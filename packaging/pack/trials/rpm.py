"""The .rpm: through `rpm --root`, into a data base below the root.

Invariant: the data base knows no package of Debian, so what is required is looked for with the
loader of the root, name by name, and rpm itself is told not to.
"""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from pack.product import OUT, ROOTS, PackError, say
from pack.trials.other_rpm import repack
from pack.trials.roots import Done
from pack.trials.trial import NEWER, OLDER, Trial, expect


def attempt(trial: Trial) -> None:
    trial.install_libraries()
    made = trial.made
    file = OUT / f"{made.name}-{made.version}-1.{made.machine}.rpm"
    older, newer = (repack(file, version, ROOTS / "rpm") for version in (OLDER, NEWER))
    _must(trial, "--initdb")
    _must(trial, "--install", older)
    trial.selftest(made.name, person=True)
    _must(trial, "--upgrade", file)
    say("  upgraded from an older version")
    _must(trial, "--verify", made.name)
    _expect_requirements(trial, file)
    trial.selftest(made.name, person=False)
    trial.selftest(made.name, person=True)
    trial.live(made.name, lambda: _must(trial, "--upgrade", newer))
    trial.live(made.name, person=False)
    done = _rpm(trial, "--upgrade", older)
    expect(done.code and "already installed" in done.text, "an older version", done.text)
    _must(trial, "--upgrade", "--oldpackage", older)
    trial.selftest(made.name, person=True)
    say("  an older version is refused, unless it is asked for")
    _try_what_fails(trial, file)
    said = _must(trial, "--erase", made.name)
    expect(f"~/.local/share/{made.name}" in said, "the words at the removal", said)
    trial.expect_gone()
    trial.expect_chats()


def _try_what_fails(trial: Trial, file: Path) -> None:
    name = trial.made.name
    done = _rpm(trial, "--upgrade", file, before=("setpriv", "--reuid=65534", "--clear-groups"))
    expect(done.code, "without rights", done.text)
    home = f"{trial.root.path}/usr/lib/{name}"
    small = f'mount -t tmpfs -o size=60m tmpfs "{home}"; exec "$@"'
    done = _rpm(trial, "--upgrade", file, before=("unshare", "--mount", "sh", "-c", small, "-"))
    expect(done.code and "needs" in done.text, "without room", done.text)
    trial.selftest(name, person=True)
    say("  without rights or room nothing changes")


def _expect_requirements(trial: Trial, file: Path) -> None:
    """Every library that the package requires is one that the loader finds in the root."""
    asked = subprocess.run(["rpm", "-qpR", str(file)], capture_output=True, text=True, check=True)
    names = set(re.findall(r"^(lib\S+?\.so[.\d]*)\(", asked.stdout, flags=re.MULTILINE))
    known = trial.root.must("/sbin/ldconfig", "-p")
    missing = sorted(name for name in names if f"{name} " not in known)
    expect(names and not missing, "what the package requires", f"{missing} of {sorted(names)}")
    say(f"  requires {len(names)} libraries by name, and they suffice")


def _rpm(trial: Trial, *words: object, before: tuple[str, ...] = ()) -> Done:
    base = [*before, "rpm", "--root", str(trial.root.path), "--dbpath", "/var/lib/rpm-trial"]
    unasked = ["--nodeps"] if "--initdb" not in words else []
    command = [*base, *unasked, *map(str, words)]
    said = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    return Done(said.returncode, said.stdout.decode("utf-8", "replace"))


def _must(trial: Trial, *words: object) -> str:
    done = _rpm(trial, *words)
    if done.code:
        raise PackError(f"rpm {' '.join(map(str, words))} failed:\n{done.text}")
    return done.text
