"""The examples in commonmark.txt, github.txt and models.txt."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
FILES = ("commonmark.txt", "github.txt", "models.txt")


@dataclass(frozen=True, slots=True)
class Example:
    """`difference`: why the oracle reads it otherwise; empty when it does not."""

    file: str
    line: int
    section: str
    source: str
    html: str
    difference: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


def read_examples(file: str) -> list[Example]:
    examples: list[Example] = []
    section, part, start = "", "", 0
    parts: dict[str, list[str]] = {}
    for number, line in enumerate((HERE / file).read_text("utf-8").split("\n"), 1):
        if line == "┌":
            part, start, parts = line, number, {"┌": [], "├": [], "≠": []}
        elif line == "├":
            part = line
        elif line == "└":
            source, html = (_text(parts[name]) for name in "┌├")
            reason = " ".join(parts["≠"])
            examples.append(Example(file, start, section, source + "\n", html, reason))
            part = ""
        elif part == "├" and line.startswith("≠ "):
            parts["≠"].append(line[2:])
        elif part:
            parts[part].append(line)
        elif line.startswith("# "):
            section = line[2:]
    return examples


def _text(lines: list[str]) -> str:
    return "\n".join(lines).replace("→", "\t").replace("␍␊", "\r\n")


EXAMPLES = [example for file in FILES for example in read_examples(file)]
