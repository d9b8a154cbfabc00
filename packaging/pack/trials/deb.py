"""The .deb: with apt, as everybody installs it, and by dpkg where apt would not let it."""

from __future__ import annotations

from pack.product import say
from pack.trials import integration
from pack.trials.roots import HOME
from pack.trials.trial import NEWER, OLDER, Trial, expect


def attempt(trial: Trial) -> None:
    root, name = trial.root, trial.made.name
    older, newer = (_other_version(trial, version) for version in (OLDER, NEWER))
    trial.apt(older)
    trial.selftest(name, person=True)
    trial.apt(trial.deb)
    say("  upgraded from an older version")
    trial.selftest(name, person=False)
    trial.selftest(name, person=True)
    integration.look(trial)
    trial.live(name, lambda: trial.apt(newer))
    trial.live(name, person=False)
    _try_what_fails(trial, older, newer)
    trial.apt(trial.deb, options=("--allow-downgrades",))
    removal = root.must("apt-get", "-y", "remove", name)
    expect(f"~/.local/share/{name}" in removal, "the words at the removal", removal)
    trial.expect_gone()
    trial.expect_chats()
    _try_purge(trial)


def _try_what_fails(trial: Trial, older: str, newer: str) -> None:
    """With `newer` installed."""
    root, name = trial.root, trial.made.name
    done = root.run("dpkg", "-i", trial.deb, person=True)
    expect(done.code and "superuser" in done.text, "without rights", done.text)
    trial.selftest(name, person=True)
    trial.apt(older, options=("--allow-downgrades",))
    trial.selftest(name, person=True)
    say("  an older version over a newer one keeps the chats")
    done = root.run("dpkg", "-i", newer, small=f"/usr/lib/{name}")
    expect(done.code and "No space left" in done.text, "without room", done.text)
    version = root.must("dpkg-query", "-W", "-f", "${Version}", name)
    expect(version == OLDER, "without room the old one stays", version)
    trial.selftest(name, person=True)
    say("  without rights or room nothing changes")


def _try_purge(trial: Trial) -> None:
    """It asks, by debconf; no answer is a no."""
    root, name = trial.root, trial.made.name
    said = root.must("apt-get", "-y", "purge", name)
    trial.expect_chats()
    trial.apt(trial.deb)
    kept = f"{HOME}/.local/share/{name}"
    for answer, there in (("false", True), ("true", False)):
        question = f"{name} {name}/delete-chats boolean {answer}"
        root.must("sh", "-c", 'echo "$0" | debconf-set-selections', question)
        said = root.must("apt-get", "-y", "purge", name)
        chats = trial.database().is_file()
        expect(chats is there, f"purge, answered {answer}", said)
        expect(kept in said or not there, "the words at the purge", said)
        trial.apt(trial.deb)
    root.must("apt-get", "-y", "purge", name)
    say("  purge asks, and does what it is answered")


def _other_version(trial: Trial, version: str) -> str:
    """The same package, as if it had been made earlier or later."""
    folder, other = f"/root/{version}", f"/root/{trial.made.name}_{version}.deb"
    script = (
        'dpkg-deb -R "$0" "$1" && sed -i "s/^Version:.*/Version: $2/" "$1/DEBIAN/control" && '
        'dpkg-deb --root-owner-group -Znone -b "$1" "$3" && rm -r "$1"'
    )
    trial.root.must("sh", "-c", script, trial.deb, folder, version, other)
    return other
