"""Draws formulas, from TeX to SVG: for whoever calls, or as a process that is fed lines.

Invariant: knows nothing of the program. As a process it answers each line of JSON with one, in
order, and ends with its input. There a formula holds up nothing, TeX without an end can be ended,
and the memory that the library takes goes with it.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterable
from contextlib import suppress
from typing import NamedTuple, TextIO

DRAWING_COLOR = "#010203"
"""Stands in the drawing for the text colour, which is put in when it is painted."""
TRAILING_PX = 1.0
"""Room that the library leaves after a formula: a comma stands off without it."""
POLITENESS = 5
MAX_MEMORY_BYTES = 1 << 30

_VIEW_BOX = re.compile(r'viewBox="(\S+) (\S+) (\S+) (\S+)"')


class FormulaKey(NamedTuple):
    """What a drawing is made of: `display` is the size of formulas on lines of their own."""

    tex: str
    display: bool
    size_px: float


class Drawing(NamedTuple):
    """Measures in logical pixels; `ascent` is above the baseline.

    `width` is what it takes in a line; its drawing goes on for `TRAILING_PX`.
    """

    svg: str
    width: float
    ascent: float
    descent: float


def draw(key: FormulaKey) -> Drawing | None:
    """The drawing of a formula; `None` for TeX that cannot be read. Takes milliseconds."""
    import ziamath
    from ziamath.config import config

    config.svg2 = False  # QtSvg shows nothing of SVG 2's symbols
    try:
        latex = ziamath.zmath.Latex(
            key.tex, size=key.size_px, inline=not key.display, color=DRAWING_COLOR
        )
        svg = str(latex.svg())
    except Exception:  # the library raises many kinds for TeX that it does not know
        return None
    box = _VIEW_BOX.search(svg)
    if box is None:
        return None
    _, top, width, height = (float(number) for number in box.groups())
    return Drawing(svg, max(0.1, width - TRAILING_PX), -top, height + top)


def serve(requests: Iterable[str], answers: TextIO) -> None:
    """Answer each `[tex, display, size]` with `[svg, width, ascent, descent]` or `null`."""
    for line in requests:
        answers.write(json.dumps(draw(FormulaKey(*json.loads(line)))) + "\n")
        answers.flush()


def main() -> int:
    """Serve the process that started this one, behind everything that is more urgent."""
    with suppress(AttributeError, OSError):
        os.nice(POLITENESS)
    with suppress(ImportError, OSError, ValueError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY_BYTES, MAX_MEMORY_BYTES))
    with suppress(BrokenPipeError, KeyboardInterrupt):
        serve(sys.stdin, sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
