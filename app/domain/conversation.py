"""A conversation: a tree of messages linked by their parents, and the leaf that is shown.

Invariant: frozen and replaced, never changed; every `parent_id` names a message of the tree or is
`None`; `leaf_id` is `None` only while the tree is empty. Editing adds a sibling, so nothing that
was said is ever lost.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from app.domain.message import Media, Message, Part
from app.domain.settings import Sampling


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """`children` keeps siblings in the order in which they came; its key `None` holds the roots.

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

    def path(self, leaf_id: str | None = None) -> tuple[Message, ...]:
        """The messages from the root to `leaf_id` (default: the shown leaf). O(depth)."""
        found: list[Message] = []
        at = self.leaf_id if leaf_id is None else leaf_id
        while at is not None:
            message = self.messages[at]
            found.append(message)
            at = message.parent_id
        found.reverse()
        return tuple(found)

    def siblings(self, message_id: str) -> tuple[str, ...]:
        """All versions at the place of `message_id`, itself included, oldest first."""
        return self.children[self.messages[message_id].parent_id]

    def append(self, message: Message) -> Conversation:
        """Add `message` under its parent and show it. Raises KeyError for an unknown parent."""
        if message.parent_id is not None and message.parent_id not in self.messages:
            raise KeyError(message.parent_id)
        siblings = (*self.children.get(message.parent_id, ()), message.id)
        return replace(
            self,
            messages={**self.messages, message.id: message},
            children={**self.children, message.parent_id: siblings},
            leaf_id=message.id,
            updated_at=max(self.updated_at, message.created_at),
        )

    def replace_message(self, message: Message) -> Conversation:
        """Put `message` in the place of the one with its id; parent and siblings stay."""
        if self.messages[message.id].parent_id != message.parent_id:
            raise ValueError("a message keeps its parent")
        return replace(self, messages={**self.messages, message.id: message})

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
        at = message_id
        while below := self.children.get(at):
            at = below[-1]
        return replace(self, leaf_id=at)

    def showing(self, message_id: str) -> Conversation:
        """With `message_id` among what is shown. O(depth)."""
        if any(message.id == message_id for message in self.path()):
            return self
        return self.select(message_id)


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
