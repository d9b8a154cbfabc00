"""`./dev bench [NAMES]`: runs the measurements and prints a line for each.

The exit code is 1 when a goal was missed. On a machine that is busy otherwise, times that are not
CPU times say little; ratios are taken in one run, in turn with what they are measured against.
"""

from __future__ import annotations

import os
import sys

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from bench import parsing, starting, streaming

MEASUREMENTS = {"start": starting.measure, "stream": streaming.measure, "parse": parsing.measure}


def main(names: list[str]) -> int:
    unknown = set(names) - MEASUREMENTS.keys()
    if unknown:
        print(f"There is no {', '.join(sorted(unknown))}; there are {', '.join(MEASUREMENTS)}.")
        return 2
    missed = False
    for name in names or MEASUREMENTS:
        for result in MEASUREMENTS[name]():
            print(result.line(), flush=True)
            missed |= result.goal is not None and result.value > result.goal
    return int(missed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
