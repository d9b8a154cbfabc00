"""The menu of the chat that is shown: find, its settings, and what the sidebar does with a chat."""

from __future__ import annotations

from PySide6.QtWidgets import QMenu

from app.i18n import tr
from app.ui.menus import add_action
from app.ui.shortcuts import keys_text
from app.ui.theme import Theme
from app.ui.window import MainWindow


def fill_chat_menu(menu: QMenu, theme: Theme, window: MainWindow) -> None:
    """Put into `menu` what can be done with the shown chat."""
    page = window.page
    if page.chat.conversation.messages:
        text = tr("Find in this chat")
        add_action(menu, theme, "search", text, page.open_find, keys_text("find"))
        keys = keys_text("print")
        add_action(
            menu,
            theme,
            "print",
            tr("Print…"),
            lambda: window.printRequested.emit(page.chat),
            keys,
        )
    text = tr("Settings of this chat…")
    add_action(menu, theme, "sliders", text, lambda: page.deeds.optionsRequested.emit(False))
    if page.chat.conversation.context_start_id is not None:
        text = tr("Send the whole chat again")
        add_action(menu, theme, "undo", text, lambda: page.deeds.leave_out(""))
    menu.addSeparator()
    window.sidebar.fill_menu(menu, page.chat.id, keys_text("save_chat"))
