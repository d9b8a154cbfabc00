"""Drawings (SVG) as pictures in the terminal, which has no Qt: another process draws them.

Invariant: for a thread; a process that hangs is ended. What it prints is the picture or nothing.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from app import call
from app.attachments import UndrawnError

LIMIT_S = 30.0


def own_command() -> Sequence[str]:
    """How this program starts itself to draw."""
    if getattr(sys, "frozen", False):
        return (sys.executable, call.DRAW_SVG)
    # -P: the folder it was started in may have an `app` of its own.
    return (sys.executable, "-P", "-m", "app", call.DRAW_SVG)


def draw_svg(data: bytes, longest_px: int) -> bytes:
    """A PNG with the given longer side; empty for a broken drawing. Raises UndrawnError."""
    own_place = str(Path(call.__file__).parents[1])
    try:
        done = subprocess.run(
            [*own_command(), str(longest_px)],
            input=data,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": own_place},
            timeout=LIMIT_S,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise UndrawnError from error
    if done.returncode != 0:
        raise UndrawnError  # a computer without what Qt stands on
    return done.stdout
