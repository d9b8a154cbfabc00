"""The focus chain is walked without the binding losing what still lives."""

from __future__ import annotations

import re

import shiboken6
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QAbstractScrollArea, QMainWindow, QPushButton, QWidget
from pytestqt.qtbot import QtBot
from source_tree import ROOT

from app.ui.focus import let_tab_walk, next_in_chain


def removed(widget: QWidget) -> None:
    widget.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def test_what_is_removed_takes_nothing_along_that_follows_it_in_the_chain(qtbot: QtBot) -> None:
    for forward in (True, False):
        window = QMainWindow()
        qtbot.addWidget(window)
        content = QWidget()
        window.setCentralWidget(content)
        first = QPushButton(content)
        area, last = QAbstractScrollArea(content), QPushButton(content)
        viewport = area.viewport()
        leaving = first if forward else last
        at: QWidget | None = leaving
        for _ in range(30):  # all the way round, more than once
            at = next_in_chain(at, forward=forward) if at is not None else None
        assert at is not None
        removed(leaving)
        assert shiboken6.isValid(viewport)
        assert shiboken6.isValid(window)
        assert viewport.width() >= 0


def test_an_order_of_tab_outlives_its_parts(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    part, other = QWidget(window), QWidget(window)
    chip, area = QPushButton(part), QAbstractScrollArea(other)
    viewport = area.viewport()
    let_tab_walk(part, other)
    removed(chip)
    assert shiboken6.isValid(viewport)


def test_one_place_alone_asks_qt_for_the_chain() -> None:
    asking = re.compile(r"\b(next|previous)InFocusChain\(")
    places = [
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "app").rglob("*.py")
        if asking.search(path.read_text(encoding="utf-8"))
    ]
    assert places == ["app/ui/focus.py"]
