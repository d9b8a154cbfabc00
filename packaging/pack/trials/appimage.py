"""The AppImage: with FUSE and without, where it lies and in the menu."""

from __future__ import annotations

from pathlib import Path

from pack.product import say
from pack.trials.roots import HOME, wait_for
from pack.trials.trial import AWKWARD, NEWER, Trial, expect


def attempt(trial: Trial) -> None:
    root, made = trial.root, trial.made
    trial.install_libraries()
    trial.apt("libglib2.0-bin")
    root.must("mkdir", "-p", AWKWARD, person=True)
    name = f"{made.title}-{made.version}-{made.machine}.AppImage"
    root.must("cp", f"/packages/{name}", AWKWARD, person=True)
    program = f"{AWKWARD}/{name}"
    for person in (True, False):
        trial.selftest(program, person=person)
    trial.live(program)
    trial.end(program)
    _expect_nothing_left(trial)
    say("  without FUSE, unpacked; also when a signal ends it, the folder goes")
    done = root.run(program, "--selftest", person=True, small="/tmp")
    expect(done.code and "room" in done.text, "without room to unpack", done.text)
    trial.apt("fuse3")
    look = '"$0" --appimage-mount & sleep 3; ls /tmp/.mount_*; kill $!'
    said = root.must("sh", "-c", look, program, person=True)
    expect("AppRun" in said, "mounted through FUSE", said)
    for person in (True, False):
        trial.selftest(program, person=person)
    newer = program.replace(made.version, NEWER)

    def replace() -> None:
        """By a newer one, as a download does it; another one beside it."""
        copies = 'cp "$0" "$0.new" && mv "$0.new" "$0" && cp "$0" "$1"'
        root.must("sh", "-c", copies, program, newer, person=True)

    trial.live(program, replace)
    trial.live(program, person=False)
    trial.end(program)
    _expect_nothing_left(trial)
    _try_menu(trial, program, newer)
    root.must("rm", program, newer, person=True)
    trial.expect_chats()


def _expect_nothing_left(trial: Trial) -> None:
    folder = trial.root.path / "tmp"
    wait_for(lambda: not list(folder.glob(".mount_*")), "The end of the image's folders")


def _try_menu(trial: Trial, program: str, newer: str) -> None:
    root, made = trial.root, trial.made
    link = Path(f"{root.path}{HOME}/.local/bin/{made.name}")
    entry = f"{HOME}/.local/share/applications/{made.id}.desktop"
    for file in (program, newer, program):
        root.must(file, "--install", person=True)
        expect(str(link.readlink()) == file, "the command", str(link))
    trial.selftest(f"{HOME}/.local/bin/{made.name}", person=True)
    trial.launch(entry)
    say("  starts from its menu entry, in a folder with spaces and foreign letters")
    done = root.run(program, "--install", "--prefix", "/usr", person=True)
    expect(done.code and "cannot be written" in done.text, "without rights", done.text)
    said = root.must(program, "--uninstall", person=True)
    expect("stay in" in said, "the words at the removal", said)
    expect(not link.is_symlink(), "the command is gone", str(link))
    expect(not Path(f"{root.path}{entry}").exists(), "the menu entry is gone", entry)
    say("  --install and --uninstall put it into the menu and take it out")
