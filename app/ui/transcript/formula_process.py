"""The process that draws formulas: started by the first, ended when none was asked for a while.

Invariant: `drawn` answers every key that was asked for, once, or `failed` says that no process can
be had here and what is left to be drawn. TeX that takes too long ends its process and counts as
unreadable; the others go on in a new one.
"""

from __future__ import annotations

import json
import os
import sys
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, QProcess, QProcessEnvironment, QTimer, Signal

from app.call import DRAW_FORMULAS
from app.tex import Drawing, FormulaKey

LIMIT_MS = 8_000
START_MS = 25_000
"""Until the first answer of all: a computer that is busy, or has just installed it, starts late."""
IDLE_MS = 8_000


def own_command() -> Sequence[str]:
    """How this program starts itself to draw formulas."""
    if getattr(sys, "frozen", False):
        return (sys.executable, DRAW_FORMULAS)
    # -P: the folder it was started in may have an `app` of its own.
    return (sys.executable, "-P", "-m", "app.tex")


class FormulaProcess(QObject):
    """`drawn` carries pairs of a key and its `Drawing`, or `None`; `failed` the keys left."""

    drawn = Signal(list)
    failed = Signal(list)

    def __init__(
        self,
        parent: QObject,
        command: Callable[[], Sequence[str]] = own_command,
        *,
        limit_ms: int = LIMIT_MS,
        idle_ms: int = IDLE_MS,
    ) -> None:
        super().__init__(parent)
        self._command = command
        held = self._held = _Held()
        self._pending: deque[FormulaKey] = deque()
        self._rest = b""
        self._answered = False
        self._limit_ms = limit_ms
        self._limit = QTimer(self, singleShot=True)
        self._limit.timeout.connect(self._on_limit)
        self._idle = QTimer(self, singleShot=True, interval=idle_ms)
        self._idle.timeout.connect(self._held.end)
        self.destroyed.connect(lambda: held.end())  # a method is not held by its connection

    @property
    def running(self) -> bool:
        return self._held.process is not None

    def ask(self, key: FormulaKey) -> None:
        self._pending.append(key)
        self._idle.stop()
        if not self._limit.isActive():
            self._wait()
        process = self._held.process
        if process is None:
            self._start()
        else:
            process.write(_request(key))

    def _start(self) -> None:
        program, *arguments = self._command()
        process = QProcess(self)
        process.setProgram(program)
        process.setArguments(arguments)
        process.setProcessEnvironment(_environment())
        process.setStandardErrorFile(QProcess.nullDevice())
        process.readyReadStandardOutput.connect(self._on_output)
        process.finished.connect(self._on_finished)
        process.errorOccurred.connect(self._on_error)
        self._rest = b""
        self._held.process = process
        process.start()
        for key in self._pending:
            process.write(_request(key))

    def _on_output(self) -> None:
        process = self._held.process
        if process is None:
            return
        *lines, self._rest = (self._rest + process.readAllStandardOutput().data()).split(b"\n")
        found: list[tuple[FormulaKey, Drawing | None]] = []
        for line in lines[: len(self._pending)]:
            answer = json.loads(line)
            found.append((self._pending.popleft(), Drawing(*answer) if answer else None))
        if found:
            self._answered = True
            self._go_on()
            self.drawn.emit(found)

    def _go_on(self) -> None:
        """Wait for the next answer, or until there is something to ask again."""
        if self._pending:
            self._wait()
        else:
            self._limit.stop()
            self._idle.start()

    def _wait(self) -> None:
        self._limit.start(self._limit_ms if self._answered else START_MS)

    def _on_limit(self) -> None:
        self._held.end()
        self._pass_over()

    def _on_finished(self) -> None:
        """It ended by itself: by what it was drawing, or it cannot draw at all."""
        self._held.end()
        if self._pending:
            self._pass_over() if self._answered else self._give_up()

    def _on_error(self, error: QProcess.ProcessError) -> None:
        if error is QProcess.ProcessError.FailedToStart:
            self._held.end()
            self._give_up()

    def _pass_over(self) -> None:
        """The first that waits cannot be drawn; go on with the others."""
        key = self._pending.popleft()
        self._go_on()
        if self._pending:
            self._start()
        self.drawn.emit([(key, None)])

    def _give_up(self) -> None:
        left = [*self._pending]
        self._pending.clear()
        self._limit.stop()
        self.failed.emit(left)


class _Held:
    """The running process. No QObject, so that it can be ended with one."""

    def __init__(self) -> None:
        self.process: QProcess | None = None

    def end(self) -> None:
        """End it now, whatever it does; it has nothing to lose."""
        process, self.process = self.process, None
        if process is not None:
            process.blockSignals(True)
            process.kill()
            process.waitForFinished(1000)
            process.deleteLater()


def _request(key: FormulaKey) -> bytes:
    return json.dumps(key).encode() + b"\n"


def _environment() -> QProcessEnvironment:
    """This one, with the program itself among what can be imported."""
    found = QProcessEnvironment.systemEnvironment()
    places = [str(Path(__file__).parents[3]), found.value("PYTHONPATH", "")]
    found.insert("PYTHONPATH", os.pathsep.join(filter(None, places)))
    return found
