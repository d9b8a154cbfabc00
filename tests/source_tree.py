"""The program's own source as syntax trees, for tests/test_architecture.py.

Reads app/**/*.py once; imports nothing of it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, eq=False)
class Import:
    """One imported name. `late`: within a function. `typing`: only for the type checker."""

    target: str
    line: int
    late: bool
    typing: bool


@dataclass(frozen=True, eq=False)
class Module:
    path: Path
    name: str

    @property
    def place(self) -> str:
        return self.path.relative_to(ROOT).as_posix()

    @property
    def room(self) -> str:
        """`app.ui.settings.form` is in the room `ui`; `app.chat` is the room `chat`."""
        parts = self.name.split(".")
        return parts[1] if len(parts) > 1 else "app"

    @cached_property
    def source(self) -> str:
        return self.path.read_text(encoding="utf-8")

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.source, self.place)

    def nodes(self, *kinds: type[ast.AST]) -> Iterator[ast.AST]:
        return (node for node in ast.walk(self.tree) if isinstance(node, kinds))

    def at(self, node: ast.AST) -> str:
        return f"{self.place}:{getattr(node, 'lineno', 1)}"

    @cached_property
    def imports(self) -> tuple[Import, ...]:
        return tuple(self._imports(self.tree, late=False, typing=False))

    def _imports(self, node: ast.AST, *, late: bool, typing: bool) -> Iterator[Import]:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.Import):
                for alias in child.names:
                    yield Import(alias.name, child.lineno, late, typing)
            elif isinstance(child, ast.ImportFrom):
                for alias in child.names:
                    target = f"{child.module}.{alias.name}" if child.module else alias.name
                    yield Import(target, child.lineno, late, typing)
            elif isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
                yield from self._imports(child, late=late, typing=True)
            else:
                within = late or isinstance(child, Function | ast.Lambda)
                yield from self._imports(child, late=within, typing=typing)

    def functions(self) -> Iterator[Function]:
        for node in self.nodes(ast.FunctionDef, ast.AsyncFunctionDef):
            assert isinstance(node, Function)
            yield node


def read_modules() -> tuple[Module, ...]:
    found = []
    for path in sorted((ROOT / "app").rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        found.append(Module(path, name))
    return tuple(found)


def owner(target: str, names: frozenset[str]) -> str | None:
    """The own module that an import of `target` reads, or None for somebody else's."""
    while target:
        if target in names:
            return target
        target = target.rpartition(".")[0]
    return None


def fail_on(found: Iterable[str], rule: str) -> None:
    lines = sorted(found)
    assert not lines, f"{rule}\n  " + "\n  ".join(lines)
