"""What a measurement is: a name, what was found, the goal, and how it came about."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True)
class Result:
    """`goal` is the largest value that is good, or None where there is none. Lower is better.

    `value` is None where it could not be measured; `detail` then says what is missing.
    """

    name: str
    value: float | None
    unit: str = "ms"
    goal: float | None = None
    detail: str = ""

    @property
    def missed(self) -> bool:
        return self.value is not None and self.goal is not None and self.value > self.goal

    @property
    def verdict(self) -> str:
        if self.value is None:
            return "MISSING"
        return "" if self.goal is None else "OVER" if self.missed else "ok"

    def line(self) -> str:
        value = "" if self.value is None else f"{self.value:.{_places(self.value)}f}"
        goal = "" if self.goal is None else f"{self.goal:g}"
        return (
            f"{self.name:<66} {value:>8} {self.unit:<5} {goal:>6}  {self.verdict:<7} {self.detail}"
        )


HEADING = f"{'':<66} {'found':>8} {'':<5} {'goal':>6}"


def missing(names: Iterable[str], why: str) -> list[Result]:
    """Lines for what cannot be measured here."""
    return [Result(name, None, "", None, why) for name in names]


def middle(values: Iterable[float]) -> float:
    """The median; what a busy machine adds at one moment does not count."""
    return median(values)


def usual() -> dict[str, str]:
    """The environment in which Python keeps what it compiled, as it does for everybody."""
    return {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}


def _places(value: float) -> int:
    return 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2
