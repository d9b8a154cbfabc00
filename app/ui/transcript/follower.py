"""Follows a chat: marks what it tells, and takes it over at most once a frame.

Invariant: a delta costs a mark in a set and the look at a timer; nothing is read before `flush`.
While an answer is written a slow tick keeps seconds and countdowns right.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from app.domain.message import Role
from app.reply import Change
from app.ui.transcript.folding import Folding
from app.ui.transcript.item import MessageItem
from app.ui.transcript.places import Places
from app.ui.transcript.reasoning import ReasoningSection
from app.ui.transcript.shown import ShownChat
from app.ui.transcript.stage import Stage

FRAME_MS = 16
SLOW_FRAME_MS = 40
SHARE = 24
"""Laying out takes one part in so many of the time: a slow computer draws less often."""
TICK_MS = 250


class Subscription:
    """At most one subscription at a time. No QObject, so that it can end with one."""

    def __init__(self) -> None:
        self._end: Callable[[], None] | None = None

    def begin(self, chat: ShownChat, listener: Callable[[Change], None]) -> None:
        self.end()
        self._end = chat.subscribe(listener)

    def end(self) -> None:
        end, self._end = self._end, None
        if end is not None:
            end()


class Follower(QObject):
    """`due`: there is something to lay out. `ended`: an answer is over, with its message."""

    due = Signal()
    ended = Signal(object)

    def __init__(self, stage: Stage, folding: Folding) -> None:
        super().__init__(stage)
        self._stage = stage
        self._folding = folding
        self._subscription = Subscription()
        stage.destroyed.connect(self._subscription.end)
        self.places = Places()
        self._pending: set[Change] = set()
        self.new_messages = 0
        """Messages that came while the reader was away from the end."""
        self._spent_ms = 0.0
        """What laying out a frame costs, of late."""
        self._frame = QTimer(self)
        self._frame.setSingleShot(True)
        self._frame.setTimerType(Qt.TimerType.PreciseTimer)
        self._frame.setInterval(FRAME_MS)
        self._frame.timeout.connect(self._on_frame)
        self._tick = QTimer(self)
        self._tick.setInterval(TICK_MS)
        self._tick.timeout.connect(self._on_tick)

    def places_now(self) -> str:
        """Where each chat was left, for `places.read` at another start."""
        self.places.remember(self._stage.feed)
        return self.places.text()

    def set_chat(self, chat: ShownChat | None) -> None:
        """Show and follow another chat, from where it was left."""
        self._subscription.end()
        self.places.remember(self._stage.feed)
        self._pending.clear()
        self.new_messages = 0
        self._stage.feed.show(chat)
        self.places.restore(self._stage.feed)
        if chat is not None:
            self._subscription.begin(chat, self._on_change)
        self._watch()

    def flush(self) -> bool:
        """Take over what the chat has told since the last time.

        Whether more may look otherwise than what was laid out anew.
        """
        pending, self._pending = self._pending, set()
        feed = self._stage.feed
        if Change.TREE in pending:
            self._take_tree()
        if Change.STATE in pending:
            feed.describe_live()
            self._watch()
        if Change.DRAFT in pending and (item := feed.take_draft()) is not None:
            self._fold_what_ended(item)
        return bool(pending & {Change.TREE, Change.STATE})

    def catch_up(self) -> None:
        """Go on with the next frame where the answer had more than is taken in one."""
        if self._stage.feed.behind:
            self._on_change(Change.DRAFT)

    def _on_change(self, change: Change) -> None:
        self._pending.add(change)
        if not self._frame.isActive():
            self._frame.start()

    def _on_frame(self) -> None:
        if self._pending - {Change.META}:
            start = time.thread_time()
            self.due.emit()
            self._settle_frame((time.thread_time() - start) * 1000)

    def _settle_frame(self, spent_ms: float) -> None:
        """Let the next frame come after a time that fits what frames cost here."""
        self._spent_ms += (spent_ms - self._spent_ms) / 8
        wanted_ms = round(SHARE * self._spent_ms)
        self._frame.setInterval(min(max(FRAME_MS, wanted_ms), SLOW_FRAME_MS))

    def _take_tree(self) -> None:
        stage = self._stage
        feed, layout = stage.feed, stage.layout
        was_live = feed.live_number
        first, before, known = feed.take_tree()
        messages = feed.messages
        stage.selection.drop_from(first)
        stage.finder.truncate(first if known else 0, messages)
        if first >= before and first < len(messages):
            if messages[first].role is Role.USER:
                layout.follow()  # the person asked: show what comes
            elif not layout.follows:
                self.new_messages += len(messages) - before
        if was_live is not None and feed.live_number is None and was_live < len(messages):
            stage.finder.search_again(was_live, messages)
            self.ended.emit(messages[was_live])
        self._watch()

    def _fold_what_ended(self, item: MessageItem) -> None:
        """The answer began: show the reasoning closing."""
        for section in item.sections:
            if isinstance(section, ReasoningSection) and section.is_closing:
                self._folding.start(section)

    def _watch(self) -> None:
        if self._stage.feed.live_number is None:
            self._tick.stop()
        elif not self._tick.isActive():
            self._tick.start()

    def _on_tick(self) -> None:
        feed = self._stage.feed
        if feed.live_number is None:
            self._tick.stop()
        elif feed.describe_live():
            self.due.emit()
