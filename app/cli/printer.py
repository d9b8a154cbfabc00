"""What the terminal shows: the answer to stdout, all else to stderr, from a thread of its own.

Invariant: whoever reads slowly (`| less`) holds up nothing but the printing; whoever stops reading
(`| head`) hears no complaint, a disk that is full is told. Everything printed is valid UTF-8.
"""

from __future__ import annotations

import errno
import os
import queue
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TextIO

from app.domain.stream import mend_surrogates
from app.i18n import tr

DIM, PLAIN = "\x1b[2m", "\x1b[0m"
LAST_WORDS_S = 1.0
_READER_GONE = (errno.EPIPE, errno.EINVAL)  # the second one on Windows


class Printer:
    """`broken` is set when nobody reads stdout any more; `on_broken` is called, on the thread.

    `spoke` is set with the first whole line for stdout.
    """

    def __init__(self, out: TextIO, err: TextIO, environment: dict[str, str] | None = None) -> None:
        environment = dict(os.environ) if environment is None else environment
        self.broken = False
        self.spoke = False
        self.on_broken: Callable[[], None] = lambda: None
        self._out = out
        self._err = err
        self._dims = err.isatty() and "NO_COLOR" not in environment
        self._is_dim = False
        self._line_open = False
        self._queue: queue.SimpleQueue[tuple[TextIO, str] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="printer", daemon=True)
        self._thread.start()

    def answer(self, text: str) -> None:
        """A piece of the answer, as it comes."""
        if text:
            self._end_dim()
            self._line_open = not text.endswith("\n")
            self._queue.put((self._out, text))

    def reasoning(self, text: str) -> None:
        """A piece of the reasoning, dimmed where the terminal can."""
        if text:
            if not self._is_dim:
                self._is_dim = True
                self._queue.put((self._err, DIM if self._dims else ""))
            self._queue.put((self._err, text))

    def line(self, text: str) -> None:
        """A line of its own to stdout."""
        self.spoke = True
        self.answer(f"{text}\n")

    def remark(self, text: str) -> None:
        """A line of its own to stderr."""
        self.end_line()
        self._queue.put((self._err, f"{text}\n"))

    def end_line(self) -> None:
        """What comes next begins on a new line."""
        self._end_dim()
        if self._line_open:
            self._line_open = False
            self._queue.put((self._out, "\n"))

    def close(self, *, patiently: bool = True) -> None:
        """Print what waits; not patiently, for a second at most."""
        self._end_dim()
        self._queue.put(None)
        self._thread.join(None if patiently else LAST_WORDS_S)

    def _end_dim(self) -> None:
        if self._is_dim:
            self._is_dim = False
            self._queue.put((self._err, (PLAIN if self._dims else "") + "\n\n"))

    def _run(self) -> None:
        while (item := self._queue.get()) is not None:
            stream, text = item
            if stream is self._out and self.broken:
                continue
            try:
                stream.write(mend_surrogates(text))
                stream.flush()
            except (OSError, ValueError) as error:  # a closed pipe, a full disk, a closed stream
                if stream is self._out:
                    self.broken = True
                    self._tell(error)
                    self.on_broken()

    def _tell(self, error: OSError | ValueError) -> None:
        if isinstance(error, OSError) and error.errno not in _READER_GONE:
            words = tr("The answer could not be written: {reason}", reason=error.strerror or error)
            with suppress(OSError, ValueError):
                self._err.write(f"{words}\n")
                self._err.flush()


def terminal() -> Printer:
    """A printer for this process's stdout and stderr, which speak UTF-8 from now on.

    Either may be closed, as `>&-` does: then what would go there goes nowhere.
    """
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            nowhere = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
            setattr(sys, name, nowhere)
        with suppress(AttributeError, ValueError):
            getattr(sys, name).reconfigure(encoding="utf-8", errors="replace")
    return Printer(sys.stdout, sys.stderr)


def leave_quietly() -> None:
    """Nobody reads stdout: Python would complain when it flushes it at the end."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
