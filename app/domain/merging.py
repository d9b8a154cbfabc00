"""A chat that comes from elsewhere, put together with the same chat as it is here.

Invariant: pure; what is here stays as it is, and nothing that comes is lost: a message that says
something else under a known id becomes a version beside it. Bringing the same once more adds
nothing, because the ids of such versions follow from what they say.
"""

from __future__ import annotations

import hashlib
from collections.abc import Container, Iterator
from dataclasses import dataclass, replace

from app.domain.conversation import Conversation
from app.domain.message import Media, Message, Part, ToolCall, ToolResult


@dataclass(frozen=True, slots=True)
class Merged:
    """`added` has what is new in `conversation`, parents before their children."""

    conversation: Conversation
    added: tuple[Message, ...]


def merge(here: Conversation | None, coming: Conversation, taken: Container[str]) -> Merged:
    """`here` with all that only `coming` says. O(messages).

    `taken` are the ids that messages of other chats have. Raises KeyError for a `coming` whose
    messages do not follow their parents.
    """
    messages = dict(here.messages) if here is not None else {}
    children = {parent: [*ids] for parent, ids in here.children.items()} if here is not None else {}
    names: dict[str | None, str | None] = {None: None}
    added: list[Message] = []
    for message in coming.messages.values():
        parent = names[message.parent_id]
        for name in _names(message, parent):
            mine = messages.get(name)
            if mine is not None and mine.parent_id == parent and _holds(mine, message):
                break
            if mine is None and name not in taken:
                mine = messages[name] = replace(message, id=name, parent_id=parent)
                children.setdefault(parent, []).append(name)
                added.append(mine)
                break
        names[message.id] = name
    start = coming if here is None else here
    merged = replace(
        start,
        messages=messages,
        children={parent: tuple(ids) for parent, ids in children.items()},
        leaf_id=names[coming.leaf_id] if here is None or here.leaf_id is None else here.leaf_id,
        updated_at=max(start.updated_at, coming.updated_at) if added else start.updated_at,
    )
    if here is None:
        first = coming.context_start_id
        return Merged(replace(merged, context_start_id=names.get(first)), tuple(added))
    if merged.leaf_id is not None and added:
        merged = merged.select(merged.leaf_id)  # it goes on where this computer had stopped
    return Merged(merged, tuple(added))


def _names(message: Message, parent: str | None) -> Iterator[str]:
    """Its own id, then others that follow from what it says and where it stands."""
    name = message.id
    while True:
        yield name
        contents = sorted(map(repr, map(_content, message.parts)))
        said = repr((name, parent, message.role.value, message.text, message.reasoning, contents))
        name = hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _holds(mine: Message, coming: Message) -> bool:
    """Whether `mine` says all that `coming` does. An answer may have grown since."""
    return (
        mine.role is coming.role
        and mine.text.startswith(coming.text)
        and mine.reasoning.startswith(coming.reasoning)
        and set(map(_content, coming.parts)) <= set(map(_content, mine.parts))
    )


def _content(part: Part) -> tuple[object, ...]:
    """What makes an attachment or a call the same; the texts are compared as a whole."""
    match part:
        case Media():
            return ("media", part.sha256 or part.url)
        case ToolCall():
            return ("call", part.name, part.arguments)
        case ToolResult():
            return ("result", part.name, part.output)
        case _:
            return ()
