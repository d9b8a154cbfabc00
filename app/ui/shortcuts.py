"""The keys of the window: one table, from which the shortcuts, the tips and the list follow.

Invariant: a key stands once, with the words for what it does. Keys that belong to one part only
(Enter in the composer, F2 in the list) are handled there and stand here to be listed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget

from app.i18n import tr


@dataclass(frozen=True, slots=True)
class Shortcut:
    """`keys` as Qt writes them: Ctrl is Command on macOS. `local`: handled by a part itself."""

    name: str
    keys: str
    text: str
    local: bool = False


def shortcuts() -> tuple[Shortcut, ...]:
    """All keys, in the order in which they are listed."""
    return (
        Shortcut("new_chat", "Ctrl+N", tr("New chat")),
        Shortcut("search_chats", "Ctrl+K", tr("Search all chats")),
        Shortcut("previous_chat", "Alt+Up", tr("Previous chat")),
        Shortcut("next_chat", "Alt+Down", tr("Next chat")),
        Shortcut("rename_chat", "F2", tr("Rename the chat")),
        Shortcut("delete_chat", "Del", tr("Delete the chat (in the list)"), local=True),
        Shortcut("sidebar", "Ctrl+B", tr("Show or hide the sidebar")),
        Shortcut("compose", "Ctrl+L", tr("Write a message")),
        Shortcut("send", "Return", tr("Send the message"), local=True),
        Shortcut("break_line", "Shift+Return", tr("Begin a new line"), local=True),
        Shortcut("edit_last", "Up", tr("Edit your last message (in an empty field)"), local=True),
        Shortcut("stop", "Esc", tr("Stop the answer, or close what is open"), local=True),
        Shortcut("attach", "Ctrl+O", tr("Attach files")),
        Shortcut(
            "move_left", "Alt+Left", tr("Move an attachment to the left (on its chip)"), local=True
        ),
        Shortcut(
            "move_right",
            "Alt+Right",
            tr("Move an attachment to the right (on its chip)"),
            local=True,
        ),
        Shortcut("model", "Ctrl+M", tr("Choose the model")),
        Shortcut("regenerate", "Ctrl+R", tr("Answer again")),
        Shortcut("copy_answer", "Ctrl+Shift+C", tr("Copy the last answer")),
        Shortcut("save_chat", "Ctrl+S", tr("Save the chat as a file")),
        Shortcut("print", "Ctrl+P", tr("Print the chat")),
        Shortcut("find", "Ctrl+F", tr("Find in this chat")),
        Shortcut("caret", "F7", tr("Select text by keyboard (Esc ends it)")),
        Shortcut("larger_text", "Ctrl++", tr("Larger text")),
        Shortcut("smaller_text", "Ctrl+-", tr("Smaller text")),
        Shortcut("normal_text", "Ctrl+0", tr("Text at its normal size")),
        Shortcut("settings", "Ctrl+,", tr("Settings")),
        Shortcut("shortcuts", "Ctrl+/", tr("This list of keys")),
        Shortcut("quit", "Ctrl+Q", tr("Quit")),
    )


# The same key on other keyboards, or as browsers have it.
_ALSO = {"larger_text": ("Ctrl+=",), "find": ("F3",)}


def keys_text(name: str) -> str:
    """The keys of an action as this platform writes them."""
    found = next((each.keys for each in shortcuts() if each.name == name), "")
    return QKeySequence(found).toString(QKeySequence.SequenceFormat.NativeText)


def install(window: QWidget, actions: Mapping[str, Callable[[], object]]) -> list[QShortcut]:
    """Make the keys of `window` do `actions`. Raises KeyError when an action is missing."""
    installed = []
    for each in shortcuts():
        if each.local:
            continue
        for keys in (each.keys, *_ALSO.get(each.name, ())):
            shortcut = QShortcut(QKeySequence(keys), window)
            shortcut.setContext(Qt.ShortcutContext.WindowShortcut)
            shortcut.activated.connect(actions[each.name])
            installed.append(shortcut)
    return installed
