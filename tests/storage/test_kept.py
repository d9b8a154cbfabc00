"""A stored chat that is read where it is looked at: the same tree, and as little read as can be."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from chat_values import answered, asked, chat

from app.asking import Asking
from app.domain.conversation import Conversation
from app.domain.estimate import sent_of
from app.domain.history import sealed
from app.domain.message import Media, Message, Role, Text
from app.domain.settings import Sampling, Service
from app.providers.base import Files, Quirks
from app.storage import kept
from app.storage.codec import parts_to_json
from app.storage.conversations import Conversations
from app.storage.database import Database


@pytest.fixture
def decoded(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The ids of the messages that were decoded, each time that one was."""
    found: list[str] = []
    message_of = kept.message_of

    def counted(row: tuple[str, ...]) -> Message:
        found.append(row[0])
        return message_of(row)

    monkeypatch.setattr(kept, "message_of", counted)
    return found


def line_of(count: int, chat_id: str = "c") -> Conversation:
    """Question and answer in turn, one below the other."""
    found: dict[str, Message] = {}
    children: dict[str | None, tuple[str, ...]] = {}
    parent: str | None = None
    for number in range(count):
        text = f"number {number}"
        message = asked(f"m{number}", text, parent)
        if number % 2:
            message = answered(f"m{number}", parent, Text(text))
        found[message.id], children[parent] = message, (message.id,)
        parent = message.id
    return Conversation(id=chat_id, leaf_id=parent, messages=found, children=children)


def test_opening_a_chat_reads_none_of_its_messages(
    chats: Conversations, decoded: list[str]
) -> None:
    conversation = line_of(3000)
    chats.save(conversation, *conversation.messages.values())
    opened = chats.load("c")
    path = opened.path()
    assert len(path) == len(opened.messages) == 3000
    assert path.number_of("m1234") == 1234
    assert sent_of(opened) == sent_of(conversation)
    assert opened.shows("m7")
    assert decoded == []

    assert path[-1].text == "number 2999"
    assert len(decoded) <= kept.AT_ONCE
    assert path[1234].text == "number 1234"
    assert len(decoded) <= 2 * kept.AT_ONCE


def test_what_was_said_since_is_written_without_reading_the_rest(
    chats: Conversations, decoded: list[str]
) -> None:
    conversation = line_of(3000)
    chats.save(conversation, *conversation.messages.values())
    opened = chats.load("c")
    grown = opened.append(asked("q", "and now?", "m2999")).append(answered("a", "q", Text("so")))
    changed = replace(grown.messages["m2998"], model="other")
    grown = grown.replace_message(changed)
    new = grown.changed_since(opened)
    assert {message.id for message in new} == {"q", "a", "m2998"}
    chats.save(grown, *new)
    assert grown.path()[-4:] == (changed, grown.messages["m2999"], *grown.path().tail)
    assert len(decoded) <= 3 * kept.AT_ONCE
    assert len(opened.path()) == len(opened.messages) == 3000, "frozen as it was opened"
    assert "q" not in opened.messages
    assert opened.children.get("m2999") is None

    again = chats.load("c")
    assert again == grown
    assert again.path() == grown.path()


def test_looking_through_a_long_chat_holds_few_messages(chats: Conversations) -> None:
    conversation = line_of(2000)
    chats.save(conversation, *conversation.messages.values())
    opened = chats.load("c")
    path = opened.path()
    for number in range(len(path)):
        assert path[number].id == f"m{number}"
    messages = opened.messages.base  # type: ignore[attr-defined]
    assert len(messages._held) <= kept.HELD
    assert [message.id for message in path] == [f"m{number}" for number in range(2000)]
    assert len(messages._held) <= kept.HELD
    assert path[5] is path[5], "the same object while it is looked at"


def grown(numbers: random.Random, conversation: Conversation, count: int) -> Conversation:
    """With so many messages more, below any of those there are."""
    for _ in range(count):
        ids: list[str | None] = [None, *conversation.messages]
        parent = numbers.choice([ids[-1], ids[-1], ids[-1], numbers.choice(ids)])
        number = len(conversation.messages)
        parts = (Text("word " * numbers.randrange(9)), *some_media(numbers))
        message = Message(
            id=f"m{number}",
            parent_id=parent,
            role=Role.USER if number % 2 else Role.ASSISTANT,
            parts=parts,
            created_at=float(number),
            finish=None if number % 2 else answered("", None).finish,
        )
        conversation = conversation.append(message)
    return conversation


def some_media(numbers: random.Random) -> Iterator[Media]:
    if numbers.random() < 0.2:
        yield Media(mime="image/png", sha256=f"{numbers.random()}", width_px=9, height_px=9)


@pytest.mark.parametrize("seed", range(25))
def test_a_tree_is_the_same_in_memory_and_in_a_file(chats: Conversations, seed: int) -> None:
    """Read, then grown: every path, version and turn of it is that of the tree in memory."""
    numbers = random.Random(seed)
    held = grown(numbers, Conversation(id="c"), 40)
    chats.save(held, *held.messages.values())
    opened = chats.load("c")
    assert opened == held
    state = numbers.getstate()
    held = grown(numbers, held, 15)
    numbers.setstate(state)
    opened = grown(numbers, opened, 15)
    for message_id in numbers.sample([*held.messages], 10):
        other = replace(held.messages[message_id], model="other")
        held, opened = held.replace_message(other), opened.replace_message(other)
    assert opened == held
    for leaf in held.messages:
        mine, its = opened.path(leaf), held.path(leaf)
        assert mine == its
        assert list(reversed(mine)) == list(reversed(its))
        assert opened.select(leaf).leaf_id == held.select(leaf).leaf_id
        for parent in {message.parent_id for message in mine}:
            assert opened.children[parent] == held.children[parent]
        assert list(mine.with_media(3)) == list(its.with_media(3))
        assert mine.questions(3) == its.questions(3)
        assert mine[2:9] == its[2:9]
        for other_leaf in ("m3", "m30", "m50"):
            there, here = opened.path(other_leaf), held.path(other_leaf)
            shared = here.shared(its)
            assert there.shared(mine) == shared
            assert there.changed(mine, shared) == here.changed(its, shared) == []
            assert mine.number_of(other_leaf) == its.number_of(other_leaf)
        start = numbers.choice([None, its[len(its) // 2].id])
        sent = [replace(each, leaf_id=leaf, context_start_id=start) for each in (held, opened)]
        assert sent_of(sent[0]) == sent_of(sent[1])
    ids = {message.id for message in held.with_media()}
    assert {message.id for message in opened.with_media()} == ids
    chats.save(opened, *opened.changed_since(chats.load("c")))
    assert chats.load("c") == held


def test_a_path_knows_what_changed_since_another_one(chats: Conversations) -> None:
    conversation = line_of(300)
    chats.save(conversation, *conversation.messages.values())
    before = chats.load("c")
    after = before.append(asked("q", "?", "m299"))
    after = after.replace_message(replace(before.messages["m20"], model="other"))
    assert after.path().shared(before.path()) == 300
    assert after.path().changed(before.path(), 300) == [20]
    later = after.replace_message(replace(after.messages["q"], model="other"))
    assert later.path().changed(after.path(), 301) == [300]
    assert chats.load("c").path().changed(before.path(), 300) is None


def test_an_old_file_gets_its_lines(chats: Conversations, database: Database) -> None:
    numbers = random.Random(3)
    held = grown(numbers, Conversation(id="c"), 60)
    chats.save(held, *held.messages.values())
    rows = "SELECT id, line, depth, tokens, media FROM message ORDER BY number"
    written = database.rows(rows)
    for index in ("message_line", "message_branch", "message_media"):
        database.execute(f"DROP INDEX {index}")
    for event in ("update", "delete"):
        database.execute(f"DROP TRIGGER message_{event}")
    for column in ("line", "depth", "tokens", "media"):
        database.execute(f"ALTER TABLE message DROP COLUMN {column}")
    database.execute("ALTER TABLE chat DROP COLUMN version")
    database.execute("PRAGMA user_version = 4")
    with Database.open(database.path) as upgraded:
        assert upgraded.rows(rows) == written


def test_messages_that_are_each_others_parents_end(
    chats: Conversations, database: Database
) -> None:
    chats.save(line_of(4), *line_of(4).messages.values())
    database.execute("UPDATE message SET parent_id = 'm3', line = NULL WHERE id = 'm0'")
    chats.mend_places()
    assert [message.id for message in chats.load("c").path()] == ["m0", "m1", "m2", "m3"]


def test_what_an_older_program_goes_on_writing_gets_its_place(
    chats: Conversations, database: Database
) -> None:
    """It was open while its file was upgraded, and names none of the newer columns."""
    chats.save(line_of(4), *line_of(4).messages.values())
    opened = chats.load("c")
    picture = parts_to_json((Media(mime="image/png", sha256="00"),))
    for name, parent, role in (("old", "m3", "user"), ("new", "old", "assistant")):
        database.execute(
            "INSERT INTO message (chat, id, parent_id, role, parts, created_at, service_id, "
            "service_name, model, usage, finish, timing, notices, provider_state, extras) SELECT "
            "chat, ?, ?, ?, ?, 9, '', '', '', usage, finish, timing, notices, provider_state, "
            "extras FROM message WHERE id = 'm1'",
            (name, parent, role, picture),
        )
    database.execute("UPDATE chat SET leaf_id = 'new', message_count = 6")
    chats.mend_places()

    newer = chats.reload(opened)
    assert newer is not None
    assert [message.id for message in newer.path()] == ["m0", "m1", "m2", "m3", "old", "new"]
    assert [each.id for each in newer.path().with_media()] == ["old", "new"]
    places = database.rows("SELECT line, depth FROM message ORDER BY number")
    assert places == [(1, depth) for depth in range(6)]


async def test_a_thread_reads_on_its_own(chats: Conversations) -> None:
    conversation = line_of(900)
    chats.save(conversation, *conversation.messages.values())
    path = chats.load("c").path()
    texts = await asyncio.to_thread(lambda: [message.text for message in path])
    assert texts == [f"number {number}" for number in range(900)]


def test_what_another_program_wrote_is_noticed_and_nothing_else(
    chats: Conversations, path: Path
) -> None:
    question, answer = asked("q", "?"), answered("a", "q", finish=None)
    chats.save(chat("c", question, answer), question, answer)
    opened = chats.load("c")
    assert chats.reload(opened) is None
    with Database.open(path) as database:
        theirs = Conversations(database)
        theirs.checkpoint(replace(answer, parts=(Text("so far"),)))
        newer = chats.reload(opened)
        assert newer is not None
        assert newer.messages["a"].text == "so far"
        assert chats.reload(newer) is None
        theirs.set_title("c", "Birds", by_person=True)
        newer = chats.reload(newer)
        assert newer is not None
        assert newer.title == "Birds"
        theirs.close()


def test_a_message_that_is_gone_is_told_in_its_place(
    chats: Conversations, database: Database
) -> None:
    conversation = line_of(4)
    chats.save(conversation, *conversation.messages.values())
    path = chats.load("c").path()
    chats.purge(["c"])
    gone = path[3]
    assert gone.finish is not None
    assert gone.finish.failure is not None
    assert "gone" in gone.finish.failure.message


async def test_what_goes_on_is_asked_for_with_what_it_was(chats: Conversations) -> None:
    """The row of an answer that goes on is written before its history is read."""
    service = Service(id="s", base_url="https://own.example/v1")
    conversation = line_of(200)
    cut = sealed(replace(conversation.messages["m199"], provider_state={"k": 1}), service)
    conversation = conversation.replace_message(cut)
    chats.save(conversation, *conversation.messages.values())
    opened = chats.load("c")
    asking = Asking(service=service, sampling=Sampling(), quirks=Quirks(), files=Files())
    asked_for = asking.for_rest(opened, replace(cut, parts=(), finish=None))
    chats.save(asked_for.conversation, *asked_for.conversation.changed_since(opened))
    assert asked_for.history.is_long
    messages = await asked_for.history.messages()
    assert len(messages) == 201
    assert messages[199].text == "number 199"
    assert messages[199].provider_state == {"k": 1}
    chats.close()
