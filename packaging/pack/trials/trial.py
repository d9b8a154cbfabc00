"""The steps that every trial is made of: install, test, look, expect.

Invariant: a step that finds what should not be raises PackError with what was found.
"""

from __future__ import annotations

import json
import signal
import sqlite3
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from urllib.parse import quote

from pack.product import OUT, WORK, PackError, Product, say
from pack.trials.roots import HOME, Root, wait_for
from pack.trials.screen import Screen

QUESTION = "What can you show me?"
SHELL = 128
"""Added to the number of a signal, for a program that was ended by it."""
OLDER, NEWER = "0.0.1", "99.0.0"
AWKWARD = f"{HOME}/My Programs/Möwe – 鳥"


@dataclass(frozen=True)
class Trial:
    """A fresh root, a display that its programs show their windows on, and what is tried."""

    root: Root
    display: Screen
    made: Product

    def apt(self, *packages: str, options: tuple[str, ...] = ()) -> str:
        """Install packages, or files of packages."""
        base = ("apt-get", "-qq", "-y", "install", "--no-install-recommends", *options)
        return self.root.must(*base, *packages, within_s=900)

    def install_libraries(self) -> None:
        """What the packages ask of a system, without Linnet itself."""
        self.apt(self.deb)
        self.root.must("dpkg", "--purge", self.made.name)

    @property
    def deb(self) -> str:
        return f"/packages/{self.made.name}_{self.made.version}_{self.made.debian_arch}.deb"

    def selftest(
        self, program: str, *, person: bool, environment: Mapping[str, str] | None = None
    ) -> None:
        """Start it as somebody who has no window yet."""
        said = self.root.must(program, "--selftest", person=person, environment=environment)
        found = json.loads(said[said.index("{\n") : said.rindex("}") + 1])
        expect(found["ok"], "the self-test", said)
        who = "a person" if person else "root"
        say(f"  self-test passes as {who}, on {found['window']['platform']}")

    @contextmanager
    def window(
        self, program: str, *, person: bool = True, environment: Mapping[str, str] | None = None
    ) -> Iterator[Session]:
        """A real window, closed by the keys for it at the end; it has to end well."""
        log = self._log()
        with log.open("wb") as file:
            running = self.root.start(file, program, person=person, environment=environment)
            try:
                window = self.display.window(self.made.title)
                yield Session(self, running, window, self.home(person=person))
                self.display.close(window)
                code = running.wait(30)
            finally:
                running.kill()
        words = log.read_text(encoding="utf-8", errors="replace")
        expect(code == 0 and "Traceback" not in words, "the end of the program", words)

    def launch(self, entry: str) -> None:
        """Start it as a desktop does, from a menu entry, and close it."""
        with self._log().open("wb") as log:
            launcher = self.root.start(log, "gio", "launch", entry)
            window = self.display.window(self.made.title)
            self.display.close(window)
            wait_for(lambda: not self.display.is_shown(window), "The end")
            launcher.wait(30)

    def live(
        self, program: str, meanwhile: Callable[[], object] | None = None, *, person: bool = True
    ) -> None:
        """A question and its answer, perhaps an upgrade, then another one, and the end."""
        with self.window(program, person=person) as session:
            session.ask(QUESTION)
            if meanwhile is not None:
                meanwhile()
            session.ask("And a table?")
        who = "a person" if person else "root"
        say(f"  answers in a real window of {who}" + (", through an upgrade" * bool(meanwhile)))

    def end(self, program: str) -> None:
        """A window, ended as a session that is left does it: by a signal."""
        log = self._log()
        with log.open("wb") as file:
            running = self.root.start(file, program)
            try:
                self.display.window(self.made.title)
                running.terminate()
                code = running.wait(30)
            finally:
                running.kill()
        words = log.read_text(encoding="utf-8", errors="replace")
        # Before the window listens to signals, they end it as they end any program.
        ends = (0, -signal.SIGTERM, SHELL + signal.SIGTERM)
        expect(code in ends and "Traceback" not in words, "the end by a signal", f"{code}: {words}")

    def _log(self) -> Path:
        """Where what the program says is kept."""
        WORK.mkdir(parents=True, exist_ok=True)
        return WORK / f"{self.root.path.name}.log"

    def home(self, *, person: bool) -> Path:
        return Path(f"{self.root.path}{HOME}" if person else f"{self.root.path}/root")

    def database(self, *, person: bool = True) -> Path:
        name = self.made.name
        return self.home(person=person) / ".local" / "share" / name / f"{name}.db"

    def expect_chats(self) -> None:
        database = self.database()
        expect(database.is_file(), "the chats are kept", str(database))
        say("  the person's chats are still there")

    def expect_gone(self, below: str = "/usr") -> None:
        folder = Path(f"{self.root.path}{below}")
        names = (f"{self.made.name}*", f"{self.made.id}*", f"_{self.made.name}")
        left = [path for name in names for path in folder.rglob(name)]
        expect(not left, "nothing is left", str(left))
        say("  removed without a trace")


@dataclass(frozen=True)
class Session:
    """A window that is open: the program's process, and the home of who opened it."""

    trial: Trial
    process: subprocess.Popen[bytes]
    window: str
    home: Path

    def ask(self, question: str) -> None:
        """Type a question and wait for its answer; take a picture of both."""
        wanted = self.answers() + 1
        self.trial.display.type(self.window, question, "Return")
        wait_for(partial(self._has_answered, wanted), "The answer")
        self.picture(str(wanted))

    def picture(self, name: str) -> None:
        who = "" if self.home.name != "root" else "-root"
        file = OUT / "pictures" / f"{self.trial.root.path.name}{who}-{name}.png"
        self.trial.display.picture(file)

    def answers(self) -> int:
        """How many questions have been answered to the end."""
        ended = "SELECT count(*) FROM message WHERE role = 'assistant' AND finish LIKE '%stop%'"
        return int(str((self.look_up(ended) or [(0,)])[0][0]))

    def look_up(self, query: str) -> list[tuple[object, ...]]:
        """Rows of the stored chats; none while there is no database yet."""
        name = self.trial.made.name
        file = self.home / ".local" / "share" / name / f"{name}.db"
        if not file.is_file():
            return []
        with closing(sqlite3.connect(f"file:{quote(str(file))}?mode=ro", uri=True)) as database:
            try:
                return database.execute(query).fetchall()
            except sqlite3.Error:  # it is being made
                return []

    def libraries(self) -> str:
        """What the process has loaded, as the kernel lists it."""
        return Path(f"/proc/{self.process.pid}/maps").read_text(encoding="utf-8")

    def _has_answered(self, wanted: int) -> bool:
        return self.answers() >= wanted


def expect(holds: object, what: str, found: str) -> None:
    if not holds:
        raise PackError(f"{what}: not as it should be.\n{found}")
