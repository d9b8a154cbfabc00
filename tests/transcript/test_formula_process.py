"""Formulas are drawn in a process that can be ended, and by a thread where there is none."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from app.__main__ import main
from app.call import DRAW_FORMULAS
from app.tex import Drawing, FormulaKey, serve
from app.ui.transcript.formula_process import START_MS, FormulaProcess, own_command
from app.ui.transcript.formulas import Formulas

DRAWS = 'print("[\\"<svg/>\\", 3, 2, 1]", flush=True)'
NEVER_ENDS = f"""
import sys, time
for line in sys.stdin:
    if "bomb" in line:
        while True:
            time.sleep(1)
    {DRAWS}
"""
FALLS = f"""
import os, sys
for line in sys.stdin:
    if "bomb" in line:
        os._exit(1)
    {DRAWS}
"""
DRAWN = Drawing("<svg/>", 3, 2, 1)


def key(tex: str) -> FormulaKey:
    return FormulaKey(tex, False, 16.0)


class Asked:
    """A process with `code` in place of the drawing, and what it answered."""

    def __init__(self, code: str, *, idle_ms: int = 60_000) -> None:
        self.parent = QObject()
        command = (sys.executable, "-c", code)
        self.process = FormulaProcess(
            self.parent, lambda: command, limit_ms=60_000, idle_ms=idle_ms
        )
        self.found: dict[str, Drawing | None] = {}
        self.left: list[FormulaKey] = []
        self.process.drawn.connect(
            lambda found: self.found.update((key.tex, drawing) for key, drawing in found)
        )
        self.process.failed.connect(self.left.extend)

    def ask(self, *texs: str) -> None:
        for tex in texs:
            self.process.ask(key(tex))


@pytest.mark.parametrize("frozen", [False, True])
def test_the_program_starts_itself(monkeypatch: pytest.MonkeyPatch, frozen: bool) -> None:
    monkeypatch.setattr(sys, "frozen", frozen, raising=False)
    command = own_command()
    assert command == (
        (sys.executable, DRAW_FORMULAS) if frozen else (sys.executable, "-P", "-m", "app.tex")
    )


def test_nothing_is_imported_from_where_it_was_started(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    other = tmp_path / "app"
    other.mkdir()
    (other / "__init__.py").write_text("open('was-run', 'w').close()")
    monkeypatch.chdir(tmp_path)
    formulas = Formulas()
    assert formulas.get("x", display=False, size_px=16) is None
    qtbot.waitUntil(lambda: not formulas.waiting, timeout=30_000)
    assert formulas.get("x", display=False, size_px=16) is not None
    assert formulas.in_a_process
    assert not (tmp_path / "was-run").exists()


def test_the_hidden_option_serves(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = io.StringIO()
    lines = [json.dumps(key("x^2")), json.dumps(key(r"\frac{"))]
    monkeypatch.setattr(sys, "stdin", lines)
    monkeypatch.setattr(sys, "stdout", answers)
    monkeypatch.setattr("app.tex.POLITENESS", 0)
    monkeypatch.setattr("resource.setrlimit", lambda *_: None)
    assert main([DRAW_FORMULAS]) == 0
    drawn, refused = map(json.loads, answers.getvalue().splitlines())
    assert Drawing(*drawn).width > 5
    assert refused is None


def test_answers_come_in_order() -> None:
    answers = io.StringIO()
    serve([json.dumps(key(tex)) for tex in ("x", "xxxx", "xx")], answers)
    widths = [Drawing(*json.loads(line)).width for line in answers.getvalue().splitlines()]
    assert widths[0] < widths[2] < widths[1]


def test_a_bomb_costs_itself_only(qtbot: QtBot) -> None:
    asked = Asked(FALLS)
    asked.ask("a", "bomb", "b")
    qtbot.waitUntil(lambda: len(asked.found) == 3)
    assert asked.found == {"a": DRAWN, "bomb": None, "b": DRAWN}
    assert not asked.left


def test_what_never_ends_is_ended(qtbot: QtBot) -> None:
    asked = Asked(NEVER_ENDS)
    asked.ask("a", "bomb", "b")
    qtbot.waitUntil(lambda: len(asked.found) == 1)
    asked.process._limit.timeout.emit()  # its time is over
    qtbot.waitUntil(lambda: len(asked.found) == 3)
    assert asked.found == {"a": DRAWN, "bomb": None, "b": DRAWN}


def test_the_first_answer_of_all_may_take_longer(qtbot: QtBot) -> None:
    asked = Asked(FALLS)
    asked.ask("a")
    assert asked.process._limit.interval() == START_MS
    qtbot.waitUntil(lambda: asked.found == {"a": DRAWN})
    asked.ask("b")
    assert asked.process._limit.interval() == 60_000
    qtbot.waitUntil(lambda: "b" in asked.found)


def test_it_ends_when_nobody_asks(qtbot: QtBot) -> None:
    asked = Asked(FALLS, idle_ms=1)
    asked.ask("a")
    qtbot.waitUntil(lambda: asked.found == {"a": DRAWN} and not asked.process.running)
    asked.ask("b")
    qtbot.waitUntil(lambda: asked.found == {"a": DRAWN, "b": DRAWN})


@pytest.mark.parametrize("command", [("/nowhere/at-all",), (sys.executable, "-c", "")])
def test_without_a_process_a_thread_draws(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    monkeypatch.setattr(FormulaProcess.__init__, "__defaults__", (lambda: command,))
    formulas = Formulas()
    for tex in ("x^2", "y"):
        assert formulas.get(tex, display=False, size_px=16) is None
    qtbot.waitUntil(lambda: not formulas.waiting)
    assert formulas.get("x^2", display=False, size_px=16) is not None
    assert not formulas.in_a_process
    formulas.get("z", display=False, size_px=16)
    qtbot.waitUntil(lambda: not formulas.waiting)
    assert formulas.get("z", display=False, size_px=16) is not None
