"""What a measurement is: a name, what was found, the goal, and how it came about."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Result:
    """`goal` is the largest value that is good, or None where there is none. Lower is better."""

    name: str
    value: float
    unit: str
    goal: float | None
    detail: str = ""

    def line(self) -> str:
        goal = verdict = ""
        if self.goal is not None:
            goal, verdict = f"goal {self.goal:g}", "ok" if self.value <= self.goal else "OVER"
        value = f"{self.value:>7.2f} {self.unit:<6}"
        return f"{self.name:<57} {value} {goal:<10} {verdict:<5} {self.detail}"
