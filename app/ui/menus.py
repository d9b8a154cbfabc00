"""Menus: one row with its icon, and where a menu opens."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu

from app.ui.icons import icon
from app.ui.theme import Theme


def add_action(
    menu: QMenu, theme: Theme, icon_name: str, text: str, act: Callable[[], object], keys: str = ""
) -> QAction:
    """A row with its icon. The keys are only shown: they work without the menu, too."""
    # An ampersand in a text would underline the next letter.
    shown = text.replace("&", "&&")
    action = menu.addAction(icon(icon_name, theme.color("text")), shown)
    if keys:
        action.setText(f"{shown}\t{keys}")
    action.triggered.connect(lambda: act())
    return action


def show_menu(menu: QMenu, at: QPoint) -> None:
    """Open `menu` at a place of the screen; it is gone when it closes."""
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    menu.popup(at)
