"""What a frozen Linnet runs first: what its loader leaves to put right.

On Linux libraries are found by LD_LIBRARY_PATH. The dynamic linker has read it by now, and programs
that Linnet starts, as ffmpeg or a browser, must not find ours by it; nor ours the plugins that a
desktop names for its own Qt. Where nobody has set a language, letters are in UTF-8, as for any
Python that is not frozen: Qt asks for it. (Where modules are read from has been said before, by
modules.py.)

On Windows the program for the terminal opens no window: a console would stay behind it, and the
terminal would wait. The windowed one beside it does, and is handed the same words.
"""

import os
import sys
from collections.abc import MutableMapping
from pathlib import Path

from app.__main__ import SELFTEST, main, names_a_command

CONSOLE, WINDOWED = "linnet.exe", "linnetw.exe"


def settle(environment: MutableMapping[str, str]) -> None:
    """Put right on Linux what Qt, Python and other programs read."""
    before = environment.pop("LD_LIBRARY_PATH_ORIG", "")
    environment.pop("LD_LIBRARY_PATH", None)
    if before:
        environment["LD_LIBRARY_PATH"] = before
    environment.pop("QT_PLUGIN_PATH", None)
    # https://peps.python.org/pep-0538/
    chosen = environment.get("LC_CTYPE") or environment.get("LANG") or "C"
    if chosen in ("C", "POSIX") and not environment.get("LC_ALL"):
        environment["LC_CTYPE"] = "C.UTF-8"


def open_window(program: Path, words: list[str]) -> bool:
    """Start the windowed program in place of `program`, unless the terminal is what is meant."""
    windowed = program.with_name(WINDOWED)
    for_terminal = words[:1] == [SELFTEST] or names_a_command(words)
    if program.name.lower() != CONSOLE or for_terminal or not windowed.is_file():
        return False
    import subprocess  # noqa: PLC0415 - no other start shall pay for it

    # Its loader must not take itself for a part of ours.
    environment = {**os.environ, "PYINSTALLER_RESET_ENVIRONMENT": "1"}
    subprocess.Popen([str(windowed), *words], env=environment)
    return True


if __name__ == "__main__":
    if sys.platform == "linux":
        settle(os.environ)
    if sys.platform == "win32" and open_window(Path(sys.executable), sys.argv[1:]):
        sys.exit(0)
    sys.exit(main())
