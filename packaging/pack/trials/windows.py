"""Tries the Windows installers under wine: installed, started, upgraded, removed, all silently.

What is packed are the real libraries that travel, with stand-ins for the rest, because no Windows
program can be frozen elsewhere (pack/trials/stand_in.py). Invariant: nothing of the machine is
touched; the first thing that is wrong ends it with a sentence. What only Windows shows stands in
packaging/README.md.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from app.updates.package import FILE, read_package
from pack import marker, msi, nsis, windows, zipped
from pack.product import ROOT, PackError, Product, run, say
from pack.trials import stand_in
from pack.trials.wine import HOME, Wine, dos

PLACE = ROOT / "build" / "windows"
NEWER = "99.0.0"
USUAL = f"{HOME}\\AppData\\Local\\Programs\\Linnet"
AWKWARD = f"{HOME}\\My Programs\\Möwe – 鳥"
CHATS = f"{HOME}\\AppData\\Local\\linnet"
UNINSTALL = "Software\\Microsoft\\Windows\\CurrentVersion\\Uninstall\\Linnet"
LONG = ";".join(f"C:\\a folder of somebody else {number}\\bin" for number in range(60))
PERSONS_PATH = f"%USERPROFILE%\\bin;{LONG};%SystemRoot%\\more"
RUNNING, TOO_OLD, TOO_NEW, NO_RIGHT, NO_ROOM = 3, 4, 5, 6, 7
START_S = 60
LONG_NAMES = {"HKCU": "HKEY_CURRENT_USER", "HKLM": "HKEY_LOCAL_MACHINE"}
MACHINE = "HKLM\\System\\CurrentControlSet\\Control\\Session Manager\\Environment"


def check(made: Product, words: Sequence[str]) -> None:
    """Everything. Takes some minutes. Raises PackError."""
    if words:
        raise PackError("All of it is tried: ./dev package check-windows")
    shutil.rmtree(PLACE, ignore_errors=True)
    made = replace(made, machine="x86_64")
    newer = replace(made, version=NEWER)
    bundle = stand_in.lay_out(made, PLACE / "linnet")
    small = _without_libraries(bundle, PLACE / "small")
    setups = nsis.build(bundle, made, PLACE), nsis.build(small, newer, PLACE)
    packages = msi.build(bundle, made, PLACE), msi.build(small, newer, PLACE)
    archive = zipped.build(bundle, made, PLACE)
    for trial in (try_setup, try_obstacles, try_package):
        say(f"\n{trial.__name__.removeprefix('try_')}")
        with _wine() as wine:
            trial(wine, bundle, *(packages if trial is try_package else setups))
    say("\npath")
    with _wine() as wine:
        try_path(wine, setups[1])
    say("\narchive")
    with _wine() as wine:
        try_archive(wine, bundle, archive)
    say("\nonce more")
    again = nsis.build(small, newer, PLACE / "again"), msi.build(small, newer, PLACE / "again")
    for file, other in zip((setups[1], packages[1]), again, strict=True):
        same = file.read_bytes() == other.read_bytes()
        _expect(same, f"{file.name} has the same bytes each time", str(other))
    say("\nsigning")
    with _wine() as wine:
        try_signing(wine, small, newer)
    say("\nEverything is as it should be.")


def _without_libraries(bundle: Path, folder: Path) -> Path:
    """Something that can only be another version: most files are not in it."""
    inside = folder / "_internal"
    shutil.copytree(bundle / "_internal" / "icons", inside / "icons")
    (inside / "resources").mkdir()
    (inside / "of this version only.txt").write_text("new\n", encoding="utf-8")
    for name in (windows.PROGRAM, windows.CONSOLE):
        shutil.copyfile(bundle / name, folder / name)
    return folder


@contextmanager
def _wine() -> Iterator[Wine]:
    wine = Wine(PLACE / f"wine-{uuid.uuid4().hex[:6]}")
    try:
        wine.make()
        yield wine
    finally:
        wine.end()
        shutil.rmtree(wine.prefix.parent, ignore_errors=True)


# The setup for one person


def try_setup(wine: Wine, bundle: Path, setup: Path, newer: Path) -> None:
    chats = _leave_chats(wine)
    _set_path(wine, PERSONS_PATH)
    for folder in (USUAL, AWKWARD):
        # NSIS wants it last and without quotes, which wine would put around spaces.
        given = f"/D={folder}".split(" ") if folder is not USUAL else []
        wine.must(dos(setup), "/S", *given)
        _expect_same(bundle, wine.path(folder))
        _expect_registered(wine, folder, "HKCU")
        _expect_value(wine, f"HKCU\\{UNINSTALL}", "InstallLocation", folder)
        _expect_value(wine, "HKCU\\Environment", "Path", f"{PERSONS_PATH};{folder}")
        _expect(not (wine.path(folder) / "_new").exists(), "no traces of unpacking", folder)
        _expect_starts(wine, folder)
        say(f"  installed into {folder}, registered, and starts")
    _expect(not wine.path(USUAL).exists(), "the older one elsewhere goes", USUAL)
    (wine.path(AWKWARD) / "own.txt").write_text("a person's own file\n", encoding="utf-8")
    wine.must(dos(setup), "/S")
    _expect_same(bundle, wine.path(AWKWARD), besides=("own.txt",))
    _expect_kind(wine, AWKWARD, "installer")
    wine.must(dos(setup), "/S", "/WINGET")
    _expect_kind(wine, AWKWARD, "winget")
    say("  over itself: stays where it was; knows when winget put it there")
    wine.must(dos(newer), "/S")
    _expect_value(wine, f"HKCU\\{UNINSTALL}", "DisplayVersion", NEWER)
    left = wine.path(AWKWARD) / "_internal" / "PySide6"
    _expect(not left.exists(), "files of the older version go", str(left))
    say("  a newer version over it: nothing of the older one is left")
    _expect_code(wine, TOO_NEW, dos(setup), "/S")
    _expect_value(wine, f"HKCU\\{UNINSTALL}", "DisplayVersion", NEWER)
    wine.must(dos(setup), "/S", "/DOWNGRADE")
    _expect_same(bundle, wine.path(AWKWARD), besides=("own.txt",))
    say("  an older version over a newer one: only when told to")
    _remove(wine, AWKWARD)
    _expect(wine.path(f"{AWKWARD}\\own.txt").exists(), "a person's own file stays", AWKWARD)
    _expect_unregistered(wine, "HKCU")
    _expect_value(wine, "HKCU\\Environment", "Path", PERSONS_PATH)
    _expect(chats.read_text(encoding="utf-8") == "a chat\n", "the chats stay", str(chats))
    say("  removed without a trace; PATH is as before, chats are where they were")


def try_obstacles(wine: Wine, bundle: Path, setup: Path, newer: Path) -> None:
    wine.be("win7")
    _expect_code(wine, TOO_OLD, dos(setup), "/S")
    wine.be("win10")
    say("  on Windows 7: refused")
    wine.must(dos(setup), "/S")
    with _window(wine, USUAL):
        _expect_code(wine, RUNNING, dos(newer), "/S")
        _expect_code(wine, RUNNING, f"{USUAL}\\uninstall.exe", "/S", f"_?={USUAL}")
        _expect_same(bundle, wine.path(USUAL))
    say("  over a running one, and removed while it runs: refused, nothing is changed")
    nowhere = "Z:\\proc\\Linnet"
    _expect_code(wine, NO_RIGHT, dos(newer), "/S", f"/D={nowhere}")
    _expect_same(bundle, wine.path(USUAL))
    say("  into a folder that cannot be written: refused, the older version is there")
    try:
        small = _small_disk()
    except PackError:
        say("  no room: not tried, because that needs root")
    else:
        try:
            _expect_code(wine, NO_ROOM, dos(setup), "/S", *f"/D={dos(small)}\\Linnet".split(" "))
            _expect(not list(small.iterdir()), "nothing is left", str(small))
            _expect_same(bundle, wine.path(USUAL))
        finally:
            run("umount", small)
        say("  onto a disk without room: refused, the older version is there")
    _remove(wine, USUAL)
    _expect(not wine.path(USUAL).exists(), "nothing is left", USUAL)


def try_path(wine: Wine, setup: Path) -> None:
    """Wherever in PATH ours has got to, it is taken out and nothing else."""
    one, other = "C:\\one place", "%USERPROFILE%\\other"
    places = [(), (one,), (one, other)]
    for before, after in [(b, a) for b in places for a in places]:
        wine.must(dos(setup), "/S")
        _set_path(wine, ";".join([*before, USUAL, *after]))
        wine.must(dos(setup), "/S")
        _remove(wine, USUAL)
        left = ";".join([*before, *after])
        found = wine.registry("HKCU\\Environment").get(
            (f"{LONG_NAMES['HKCU']}\\Environment", "Path"), ""
        )
        _expect(found == left, f"PATH is {left!r} again", found)
    say("  first, last, in the middle and alone: taken out, and nothing else")


def _set_path(wine: Wine, value: str) -> None:
    words = ["/v", "Path", "/t", "REG_EXPAND_SZ", "/d", value, "/f"]
    wine.must("reg", "add", "HKCU\\Environment", *words)


def try_package(wine: Wine, bundle: Path, package: Path, newer: Path) -> None:
    """The one for administrators, for everybody on the machine."""
    chats = _leave_chats(wine)
    folder = "C:\\Program Files\\Linnet"
    wine.must("msiexec", "/i", dos(package), "/qn")
    _expect_same(bundle, wine.path(folder))
    _expect_registered(wine, folder, "HKLM")
    _expect_starts(wine, folder)
    before = _path_of_all(wine)
    _expect(f"{folder}\\" in before.split(";"), "PATH", before)
    notes = _notes_after(wine, "start", "/wait", "linnet://new?prompt=Hello")
    _expect(notes == [f"{folder}\\{windows.PROGRAM}", "linnet://new?prompt=Hello"], "a link",
            str(notes))  # fmt: skip
    _expect_kind(wine, folder, "msi")
    say("  installed, registered, opens links, and starts")
    wine.must("msiexec", "/i", dos(newer), "/qn")
    left = wine.path(folder) / "_internal" / "PySide6"
    _expect(not left.exists(), "files of the older version go", str(left))
    _expect_starts(wine, folder)
    code, _ = wine.run("msiexec", "/i", dos(package), "/qn")
    _expect(code != 0, "an older version is refused", str(code))
    say("  a newer version over it: nothing of the older one is left; an older one is refused")
    wine.must("msiexec", "/x", dos(newer), "/qn")
    _expect(not wine.path(folder).exists(), "nothing is left", folder)
    _expect_unregistered(wine, "HKLM")
    after = _path_of_all(wine)
    _expect(bool(after) and folder not in after, "PATH", after)
    _expect(chats.exists(), "the chats stay", str(chats))
    awkward = "C:\\Möwe – 鳥"
    wine.must("msiexec", "/i", dos(package), "/qn", f"INSTALLDIR={awkward}")
    _expect_same(bundle, wine.path(awkward))
    wine.must("msiexec", "/x", dos(package), "/qn")
    _expect(not wine.path(awkward).exists(), "nothing is left", awkward)
    say("  removed without a trace, also from a folder with other letters")


def try_archive(wine: Wine, bundle: Path, archive: Path) -> None:
    place = wine.path("C:\\") / "Möwe – 鳥"
    shutil.unpack_archive(archive, place)
    (folder,) = place.iterdir()
    _expect_same(bundle, folder, besides=("README.txt",))
    _expect_starts(wine, f"C:\\{place.name}\\{folder.name}")
    say("  runs from where it was unpacked")


def try_signing(wine: Wine, bundle: Path, made: Product) -> None:
    """With a certificate of our own: that everything that is signed bears a signature."""
    work = PLACE / "signing"
    work.mkdir(exist_ok=True)
    key = ["-keyout", "key.pem", "-out", "cert.pem", "-nodes", "-subj", "/CN=Trial"]
    usage = ["-addext", "extendedKeyUsage=codeSigning"]
    run("openssl", "req", "-x509", "-newkey", "rsa:2048", *key, *usage, cwd=work)
    options = f"-certs {work.resolve()}/cert.pem -key {work.resolve()}/key.pem"
    with _environment(LINNET_SIGN=str(nsis.SCRIPTS / "sign"), LINNET_SIGN_OPTIONS=options):
        files = nsis.build(bundle, made, work), msi.build(bundle, made, work)
    wine.must(dos(files[0]), "/S")
    for file in (*files, wine.path(USUAL) / "uninstall.exe"):
        run("osslsigncode", "verify", "-CAfile", work / "cert.pem", "-in", file)
    _remove(wine, USUAL)
    say("  setup, package and uninstaller are signed and still work")


@contextmanager
def _environment(**values: str) -> Iterator[None]:
    before = dict(os.environ)
    os.environ.update(values)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


# Steps


def _leave_chats(wine: Wine) -> Path:
    file = wine.path(CHATS) / "linnet.db"
    file.parent.mkdir(parents=True)
    file.write_text("a chat\n", encoding="utf-8")
    return file


@contextmanager
def _window(wine: Wine, folder: str) -> Iterator[None]:
    """Something that holds what a window holds."""
    (wine.notes / "notes.txt").unlink(missing_ok=True)
    running = wine.start(f"{folder}\\{windows.PROGRAM}", "--hold")
    end = time.monotonic() + START_S
    while "--hold" not in _noted(wine) and time.monotonic() < end:
        time.sleep(0.05)
    try:
        yield
    finally:
        (wine.notes / "release").touch()
        running.wait(START_S)
        (wine.notes / "release").unlink()


def _small_disk() -> Path:
    folder = PLACE / "small disk"
    folder.mkdir(exist_ok=True)
    run("mount", "-t", "tmpfs", "-o", "size=20m", "tmpfs", folder)
    return folder


def _remove(wine: Wine, folder: str) -> None:
    """As Windows' settings do: it goes on in a copy of itself, whose last step is waited for."""
    _expect_value(wine, f"HKCU\\{UNINSTALL}", "QuietUninstallString",
                  f'"{folder}\\uninstall.exe" /S')  # fmt: skip
    wine.must(f"{folder}\\uninstall.exe", "/S")
    end = time.monotonic() + START_S
    while wine.registry(f"HKCU\\{UNINSTALL}") and time.monotonic() < end:
        time.sleep(0.1)


def _path_of_all(wine: Wine) -> str:
    found = wine.registry(MACHINE)
    return next(value for (_, name), value in found.items() if name.upper() == "PATH")


def _noted(wine: Wine) -> list[str]:
    file = wine.notes / "notes.txt"
    return file.read_text(encoding="utf-8").splitlines() if file.exists() else []


def _notes_after(wine: Wine, *words: str) -> list[str]:
    (wine.notes / "notes.txt").unlink(missing_ok=True)
    wine.must(*words)
    return _noted(wine)


def _expect_starts(wine: Wine, folder: str) -> None:
    said = wine.must(f"{folder}\\{windows.CONSOLE}", "ask", "Grüße")
    words = [f"{folder}\\{windows.CONSOLE}", "ask", "Grüße"]
    _expect(said.splitlines() == words, "the program of the terminal", said)
    notes = _notes_after(wine, f"{folder}\\{windows.PROGRAM}", "C:\\a b\\ü.png")
    words = [f"{folder}\\{windows.PROGRAM}", "C:\\a b\\ü.png"]
    _expect(notes == words, "the windowed program", str(notes))


def _registered(folder: str) -> list[tuple[str, str, str]]:
    program = f"{folder}\\{windows.PROGRAM}"
    rows = windows.entries(Product(), program)
    return [(entry.key, entry.name, entry.value) for entry in rows]


def _expect_registered(wine: Wine, folder: str, root: str) -> None:
    found = wine.registry(f"{root}\\Software")
    for key, name, value in _registered(folder):
        there = found.get((f"{LONG_NAMES[root]}\\Software\\{key}", name))
        _expect(there == value, f"{key} {name}", f"{there!r}\ninstead of\n{value!r}")
    shortcuts = [path.name for path in wine.prefix.rglob("Linnet.lnk")]
    _expect(shortcuts == ["Linnet.lnk"], "the entry in the start menu", str(shortcuts))


def _expect_unregistered(wine: Wine, root: str) -> None:
    found = wine.registry(f"{root}\\Software")
    _expect(bool(found), "the registry", root)
    left = [place for place in found if "linnet" in "\\".join(place).lower()]
    _expect(not left, "nothing stays registered", str(left))
    _expect(not list(wine.prefix.rglob("Linnet.lnk")), "the entry in the start menu goes", "")


def _expect_kind(wine: Wine, folder: str, kind: str) -> None:
    found = read_package(wine.path(folder) / "_internal" / marker.PLACE).kind
    _expect(found == kind, "what the program knows of its package", found)


def _expect_value(wine: Wine, key: str, name: str, value: str) -> None:
    root, _, rest = key.partition("\\")
    found = wine.registry(key).get((f"{LONG_NAMES[root]}\\{rest}", name))
    _expect(found == value, f"{key} {name}", f"{found!r}\ninstead of\n{value!r}")


def _expect_code(wine: Wine, code: int, *words: str) -> None:
    found, said = wine.run(*words)
    _expect(found == code, f"{' '.join(words)} ends with {code}", f"It ended with {found}. {said}")


def _expect_same(bundle: Path, folder: Path, besides: tuple[str, ...] = ()) -> None:
    """What lies in `folder` is the bundle, bit by bit."""
    own = ("uninstall.exe", FILE, *besides)
    options = [f"--exclude={name}" for name in own]
    done = subprocess.run(["diff", "-r", *options, bundle, folder], capture_output=True, text=True)
    _expect(done.returncode == 0, f"{folder} holds what was packed", done.stdout + done.stderr)


def _expect(holds: bool, what: str, found: str) -> None:
    if not holds:
        raise PackError(f"{what}: not as it should be.\n{found}")
