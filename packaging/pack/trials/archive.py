"""The .tar.xz and its script: run where it lies, put into a person's folders, into everybody's."""

from __future__ import annotations

from pathlib import Path

from pack.product import run, say
from pack.trials.roots import HOME
from pack.trials.trial import AWKWARD, Trial, expect

PREFIX = f"{HOME}/Über uns/a b"
ROOM_FOR_ONE_MB = 250


def attempt(trial: Trial) -> None:
    root, made = trial.root, trial.made
    trial.install_libraries()
    trial.apt("xz-utils", "libglib2.0-bin")
    name = f"{made.name}-{made.version}-{made.machine}"
    root.must("mkdir", "-p", AWKWARD, person=True)
    root.must("tar", "-C", AWKWARD, "-xf", f"/packages/{name}.tar.xz", person=True)
    folder = f"{AWKWARD}/{name}"
    trial.selftest(f"{folder}/bin/{made.name}", person=True)
    setup = f"{folder}/lib/{made.name}/setup"
    _try_what_fails(trial, setup)
    _make_older(trial, setup)
    root.must(setup, "install", "--prefix", PREFIX, person=True)
    _expect_upgraded(trial)
    entry = f"{PREFIX}/share/applications/{made.id}.desktop"
    run("desktop-file-validate", f"{root.path}{entry}")
    program = f"{PREFIX}/bin/{made.name}"
    trial.selftest(program, person=True)
    trial.live(program, lambda: root.must(setup, "install", "--prefix", PREFIX, person=True))
    trial.launch(entry)
    say("  starts from its menu entry, in a folder with spaces and foreign letters")
    own = f"{PREFIX}/lib/{made.name}/setup"
    said = root.must(own, "uninstall", "--prefix", PREFIX, person=True)
    expect(f"stay in {HOME}/.local/share/{made.name}" in said, "the words at the removal", said)
    trial.expect_gone(PREFIX)
    trial.expect_chats()
    _try_purge(trial, setup)
    _try_as_root(trial, setup)


def _try_what_fails(trial: Trial, setup: str) -> None:
    root = trial.root
    done = root.run(setup, "install", "--prefix", "/usr", person=True)
    expect(done.code and "cannot be written" in done.text, "without rights", done.text)
    done = root.run(setup, "install", "--prefix", "/mnt", small="/mnt")
    expect(done.code and "Nothing was changed" in done.text, "without room", done.text)
    program = f"/mnt/bin/{trial.made.name}"
    twice = '"$0" install --prefix /mnt && ! "$0" install --prefix /mnt && "$1" --version'
    said = root.must("sh", "-c", twice, setup, program, small="/mnt", room_mb=ROOM_FOR_ONE_MB)
    expect("Nothing was changed" in said, "without room for the new one", said)
    expect(trial.made.version in said, "without room the old one stays", said)
    say("  without rights or room nothing changes")


def _make_older(trial: Trial, setup: str) -> None:
    """An installation as an older version may have left it: with files that are no more."""
    trial.root.must(setup, "install", "--prefix", PREFIX, person=True)
    home = f"{PREFIX}/lib/{trial.made.name}"
    script = (
        'touch "$0/_internal/libold.so.1" "$1/share/old-linnet.txt" && '
        'echo old-linnet.txt >>"$0/files"'
    )
    trial.root.must("sh", "-c", script, home, PREFIX, person=True)


def _expect_upgraded(trial: Trial) -> None:
    left = list(Path(f"{trial.root.path}{PREFIX}").rglob("*old*linnet*"))
    left += Path(f"{trial.root.path}{PREFIX}").rglob("libold*")
    expect(not left, "an older version leaves nothing", str(left))
    say("  upgraded from an older version")


def _try_purge(trial: Trial, setup: str) -> None:
    root = trial.root
    root.must(setup, "install", "--prefix", PREFIX, person=True)
    for answer, there in (("n", True), ("", True), ("y", False)):
        command = f'echo {answer} | "$0" uninstall --purge --prefix "$1"'
        said = root.must("sh", "-c", command, setup, PREFIX, person=True)
        expect("Delete all chats" in said, "--purge asks", said)
        expect(trial.database().is_file() is there, f"--purge, answered {answer!r}", said)
        root.must(setup, "install", "--prefix", PREFIX, person=True)
    root.must(setup, "uninstall", "--prefix", PREFIX, person=True)
    say("  --purge asks, and does what it is answered")


def _try_as_root(trial: Trial, setup: str) -> None:
    """For everybody."""
    root, name = trial.root, trial.made.name
    root.must("cp", "-a", str(Path(setup).parents[2]), "/root/linnet")
    root.must(f"/root/linnet/lib/{name}/setup", "install", "--prefix", "/usr/local")
    for person in (True, False):
        trial.selftest(name, person=person)
    trial.live(name, person=False)
    root.must(f"/usr/local/lib/{name}/setup", "uninstall", "--prefix", "/usr/local")
    trial.expect_gone("/usr/local")
