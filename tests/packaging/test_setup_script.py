"""The script that puts Linnet into a person's folders and takes it out, over a tree of a few files.

With the real packages it is tried by `./dev package check`.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the script is for Linux")

SCRIPT = Path(__file__).resolve().parents[2] / "packaging" / "linux" / "setup"
ENTRY = "applications/org.linnet.Linnet.desktop"
AWKWARD = 'Über uns/a "b" $c %d & e'


class Machine:
    """A home, an unpacked archive, and the script run in them."""

    def __init__(self, folder: Path) -> None:
        self.home = folder / "home"
        self.prefix = folder / AWKWARD
        self.data = self.home / ".local" / "share" / "linnet"
        self.data.mkdir(parents=True)
        (self.data / "linnet.db").touch()
        self.tree = folder / "linnet-1.0.0"
        self.write("lib/linnet/linnet", "#!/bin/sh\necho here\n")
        self.write("lib/linnet/setup", SCRIPT.read_text().replace("@ID@", "org.linnet.Linnet"))
        self.write("lib/linnet/files", f"{ENTRY}\n")
        entry = "[Desktop Entry]\nExec=linnet %U\nTryExec=linnet\n\nExec=linnet --new-chat\n"
        self.write(f"share/{ENTRY}", entry)
        for program in ("linnet", "setup"):
            (self.tree / "lib" / "linnet" / program).chmod(0o755)

    def write(self, place: str, text: str) -> None:
        file = self.tree / place
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def run(
        self, *words: str, answer: str = "", code: int = 0, place: Path | None = None, **more: str
    ) -> str:
        """The script of the archive, or the one of what was installed in `place`."""
        script = str((place or self.tree) / "lib" / "linnet" / "setup")
        done = subprocess.run(
            [script, *words], input=answer, capture_output=True, text=True, check=False,
            env={"HOME": str(self.home), "PATH": "/usr/bin:/bin", **more},
        )  # fmt: skip
        assert done.returncode == code, done.stderr
        return done.stdout + done.stderr

    def install(self) -> str:
        return self.run("install", "--prefix", str(self.prefix))

    def uninstall(self, *words: str, answer: str = "") -> str:
        return self.run("uninstall", "--prefix", str(self.prefix), *words, answer=answer)

    def installed(self) -> list[Path]:
        """Without the cache that the desktop's tools keep."""
        files = (path for path in self.prefix.rglob("*") if path.is_file())
        return [path for path in files if path.name != "mimeinfo.cache"]


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_a_folder_with_any_name_will_do(machine: Machine) -> None:
    said = machine.install()
    assert f"{machine.prefix}/bin/linnet" in said
    shown = subprocess.run([machine.prefix / "bin" / "linnet"], capture_output=True, text=True)
    assert shown.stdout == "here\n"
    lines = (machine.prefix / "share" / ENTRY).read_text().splitlines()
    program = f"{machine.prefix}/lib/linnet/linnet"
    # Escaped as in a shell, and the backslashes once more: they are special to the file itself.
    quoted = program.replace('"', '\\\\"').replace("$", "\\\\$").replace("%", "%%")
    assert lines[1] == f'Exec="{quoted}" %U'
    assert lines[2] == f"TryExec={program}"
    assert lines[4] == f'Exec="{quoted}" --new-chat'


def test_over_an_older_version_nothing_of_it_is_left(machine: Machine) -> None:
    machine.write("lib/linnet/old.so", "")
    machine.write("share/old/thing.txt", "")
    machine.write("lib/linnet/files", f"{ENTRY}\nold/thing.txt\n")
    machine.install()
    assert (machine.prefix / "share" / "old" / "thing.txt").exists()
    (machine.tree / "lib" / "linnet" / "old.so").unlink()
    machine.write("lib/linnet/files", f"{ENTRY}\n")
    machine.install()
    left = sorted(file.name for file in machine.installed())
    assert left == ["files", "linnet", "linnet", "org.linnet.Linnet.desktop", "program", "setup"]
    assert not (machine.prefix / "share" / "old").exists()


def test_a_removal_keeps_the_chats_and_says_where(machine: Machine) -> None:
    machine.install()
    said = machine.uninstall()
    assert f"Chats and settings stay in {machine.data}" in said
    assert (machine.data / "linnet.db").exists()
    assert machine.installed() == []
    assert "There is no Linnet in" in machine.run(
        "uninstall", "--prefix", str(machine.prefix), code=1
    )


@pytest.mark.parametrize(("answer", "stays"), [("n", True), ("", True), ("what", True),
                                               ("y", False)])  # fmt: skip
def test_purge_asks(machine: Machine, answer: str, stays: bool) -> None:
    machine.install()
    said = machine.uninstall("--purge", answer=f"{answer}\n")
    assert f"Delete all chats and settings in {machine.data}" in said
    assert machine.data.exists() is stays


def test_what_cannot_be_placed_changes_nothing(machine: Machine) -> None:
    machine.install()
    before = sorted(machine.prefix.rglob("*"))
    wall = machine.prefix / "file"
    wall.write_text("no folder")
    said = machine.run("install", "--prefix", str(wall), code=1)
    assert "cannot be written" in said
    wall.unlink()
    assert sorted(machine.prefix.rglob("*")) == before


def test_an_image_is_started_where_it_lies(machine: Machine, tmp_path: Path) -> None:
    image = tmp_path / "Möwe 1.AppImage"
    said = machine.run("install", "--program", str(image), code=1)
    assert f"{image} cannot be started" in said
    image.write_text("#!/bin/sh\n")
    image.chmod(0o755)
    machine.run("install", "--program", str(image))
    local = machine.home / ".local"
    assert (local / "bin" / "linnet").resolve() == image
    assert not (local / "lib" / "linnet" / "linnet").exists()
    assert f'Exec="{image}" %U' in (local / "share" / ENTRY).read_text()
    machine.run("uninstall")
    assert image.exists()
    assert not (local / "bin" / "linnet").is_symlink()


@pytest.mark.parametrize("words", [[], ["install", "--prefix"], ["install", "--floppy"], ["fly"]])
def test_wrong_usage(machine: Machine, words: list[str]) -> None:
    assert "usage: setup" in machine.run(*words, code=1)


def test_what_is_installed_is_not_put_over_itself(machine: Machine) -> None:
    machine.install()
    before = [(path, path.lstat().st_mtime_ns) for path in sorted(machine.prefix.rglob("*"))]
    words = ("install", "--prefix", str(machine.prefix))
    assert "lies in" in machine.run(*words, place=machine.prefix, code=1)
    # Nor an unpacked archive over itself, from which everything would be gone.
    words = ("install", "--prefix", str(machine.tree))
    assert "lies in" in machine.run(*words, code=1)
    assert before == [(p, p.lstat().st_mtime_ns) for p in sorted(machine.prefix.rglob("*"))]
    other = machine.home / "other"
    machine.run("install", "--prefix", str(other), place=machine.prefix)
    assert f'Exec="{other}/lib/linnet/linnet" %U' in (other / "share" / ENTRY).read_text()


def test_a_command_of_somebody_else_stays(machine: Machine) -> None:
    link = machine.prefix / "bin" / "linnet"
    link.parent.mkdir(parents=True)
    link.symlink_to("/bin/true")
    assert f"{link} is something else" in machine.install()
    machine.uninstall()
    assert link.readlink() == Path("/bin/true")
    link.unlink()
    machine.install()
    link.unlink()
    link.symlink_to("/bin/true")  # by another installer, later
    machine.uninstall()
    assert link.readlink() == Path("/bin/true")
    link.unlink()
    link.mkdir()
    machine.install()
    assert not list(link.iterdir())
    machine.uninstall()
    assert link.is_dir()


def test_a_menu_that_cannot_be_written_changes_nothing(machine: Machine) -> None:
    wall = machine.prefix / "share" / "applications"
    wall.parent.mkdir(parents=True)
    wall.touch()
    said = machine.run("install", "--prefix", str(machine.prefix), code=1)
    assert "Nothing was changed" in said
    assert machine.installed() == [wall]


def test_a_removal_names_the_folder_that_was_chosen(machine: Machine, tmp_path: Path) -> None:
    said = machine.install()
    assert f"'{machine.prefix}/lib/linnet/setup' uninstall --prefix '{machine.prefix}'" in said
    chosen = tmp_path / "elsewhere"
    words = ("uninstall", "--purge", "--prefix", str(machine.prefix))
    said = machine.run(*words, answer="y\n", LINNET_HOME=str(chosen))
    assert f"stay in {chosen}" in said
    assert (machine.data / "linnet.db").exists()


def test_an_image_may_be_named_from_where_one_stands(machine: Machine) -> None:
    image = machine.home / "a.AppImage"
    image.write_text("#!/bin/sh\n")
    image.chmod(0o755)
    machine.run("install", "--program", os.path.relpath(image))
    assert (machine.home / ".local" / "bin" / "linnet").resolve() == image
