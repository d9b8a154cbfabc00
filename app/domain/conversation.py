"""A conversation: a tree of messages linked by their parents, and the leaf that is shown.

Invariant: frozen and replaced, never changed; every `parent_id` names a message of the tree or is
`None`; `leaf_id` is `None` only while the tree is empty. Editing adds a sibling, so nothing that
was said is ever lost. Of a stored one the messages lie in storage until they are looked at.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol, runtime_checkable

from app.domain.message import Media, Message, Part
from app.domain.overlay import Overlay, changed_values, with_change
from app.domain.path import Kept, Path
from app.domain.settings import Sampling


@runtime_checkable
class KeptTree(Protocol):
    """Messages by id that lie in storage, where the tree of them is known without reading them."""

    def __contains__(self, message_id: object) -> bool: ...

    def path(self, leaf_id: str) -> Kept:
        """From the root to a message. Raises KeyError."""
        ...

    def newest_below(self, message_id: str) -> str:
        """The leaf that the newest line from a message leads to. Raises KeyError."""
        ...

    def with_media(self) -> Iterable[Message]:
        """All messages that have attachments."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """`children` keeps versions in the order in which they came; its key `None` holds the roots.

    `sampling` overrides the defaults for this chat. Messages before `context_start_id` are shown
    but not sent any more (the person chose to leave out old turns).
    """

    id: str
    title: str = ""
    titled_by_person: bool = False
    created_at: float = 0.0
    updated_at: float = 0.0
    pinned: bool = False
    unread: bool = False
    binned_at: float | None = None
    service_id: str = ""
    sampling: Sampling = field(default_factory=Sampling)
    leaf_id: str | None = None
    context_start_id: str | None = None
    messages: Mapping[str, Message] = field(default_factory=dict)
    children: Mapping[str | None, tuple[str, ...]] = field(default_factory=dict)

    def path(self, leaf_id: str | None = None) -> Path:
        """The messages from the root to `leaf_id` (default: the shown leaf).

        O(what is in memory); the rest is read when it is looked at.
        """
        tail: list[Message] = []
        kept: Kept | None = None
        at = self.leaf_id if leaf_id is None else leaf_id
        tree, held, rewritten = self._parted()
        while at is not None:
            if tree is not None and at not in held:
                kept = tree.path(at)
                break
            message = held[at]
            tail.append(message)
            at = message.parent_id
        tail.reverse()
        return Path(tail, kept, rewritten)

    def append(self, message: Message) -> Conversation:
        """Add `message` under its parent and show it. Raises KeyError for an unknown parent."""
        if message.parent_id is not None and message.parent_id not in self.messages:
            raise KeyError(message.parent_id)
        siblings = (*self.children.get(message.parent_id, ()), message.id)
        return replace(
            self,
            messages=with_change(self.messages, message.id, message),
            children=with_change(self.children, message.parent_id, siblings),
            leaf_id=message.id,
            updated_at=max(self.updated_at, message.created_at),
        )

    def replace_message(self, message: Message) -> Conversation:
        """Put `message` in the place of the one with its id; parent and siblings stay."""
        if self.messages[message.id].parent_id != message.parent_id:
            raise ValueError("a message keeps its parent")
        return replace(self, messages=with_change(self.messages, message.id, message))

    def with_media_left_out(self, message_id: str, place: int, left_out: bool) -> Conversation:
        """Keep attachment number `place` of a message out of further questions, or send it again.

        It stays where it is. Raises IndexError.
        """
        message = self.messages[message_id]
        changed = replace(message.media[place], left_out=left_out)
        places = [at for at, part in enumerate(message.parts) if isinstance(part, Media)]
        parts = (*message.parts[: places[place]], changed, *message.parts[places[place] + 1 :])
        return self.replace_message(replace(message, parts=parts))

    def select(self, message_id: str) -> Conversation:
        """Show the version `message_id` and, below it, the newest line of messages."""
        return replace(self, leaf_id=self._newest_below(message_id))

    def shows(self, message_id: str) -> bool:
        """Whether a message is among what is shown."""
        return self.path().number_of(message_id) is not None

    def showing(self, message_id: str) -> Conversation:
        """With `message_id` among what is shown."""
        return self if self.shows(message_id) else self.select(message_id)

    def with_media(self) -> Iterable[Message]:
        """All messages of the tree that have attachments, in any order."""
        tree, held, rewritten = self._parted()
        found = [m for m in (*held.values(), *rewritten.values()) if m.media]
        if tree is not None:
            found += [m for m in tree.with_media() if m.id not in rewritten]
        return found

    def changed_since(self, before: Conversation | None) -> list[Message]:
        """The messages that are new, or other objects, since `before`: all without it.

        O(changes) where both come from the same reading.
        """
        return changed_values(self.messages, before.messages if before is not None else {})

    def _newest_below(self, message_id: str) -> str:
        tree, _, _ = self._parted()
        at = message_id
        while True:
            if tree is None or at not in tree:
                if not (below := self.children.get(at)):
                    return at
                at = below[-1]
                continue
            leaf = tree.newest_below(at)
            path = tree.path(leaf)
            # What was said since hangs below a message of the line, or beside a version in it.
            first = path.number_of(at) or 0
            turns = [(path.number_of(p), p) for p in self._grown() if p is not None]
            known = [(number, p) for number, p in turns if number is not None and number >= first]
            if not known:
                return leaf
            at = self.children[min(known)[1]][-1]

    def _parted(
        self,
    ) -> tuple[KeptTree | None, Mapping[str, Message], Mapping[str, Message]]:
        """What lies in storage, what is in memory only, and what is there in the place of that."""
        messages = self.messages
        if isinstance(messages, Overlay) and isinstance(messages.base, KeptTree):
            return messages.base, messages.added, messages.rewritten
        return None, messages, {}

    def _grown(self) -> Iterable[str | None]:
        """The parents of what was said since the reading."""
        children = self.children
        if isinstance(children, Overlay):
            return (*children.rewritten, *children.added)
        return ()


@dataclass(frozen=True, slots=True)
class Unsent:
    """What was written in a chat's composer and not sent yet, with its attachments."""

    text: str = ""
    parts: tuple[Part, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatSummary:
    """What a row of the sidebar needs; reading it never loads messages."""

    id: str
    title: str
    updated_at: float
    pinned: bool = False
    unread: bool = False
    message_count: int = 0
    draft: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchHit:
    """One found message (or a title, then `message_id` is `None`).

    `snippet` is plain text; `marks` are (start, end) offsets of the hits in it, in characters.
    """

    chat_id: str
    chat_title: str
    message_id: str | None
    snippet: str
    marks: tuple[tuple[int, int], ...] = ()
    in_reasoning: bool = False
    updated_at: float = 0.0
