"""The keyboard's way through the window, and when a list shows its focus ring.

Invariant: the ring comes with Tab and with the first key, and goes with the first click; a window
that comes to the front changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QAbstractScrollArea, QWidget

_BY_KEYBOARD = (
    Qt.FocusReason.TabFocusReason,
    Qt.FocusReason.BacktabFocusReason,
    Qt.FocusReason.ShortcutFocusReason,
)


class KeyboardFocus(QObject):
    """`shown`: whether the ring around the current row of `view` is to be painted."""

    def __init__(self, view: QAbstractScrollArea) -> None:
        super().__init__(view)
        self.shown = False
        self._viewport = view.viewport()
        view.installEventFilter(self)
        self._viewport.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        match event.type():
            case QEvent.Type.KeyPress:
                self._show(True)
            case QEvent.Type.MouseButtonPress:
                self._show(False)
            case QEvent.Type.FocusIn:
                assert isinstance(event, QFocusEvent)
                if event.reason() in _BY_KEYBOARD:
                    self._show(True)
                elif event.reason() == Qt.FocusReason.MouseFocusReason:
                    self._show(False)
        return False

    def _show(self, shown: bool) -> None:
        if shown != self.shown:
            self.shown = shown
            self._viewport.update()


def next_in_chain(widget: QWidget, *, forward: bool = True) -> QWidget | None:
    """What Tab comes to after `widget`, or Shift+Tab.

    PySide takes what Qt returns for a child of `widget`, and with `widget` everything that was
    found after it for deleted, living viewports too. To set the parent that it has does nothing
    in Qt and puts that right; so do those above it, whose wrappers nobody else may hold.
    """
    found = widget.nextInFocusChain() if forward else widget.previousInFocusChain()
    at: QWidget | None = found
    while at is not None:
        above = at.parentWidget()
        at.setParent(above)  # None: it is a window
        at = above
    return found


def let_tab_walk(*parts: QWidget) -> None:
    """Tab goes through `parts` one after another, within each in the order that it has."""
    # Qt passes over an order that names a widget which takes no focus.
    none = Qt.FocusPolicy.NoFocus
    way = [each for part in parts for each in _inside(part) if each.focusPolicy() != none]
    for before, after in pairwise(way):
        QWidget.setTabOrder(before, after)


def _inside(part: QWidget) -> Iterator[QWidget]:
    """`part` and what is in it, in the order of the focus chain."""
    yield part
    widget = next_in_chain(part)
    while widget is not None and widget is not part:
        if part.isAncestorOf(widget):
            yield widget
        widget = next_in_chain(widget)
