"""The virtual desktop, and the program started in it as a person starts it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from loopback import Loopback, in_thread
from virtual_desktop import Desktop, missing_program

ROOT = Path(__file__).resolve().parent.parent.parent

SETTINGS = """\
default_service = "test"
[[services]]
id = "test"
name = "Test"
base_url = "{url}/v1"
auth = "none"
default_model = "small"
"""


@pytest.fixture(scope="session")
def desktop() -> Iterator[Desktop]:
    if name := missing_program():
        pytest.skip(f"{name} is not installed (see ./dev test)")
    session = Desktop()
    try:
        session.start()
        yield session
    finally:
        session.stop()


@dataclass
class Running:
    """One start of the program."""

    desktop: Desktop
    process: subprocess.Popen[bytes]

    @property
    def window(self) -> str:
        # By class: the title has characters that xdotool does not match.
        return self.desktop.window("^linnet$", by="class")

    def quit(self) -> int:
        """End it as a person does. Returns the exit code."""
        self.desktop.activate(self.window)
        self.desktop.keys("ctrl+q")
        return self.process.wait(10)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


Start = Callable[..., Running]


@pytest.fixture
def start(desktop: Desktop, linnet_home: Path) -> Iterator[Start]:
    """Start the program on this test's data folder. It must have had nothing to complain about."""
    started: list[Running] = []
    log_name = f"linnet in {linnet_home.parent.name}"

    def start_program(*arguments: str) -> Running:
        # A program that Qt ended says where.
        words = [sys.executable, "-X", "faulthandler", "-m", "app"]
        words += ["--home", str(linnet_home), *arguments]
        started.append(Running(desktop, desktop.spawn(*words, log_name=log_name, cwd=ROOT)))
        return started[-1]

    yield start_program
    for running in started:
        if running.process.poll() is None:
            running.kill()
    assert desktop.log(log_name) == ""


@pytest.fixture
def service(linnet_home: Path) -> Iterator[Loopback]:
    """A service on loopback, which the program on this test's data folder asks by default."""
    with in_thread() as server:
        linnet_home.mkdir()
        (linnet_home / "settings.toml").write_text(SETTINGS.format(url=server.url))
        yield server
