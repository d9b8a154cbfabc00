"""The main window: sidebar and chat side by side, what concerns all chats, and the window's keys.

Invariant: it stands on the screen before anything is loaded, with the outlines of what will be in
it, and is filled once (`fill`). The library says which chats there are, the chat what is in it; the
window only decides which one is shown, and never waits.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QMainWindow

from app.i18n import tr, trn
from app.ui.columns import NARROW_PX, Columns
from app.ui.focus import let_tab_walk
from app.ui.outline import paint_outline
from app.ui.shortcuts import install
from app.ui.window_state import TITLE_BAR_PX, WindowState

if TYPE_CHECKING:  # what comes with `fill`: not needed for the first picture
    from app.chat import Chat
    from app.domain.conversation import SearchHit
    from app.library import Library
    from app.ui.chat_page import ChatPage
    from app.ui.notices import Notice
    from app.ui.sidebar import Sidebar

SMALLEST_PX = (440, 380)
FIRST_PX = (1280, 820)


class MainWindow(QMainWindow):
    """`sidebar`, `page` and `notice` are there after `fill`."""

    painted = Signal()
    """It has been on the screen for the first time, as an outline or filled."""
    filled = Signal()
    """It has been on the screen with all that belongs to it."""
    closed = Signal()
    """The person closed it. Comes once."""
    settingsRequested = Signal()
    shortcutsRequested = Signal()
    textSizeStepped = Signal(int)
    saveRequested = Signal(object)
    """A chat is to be saved as a file."""
    printRequested = Signal(object)

    sidebar: Sidebar
    page: ChatPage
    notice: Notice

    def __init__(self, state: WindowState) -> None:
        super().__init__()
        self.state = state
        self._library: Library | None = None
        self._painted = self._filled = False
        self._early: list[QKeyEvent] = []
        self._columns = Columns(state.sidebar_px, wants_sidebar=state.sidebar_shown)
        self.setMinimumSize(*SMALLEST_PX)
        room = self.screen().availableSize() - QSize(0, TITLE_BAR_PX)
        self.resize(QSize(*FIRST_PX).boundedTo(room))
        if not state.geometry.isEmpty():
            self.restoreGeometry(state.geometry)
        self.setWindowTitle(tr("New chat"))

    def fill(self, library: Library, sidebar: Sidebar, page: ChatPage, notice: Notice) -> None:
        """Put everything into the window."""
        self._library = library
        self.sidebar, self.page, self.notice = sidebar, page, notice
        self._columns.fill(sidebar, page, notice, self.width())
        self._connect()
        install(self, self._actions())
        self.setCentralWidget(self._columns)
        let_tab_walk(sidebar, page.header, page.find_bar, page.content, page.composer)
        self.follow_chat()
        page.focus_composer()
        # A draft is stored by the loop, which may not run yet.
        QTimer.singleShot(0, page, lambda: page.composer.field.take_early(self._early))

    def _connect(self) -> None:
        sidebar, header = self.sidebar, self.page.header
        sidebar.newChatRequested.connect(self.new_chat)
        sidebar.chatOpened.connect(self._on_chat_chosen)
        sidebar.hitOpened.connect(self._on_hit_opened)
        sidebar.chatsBinned.connect(self._on_chats_binned)
        sidebar.saveRequested.connect(self._save_chat)
        sidebar.settingsRequested.connect(self.settingsRequested)
        sidebar.shortcutsRequested.connect(self.shortcutsRequested)
        sidebar.collapseRequested.connect(self.toggle_sidebar)
        header.sidebarRequested.connect(self.toggle_sidebar)
        header.newChatRequested.connect(self.new_chat)
        header.renameRequested.connect(self._rename_open_chat)
        self.page.deeds.branchRequested.connect(self._branch_open_chat)

    def _actions(self) -> dict[str, Callable[[], object]]:
        """What the keys of the table do."""
        page = self.page

        def there(act: Callable[[], object]) -> Callable[[], object]:
            def act_there() -> None:
                self._columns.want_page()
                act()

            return act_there

        return {
            "new_chat": self.new_chat,
            "search_chats": self._focus_search,
            "previous_chat": lambda: self._open_neighbour(-1),
            "next_chat": lambda: self._open_neighbour(1),
            "rename_chat": self._rename_open_chat,
            "sidebar": self.toggle_sidebar,
            "compose": there(page.focus_composer),
            "attach": there(page.composer.attachRequested.emit),
            "model": there(page.header.modelRequested.emit),
            "regenerate": page.deeds.regenerate_last,
            "copy_answer": page.copy_last_answer,
            "find": there(page.open_find),
            "save_chat": lambda: self.saveRequested.emit(page.chat),
            "print": lambda: self.printRequested.emit(page.chat),
            "caret": there(lambda: page.transcript.toggle_caret()),
            "larger_text": lambda: self.textSizeStepped.emit(1),
            "smaller_text": lambda: self.textSizeStepped.emit(-1),
            "normal_text": lambda: self.textSizeStepped.emit(0),
            "settings": self.settingsRequested.emit,
            "shortcuts": self.shortcutsRequested.emit,
            "quit": self.close,
        }

    # Which chat is shown

    @property
    def library(self) -> Library:
        """The chats, after `fill`."""
        assert self._library is not None
        return self._library

    def new_chat(self) -> None:
        self.sidebar.search.clear()  # it is in the list, not among what was found
        self._columns.want_page()
        self.show_chat(self.library.new_chat())
        self.page.focus_composer()

    def open_chat(self, chat_id: str) -> None:
        """Show a stored chat; one that cannot be read is told."""
        try:
            chat = self.library.open(chat_id)
        except KeyError:
            self.sidebar.refresh()
        except OSError as error:
            self.notice.show_text(str(error))
        else:
            self.show_chat(chat)

    def show_chat(self, chat: Chat) -> None:
        if chat is not self.page.chat:
            self.notice.leave()
            self.page.show_chat(chat)
        self.follow_chat()

    def follow_chat(self) -> None:
        """Tell library and sidebar which chat is shown; it may be listed only since now."""
        chat = self.page.chat
        listed = self.sidebar.set_open(chat.id)
        self.library.show(chat.id if listed else None)
        if listed:
            self.state.note_chat(chat.id)
        self.setWindowTitle(" ".join(chat.conversation.title.split()) or tr("New chat"))

    def _on_chat_chosen(self, chat_id: str) -> None:
        """The person goes on to write; an input method needs the field for that."""
        self._columns.want_page()
        self.open_chat(chat_id)
        self.page.focus_composer()

    def _open_neighbour(self, step: int) -> None:
        found = self.sidebar.neighbour(self.page.chat.id, step)
        if found is not None:
            self.open_chat(found)

    def _on_hit_opened(self, hit: SearchHit) -> None:
        self._columns.want_page()
        self.open_chat(hit.chat_id)
        if hit.message_id is not None and self.page.chat.id == hit.chat_id:
            self.page.show_message(hit.message_id, self.sidebar.search.text())

    def _save_chat(self, chat_id: str) -> None:
        try:
            self.saveRequested.emit(self.library.open(chat_id))
        except KeyError:
            self.sidebar.refresh()
        except OSError as error:
            self.notice.show_text(str(error))

    def _on_chats_binned(self, chat_ids: tuple[str, ...], title: str) -> None:
        open_id = self.page.chat.id
        was_open = open_id in chat_ids
        if was_open:
            self.show_chat(self.library.new_chat())

        def undo() -> None:
            gone = 0
            for chat_id in chat_ids:
                try:
                    self.library.restore(chat_id)
                except KeyError:
                    gone += 1
                except OSError as error:
                    self.notice.show_text(str(error))
                    return
            if was_open:
                self.open_chat(open_id)
            if gone:
                text = trn("It was deleted for good.", "{count} chats were deleted for good.", gone)
                self.notice.show_text(text)

        count = len(chat_ids)
        if count == 1:
            text = tr("“{title}” was moved to the bin.", title=title)
        else:
            text = trn(
                "{count} chat was moved to the bin.", "{count} chats were moved to the bin.", count
            )
        self.notice.show_text(text, tr("Undo"), undo)

    def _branch_open_chat(self, message_id: str) -> None:
        before = self.page.chat

        def show(made: Chat) -> None:
            if self.page.chat is not before:
                return  # the person went elsewhere; it is in the list
            self.open_chat(made.id)
            self.page.focus_composer()
            words = tr("A new chat goes on from that answer.")
            self.notice.show_text(words, tr("Go back"), lambda: self.open_chat(before.id))

        self.library.branch(before.id, message_id, show)

    # What the person does

    def toggle_sidebar(self) -> None:
        self._columns.toggle_sidebar()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._library is not None:
            self._columns.fit(self.width())

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
        self._columns.want_sidebar()
        self.sidebar.focus_search()

    def _rename_open_chat(self) -> None:
        self._columns.want_sidebar()
        self.sidebar.rename(self.page.chat.id)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        # What has the keyboard comes first. Words that nobody wanted are for the composer; an Esc
        # that nobody wanted closes or stops.
        if self._library is None:
            self._early.append(event.clone())
        elif event.key() != Qt.Key.Key_Escape:
            if self.page.composer.field.take_key(event):
                self._columns.want_page()
            else:
                super().keyPressEvent(event)
        elif self._columns.want_page():
            pass
        elif self.page.find_bar.isVisible():
            self.page.find_bar.close_bar()
        elif self.notice.isVisible():
            self.notice.hide()
        else:
            if not self.page.transcript.clear_finds():
                self.page.stop()
            self.page.focus_composer()

    # The first picture, and from one start to the next

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self._library is None:
            shown = self.state.sidebar_shown and self.width() >= NARROW_PX
            sidebar_px = self._columns.sidebar_px if shown else 0
            paint_outline(QPainter(self), self.size(), sidebar_px, dark=self.state.dark)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint:
            if not self._painted:
                self._painted = True
                QTimer.singleShot(0, self, self.painted.emit)
            if not self._filled and self._library is not None:
                self._filled = True
                QTimer.singleShot(0, self, self.filled.emit)
        return super().event(event)

    def remember(self, *, dark: bool) -> None:
        """Keep the window's place and colours for the next start."""
        state = self.state
        state.geometry = self.saveGeometry()
        state.dark = dark
        state.sidebar_shown = self._columns.wants_sidebar
        state.sidebar_px = self._columns.remembered_px()
        state.open_chat = self.page.chat.id
        state.write()

    def closeEvent(self, event: QCloseEvent) -> None:
        super().closeEvent(event)
        self.closed.emit()
