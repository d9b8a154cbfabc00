"""The messages from the root of a conversation to a leaf, in order, as a sequence.

Invariant: what lies in storage is read when it is looked at and not held; what was said or changed
since is in memory and goes before it. A number in the path is the message's distance to the root.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import Protocol, overload

from app.domain.message import Attached, Message, Role


class Kept(Protocol):
    """The stored beginning of a path. Reading many at once may raise OSError."""

    def __len__(self) -> int: ...

    def at(self, number: int) -> Message:
        """One message, or what says in its place that it could not be read. Never raises."""
        ...

    def between(self, first: int, end: int) -> Iterator[Message]:
        """A run of messages, read in steps; also in a thread."""
        ...

    def number_of(self, message_id: str) -> int | None:
        """Where a message stands; None where it does not belong to the path."""
        ...

    def shared(self, other: Kept) -> int:
        """How many messages both begin with. O(branches)."""
        ...

    def same_source(self, other: Kept) -> bool:
        """Whether both show the same state of the storage."""
        ...

    def text_tokens(self, first: int) -> int:
        """The estimated tokens of the texts from `first` on, without reading them."""
        ...

    def with_media(self, first: int) -> Sequence[Attached]:
        """What is attached to the messages from `first` on, in order."""
        ...

    def questions(self, first: int) -> Sequence[str]:
        """The ids of what the person said from `first` on."""
        ...


class Path(Sequence[Message]):
    """`kept` comes first, with `rewritten` over it by id; `tail` is what is only in memory."""

    __slots__ = ("kept", "rewritten", "tail")

    def __init__(
        self,
        tail: Sequence[Message],
        kept: Kept | None = None,
        rewritten: Mapping[str, Message] | None = None,
    ) -> None:
        self.tail = tuple(tail)
        self.kept = kept
        self.rewritten = rewritten or {}

    @property
    def kept_count(self) -> int:
        return len(self.kept) if self.kept is not None else 0

    def __len__(self) -> int:
        return self.kept_count + len(self.tail)

    @overload
    def __getitem__(self, number: int) -> Message: ...
    @overload
    def __getitem__(self, number: slice) -> Sequence[Message]: ...
    def __getitem__(self, number: int | slice) -> Message | Sequence[Message]:
        if isinstance(number, slice):
            return tuple(self[at] for at in range(len(self))[number])
        at = range(len(self))[number]
        count = self.kept_count
        if self.kept is None or at >= count:
            return self.tail[at - count]
        message = self.kept.at(at)
        return self.rewritten.get(message.id, message)

    def __iter__(self) -> Iterator[Message]:
        return self.from_number(0)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Path | tuple | list) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]

    def from_number(self, first: int) -> Iterator[Message]:
        """The messages from `first` on. O(messages), holding few of them; also in a thread."""
        count = self.kept_count
        stored: Iterator[Message] = iter(())
        if self.kept is not None and first < count:
            stored = (self.rewritten.get(m.id, m) for m in self.kept.between(first, count))
        return chain(stored, self.tail[max(0, first - count) :])

    def plus(self, message: Message) -> Path:
        """With one more at the end."""
        return Path((*self.tail, message), self.kept, self.rewritten)

    def _held_from(self, first: int) -> Iterator[Message]:
        """From `first` on, where little of that is stored."""
        count = self.kept_count
        stored = (self[at] for at in range(first, count))
        return chain(stored, islice(self.tail, max(0, first - count), None))

    def with_message(self, message: Message) -> Path:
        """With `message` in the place of the one with its id, where it has one."""
        if any(each.id == message.id for each in self.tail):
            tail = [message if each.id == message.id else each for each in self.tail]
            return Path(tail, self.kept, self.rewritten)
        return Path(self.tail, self.kept, {**self.rewritten, message.id: message})

    def number_of(self, message_id: str | None) -> int | None:
        """Where a message stands. O(what is in memory)."""
        count = self.kept_count
        for at, message in enumerate(self.tail):
            if message.id == message_id:
                return count + at
        if self.kept is None or message_id is None:
            return None
        return self.kept.number_of(message_id)

    def shared(self, other: Path) -> int:
        """How many messages both begin with, by their ids."""
        least = min(len(self), len(other))
        same = 0
        if self.kept is not None and other.kept is not None:
            same = self.kept.shared(other.kept)
            if same < min(self.kept_count, other.kept_count):
                return same
        for here, there in zip(self._held_from(same), other._held_from(same), strict=False):
            if here.id != there.id:
                break
            same += 1
        return min(same, least)

    def changed(self, other: Path, shared: int) -> Sequence[int] | None:
        """Which of the messages that both begin with are other objects here.

        None: not known, because another program wrote meanwhile.
        """
        count = self.kept_count
        found: list[int] = []
        if self.kept is not None and other.kept is not None:
            if not self.kept.same_source(other.kept):
                return None
            for message_id in {*self.rewritten, *other.rewritten}:
                if self.rewritten.get(message_id) is not other.rewritten.get(message_id):
                    number = self.kept.number_of(message_id)
                    if number is not None and number < shared:
                        found.append(number)
        elif shared and self.kept is not other.kept:
            return None
        first = min(count, other.kept_count)
        pairs = zip(self._held_from(first), other._held_from(first), strict=False)
        numbers = range(first, shared)
        found += [
            at for at, (here, there) in zip(numbers, pairs, strict=False) if here is not there
        ]
        return sorted(found)

    def in_memory(self, first: int) -> tuple[list[Message], list[Message]]:
        """What is held from `first` on, and what of the storage it stands for."""
        held: list[Message] = []
        instead: list[Message] = []
        if self.kept is not None:
            for message_id, message in self.rewritten.items():
                number = self.kept.number_of(message_id)
                if number is not None and number >= first:
                    held.append(message)
                    instead.append(self.kept.at(number))
        held += self.tail[max(0, first - self.kept_count) :]
        return held, instead

    def with_media(self, first: int = 0) -> Sequence[Attached]:
        """What is attached to the messages from `first` on, in order."""
        found: dict[int, Attached] = {}
        if self.kept is not None:
            found = {each.number: each for each in self.kept.with_media(first)}
            for message in self.rewritten.values():
                number = self.kept.number_of(message.id)
                if number is not None and number >= first:
                    found[number] = Attached(number, message.id, message.media)
        start = max(first, self.kept_count)
        for number, message in enumerate(self.tail[start - self.kept_count :], start):
            found[number] = Attached(number, message.id, message.media)
        return [found[number] for number in sorted(found) if found[number].media]

    def questions(self, first: int = 0) -> Sequence[str]:
        """The ids of what the person said from `first` on, in order."""
        stored = self.kept.questions(first) if self.kept is not None else ()
        later = self.tail[max(0, first - self.kept_count) :]
        return (*stored, *(message.id for message in later if message.role is Role.USER))
