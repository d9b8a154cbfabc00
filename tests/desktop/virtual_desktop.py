"""A desktop session of its own for tests: X server, session bus, accessibility, keyring, windows.

Everything lies in one temporary folder and ends with it: HOME, settings, keyring and sockets.
Nothing listens on a network. The program under test is started in it like any other program and is
driven from outside: by pointer and keys (xdotool), over AT-SPI, over D-Bus.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

Found = TypeVar("Found")

PROGRAMS = (
    "Xvfb",
    "openbox",
    "xdotool",
    "xwininfo",
    "xprop",
    "xclip",
    "import",
    "dbus-daemon",
    "gdbus",
    "gnome-keyring-daemon",
    "secret-tool",
)
SYSTEM_PYTHON = "/usr/bin/python3"  # has the bindings of GTK and AT-SPI, which no wheel brings
GTK = "import gi; gi.require_version('Gtk', '3.0'); gi.require_version('Atspi', '2.0')"
HERE = Path(__file__).resolve().parent
KEYRING_PASSWORD = "for the tests"


def missing_program() -> str | None:
    """The first program that this desktop needs and that is not installed."""
    for name in PROGRAMS:
        if not shutil.which(name):
            return name
    try:
        subprocess.run([SYSTEM_PYTHON, "-c", GTK], capture_output=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return f"{SYSTEM_PYTHON} with GTK 3 and AT-SPI"
    return None


def wait_for(look: Callable[[], Found | None], what: str, within_s: float = 20.0) -> Found:
    """The first true value of `look`. Other processes send no event to wait for, so it polls."""
    end = time.monotonic() + within_s
    while True:
        if found := look():
            return found
        if time.monotonic() > end:
            raise AssertionError(f"{what} did not happen within {within_s:g} s")
        time.sleep(0.05)


@dataclass(frozen=True)
class Area:
    """A rectangle on the screen, in pixels."""

    x: int
    y: int
    width: int
    height: int

    @property
    def centre(self) -> tuple[int, int]:
        return self.x + self.width // 2, self.y + self.height // 2


@dataclass
class Desktop:
    """One running session. `start` it, `stop` it; `environment` puts a program into it."""

    width: int = 1400
    height: int = 950
    folder: Path = field(default_factory=lambda: Path(tempfile.mkdtemp(prefix="linnet-desktop-")))
    environment: dict[str, str] = field(default_factory=dict)
    _running: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self) -> None:
        for name in ("run", "home", "data", "config", "cache", "state"):
            (self.folder / name).mkdir(mode=0o700)
        foreign = ("DISPLAY", "WAYLAND_DISPLAY", "SESSION_MANAGER", "PYTHON_KEYRING_BACKEND")
        kept = {k: v for k, v in os.environ.items() if k not in (*foreign, "LINNET_HOME")}
        self.environment = {
            **kept,
            "HOME": str(self.folder / "home"),
            "XDG_RUNTIME_DIR": str(self.folder / "run"),
            "XDG_DATA_HOME": str(self.folder / "data"),
            "XDG_CONFIG_HOME": str(self.folder / "config"),
            "XDG_CACHE_HOME": str(self.folder / "cache"),
            "XDG_STATE_HOME": str(self.folder / "state"),
            "XDG_CURRENT_DESKTOP": "LinnetTests",
            "XDG_SESSION_TYPE": "x11",
            "LC_ALL": "C.UTF-8",
            "QT_QPA_PLATFORM": "xcb",
            "QT_LINUX_ACCESSIBILITY_ALWAYS_ON": "1",
            # Qt misses a portal, and a method that its own bridge does not have.
            "QT_LOGGING_RULES": "qt.qpa.services=false;qt.accessibility.atspi=false",
        }
        self._start_display()
        self._start_bus()
        self._start_accessibility()
        self._start_keyring()
        self.spawn("openbox")
        wait_for(
            lambda: "window id" in self.run("xprop", "-root", "_NET_SUPPORTING_WM_CHECK"),
            "the start of the window manager",
        )

    def _start_display(self) -> None:
        screen = f"{self.width}x{self.height}x24"
        options = ["-screen", "0", screen, "-dpi", "96", "-nolisten", "tcp", "-noreset"]
        read, write = os.pipe()
        self.spawn("Xvfb", "-displayfd", str(write), *options, pass_fds=(write,))
        os.close(write)
        with os.fdopen(read) as answer:
            number = answer.readline().strip()  # the server tells when it is ready
        assert number, f"Xvfb did not start: {self.log('Xvfb')}"
        self.environment["DISPLAY"] = f":{number}"

    def _start_bus(self) -> None:
        address = f"unix:path={self.folder}/run/bus"
        read, write = os.pipe()
        options = ["--session", "--nofork", "--nopidfile", "--nosyslog", f"--address={address}"]
        self.spawn("dbus-daemon", *options, f"--print-address={write}", pass_fds=(write,))
        os.close(write)
        with os.fdopen(read) as answer:
            address = answer.readline().strip()
        assert address, f"dbus-daemon did not start: {self.log('dbus-daemon')}"
        self.environment["DBUS_SESSION_BUS_ADDRESS"] = address

    def _start_accessibility(self) -> None:
        # The call starts the service. Starting it by hand as well would race with that.
        self.call("org.a11y.Bus", "/org/a11y/bus", "org.a11y.Bus.GetAddress")
        switch = ("org.freedesktop.DBus.Properties.Set", "org.a11y.Status", "IsEnabled", "<true>")
        self.call("org.a11y.Bus", "/org/a11y/bus", *switch)

    def _start_keyring(self) -> None:
        """A Secret Service whose login collection is made, and unlocked, by the password."""
        options = ["--unlock", "--foreground", "--components=secrets"]
        control = f"--control-directory={self.folder}/run/keyring"
        keyring = self.spawn("gnome-keyring-daemon", *options, control, stdin=subprocess.PIPE)
        assert keyring.stdin
        keyring.stdin.write(KEYRING_PASSWORD.encode())
        keyring.stdin.close()
        service = ("org.freedesktop.secrets", "/org/freedesktop/secrets")
        # Asking the service before it has its name would make the bus start a second, locked one.
        bus = ("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus.NameHasOwner")
        wait_for(lambda: "true" in self.call(*bus, service[0]), "the keyring's name")
        alias = ("org.freedesktop.Secret.Service.ReadAlias", "default")
        wait_for(lambda: "collection" in self.call(*service, *alias), "the keyring's unlocking")

    def stop(self) -> None:
        """End all that was started, the services that the bus started included."""
        for process in reversed(self._running):
            process.terminate()
        for process in reversed(self._running):
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        for pid in self.processes():
            os.kill(pid, signal.SIGTERM)
        wait_for(lambda: not self.processes(), "the end of the desktop's processes")
        shutil.rmtree(self.folder, ignore_errors=True)

    def processes(self) -> list[int]:
        """The living processes that belong to this desktop, by their environment."""
        mark = f"XDG_RUNTIME_DIR={self.folder}/run".encode()
        found = []
        for path in Path("/proc").glob("[0-9]*/environ"):
            try:
                if mark in path.read_bytes().split(b"\0"):
                    found.append(int(path.parent.name))
            except OSError:
                continue  # it ended, or belongs to somebody else
        return found

    # --- Programs

    def spawn(self, *words: str, log_name: str = "", **options: Any) -> subprocess.Popen[bytes]:
        """Start a program that ends with the desktop; its output goes to a log."""
        log = self._log_path(log_name or words[0])
        log.parent.mkdir(exist_ok=True)
        with log.open("ab") as out:
            process = subprocess.Popen(
                words, env=self.environment, stdout=out, stderr=out, **options
            )
        self._running.append(process)
        return process

    def run(self, *words: str, within_s: float = 20.0, cwd: Path | None = None) -> str:
        """What a program prints; its exit code does not count."""
        done = subprocess.run(
            words, cwd=cwd, env=self.environment, capture_output=True, timeout=within_s
        )
        return done.stdout.decode("utf-8", "replace").strip()

    def log(self, name: str) -> str:
        """What was printed by the program, or under the name, given to `spawn`."""
        path = self._log_path(name)
        return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""

    def _log_path(self, name: str) -> Path:
        return self.folder / "log" / f"{Path(name).name}.txt"

    def call(self, service: str, path: str, method: str, *arguments: str) -> str:
        """Call a method on the session bus."""
        target = ["--session", "--dest", service, "--object-path", path, "--method", method]
        return self.run("gdbus", "call", *target, *arguments)

    # --- Windows, pointer, keys

    def windows(self, name: str, by: str = "name") -> list[str]:
        """The visible windows whose title, or `class` of X, matches the expression `name`."""
        return self.run("xdotool", "search", "--onlyvisible", f"--{by}", name).split()

    def window(self, name: str, by: str = "name") -> str:
        return wait_for(lambda: self.windows(name, by), f"a window {name!r}")[-1]

    def area(self, window: str) -> Area:
        """Where a window's content is. Not by xdotool, which counts the frame twice."""
        text = self.run("xwininfo", "-id", window)
        names = ("Absolute upper-left X", "Absolute upper-left Y", "Width", "Height")
        numbers = [re.search(rf"{name}:\s*(-?\d+)", text) for name in names]
        return Area(*(int(number.group(1)) for number in numbers if number))

    def activate(self, window: str) -> None:
        self.run("xdotool", "windowactivate", "--sync", window)

    def active_window(self) -> str:
        return self.run("xdotool", "getactivewindow")

    def keys(self, *names: str) -> None:
        self.run("xdotool", "key", "--delay", "30", *names)

    def type(self, text: str) -> None:
        self.run("xdotool", "type", "--delay", "15", text)

    def click(self, x: int, y: int) -> None:
        self.run("xdotool", "mousemove", str(x), str(y), "click", "1")

    def drag(self, start: tuple[int, int], end: tuple[int, int], steps: int = 12) -> None:
        """Press, cross the drag threshold, move on at the pace of a hand, rest, let go."""
        words = ["mousemove", *map(str, start), "sleep", "0.1", "mousedown", "1", "sleep", "0.1"]
        for step in range(1, steps + 1):
            x = start[0] + (end[0] - start[0]) * step // steps
            y = start[1] + (end[1] - start[1]) * step // steps
            words += ["mousemove", str(x), str(y), "sleep", "0.04"]
        words += ["mousemove", str(end[0] + 2), str(end[1] + 2), "sleep", "0.2"]
        self.run("xdotool", *words, "mousemove", *map(str, end), "sleep", "0.2", "mouseup", "1")

    def screenshot(self, path: Path, window: str = "root") -> Path:
        self.run("import", "-window", window, str(path))
        assert path.stat().st_size > 0
        return path

    # --- Assistive technology

    def accessible(self, command: str, *arguments: str) -> Any:
        """Ask or tell the program over AT-SPI, as a screen reader would; see accessible.py."""
        script = [SYSTEM_PYTHON, str(HERE / "accessible.py"), "linnet", command, *arguments]
        text = self.run(*script, within_s=40)
        assert text, f"AT-SPI: no answer to {command} {arguments}"
        answer = json.loads(text)
        assert "error" not in answer, answer["error"]
        return answer["found"]

    def place(self, name: str) -> Area:
        """Where the accessible object called `name` is on the screen."""
        nodes = self.accessible("tree")
        return Area(*next(node["area"] for node in nodes if node["name"] == name))
