"""Tries the Linux packages as people have them: installed, started, upgraded, removed; all in
clean roots, as root and as a person, and with what can go wrong.

Invariant: nothing is tried on the machine itself. What is found is said line by line, and the first
thing that is wrong ends it with a sentence. Pictures of the window are kept in dist/pictures.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from urllib.parse import quote

from pack import rpm
from pack.product import OUT, ROOTS, WORK, PackError, Product, run, say
from pack.roots import HOME, Root, copy, make, wait_for
from pack.screen import Screen, screen

RELEASES = ("bookworm", "trixie")
QUESTION = "What can you show me?"
OLDER, NEWER = "0.0.1", "99.0.0"
AWKWARD = f"{HOME}/My Programs/Möwe – 鳥"


def check(made: Product, words: Sequence[str]) -> None:
    """All trials on all releases, or those that `words` name."""
    trials = {"deb": try_deb, "rpm": try_rpm, "archive": try_archive, "appimage": try_appimage}
    if unknown := set(words) - set(RELEASES) - set(trials):
        raise PackError(f"There is no trial of {', '.join(sorted(unknown))}.")
    lint(made)
    with screen() as display:
        for release in [word for word in words if word in RELEASES] or RELEASES:
            clean = make(release, ROOTS)
            for name in [word for word in words if word in trials] or trials:
                say(f"\n{release}, {name}")
                root = copy(clean, f"{release}-{name}", _packages(made), display.name)
                try:
                    trials[name](root, display, made)
                finally:
                    shutil.rmtree(root.path, ignore_errors=True)


def lint(made: Product) -> None:
    """What the distributions' own checkers say."""
    packages = _packages(made)
    run("lintian", "--fail-on", "error,warning", "--allow-root", *packages.glob("*.deb"))
    for file in packages.glob("*.rpm"):
        rpm.check(file)
    share = WORK / "deb" / "usr" / "share"
    run("desktop-file-validate", *share.glob("applications/*.desktop"))
    run("appstreamcli", "validate", "--no-net", *share.glob("metainfo/*.xml"))
    run("appstreamcli", "validate-tree", "--no-net", WORK / "deb")
    say("lintian, rpmlint, desktop-file-validate and appstreamcli have nothing to say.")


# The packages


def try_deb(root: Root, display: Screen, made: Product) -> None:
    file = f"/packages/{made.name}_{made.version}_{made.debian_arch}.deb"
    older, newer = (_other_version(root, file, version) for version in (OLDER, NEWER))
    _install(root, older)
    _say_selftest(root, made.name, person=True)
    _install(root, file)
    say("  upgraded from an older version")
    _say_selftest(root, made.name, person=False)
    _say_selftest(root, made.name, person=True)
    _look_at_integration(root, made)

    def upgrade() -> None:
        _install(root, newer)

    _live(root, display, made, made.name, "deb", upgrade)
    done = root.run("dpkg", "-i", file, person=True)
    _expect(done.code != 0 and "superuser" in done.text, "without rights", done.text)
    _install(root, older, "--allow-downgrades")
    _say_selftest(root, made.name, person=True)
    say("  an older version over a newer one keeps the chats")
    done = root.run("dpkg", "-i", newer, small=f"/usr/lib/{made.name}")
    _expect(done.code != 0 and "No space left" in done.text, "without room", done.text)
    _install(root, file, "--allow-downgrades")
    _say_selftest(root, made.name, person=True)
    removal = root.must("apt-get", "-y", "remove", made.name)
    _expect("~/.local/share/linnet" in removal, "the words at the removal", removal)
    root.must("apt-get", "-y", "purge", made.name)
    _expect_gone(root, made)
    _expect_chats(root, made)


def try_rpm(root: Root, display: Screen, made: Product) -> None:
    """Into an own data base below the root; what it requires comes from Debian."""
    _install_libraries(root, made)
    file = next(_packages(made).glob("*.rpm"))
    base = ["rpm", "--root", str(root.path), "--dbpath", "/var/lib/rpm-trial"]
    run(*base, "--initdb")
    run(*base, "--nodeps", "--install", file)
    checked = subprocess.run([*base, "--verify", "--nodeps", made.name], capture_output=True)
    _expect(checked.returncode == 0, "rpm --verify", checked.stdout.decode())
    _say_selftest(root, made.name, person=True)
    _live(root, display, made, made.name, "rpm")
    run(*base, "--nodeps", "--upgrade", "--replacepkgs", file)
    said = subprocess.run([*base, "--nodeps", "--erase", made.name], capture_output=True)
    _expect(said.returncode == 0, "rpm --erase", said.stderr.decode())
    _expect_gone(root, made)
    _expect_chats(root, made)


def try_archive(root: Root, display: Screen, made: Product) -> None:
    _install_libraries(root, made)
    root.must("apt-get", "-qq", "-y", "install", "--no-install-recommends", "xz-utils")
    name = f"{made.name}-{made.version}-{made.machine}"
    root.must("mkdir", "-p", AWKWARD, person=True)
    root.must("tar", "-C", AWKWARD, "-xf", f"/packages/{name}.tar.xz", person=True)
    folder = f"{AWKWARD}/{name}"
    _say_selftest(root, f"{folder}/bin/{made.name}", person=True)
    setup, prefix = f"{folder}/lib/{made.name}/setup", f"{HOME}/a b/prefix"
    done = root.run(setup, "install", "--prefix", "/usr", person=True)
    _expect(done.code != 0 and "cannot be written" in done.text, "without rights", done.text)
    done = root.run(setup, "install", "--prefix", "/mnt", small="/mnt")
    _expect(done.code != 0 and "Nothing was changed" in done.text, "without room", done.text)
    for _ in range(2):  # the second time over itself
        root.must(setup, "install", "--prefix", prefix, person=True)
    program = f"{prefix}/bin/{made.name}"
    entry = f"{root.path}{prefix}/share/applications/{made.id}.desktop"
    run("desktop-file-validate", entry)
    _say_selftest(root, program, person=True)
    _live(root, display, made, program, "archive")
    own = f"{prefix}/lib/{made.name}/setup"
    said = root.must(own, "uninstall", "--prefix", prefix, person=True)
    _expect("stay in" in said, "the words at the removal", said)
    left = list(Path(f"{root.path}{prefix}").rglob(f"*{made.name}*"))
    _expect(not left, "nothing is left", str(left))
    _expect_chats(root, made)
    root.must(setup, "install", "--prefix", prefix, person=True)
    for answer, there in (("n", True), ("y", False)):
        command = f'echo {answer} | "$0" uninstall --purge --prefix "$1"'
        root.must("sh", "-c", command, setup, prefix, person=True)
        chats = Path(f"{root.path}{HOME}/.local/share/{made.name}").is_dir()
        _expect(chats is there, f"--purge, answered {answer}", "")
        root.must(setup, "install", "--prefix", prefix, person=True)
    say("  --purge asks, and does what it is answered")


def try_appimage(root: Root, display: Screen, made: Product) -> None:
    _install_libraries(root, made)
    root.must("mkdir", "-p", AWKWARD, person=True)
    name = f"{made.title}-{made.version}-{made.machine}.AppImage"
    root.must("cp", f"/packages/{name}", AWKWARD, person=True)
    program = f"{AWKWARD}/{name}"
    said = root.must(program, "--selftest", person=True)
    _expect('"ok": true' in said, "without FUSE", said)
    say("  runs without FUSE, unpacked")
    done = root.run(program, "--selftest", person=True, small="/tmp")
    _expect(done.code != 0 and "room" in done.text, "without room to unpack", done.text)
    root.must("apt-get", "-qq", "-y", "install", "--no-install-recommends", "fuse3")
    _say_selftest(root, program, person=True)
    said = root.must("sh", "-c", '"$0" --appimage-mount & sleep 2; ls /tmp/.mount_*; kill $!',
                     program, person=True)  # fmt: skip
    _expect("AppRun" in said, "mounted through FUSE", said)
    _say_selftest(root, program, person=False)
    _live(root, display, made, program, "appimage")
    root.must(program, "--install", person=True)
    _say_selftest(root, f"{HOME}/.local/bin/{made.name}", person=True)
    root.must(program, "--uninstall", person=True)
    _expect_chats(root, made)


# Steps


def _install(root: Root, file: str, *options: str) -> None:
    base = ("apt-get", "-qq", "-y", "install", "--no-install-recommends", *options)
    root.must(*base, file, within_s=900)


def _install_libraries(root: Root, made: Product) -> None:
    """What the packages ask of a system, without Linnet itself."""
    file = f"/packages/{made.name}_{made.version}_{made.debian_arch}.deb"
    _install(root, file)
    root.must("dpkg", "--purge", made.name)


def _other_version(root: Root, file: str, version: str) -> str:
    """The same package, as if it had been made earlier or later."""
    folder, other = f"/root/{version}", f"/root/linnet_{version}.deb"
    script = (
        'dpkg-deb -R "$0" "$1" && sed -i "s/^Version:.*/Version: $2/" "$1/DEBIAN/control" && '
        'dpkg-deb --root-owner-group -Znone -b "$1" "$3" && rm -r "$1"'
    )
    root.must("sh", "-c", script, file, folder, version, other)
    return other


def _say_selftest(root: Root, program: str, *, person: bool) -> None:
    said = root.must(program, "--selftest", person=person)
    found = json.loads(said[said.index("{\n") : said.rindex("}") + 1])
    _expect(found["ok"], "the self-test", said)
    platform = found["window"]["platform"]
    say(f"  self-test passes as {'a person' if person else 'root'}, on {platform}")


def _live(
    root: Root,
    display: Screen,
    made: Product,
    program: str,
    name: str,
    meanwhile: Callable[[], None] | None = None,
) -> None:
    """A real window: a question and its answer, perhaps an upgrade, another one, and the end."""
    with (WORK / f"{name}.log").open("wb") as log:
        running = root.start(log, program)
        try:
            window = display.window(made.title)
            for question in (QUESTION, "And a table?"):
                wanted = _answers(root, made) + 1
                display.type(window, question, "Return")
                wait_for(partial(_has_answered, root, made, wanted), "The answer")
                display.picture(OUT / "pictures" / f"{root.path.name}-{wanted}.png")
                if meanwhile is not None:
                    meanwhile()
            display.close(window)
            code = running.wait(30)
        finally:
            running.kill()
    words = (WORK / f"{name}.log").read_text(encoding="utf-8", errors="replace")
    _expect(code == 0 and "Traceback" not in words, "the end of the program", words)
    say("  answers in a real window" + (", and goes on through upgrades" if meanwhile else ""))


def _has_answered(root: Root, made: Product, wanted: int) -> bool:
    return _answers(root, made) >= wanted


def _answers(root: Root, made: Product) -> int:
    """How many questions have been answered to the end."""
    file = Path(f"{root.path}{HOME}/.local/share/{made.name}/{made.name}.db")
    if not file.is_file():
        return 0
    ended = "SELECT count(*) FROM message WHERE role = 'assistant' AND finish LIKE '%stop%'"
    with closing(sqlite3.connect(f"file:{quote(str(file))}?mode=ro", uri=True)) as database:
        try:
            return int(database.execute(ended).fetchone()[0])
        except sqlite3.Error:  # it is being made
            return 0


def _look_at_integration(root: Root, made: Product) -> None:
    """The command, its manual and completions; what the desktop knows by now."""
    for path in (
        f"/usr/bin/{made.name}",
        f"/usr/share/man/man1/{made.name}.1.gz",
        f"/usr/share/bash-completion/completions/{made.name}",
        f"/usr/share/icons/hicolor/scalable/apps/{made.id}.svg",
    ):
        _expect(Path(f"{root.path}{path}").exists(), path, "is missing")
    said = root.must(made.name, "ask", "Hello", "--service", "demo", person=True)
    _expect(len(said) > 40, "linnet ask", said)
    _install(root, "desktop-file-utils")
    known = (root.path / "usr/share/applications/mimeinfo.cache").read_text(encoding="utf-8")
    for kind in ("x-scheme-handler/linnet", "image/png", "application/pdf"):
        _expect(f"{kind}={made.id}.desktop" in known, f"opening {kind}", known)
    said = root.must("dpkg", "--verify", made.name)
    _expect(not said.strip(), "dpkg --verify", said)
    say("  command, manual, completions, icons, links and file types are there")


def _expect_gone(root: Root, made: Product) -> None:
    left = [path for path in (root.path / "usr").rglob("*") if path.name.startswith(made.name)]
    left += (root.path / "usr").rglob(f"{made.id}*")
    _expect(not left, "nothing is left", str(left))
    say("  removed without a trace")


def _expect_chats(root: Root, made: Product) -> None:
    database = Path(f"{root.path}{HOME}/.local/share/{made.name}/{made.name}.db")
    _expect(database.is_file(), "the chats are kept", str(database))
    say("  the person's chats are still there")


def _expect(holds: bool, what: str, found: str) -> None:
    if not holds:
        raise PackError(f"{what}: not as it should be.\n{found}")


def _packages(made: Product) -> Path:
    if not list(OUT.glob(f"{made.name}_{made.version}_*.deb")):
        raise PackError("There is no package to try: ./dev package")
    return OUT
