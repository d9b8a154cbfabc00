"""Sidebar and chat side by side, or, where there is no room for both, one at a time.

Invariant: what is done in a narrow window says nothing about a wide one, but that who asked for
the sidebar wants it. One of the two is always in sight.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSplitter

if TYPE_CHECKING:
    from app.ui.chat_page import ChatPage
    from app.ui.notices import Notice
    from app.ui.sidebar import Sidebar

SIDEBAR_RANGE_PX = (200, 460)
UNBOUNDED_PX = 16_777_215
"""Qt's way of saying that a widget may be as wide as it likes."""
NARROW_PX = 620
"""Below this width there is room for the sidebar or the chat, not for both."""


class Columns(QSplitter):
    """`wants_sidebar`: where there is room for it beside the chat. Made empty, filled once."""

    sidebar: Sidebar
    page: ChatPage
    notice: Notice

    def __init__(self, sidebar_px: int, *, wants_sidebar: bool) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        low, high = SIDEBAR_RANGE_PX
        self.sidebar_px = max(low, min(sidebar_px, high))
        self.wants_sidebar = wants_sidebar
        self._narrow = self._alone = False

    def fill(self, sidebar: Sidebar, page: ChatPage, notice: Notice, width_px: int) -> None:
        """Put both in, for a window of a width."""
        self.sidebar, self.page, self.notice = sidebar, page, notice
        sidebar.setMinimumWidth(SIDEBAR_RANGE_PX[0])
        self.setHandleWidth(1)
        self.setChildrenCollapsible(False)
        self.addWidget(sidebar)
        self.addWidget(page)
        self.setStretchFactor(0, 0)
        self.setStretchFactor(1, 1)
        self._share(width_px)
        self.show_sidebar(shown=self.wants_sidebar)
        self.fit(width_px)

    def fit(self, width_px: int) -> None:
        """The window is so wide now."""
        narrow = width_px < NARROW_PX
        if narrow != self._narrow:
            self._narrow = narrow
            self.show_sidebar(shown=self.wants_sidebar and not narrow)

    def toggle_sidebar(self) -> None:
        shown = self.sidebar.isHidden()
        if shown or not self._narrow:
            self.wants_sidebar = shown
        self.show_sidebar(shown=shown)

    def want_sidebar(self) -> None:
        """Something is to be done in the sidebar."""
        if self.sidebar.isHidden():
            self.toggle_sidebar()

    def want_page(self) -> bool:
        """What is done next is done with the chat; whether it was not in sight."""
        covered = self._alone
        if covered:
            self.show_sidebar(shown=False)
        return covered

    def show_sidebar(self, *, shown: bool) -> None:
        """In a narrow window it takes the whole of it."""
        sidebar, page = self.sidebar, self.page
        had_focus = sidebar.isAncestorOf(self.window().focusWidget() or self)
        before, self._alone = self._alone, shown and self._narrow
        sidebar.setMaximumWidth(UNBOUNDED_PX if self._alone else SIDEBAR_RANGE_PX[1])
        page.setVisible(not self._alone)
        sidebar.setVisible(shown)
        page.header.set_sidebar_shown(shown=shown)
        if self._alone:
            self.notice.stand_in(sidebar, sidebar.settings)
            if not before:
                sidebar.chats.setFocus(Qt.FocusReason.OtherFocusReason)
            return
        self.notice.stand_in(page, page.composer)
        if before:
            self._share(self.width())
        if not shown and (had_focus or before):
            page.focus_composer()

    def remembered_px(self) -> int:
        """The width that the sidebar is to have again."""
        if not self.sidebar.isHidden() and not self._alone:
            self.sidebar_px = self.sidebar.width()
        return self.sidebar_px

    def _share(self, width_px: int) -> None:
        self.setSizes([self.sidebar_px, max(1, width_px - self.sidebar_px)])
