"""docs/rules.md says for each rule of docs/wire.md which tests hold the program to it.

The table is made from the markers in the tests; `python tests/test_rules.py` writes it anew.
"""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TABLE = ROOT / "docs" / "rules.md"
# Rules about parts that are still to come, and with what.
LATER: dict[str, str] = {}
HEAD = """# Which test holds the program to which rule

The rules are those of [wire.md](wire.md). This file is made from the markers in the tests
(`python tests/test_rules.py`), and a rule without a test fails the build.

| rule | tests |
| --- | --- |
"""


def rules() -> list[str]:
    """The numbers of all rules, in the order of their numbers."""
    text = (ROOT / "docs" / "wire.md").read_text(encoding="utf-8")
    found = set(re.findall(r"\*\*(R\d+[a-z]?)\*\*", text))
    return sorted(found, key=lambda rule: (int(re.sub(r"\D", "", rule)), rule))


def named_in(nodes: list[ast.expr]) -> Iterator[str]:
    """The rules that `pytest.mark.rule(...)` names anywhere in `nodes`."""
    for node in [inner for outer in nodes for inner in ast.walk(outer)]:
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "pytest.mark.rule":
            yield from (str(ast.literal_eval(argument)) for argument in node.args)


def marked_tests() -> dict[str, set[tuple[str, str]]]:
    """Rule -> the (file, test) pairs that are marked with it, alone or by class or module."""
    found: dict[str, set[tuple[str, str]]] = defaultdict(set)

    def visit(body: list[ast.stmt], place: str, outer: frozenset[str]) -> None:
        for node in body:
            if isinstance(node, ast.ClassDef):
                visit(node.body, place, outer | set(named_in(node.decorator_list)))
            elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                for rule in outer | set(named_in(node.decorator_list)):
                    found[rule].add((place, node.name))

    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        marks = [
            node.value
            for node in tree.body
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "pytestmark"
        ]
        place = path.relative_to(ROOT / "tests").as_posix()
        visit(tree.body, place, frozenset(named_in(marks)))
    return found


def table() -> str:
    tests, rows = marked_tests(), []
    for rule in rules():
        files: dict[str, list[str]] = defaultdict(list)
        for place, test in sorted(tests.get(rule, ())):
            files[place].append(f"`{test.removeprefix('test_')}`")
        cells = [f"{place}: {', '.join(names)}" for place, names in files.items()]
        rows.append(f"| {rule} | {'<br>'.join(cells) or LATER.get(rule, '')} |\n")
    return HEAD + "".join(rows)


def test_every_rule_has_a_test() -> None:
    without = set(rules()) - marked_tests().keys() - LATER.keys()
    assert not without, f"No test is marked with {', '.join(sorted(without))}"


def test_every_marker_names_a_rule() -> None:
    unknown = marked_tests().keys() - set(rules())
    assert not unknown, f"docs/wire.md has no {', '.join(sorted(unknown))}"


def test_the_table_is_up_to_date() -> None:
    assert TABLE.read_text(encoding="utf-8") == table(), "Run: python tests/test_rules.py"


if __name__ == "__main__":
    TABLE.write_text(table(), encoding="utf-8")
