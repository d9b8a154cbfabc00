"""The repository as a whole: prose, texts, colours, the lock files and the Qt that is locked."""

from __future__ import annotations

import ast
import re
import string
import sys
from collections.abc import Iterator

import pytest
from source_tree import ROOT, fail_on, read_modules

MODULES = read_modules()
COLOURED = {
    "app.ui.tokens": "the table of colours",
    "app.ui.icons": "the two colours that the file of the mark is drawn in",
}
BAD_NAMES = {"utils", "util", "helpers", "helper", "manager", "misc", "common"}


def test_modules_open_with_what_they_are() -> None:
    def wrong() -> Iterator[str]:
        for module in MODULES:
            text = ast.get_docstring(module.tree)
            if module.tree.body and not text:
                yield f"{module.place}: no docstring"
            elif text and text.count("\n") >= 10:
                yield f"{module.place}: a docstring of {text.count(chr(10)) + 1} lines"
            if set(module.path.stem.split("_")) & BAD_NAMES:
                yield f"{module.place}: a name that says nothing"
            for number, line in enumerate(module.source.splitlines(), 1):
                if re.search(r"\b(TODO|FIXME|XXX|HACK)\b|coming soon", line):
                    yield f"{module.place}:{number}: {line.strip()}"

    fail_on(wrong(), "A module opens with 3 to 8 lines, has a telling name and is finished:")


def test_texts_are_literals_with_named_places() -> None:
    def wrong() -> Iterator[str]:
        for module in MODULES:
            for node in module.nodes(ast.Call):
                assert isinstance(node, ast.Call)
                name = node.func.id if isinstance(node.func, ast.Name) else ""
                if name not in ("tr", "trn"):
                    continue
                texts = node.args[: 1 if name == "tr" else 2]
                given = {keyword.arg for keyword in node.keywords} | (
                    {"count"} if name == "trn" else set()
                )
                for text in texts:
                    if not isinstance(text, ast.Constant) or not isinstance(text.value, str):
                        yield f"{module.at(node)}: not a literal"
                    elif node.keywords or name == "trn":
                        places = {f for _, f, _, _ in string.Formatter().parse(text.value) if f}
                        if None not in given and not places <= given:
                            yield f"{module.at(node)}: nothing given for {places - given}"
                        if name == "tr" and None not in given and given - places:
                            yield f"{module.at(node)}: no place for {given - places}"

    fail_on(wrong(), "tr and trn take literals, and a value for every place in them:")


def test_colours_are_written_in_the_token_table_only() -> None:
    fail_on(
        (
            f"{module.at(node)}: {node.value}"
            for module in MODULES
            if module.room == "ui" and module.name not in COLOURED
            for node in module.nodes(ast.Constant)
            if isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and re.search(r"#(?:[0-9a-fA-F]{3,4}){1,2}\b", node.value)
        ),
        "A colour outside app/ui/tokens.py:",
    )


def test_no_test_sleeps() -> None:
    polling = {"virtual_desktop.py", "accessible.py"}  # other processes send no event to wait for

    def wrong() -> Iterator[str]:
        for path in sorted((ROOT / "tests").rglob("*.py")):
            if path.name in polling:
                continue
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if not isinstance(node, ast.Call):
                    continue
                called = ast.unparse(node.func)
                zero = bool(node.args) and ast.unparse(node.args[0]) == "0"
                sleeps = called == "asyncio.sleep" and not zero
                if sleeps or called.endswith(("time.sleep", ".qWait", "qtbot.wait")):
                    yield f"{path.relative_to(ROOT).as_posix()}:{node.lineno}: {called}"

    fail_on(wrong(), "A test waits for what it needs, never for a time:")


# --- The lock


LOCKS = ("requirements.txt", "requirements-test.txt", "requirements-package.txt")


def pins(name: str) -> dict[str, str]:
    text = (ROOT / name).read_text(encoding="utf-8")
    return dict(re.findall(r"^([a-z0-9.\-]+)==([^\s;]+)", text, re.MULTILINE))


@pytest.mark.parametrize("name", LOCKS)
def test_the_lock_names_no_index_host_or_path(name: str) -> None:
    for line in (ROOT / name).read_text(encoding="utf-8").splitlines():
        code = line.split("#")[0].strip()
        pin = r"[a-z0-9.\-]+==[\w.!+]+( ; [^\\]+)? \\"
        assert re.fullmatch(rf"|{pin}|--hash=sha256:[0-9a-f]{{64}}( \\)?", code), line
        assert "//" not in line
        assert not re.search(r"\s[/~]|[A-Z]:\\", line), line


def test_the_locks_agree() -> None:
    run, *others = (pins(name) for name in LOCKS)
    assert all(run.items() <= other.items() for other in others)


def test_the_lock_excludes_the_qt_that_kills_python() -> None:
    """PySide6 6.12.0 drops references to None and ends the process on Python 3.11."""
    for name, version in pins(LOCKS[0]).items():
        if name.startswith(("pyside6", "shiboken6")):
            assert version.startswith("6.11."), name
    assert '"pyside6>=6.8,<6.12"' in (ROOT / "pyproject.toml").read_text(encoding="utf-8")


def test_qt_calls_do_not_drop_references_to_none(qtbot: object) -> None:
    """What PySide6 6.12.0 does on Python 3.11: one reference less for each call."""
    from PySide6.QtGui import QTextDocument

    document = QTextDocument()
    before = sys.getrefcount(None)
    for _ in range(1000):
        document.setTextWidth(700)
    assert sys.getrefcount(None) > before - 500
