"""Clean Debian systems in folders: made from the machine's own package sources, entered by chroot.

Invariant: needs root; every mount is made in a name space of its own, so that nothing of it is left
on the machine, however a trial ends. A trial begins with a copy of the untouched system.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TypeVar

from pack.product import PackError, run, say

Found = TypeVar("Found")
PERSON = "robin"
HOME = f"/home/{PERSON}"
_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/games:/usr/games"
# In a name space of its own: what a chroot needs, and the sockets of the display.
_ENTER = """
set -e
root=$1; shift
mount --make-rprivate /
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
mount -t tmpfs -o mode=755 tmpfs "$root/run"
mkdir -p "$root/tmp/.X11-unix" /tmp/.X11-unix "$root/packages"
mount --bind /tmp/.X11-unix "$root/tmp/.X11-unix"
mount --bind "$PACKAGES" "$root/packages"
if [ -e /dev/fuse ]; then  # for everybody, as udev has it
  mknod -m 666 "$root/run/fuse" c 10 229; mount --bind "$root/run/fuse" "$root/dev/fuse"
fi
if [ -n "$SMALL" ]; then
  mkdir -p "$root$SMALL"; mount -t tmpfs -o "size=${ROOM_MB}m,mode=1777" tmpfs "$root$SMALL"
fi
exec chroot "$root" "$@"
"""


@dataclass(frozen=True)
class Done:
    """How a command in a root ended, and all that it printed."""

    code: int
    text: str


@dataclass(frozen=True)
class Root:
    """A system below `path`, in which `packages` of the machine are seen as /packages."""

    path: Path
    packages: Path
    display: str = ""

    def run(
        self,
        *words: str,
        person: bool = False,
        small: str = "",
        room_mb: int = 60,
        environment: Mapping[str, str] | None = None,
        within_s: float = 150,
    ) -> Done:
        """Run a command to its end; `small` is a folder that is empty and has little room."""
        try:
            done = subprocess.run(
                self._command(words, person, environment or {}),
                env=self._surroundings(small, room_mb),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                timeout=within_s,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            said = (error.stdout or b"").decode("utf-8", "replace")
            return Done(-1, f"{said}\nIt did not end within {within_s:g} s.")
        return Done(done.returncode, done.stdout.decode("utf-8", "replace"))

    def must(self, *words: str, **options: object) -> str:
        """Run a command that has to end well. Raises PackError."""
        done = self.run(*words, **options)  # type: ignore[arg-type]
        if done.code:
            raise PackError(f"In the clean root this failed: {' '.join(words)}\n{done.text}")
        return done.text

    def start(
        self,
        log: IO[bytes],
        *words: str,
        person: bool = True,
        environment: Mapping[str, str] | None = None,
    ) -> subprocess.Popen[bytes]:
        """Start a program on the display; the process is the program itself."""
        command = self._command(words, person, environment or {})
        return subprocess.Popen(command, env=self._surroundings(), stdout=log, stderr=log)

    def _surroundings(self, small: str = "", room_mb: int = 0) -> dict[str, str]:
        """What _ENTER reads."""
        return {
            "PATH": _PATH,
            "PACKAGES": str(self.packages),
            "SMALL": small,
            "ROOM_MB": str(room_mb),
        }

    def _command(
        self, words: Sequence[str], person: bool, environment: Mapping[str, str]
    ) -> list[str]:
        home = HOME if person else "/root"
        inside = {
            "PATH": _PATH,
            "HOME": home,
            "LC_ALL": "C.UTF-8",
            "DEBIAN_FRONTEND": "noninteractive",
            **({"DISPLAY": self.display} if self.display else {"QT_QPA_PLATFORM": "offscreen"}),
            **environment,
        }
        settings = [f"{name}={value}" for name, value in inside.items()]
        as_person = ["setpriv", f"--reuid={PERSON}", f"--regid={PERSON}", "--clear-groups"]
        who = as_person if person else []
        entered = ["unshare", "--mount", "sh", "-c", _ENTER, "enter", str(self.path)]
        at_home = ["sh", "-c", 'cd ~ && exec "$@"', "-"]
        return [*entered, "env", "-i", *settings, *who, *at_home, *words]


def make(release: str, folder: Path) -> Path:
    """An untouched Debian `release` below `folder`; made once."""
    clean = folder / f"{release}-clean"
    if not (clean / "done").exists():
        say(f"Making a clean {release}.")
        shutil.rmtree(clean, ignore_errors=True)
        folder.mkdir(parents=True, exist_ok=True)
        mirror = [address] if (address := _mirror()) else []
        run("debootstrap", "--variant=minbase", release, clean, *mirror)
        root = Root(clean, folder)
        root.must("useradd", "--create-home", "--shell", "/bin/sh", PERSON)
        root.must("apt-get", "-qq", "update")
        (clean / "done").touch()
    return clean


def copy(clean: Path, name: str, packages: Path, display: str = "") -> Root:
    """A fresh copy of a clean system, for one trial."""
    path = clean.parent / name
    shutil.rmtree(path, ignore_errors=True)
    run("cp", "-a", "--reflink=auto", clean, path)
    (path / "done").unlink()
    # As the first start of a system makes it; without one the library of D-Bus ends a program.
    (path / "etc" / "machine-id").write_text(f"{uuid.uuid4().hex}\n", encoding="utf-8")
    mounts = path / "etc" / "mtab"  # what fusermount asks whose a mount is
    if not mounts.is_symlink():
        mounts.unlink(missing_ok=True)
        mounts.symlink_to("../proc/self/mounts")
    return Root(path, packages.resolve(), display)


def _mirror() -> str:
    """Where this machine itself has Debian's packages from; empty: debootstrap knows."""
    said = subprocess.run(["apt-cache", "policy"], capture_output=True, text=True, check=False)
    found = re.findall(r"\s(\S+)/? (?:bookworm|trixie|forky|sid)/main\b", said.stdout)
    return found[0] if found else ""


def wait_for(look: Callable[[], Found | None], what: str, within_s: float = 60) -> Found:
    """The first true value of `look`. Raises PackError after `within_s`."""
    end = time.monotonic() + within_s
    while not (found := look()):
        if time.monotonic() > end:
            raise PackError(f"{what} did not happen within {within_s:g} s.")
        time.sleep(0.1)
    return found
