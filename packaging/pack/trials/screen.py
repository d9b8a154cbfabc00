"""A display without a monitor, on which a real window is driven by keys and looked at.

Invariant: lives as long as the `with` block; what is typed goes to the window that is named.
"""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pack.product import PackError
from pack.trials.roots import wait_for


@dataclass(frozen=True)
class Screen:
    """`name` is that of the display, as DISPLAY has it."""

    name: str

    def window(self, title: str, within_s: float = 60) -> str:
        """The number of the window of the class `title`, when it is complete: it has its icon."""
        words = ("search", "--onlyvisible", "--class", title)
        window = wait_for(lambda: self._say(*words).split("\n")[0], f"A window {title}", within_s)
        wait_for(lambda: self._has_icon(window), f"The whole window {title}", within_s)
        return window

    def type(self, window: str, text: str, *keys: str) -> None:
        self._say("windowfocus", "--sync", window)
        self._say("type", "--delay", "20", text)
        for key in keys:
            self._say("key", key)

    def close(self, window: str) -> None:
        """As a person quits: by the keys for it."""
        self._say("windowfocus", "--sync", window)
        self._say("key", "ctrl+q")

    def is_shown(self, window: str) -> bool:
        return bool(self._say("getwindowpid", window) or self._say("getwindowname", window))

    def picture(self, file: Path) -> None:
        """What is to be seen a second from now, when the last colours have been put on."""
        time.sleep(1)
        file.parent.mkdir(parents=True, exist_ok=True)
        command = ["import", "-display", self.name, "-window", "root", str(file)]
        subprocess.run(command, capture_output=True, check=False)

    def _has_icon(self, window: str) -> bool:
        said = self._run("xprop", "-id", window, "-len", "1", "_NET_WM_ICON")
        return "_NET_WM_ICON(" in said

    def _say(self, *words: str) -> str:
        return self._run("xdotool", *words)

    def _run(self, *words: str) -> str:
        environment = {**os.environ, "DISPLAY": self.name}
        done = subprocess.run(words, env=environment, capture_output=True, check=False)
        return done.stdout.decode("utf-8", "replace").strip()


@contextmanager
def screen(width: int = 1280, height: int = 860) -> Iterator[Screen]:
    """Start a display of its own."""
    read, write = os.pipe()
    size = f"{width}x{height}x24"
    command = ["Xvfb", "-displayfd", str(write), "-screen", "0", size, "-nolisten", "tcp"]
    server = subprocess.Popen(
        [*command, "-noreset"], pass_fds=(write,), stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    os.close(write)
    try:
        with os.fdopen(read) as answer:
            number = answer.readline().strip()
        if not number:
            raise PackError("Xvfb did not start.")
        yield Screen(f":{number}")
    finally:
        server.terminate()
        server.wait()
