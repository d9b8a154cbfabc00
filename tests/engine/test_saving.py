"""When a chat is written: at once, soon, or again after a failure; and never for nothing."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from scripted import Bench, HandClock, answer, text

from app.chat import Chat
from app.domain.conversation import Conversation, Unsent
from app.domain.message import Message, Role
from app.domain.stream import TextDelta
from app.saving import MemoryBlobs, Nowhere, Saving
from app.storage.errors import StorageError, Trouble


class Counting:
    """A store that counts, and fails while it has a trouble."""

    def __init__(self) -> None:
        self.saved: list[list[str]] = []
        self.checkpoints: list[str] = []
        self.unsent: list[Unsent] = []
        self.trouble: Trouble | None = None

    def save(self, conversation: Conversation, *messages: Message) -> None:
        self._fail()
        self.saved.append([message.id for message in messages])

    def checkpoint(self, message: Message) -> None:
        self._fail()
        self.checkpoints.append(message.text)

    def set_unsent(self, chat_id: str, unsent: Unsent) -> None:
        self._fail()
        self.unsent.append(unsent)

    def _fail(self) -> None:
        if self.trouble is not None:
            raise StorageError(self.trouble, Path("linnet.db"))


def message(message_id: str, parent_id: str | None = None, words: str = "") -> Message:
    return Message(
        id=message_id, parent_id=parent_id, role=Role.USER, parts=text(words), created_at=1.0
    )


@pytest.fixture
def store() -> Counting:
    return Counting()


@pytest.fixture
def hand() -> HandClock:
    return HandClock()


def saving(store: Counting, hand: HandClock, told: list[str]) -> Saving:
    return Saving(
        store,
        hand.clock(),
        lambda: told.append("problem"),
        Conversation(id="c"),
        Unsent(),
        stored=False,
    )


def test_only_what_changed_is_written(store: Counting, hand: HandClock) -> None:
    made = saving(store, hand, [])
    one = Conversation(id="c").append(message("a"))
    two = one.append(message("b", "a"))
    made.save(one)
    made.save(two)
    made.save(two)
    made.save(two.replace_message(message("a", None, "new")))
    assert store.saved == [["a"], ["b"], ["a"]]


def test_what_is_typed_is_written_after_a_moment(store: Counting, hand: HandClock) -> None:
    made = saving(store, hand, [])
    for length in range(1, 6):
        made.set_unsent(Unsent("x" * length))
        hand.advance(0.1)
    assert store.unsent == []
    hand.advance(0.5)
    assert store.unsent == [Unsent("xxxxx")]
    assert store.saved == [[]]
    made.set_unsent(Unsent("xxxxx"))
    assert not made.pending


def test_a_checkpoint_comes_within_a_second_of_the_first_change(
    store: Counting, hand: HandClock
) -> None:
    made = saving(store, hand, [])
    made.save(Conversation(id="c").append(message("a")))
    words = ["one"]
    made.begin_live(lambda: message("a", None, "".join(words)))
    for _ in range(10):
        made.mark_live()
        hand.advance(0.05)
        words.append("+")
    assert store.checkpoints == []
    hand.advance(0.499)
    assert store.checkpoints == ["one" + 10 * "+"]
    hand.advance(60.0)
    assert len(store.checkpoints) == 1
    made.mark_live()
    hand.advance(0.999)
    assert len(store.checkpoints) == 2


def test_a_failed_write_is_told_once_and_tried_again(store: Counting, hand: HandClock) -> None:
    told: list[str] = []
    made = saving(store, hand, told)
    store.trouble = Trouble.FULL
    made.save(Conversation(id="c").append(message("a")))
    made.begin_live(lambda: message("a", None, "live"))
    made.mark_live()
    made.set_unsent(Unsent("typed"))
    assert made.problem is not None
    for _ in range(5):
        hand.advance(5.0)
    assert told == ["problem"]
    store.trouble = None
    hand.advance(5.0)
    assert (store.saved, store.checkpoints, store.unsent) == ([["a"]], ["live"], [Unsent("typed")])
    assert (made.problem, told, made.pending) == (None, ["problem", "problem"], False)


def test_flushing_writes_only_what_waits(store: Counting, hand: HandClock) -> None:
    made = saving(store, hand, [])
    made.flush()
    assert store.saved == []
    made.set_unsent(Unsent("x"))
    made.flush()
    assert store.unsent == [Unsent("x")]


def drafted(chat: Chat) -> str:
    return chat.draft.text if chat.draft is not None else ""


async def test_the_running_answer_is_on_disk_within_a_second(bench: Bench) -> None:
    chat = bench.new_chat()
    pieces = [asyncio.Event() for _ in range(4)]
    turn = [step for i, event in enumerate(pieces) for step in (event, TextDelta(str(i)))]
    rest = asyncio.Event()
    bench.provider.turns.append([*turn, rest, *answer(".")])
    chat.send(text("count"))
    for number, event in enumerate(pieces):
        event.set()
        await bench.until(lambda n=number: drafted(chat).endswith(str(n)))
        bench.hand.advance(1.0)
        stored = bench.conversations.load(chat.id).path()[-1]
        assert stored.text == "0123"[: number + 1]
        assert stored.finish is None
    rest.set()
    await bench.settle()
    assert bench.conversations.load(chat.id).path()[-1].text == "0123."


def test_a_chat_without_traces() -> None:
    nowhere, blobs = Nowhere(), MemoryBlobs()
    nowhere.save(Conversation(id="c"))
    nowhere.checkpoint(message("a"))
    nowhere.set_unsent("c", Unsent())
    name = blobs.add(b"bytes")
    assert blobs.read(name) == b"bytes"
    with pytest.raises(KeyError):
        blobs.read("other")
