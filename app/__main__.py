"""The program: `linnet` opens the window, `linnet COMMAND` works in the terminal.

Invariant: the terminal never pays for Qt, nor the window for the terminal.
"""

from __future__ import annotations

import gc
import signal
import sys
from collections.abc import Sequence
from types import FrameType

from app.call import DRAW_FORMULAS, DRAW_SVG, WITH_VALUE, is_for_the_window

ABOUT = ("-h", "--help", "--version")
COMMANDS = ("ask", "models", "chats", "render")
SELFTEST = "--selftest"
STOPPED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program; the status to end with."""
    arguments = sys.argv[1:] if arguments is None else arguments
    if arguments[:1] == [SELFTEST]:
        from app import selftest

        return selftest.main(arguments[1:])
    if arguments[:1] == [DRAW_FORMULAS]:
        from app import tex

        return tex.main()
    if arguments[:1] == [DRAW_SVG]:
        from app.ui import drawings

        return drawings.main(arguments[1:])
    if names_a_command(arguments):
        return _in_terminal(arguments)
    gc.disable()  # until the window stands: what is made by then stays
    from app import main as window

    return window.main(arguments)


def names_a_command(arguments: Sequence[str]) -> bool:
    """Whether anything was typed but options of the window, links to it and files to open."""
    rest = iter(arguments)
    for argument in rest:
        if argument in WITH_VALUE:
            next(rest, None)
        elif argument in ABOUT or argument in COMMANDS:
            return True
        elif not argument.startswith("-"):
            return not is_for_the_window(argument)
    return False


def _in_terminal(arguments: Sequence[str]) -> int:
    before = signal.signal(signal.SIGTERM, _interrupt)
    try:
        from app import cli

        return cli.main(arguments)
    except KeyboardInterrupt:
        return STOPPED
    finally:
        signal.signal(signal.SIGTERM, before)


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
