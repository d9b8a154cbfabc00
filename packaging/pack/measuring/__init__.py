"""`./dev package measure`: how large the Linux artefacts are and how fast they start, as a table.

Invariant: all are started in turn, round by round, on one display, so that what else the machine
does weighs on all of them; beside them the same program in a virtual environment, and a window with
nothing in it, frozen and trimmed as Linnet is.
"""

from __future__ import annotations

import os
from collections.abc import Sequence

from pack.measuring import artefacts
from pack.measuring.artefacts import Artefact
from pack.measuring.starts import Start, Watch, start_cold, start_warm
from pack.product import Product, say
from pack.trials.screen import screen

WARM, COLD = 15, 7
MB = 1e6

Starts = dict[str, list[Start]]


def measure(made: Product, words: Sequence[str]) -> None:
    """Print the table; `words` may be the numbers of warm and of cold rounds."""
    warm, cold = [int(word) for word in words] if words else (WARM, COLD)
    things = artefacts.unpack(made)
    warm_starts: Starts = {thing.name: [] for thing in things}
    cold_starts: Starts = {thing.name: [] for thing in things}
    ways = ((start_warm, warm, warm_starts), (start_cold, cold, cold_starts))
    with screen() as display, Watch(display.name) as watch:
        for thing in things:
            start_warm(thing, watch)  # everything is in the cache then
        for start, rounds, found in ways:
            for number in range(rounds):
                say(f"Round {number + 1} of {rounds}.")
                for thing in things:
                    found[thing.name].append(start(thing, watch))
    load = os.getloadavg()[0]
    say(
        f"Starts: least of {warm} warm and {cold} cold, in seconds; load of the machine {load:.1f}."
    )
    say("| artefact | download MB | installed MB | files | window, warm | to venv | to empty "
        "| complete, warm | to venv | window, cold | to venv |")  # fmt: skip
    say("| --- " * 11 + "|")
    venv, empty = (next(x for x in things if x.name == name) for name in ("venv", "empty"))
    for thing in things:
        row = _row(thing, warm_starts, cold_starts, venv, empty)
        say(f"| {' | '.join(row)} |")


def _row(
    thing: Artefact,
    warm: Starts,
    cold: Starts,
    venv: Artefact,
    empty: Artefact,
) -> list[str]:
    shown = {name: min(each.shown_s for each in starts) for name, starts in warm.items()}
    complete = {name: min(each.complete_s for each in starts) for name, starts in warm.items()}
    chilled = {name: min(each.shown_s for each in starts) for name, starts in cold.items()}
    own, whole, chill = (found[thing.name] for found in (shown, complete, chilled))
    return [
        thing.title,
        f"{thing.download_bytes / MB:.1f}",
        f"{thing.installed_bytes / MB:.1f}",
        str(thing.files),
        f"{own:.2f}",
        f"{own / shown[venv.name]:.2f}",
        f"{own / shown[empty.name]:.2f}",
        f"{whole:.2f}" if whole else "",
        f"{whole / complete[venv.name]:.2f}" if whole else "",
        f"{chill:.2f}",
        f"{chill / chilled[venv.name]:.2f}",
    ]
