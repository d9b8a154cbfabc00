"""The main window: sidebar and chat side by side, what concerns all chats, and the window's keys.

Invariant: the library says which chats there are, the chat what is in it; the window only decides
which one is shown. It never waits: what takes long is begun elsewhere and told back.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QKeyEvent, QShowEvent
from PySide6.QtWidgets import QMainWindow, QMenu, QSplitter

from app.chat import Chat
from app.domain.conversation import SearchHit
from app.i18n import tr
from app.library import Library, LibraryChange, LibraryEvent
from app.ui.chat_page import ChatPage
from app.ui.menus import add_action
from app.ui.notices import Notice
from app.ui.shortcuts import install, keys_text
from app.ui.sidebar import Sidebar
from app.ui.theme import Theme
from app.ui.window_state import WindowState

SMALLEST_PX = (440, 380)
FIRST_PX = (1280, 820)
SIDEBAR_RANGE_PX = (200, 460)


class MainWindow(QMainWindow):
    """`closed` comes once, when the person closes the window or quits."""

    closed = Signal()
    painted = Signal()
    """The window has been on the screen for the first time."""
    settingsRequested = Signal()
    shortcutsRequested = Signal()
    textSizeStepped = Signal(int)

    def __init__(self, theme: Theme, library: Library, page: ChatPage, state: WindowState) -> None:
        super().__init__()
        self._theme = theme
        self._library = library
        self._state = state
        self._painted = False
        self.page = page
        self.sidebar = Sidebar(theme, library, keys_text)
        self.sidebar.setMinimumWidth(SIDEBAR_RANGE_PX[0])
        self.sidebar.setMaximumWidth(SIDEBAR_RANGE_PX[1])
        self._splitter = QSplitter(Qt.Orientation.Horizontal)
        self._splitter.setHandleWidth(1)
        self._splitter.setChildrenCollapsible(False)
        self._splitter.addWidget(self.sidebar)
        self._splitter.addWidget(page)
        self._splitter.setStretchFactor(0, 0)
        self._splitter.setStretchFactor(1, 1)
        self.setCentralWidget(self._splitter)
        self.notice = Notice(theme, page, page.composer)
        self.setMinimumSize(*SMALLEST_PX)
        self._connect()
        install(self, self._actions())
        self._restore()
        self._unsubscribe = library.subscribe(self._on_library_changed)

    def _connect(self) -> None:
        sidebar, header = self.sidebar, self.page.header
        sidebar.newChatRequested.connect(self.new_chat)
        sidebar.chatOpened.connect(self.open_chat)
        sidebar.hitOpened.connect(self._on_hit_opened)
        sidebar.chatBinned.connect(self._on_chat_binned)
        sidebar.settingsRequested.connect(self.settingsRequested)
        sidebar.shortcutsRequested.connect(self.shortcutsRequested)
        sidebar.collapseRequested.connect(self.toggle_sidebar)
        header.sidebarRequested.connect(self.toggle_sidebar)
        header.newChatRequested.connect(self.new_chat)
        header.renameRequested.connect(self._rename_open_chat)
        header.menuOpened.connect(self._fill_menu)

    def _actions(self) -> dict[str, Callable[[], object]]:
        """What the keys of the table do."""
        page = self.page
        return {
            "new_chat": self.new_chat,
            "search_chats": self._focus_search,
            "previous_chat": lambda: self._open_neighbour(-1),
            "next_chat": lambda: self._open_neighbour(1),
            "rename_chat": self._rename_open_chat,
            "sidebar": self.toggle_sidebar,
            "compose": page.focus_composer,
            "attach": page.composer.attachRequested.emit,
            "model": page.header.modelRequested.emit,
            "regenerate": page.deeds.regenerate_last,
            "copy_answer": page.copy_last_answer,
            "find": page.open_find,
            "larger_text": lambda: self.textSizeStepped.emit(1),
            "smaller_text": lambda: self.textSizeStepped.emit(-1),
            "normal_text": lambda: self.textSizeStepped.emit(0),
            "settings": self.settingsRequested.emit,
            "shortcuts": self.shortcutsRequested.emit,
            "quit": self.close,
        }

    # Which chat is shown

    def new_chat(self) -> None:
        self._show(self._library.new_chat())
        self.page.focus_composer()

    def open_chat(self, chat_id: str) -> None:
        """Show a stored chat; one that cannot be read is told."""
        try:
            chat = self._library.open(chat_id)
        except KeyError:
            self.sidebar.refresh()
        except OSError as error:
            self.notice.show_text(str(error))
        else:
            self._show(chat)

    def _show(self, chat: Chat) -> None:
        if chat is not self.page.chat:
            self.page.show_chat(chat)
        self._follow_chat()

    def _follow_chat(self) -> None:
        """Tell library and sidebar which chat is shown; it may be listed only since now."""
        chat = self.page.chat
        listed = self.sidebar.set_open(chat.id)
        self._library.show(chat.id if listed else None)
        if listed and self._state.open_chat != chat.id:
            self._state.open_chat = chat.id  # now, for a start after a crash
        self.setWindowTitle(" ".join(chat.conversation.title.split()) or tr("New chat"))

    def _open_neighbour(self, step: int) -> None:
        found = self.sidebar.neighbour(self.page.chat.id, step)
        if found is not None:
            self.open_chat(found)

    def _on_hit_opened(self, hit: object) -> None:
        assert isinstance(hit, SearchHit)
        self.open_chat(hit.chat_id)
        if hit.message_id is not None and self.page.chat.id == hit.chat_id:
            self.page.show_message(hit.message_id, self.sidebar.search.text())

    def _on_chat_binned(self, chat_id: str, title: str) -> None:
        was_open = chat_id == self.page.chat.id
        if was_open:
            self._show(self._library.new_chat())

        def undo() -> None:
            self._library.restore(chat_id)
            if was_open:
                self.open_chat(chat_id)

        text = tr("“{title}” was moved to the bin.", title=title)
        self.notice.show_text(text, tr("Undo"), undo)

    def _on_library_changed(self, change: LibraryChange) -> None:
        match change.kind:
            case LibraryEvent.LIST | LibraryEvent.ROW:
                self.sidebar.refresh()
                self._follow_chat()
            case LibraryEvent.REPLYING:
                self.sidebar.show_replying()
            case LibraryEvent.PROBLEM:
                if self._library.problem is not None:
                    self.notice.show_text(self._library.problem)
            case LibraryEvent.ENDED:
                pass  # the desktop's notices see to it

    # What the person does

    def toggle_sidebar(self) -> None:
        self.show_sidebar(shown=self.sidebar.isHidden())

    def show_sidebar(self, *, shown: bool) -> None:
        self.sidebar.setVisible(shown)
        self.page.header.set_sidebar_shown(shown=shown)

    def raise_window(self) -> None:
        """Bring the window to the front."""
        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        self.show()
        self.raise_()
        self.activateWindow()

    def open_in_front(self, chat_id: str) -> None:
        self.raise_window()
        self.open_chat(chat_id)

    def has_in_sight(self, chat_id: str) -> bool:
        """Whether the person looks at this chat now."""
        return self.isActiveWindow() and self.page.chat.id == chat_id

    def _focus_search(self) -> None:
        self.show_sidebar(shown=True)
        self.sidebar.focus_search()

    def _rename_open_chat(self) -> None:
        self.show_sidebar(shown=True)
        self.sidebar.rename(self.page.chat.id)

    def _fill_menu(self, menu: QMenu) -> None:
        """What the header's menu offers."""
        page, theme = self.page, self._theme
        if page.chat.conversation.messages:
            text = tr("Find in this chat")
            add_action(menu, theme, "search", text, page.open_find, keys_text("find"))
        text = tr("Settings of this chat…")
        add_action(menu, theme, "sliders", text, lambda: page.deeds.optionsRequested.emit(False))
        if page.chat.conversation.context_start_id is not None:
            text = tr("Send the whole chat again")
            add_action(menu, theme, "undo", text, lambda: page.deeds.leave_out(""))
        menu.addSeparator()
        self.sidebar.fill_menu(menu, page.chat.id)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        # What has the keyboard comes first; an Esc that nobody wanted closes or stops.
        if event.key() != Qt.Key.Key_Escape:
            super().keyPressEvent(event)
        elif self.page.find_bar.isVisible():
            self.page.find_bar.close_bar()
        elif self.notice.isVisible():
            self.notice.hide()
        else:
            self.page.stop()

    # From one start to the next

    def _restore(self) -> None:
        self.resize(*FIRST_PX)
        if not self._state.geometry.isEmpty():
            self.restoreGeometry(self._state.geometry)
        width_px = max(SIDEBAR_RANGE_PX[0], min(self._state.sidebar_px, SIDEBAR_RANGE_PX[1]))
        self._splitter.setSizes([width_px, max(1, self.width() - width_px)])
        self.show_sidebar(shown=self._state.sidebar_shown)
        self._follow_chat()

    def remember(self) -> None:
        """Keep the window's place for the next start."""
        state = self._state
        state.geometry = self.saveGeometry()
        state.sidebar_shown = not self.sidebar.isHidden()
        if state.sidebar_shown:
            state.sidebar_px = self.sidebar.width()
        state.open_chat = self.page.chat.id
        state.write()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint and not self._painted:
            self._painted = True
            QTimer.singleShot(0, self, self.painted.emit)
        return super().event(event)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.page.focus_composer()

    def closeEvent(self, event: QCloseEvent) -> None:
        self.remember()
        self._unsubscribe()
        self._unsubscribe = lambda: None
        self.page.leave()
        super().closeEvent(event)
        self.closed.emit()
