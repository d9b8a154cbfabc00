"""Garbage is collected in small steps, on the window's thread."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication

from app.ui.tidying import MANY_NEW, WHOLE_AFTER_S, WHOLE_AT_LAST_AFTER_S, Tidying


class Round:
    """Refers to itself, so that only the collector ends it."""

    def __init__(self) -> None:
        self.me = self


class Hand:
    def __init__(self) -> None:
        self.now = 0.0
        self.busy = False


@pytest.fixture
def hand() -> Hand:
    return Hand()


@pytest.fixture
def tidying(qapp: QApplication, hand: Hand) -> Iterator[Tidying]:
    parent = QObject()
    made = Tidying(lambda: hand.busy, parent, lambda: hand.now)
    made._timer.stop()
    yield made
    made.close()


def test_the_collector_rests_until_there_is_much(tidying: Tidying) -> None:
    assert not gc.isenabled()
    gc.collect()
    gone = weakref.ref(Round())
    tidying.look()
    assert gone() is not None
    many = [[number] for number in range(MANY_NEW + 1)]
    tidying.look()
    assert gone() is None
    assert len(many) > MANY_NEW
    tidying.close()
    assert gc.isenabled()


def test_what_was_kept_is_looked_through_in_quiet_moments(tidying: Tidying, hand: Hand) -> None:
    one = Round()
    gone = weakref.ref(one)
    tidying._settle()
    del one
    gc.collect()
    assert gone() is not None, "it is not looked at again"
    hand.now = WHOLE_AT_LAST_AFTER_S + 1
    hand.busy = True
    tidying.look()
    assert gone() is not None, "not while an answer is written"
    hand.busy = False
    tidying.look()
    assert gone() is None
    assert WHOLE_AFTER_S < WHOLE_AT_LAST_AFTER_S
