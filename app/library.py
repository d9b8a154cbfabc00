"""All chats: the list, the open ones, the search, the bin.

Invariant: a chat that someone holds, that is replying or that waits to be written is one object,
however often it is opened; the list is kept in memory and follows every change, other programs'
included. Must not know windows: whoever shows a chat says so with `show`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from enum import Enum, auto
from typing import Any
from weakref import WeakValueDictionary

from app.branching import Branching
from app.chat import Chat, Surroundings
from app.domain.conversation import ChatSummary, Conversation, SearchHit, Unsent
from app.domain.message import FinishReason, Media, Message, Text
from app.domain.title import title_of
from app.finding import Finder
from app.reply import Change, ReplyState
from app.storage.conversations import Conversations
from app.storage.database import Database
from app.storage.errors import StorageError
from app.tasks import Listeners, Timer
from app.trash import Trash

LOOK_EVERY_S = 1.0


class LibraryEvent(Enum):
    """`LIST`: chats came, went or moved. `ROW`: one row looks otherwise. `REPLYING`: a reply began
    or ended. `ENDED`: an answer is over (for a notice). `PROBLEM`: `Library.problem` changed."""

    LIST = auto()
    ROW = auto()
    REPLYING = auto()
    ENDED = auto()
    PROBLEM = auto()


@dataclass(frozen=True, slots=True)
class LibraryChange:
    """`chat_id` is None where no single chat is meant."""

    kind: LibraryEvent
    chat_id: str | None = None


class Library:
    """Commands return at once. Those that open a chat raise KeyError for an unknown one, and
    StorageError when it cannot be read; a failed write is told as `PROBLEM` and tried again."""

    def __init__(
        self, database: Database, conversations: Conversations, around: Surroundings
    ) -> None:
        """Reads the list. Raises StorageError."""
        self._database = database
        self._conversations = conversations
        self._around = around
        self._clock = around.backend.clock
        self._finder = Finder(database, around.tasks, lambda why: self._note("search", why))
        self._open: WeakValueDictionary[str, Chat] = WeakValueDictionary()
        self._shown: Chat | None = None
        self._blank: Chat | None = None
        self._replying: set[str] = set()
        self._problems: dict[str, str] = {}
        self._listeners = Listeners[LibraryChange]()
        self._rows = {row.id: row for row in conversations.summaries()}
        self._sorted: tuple[ChatSummary, ...] | None = None
        self._row_changes = 0
        self._watch: Timer | None = None
        self._branching = Branching(
            database.path,
            around.new_id,
            self._clock,
            around.tasks,
            lambda why: self._note("branch", why),
        )
        self.trash = Trash(
            conversations,
            self._clock,
            around.tasks,
            lambda chat_id: self._open.pop(chat_id, None),
            lambda why: self._note("bin", why),
            lambda: (each for chat in list(self._open.values()) for each in _media_in_hand(chat)),
        )

    def subscribe(self, listener: Callable[[LibraryChange], None]) -> Callable[[], None]:
        """Call `listener` at every change until the returned function is called."""
        return self._listeners.add(listener)

    @property
    def problem(self) -> str | None:
        """Why something could not be saved or read, as a sentence; None when all is well."""
        return next(iter(self._problems.values()), None)

    def chats(self) -> tuple[ChatSummary, ...]:
        """Pinned chats first, then the newest. Sorted again only after a change."""
        if self._sorted is None:
            self._sorted = tuple(sorted(self._rows.values(), key=_place, reverse=True))
        return self._sorted

    def replying(self) -> frozenset[str]:
        """The ids of the chats in which a reply is being written."""
        return frozenset(self._replying)

    def search(
        self, words: str, done: Callable[[tuple[SearchHit, ...]], None]
    ) -> Callable[[], None]:
        """Look in a thread, then call `done`, unless the returned function was called before.

        Titles first, then messages, newest first; at most some 200.
        """
        return self._finder.find(words, done)

    # Chats

    def new_chat(self) -> Chat:
        """An empty chat. It is listed and kept from its first word on."""
        blank = self._blank
        if blank is None or blank.conversation.messages or blank.unsent != Unsent():
            now = self._clock.now()
            conversation = Conversation(id=self._around.new_id(), created_at=now, updated_at=now)
            blank = self._blank = self._live(conversation, Unsent(), stored=False)
        return blank

    def open(self, chat_id: str) -> Chat:
        """The chat, as one object for all who ask. Its messages are not read by that."""
        chat = self._open.get(chat_id)
        if chat is None:
            conversation = self._conversations.load(chat_id)
            chat = self._live(conversation, self._conversations.unsent(chat_id), stored=True)
        return chat

    def open_or_new(self, chat_id: str) -> Chat:
        """A chat that is listed and can be read, else a new one."""
        if chat_id and any(row.id == chat_id for row in self.chats()):
            try:
                return self.open(chat_id)
            except (KeyError, OSError):
                pass
        return self.new_chat()

    def branch(self, chat_id: str, message_id: str, done: Callable[[Chat], None]) -> None:
        """Go on from an answer in a chat of its own; `done` is called when that is there."""
        self.open(chat_id).saving.flush()

        def listed(made_id: str) -> None:
            chat = self.open(made_id)
            self._on_chat_change(chat, Change.META)
            done(chat)

        self._branching.begin(chat_id, message_id, listed)

    def show(self, chat_id: str | None) -> None:
        """The person sees this chat from now on: what ends there is read. None: no chat."""
        left, self._shown = self._shown, None if chat_id is None else self.open(chat_id)
        if left is not None and left is not self._shown:
            self._on_chat_change(left, Change.META)  # a draft gives it a name from now on
        if chat_id is not None:
            self.mark_read(chat_id)

    def rename(self, chat_id: str, title: str) -> None:
        """The person's title stays; an empty one brings back the one made by itself."""
        title = " ".join(title.split())
        path = self.open(chat_id).conversation.path()
        if title or not path:
            self._revise(chat_id, title=title, titled_by_person=bool(title))
        else:
            self._revise(chat_id, title=title_of(path[0].parts), titled_by_person=False)

    def set_pinned(self, chat_id: str, pinned: bool) -> None:
        self._revise(chat_id, pinned=pinned)

    def mark_read(self, chat_id: str) -> None:
        self._revise(chat_id, unread=False)

    def bin(self, chat_id: str) -> None:
        """Put away; `restore` undoes it for 30 days. A reply that runs there is stopped."""
        self.open(chat_id).stop()
        self._revise(chat_id, binned_at=self._clock.now())

    def restore(self, chat_id: str) -> None:
        """Take out of the bin."""
        self._revise(chat_id, binned_at=None)

    # Other programs, and the end

    def watch(self) -> None:
        """Look once a second, until `close`, whether another program wrote."""
        self._watch = self._clock.call_later(LOOK_EVERY_S, self._look)

    def close(self) -> None:
        """Keep every reply that runs as cut off, and write what waits."""
        if self._watch is not None:
            self._watch.cancel()
        for chat in list(self._open.values()):
            chat.close()

    def _look(self) -> None:
        self.watch()
        try:
            if self._database.changed_elsewhere():
                self._conversations.mend_cut_off()
                self._conversations.mend_places()
                self._around.tasks.spawn(self._refresh(), "refresh the list of chats")
        except StorageError as error:
            self._note("look", str(error))
        else:
            self._note("look", None)

    async def _refresh(self) -> None:
        """Take over what others wrote. The list is read in a thread: it may be long."""
        try:
            seen = -1
            while seen != self._row_changes:  # what changed here meanwhile is not in it
                seen = self._row_changes
                rows = await asyncio.to_thread(_read_rows, self._database)
            for chat in list(self._open.values()):
                if chat.id in rows and not _busy(chat):
                    stored = self._conversations.reload(chat.conversation)
                    if stored is not None:
                        chat.saving.adopt(stored)
                        chat.revise(stored, Change.TREE)
        except KeyError:
            return  # gone since: the next look sees it
        except StorageError as error:
            self._note("look", str(error))
            return
        # An open chat knows better than the disk what it is.
        for chat_id in self._open:
            rows.pop(chat_id, None)
            if chat_id in self._rows:
                rows[chat_id] = self._rows[chat_id]
        if rows != self._rows:
            self._rows, self._sorted = rows, None
            self._listeners.tell(LibraryChange(LibraryEvent.LIST))

    # Open chats

    def _live(self, conversation: Conversation, unsent: Unsent, *, stored: bool) -> Chat:
        chat = Chat(
            conversation,
            unsent,
            self._around,
            stored=stored,
            told=self._on_chat_change,
            ended=self._on_answer_end,
        )
        self._open[chat.id] = chat
        return chat

    def _revise(self, chat_id: str, **changes: Any) -> None:
        chat = self.open(chat_id)
        if any(getattr(chat.conversation, name) != value for name, value in changes.items()):
            chat.revise(replace(chat.conversation, **changes), Change.META)

    def _on_chat_change(self, chat: Chat, change: Change) -> None:
        self._note(chat.id, chat.saving.problem)
        if change is Change.STATE:
            replying = chat.state is not ReplyState.IDLE
            if replying != (chat.id in self._replying):
                (self._replying.add if replying else self._replying.discard)(chat.id)
                self._listeners.tell(LibraryChange(LibraryEvent.REPLYING, chat.id))
            return
        row, before = _row(chat), self._rows.get(chat.id)
        if row is not None and (chat is self._shown or chat is self._blank):
            # Its list does not change with every key that is typed into it.
            row = replace(row, draft=before.draft if before is not None else "")
        if row == before:
            return
        self._sorted = None
        self._row_changes += 1
        if row is None:
            del self._rows[chat.id]
        else:
            self._rows[chat.id] = row
        moved = row is None or before is None or _place(row) != _place(before)
        event = LibraryEvent.LIST if moved else LibraryEvent.ROW
        self._listeners.tell(LibraryChange(event, chat.id))

    def _on_answer_end(self, chat: Chat, message: Message) -> None:
        if message.finish is not None and message.finish.reason is FinishReason.CANCELLED:
            return  # no news to the person who stopped it
        if chat is not self._shown:
            self._revise(chat.id, unread=True)
        self._listeners.tell(LibraryChange(LibraryEvent.ENDED, chat.id))

    def _note(self, about: str, problem: str | None) -> None:
        before = self.problem
        if problem is None:
            self._problems.pop(about, None)
        else:
            self._problems[about] = problem
        if self.problem != before:
            self._listeners.tell(LibraryChange(LibraryEvent.PROBLEM))


def _place(row: ChatSummary) -> tuple[bool, float, str]:
    return row.pinned, row.updated_at, row.id


def _busy(chat: Chat) -> bool:
    """Whether the chat holds something that the disk does not."""
    return chat.state is not ReplyState.IDLE or chat.saving.pending


def _media_in_hand(chat: Chat) -> Iterator[Media]:
    """Attachments that may not be on the disk with their message yet."""
    parts = [*chat.unsent.parts, *(chat.queued or ())]
    if chat.saving.pending:
        parts += [media for said in chat.conversation.with_media() for media in said.media]
    return (part for part in parts if isinstance(part, Media))


def _row(chat: Chat) -> ChatSummary | None:
    """The row of an open chat; None where the list does not show it."""
    conversation = chat.conversation
    said = bool(conversation.messages) or chat.unsent != Unsent() or conversation.titled_by_person
    if conversation.binned_at is not None or not said:
        return None
    return ChatSummary(
        id=conversation.id,
        title=conversation.title,
        updated_at=conversation.updated_at,
        pinned=conversation.pinned,
        unread=conversation.unread,
        message_count=len(conversation.messages),
        draft="" if conversation.title else title_of((Text(chat.unsent.text), *chat.unsent.parts)),
    )


def _read_rows(database: Database) -> dict[str, ChatSummary]:
    with database.reader() as reader:
        return {row.id: row for row in Conversations(reader).summaries()}
