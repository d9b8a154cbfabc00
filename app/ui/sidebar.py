"""The sidebar: new chat, search, the chats by age, settings.

Invariant: draws what the library says and calls its methods; which chat is shown is told from
outside (`set_open`). Search results take the place of the list while words are in the field.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from PySide6.QtCore import QEvent, QLocale, QPoint, Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QMenu,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.domain.conversation import SearchHit
from app.i18n import tr, trn
from app.library import Library
from app.ui.buttons import IconButton, PillButton
from app.ui.chat_list import ChatListView
from app.ui.chat_rows import ChatListModel, title_of
from app.ui.chat_sections import next_midnight, rows_by_age
from app.ui.focus import let_tab_walk
from app.ui.menus import add_action, show_menu
from app.ui.search_results import SearchField, SearchResultsModel, SearchResultsView
from app.ui.theme import SPACE, Theme
from app.ui.welcome import Mark

SEARCH_DELAY_MS = 120


class Sidebar(QWidget):
    """Everything left of the chat. `chatsBinned` carries ids and a title, for the Undo notice."""

    newChatRequested = Signal()
    chatOpened = Signal(str)
    hitOpened = Signal(object)
    chatsBinned = Signal(object, str)
    saveRequested = Signal(str)
    settingsRequested = Signal()
    shortcutsRequested = Signal()
    collapseRequested = Signal()

    def __init__(
        self,
        theme: Theme,
        library: Library,
        keys: Callable[[str], str],
        parent: QWidget | None = None,
    ) -> None:
        """`keys(action)` names the keys of an action, for tips."""
        super().__init__(parent)
        self._theme = theme
        self._library = library
        self.setProperty("kind", "sidebar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._model = ChatListModel(self)
        self._model.renamed.connect(library.rename)
        self._hits = SearchResultsModel(self)
        self.chats = ChatListView(theme, self._model, self)
        self.results = SearchResultsView(theme, self._hits, self)
        self.search = SearchField(theme, keys("search_chats"), self)
        self._empty = QLabel(tr("No chats yet"))
        self._nothing = QLabel(tr("Nothing found. Try fewer or other words."))
        self._stack = QStackedWidget()
        self._cancel_search: Callable[[], None] | None = None
        self._search_due = QTimer(self, singleShot=True, interval=SEARCH_DELAY_MS)
        self._midnight = QTimer(self, singleShot=True)
        self._followed: str | None = None
        """The chat that the keyboard was put at because it was opened."""
        self._build(keys)
        self._connect()
        self.refresh()

    def _build(self, keys: Callable[[str], str]) -> None:
        theme = self._theme
        name = QLabel("Linnet")
        name.setProperty("kind", "title")
        self.collapse = IconButton(theme, "sidebar", tr("Hide the sidebar"), keys("sidebar"))
        self.new_chat = IconButton(theme, "new-chat", tr("New chat"), keys("new_chat"))
        self.settings = PillButton(theme, tr("Settings"), keys("settings"))
        self.settings.set_look(icon_name="settings", text=tr("Settings"), framed=False)
        self.shortcuts = IconButton(theme, "keyboard", tr("Keyboard shortcuts"), keys("shortcuts"))

        top = QHBoxLayout()
        top.setContentsMargins(SPACE.l, 14, SPACE.l, 0)
        top.setSpacing(SPACE.s)
        top.addWidget(Mark(theme, 24))
        top.addWidget(name, 1)
        top.addWidget(self.collapse)
        top.addWidget(self.new_chat)

        field = QHBoxLayout()
        field.setContentsMargins(SPACE.m, 10, SPACE.m, SPACE.s)
        field.addWidget(self.search)

        for label in (self._empty, self._nothing):
            label.setProperty("kind", "muted")
            label.setContentsMargins(18, SPACE.m, 18, 0)
            label.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeading)
            label.setWordWrap(True)
        for page in (self.chats, self._empty, self.results, self._nothing):
            self._stack.addWidget(page)

        line = QWidget()
        line.setProperty("kind", "line")
        line.setFixedHeight(1)
        bottom = QHBoxLayout()
        bottom.setContentsMargins(SPACE.s, 11, SPACE.m, SPACE.m)
        bottom.addWidget(self.settings)
        bottom.addStretch(1)
        bottom.addWidget(self.shortcuts)

        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(top)
        column.addLayout(field)
        column.addWidget(self._stack, 1)
        column.addWidget(line)
        column.addLayout(bottom)
        let_tab_walk(self.collapse, self.new_chat, self.search, self._stack, self.settings)

    def _connect(self) -> None:
        self.collapse.clicked.connect(self.collapseRequested)
        self.new_chat.clicked.connect(self.newChatRequested)
        self.settings.clicked.connect(self.settingsRequested)
        self.shortcuts.clicked.connect(self.shortcutsRequested)
        self.chats.chatOpened.connect(self.chatOpened)
        self.chats.menuRequested.connect(self._on_menu_requested)
        self.chats.deleteRequested.connect(self.bin_chats)
        self.results.hitOpened.connect(self.hitOpened)
        self.results.leftUpwards.connect(self.search.setFocus)
        self.results.escaped.connect(self.focus_search)
        self.results.escaped.connect(self.search.clear)
        self.results.typed.connect(self._on_typed_in_results)
        self.search.leftDownwards.connect(self._on_search_left)
        self.search.textChanged.connect(self._on_search_changed)
        self._search_due.timeout.connect(self._on_search_due)
        self._midnight.timeout.connect(self.refresh)

    # What the library says

    def refresh(self) -> None:
        """Draw the list again after the library changed. O(chats) comparisons."""
        now = datetime.now()
        current = self._model.chat_at(self.chats.currentIndex())
        marked = self.chats.marked()
        self._model.set_rows(rows_by_age(self._library.chats(), now, self._month_name))
        if current is not None:
            self.chats.show_current(current.id, marked=marked)
        self.chats.show_replying(frozenset(self._library.replying()))
        self._show_page()
        self._midnight.start(int((next_midnight(now) - now).total_seconds() * 1000) + 1000)

    def show_replying(self) -> None:
        """Draw which answers are being written."""
        self.chats.show_replying(frozenset(self._library.replying()))

    def set_open(self, chat_id: str | None) -> bool:
        """Mark the chat that the window shows and bring it into sight; whether it is listed."""
        self._model.set_open(chat_id)
        index = self._model.index_of(chat_id)
        if not index.isValid():
            self._followed = None
        elif chat_id != self._followed:
            self._followed = chat_id
            if chat_id is not None:
                # Not by the index alone: with Ctrl still held, as for Ctrl+N, Qt would mark both.
                self.chats.show_current(chat_id)
            self.chats.bring_into_sight(index)
        return index.isValid()

    def neighbour(self, chat_id: str | None, step: int) -> str | None:
        """The chat before (-1) or after (+1) in the list's order."""
        return self._model.neighbour(chat_id, step)

    def _month_name(self, year: int, month: int) -> str:
        name = QLocale().standaloneMonthName(month)
        return name if year == datetime.now().year else f"{name} {year}"

    # What the person does

    def focus_search(self) -> None:
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search.selectAll()

    def rename(self, chat_id: str) -> None:
        self.search.clear()
        self.chats.rename(chat_id)

    def bin_chats(self, chat_ids: Sequence[str]) -> None:
        """Put chats away, and say so."""
        chats = [self._model.chat_at(self._model.index_of(chat_id)) for chat_id in chat_ids]
        found = [chat for chat in chats if chat is not None]
        for chat in found:
            self._library.bin(chat.id)
        if found:
            self.chatsBinned.emit(tuple(chat.id for chat in found), title_of(found[0]))

    def _on_menu_requested(self, chat_id: str, at: QPoint) -> None:
        marked = self.chats.marked()
        several = chat_id in marked
        show_menu(self.marked_menu(marked) if several else self.chat_menu(chat_id), at)

    def marked_menu(self, chat_ids: Sequence[str]) -> QMenu:
        """What can be done with several chats at once."""
        menu = QMenu(self)
        chats = [self._model.chat_at(self._model.index_of(chat_id)) for chat_id in chat_ids]
        pinned = all(chat is not None and chat.pinned for chat in chats)

        def pin() -> None:
            for chat_id in chat_ids:
                self._library.set_pinned(chat_id, not pinned)

        count = len(chat_ids)
        pins = trn("Pin {count} chat", "Pin {count} chats", count)
        unpins = trn("Unpin {count} chat", "Unpin {count} chats", count)
        icon_name, text = ("unpin", unpins) if pinned else ("pin", pins)
        add_action(menu, self._theme, icon_name, text, pin)
        menu.addSeparator()
        text = trn("Delete {count} chat", "Delete {count} chats", count)
        add_action(menu, self._theme, "trash", text, lambda: self.bin_chats(chat_ids), tr("Del"))
        return menu

    def chat_menu(self, chat_id: str) -> QMenu:
        """What can be done with a chat of the list."""
        menu = QMenu(self)
        self.fill_menu(menu, chat_id)
        return menu

    def fill_menu(self, menu: QMenu, chat_id: str, save_keys: str = "") -> None:
        """Add to `menu` what can be done with a chat of the list; `save_keys` save it, too."""
        chat = self._model.chat_at(self._model.index_of(chat_id))
        if chat is None:
            return
        pinned = chat.pinned
        add_action(menu, self._theme, "edit", tr("Rename"), lambda: self.rename(chat_id), tr("F2"))
        add_action(
            menu,
            self._theme,
            "unpin" if pinned else "pin",
            tr("Unpin") if pinned else tr("Pin"),
            lambda: self._library.set_pinned(chat_id, not pinned),
        )
        add_action(
            menu,
            self._theme,
            "save",
            tr("Save as…"),
            lambda: self.saveRequested.emit(chat_id),
            save_keys,
        )
        menu.addSeparator()
        add_action(
            menu, self._theme, "trash", tr("Delete"), lambda: self.bin_chats((chat_id,)), tr("Del")
        )

    # Search

    def _on_search_changed(self, words: str) -> None:
        if words.strip():
            self._search_due.start()
        else:
            self._stop_search()
            self._hits.set_hits(())
            self._show_page()

    def _on_search_due(self) -> None:
        self._stop_search()
        self._cancel_search = self._library.search(self.search.text(), self._on_search_done)

    def _on_search_done(self, hits: tuple[SearchHit, ...]) -> None:
        self._cancel_search = None
        self._hits.set_hits(hits)
        self._show_page()

    def _stop_search(self) -> None:
        self._search_due.stop()
        if self._cancel_search is not None:
            self._cancel_search()
            self._cancel_search = None

    def _on_typed_in_results(self, text: str) -> None:
        self.search.setFocus()
        self.search.end(False)
        self.search.insert(text)

    def _on_search_left(self) -> None:
        view = self.results if self._hits.rowCount() else self.chats
        if not view.currentIndex().isValid():
            first = 0 if view is self.results else 1
            view.setCurrentIndex(view.model().index(first, 0))
        view.setFocus(Qt.FocusReason.TabFocusReason)

    def _show_page(self) -> None:
        if self.search.text().strip():
            page: QWidget = self.results if self._hits.rowCount() else self._nothing
        else:
            page = self.chats if self._model.rowCount() else self._empty
        self._stack.setCurrentWidget(page)

    # Look

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LocaleChange:
            self.refresh()
        super().changeEvent(event)
