"""`./dev bench [NAMES]`: runs the measurements and prints a line for each.

The exit code is 1 when a goal was missed. Times are CPU times of the UI thread unless a line says
otherwise, and what is compared is measured in turn; on a machine that is busy otherwise even CPU
times grow, so trust the ratios more.
"""

from __future__ import annotations

import os
import sys

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from bench import attaching, naive, parsing, reading, starting, streaming, web
from bench.measure import HEADING

MEASUREMENTS = {
    "start": starting.measure,
    "stream": streaming.measure,
    "naive": naive.measure,
    "web": web.measure,
    "read": reading.measure,
    "parse": parsing.measure,
    "attach": attaching.measure,
}


def main(names: list[str]) -> int:
    unknown = set(names) - MEASUREMENTS.keys()
    if unknown:
        print(f"There is no {', '.join(sorted(unknown))}; there are {', '.join(MEASUREMENTS)}.")
        return 2
    print(HEADING, flush=True)
    missed = False
    for name in names or MEASUREMENTS:
        for result in MEASUREMENTS[name]():
            print(result.line(), flush=True)
            missed |= result.missed
    return int(missed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
