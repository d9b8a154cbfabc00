"""How long a program takes from its start until its window stands, seen from outside.

Invariant: the program does not know that it is measured. Its window is *shown* when the display
maps it, and *complete* when it gets its icon, which Linnet gives it when everything is in place.
"""

from __future__ import annotations

import ctypes
import os
import select
import signal
import subprocess
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from pack.measuring.artefacts import Artefact
from pack.product import PackError

LIMIT_S = 60.0
END_S = 5.0
SMALLEST_PX = 100
_SUBSTRUCTURE, _PROPERTIES = 1 << 19, 1 << 22
_MAPPED, _PROPERTY = 19, 28
_EVENT_WORDS = 24
# Where an event of each kind has the window it is about, and the name of a property, in words.
_WINDOW_OF_MAP, _WINDOW_OF_PROPERTY, _ATOM = 5, 4, 5
_ErrorHandler = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)


@dataclass(frozen=True)
class Start:
    """Seconds since the program was called; `complete_s` is 0 for one that has no icon."""

    shown_s: float
    complete_s: float


class Watch:
    """Sees windows appear on one display."""

    def __init__(self, display: str) -> None:
        self.display = display
        self._x = ctypes.CDLL("libX11.so.6")
        self._x.XOpenDisplay.restype = ctypes.c_void_p
        self._x.XDefaultRootWindow.restype = ctypes.c_ulong
        self._x.XInternAtom.restype = ctypes.c_ulong
        # A window may be gone before it is asked for its size; alone, Xlib ends the process then.
        self._on_error = _ErrorHandler(lambda *_: 0)
        self._x.XSetErrorHandler(self._on_error)
        opened = self._x.XOpenDisplay(display.encode())
        if not opened:
            raise PackError(f"There is no display {display}.")
        self._it = ctypes.c_void_p(opened)
        root = ctypes.c_ulong(self._x.XDefaultRootWindow(self._it))
        self._x.XSelectInput(self._it, root, ctypes.c_long(_SUBSTRUCTURE))
        self._icon = self._x.XInternAtom(self._it, b"_NET_WM_ICON", 0)
        self._x.XFlush(self._it)

    def __enter__(self) -> Watch:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._x.XCloseDisplay(self._it)

    def window(self) -> int:
        """The next window that appears, be it large enough to be one."""
        while True:
            event = self._event(_MAPPED)
            window = event[_WINDOW_OF_MAP]
            if self._width(window) >= SMALLEST_PX:
                self._x.XSelectInput(self._it, ctypes.c_ulong(window), ctypes.c_long(_PROPERTIES))
                self._x.XFlush(self._it)
                return window

    def icon(self, window: int) -> None:
        """Until `window` has one."""
        while True:
            event = self._event(_PROPERTY)
            if event[_WINDOW_OF_PROPERTY] == window and event[_ATOM] == self._icon:
                return

    def _event(self, kind: int) -> ctypes.Array[ctypes.c_ulong]:
        event = (ctypes.c_ulong * _EVENT_WORDS)()
        end = time.monotonic() + LIMIT_S
        while True:
            while self._x.XPending(self._it):
                self._x.XNextEvent(self._it, event)
                if event[0] & 0xFFFFFFFF == kind:
                    return event
            wait = end - time.monotonic()
            if wait < 0:
                raise PackError("No window appeared.")
            select.select([self._x.XConnectionNumber(self._it)], [], [], wait)

    def _width(self, window: int) -> int:
        root, width, height = ctypes.c_ulong(), ctypes.c_uint(), ctypes.c_uint()
        x, y, border, depth = (ctypes.c_int() for _ in range(4))
        places = [ctypes.byref(each) for each in (root, x, y, width, height, border, depth)]
        known = self._x.XGetGeometry(self._it, ctypes.c_ulong(window), *places)
        return width.value if known else 0


def start_warm(thing: Artefact, watch: Watch) -> Start:
    """Start it on a fresh data folder, and end it when its window is complete."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:
        surroundings = {"PATH": os.environ["PATH"], "HOME": home, "DISPLAY": watch.display,
                        "LC_ALL": "C.UTF-8", **thing.environment}  # fmt: skip
        began = time.monotonic()
        program = subprocess.Popen(
            thing.command, env=surroundings, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            start_new_session=True,
        )  # fmt: skip
        try:
            window = watch.window()
            shown = time.monotonic() - began
            complete = 0.0
            if thing.has_icon:
                watch.icon(window)
                complete = time.monotonic() - began
        finally:
            _end(program)
        return Start(shown, complete)


def _end(program: subprocess.Popen[bytes]) -> None:
    """With all that it started: an AppImage that unpacks itself waits for its program."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.killpg(program.pid, number)
        with suppress(subprocess.TimeoutExpired):
            program.wait(END_S)


def start_cold(thing: Artefact, watch: Watch) -> Start:
    """The same, after the system was told to forget the content of the artefact's files."""
    os.sync()
    for folder in thing.read_from:
        for path in [folder, *Path(folder).rglob("*")]:
            if path.is_file() and not path.is_symlink():
                with path.open("rb") as file:
                    os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
    return start_warm(thing, watch)
