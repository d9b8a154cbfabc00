"""A chat that begins with what another one says up to an answer."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from scripted import Bench, text

from app.chat import Chat
from app.domain.branching import branched
from app.domain.conversation import Conversation, Unsent
from app.domain.message import Message, Role, Text
from app.library import Library


@pytest.fixture
async def library(bench: Bench) -> AsyncIterator[Library]:
    made = Library(bench.database, bench.conversations, bench.around)
    yield made
    made.close()


async def talk(bench: Bench, library: Library, *questions: str) -> Chat:
    chat = library.new_chat()
    for words in questions:
        bench.hand.advance(10.0)
        chat.send(text(words))
        await bench.settle()
    return chat


def said(chat: Chat | Conversation) -> list[str]:
    conversation = chat.conversation if isinstance(chat, Chat) else chat
    return [message.text for message in conversation.path() if message.role is Role.USER]


async def test_it_has_all_up_to_the_answer_and_the_other_stays(
    bench: Bench, library: Library
) -> None:
    chat = await talk(bench, library, "one", "two", "three")
    before = chat.conversation
    made: list[Chat] = []
    library.branch(chat.id, before.path()[3].id, made.append)
    await bench.until(lambda: bool(made))
    branch = made[0]
    assert said(branch) == ["one", "two"]
    assert branch.conversation.path()[-1].role is Role.ASSISTANT
    assert branch.conversation.title == "Branch: one"
    assert branch.unsent == Unsent()
    assert chat.conversation is before
    assert [row.id for row in library.chats()] == [branch.id, chat.id]
    assert not {*branch.conversation.messages} & {*before.messages}
    branch.send(text("otherwise"))
    await bench.settle()
    assert said(bench.conversations.load(branch.id)) == ["one", "two", "otherwise"]
    assert said(bench.conversations.load(chat.id)) == ["one", "two", "three"]


async def test_a_branch_of_a_branch_is_named_once(bench: Bench, library: Library) -> None:
    chat = await talk(bench, library, "one")
    made: list[Chat] = []
    library.branch(chat.id, chat.conversation.path()[-1].id, made.append)
    await bench.until(lambda: len(made) == 1)
    library.branch(made[0].id, made[0].conversation.path()[-1].id, made.append)
    await bench.until(lambda: len(made) == 2)
    assert made[1].conversation.title == "Branch: one"
    assert made[1].id != made[0].id


async def test_an_answer_that_is_gone_is_told(bench: Bench, library: Library) -> None:
    chat = await talk(bench, library, "one")
    made: list[Chat] = []
    library.branch(chat.id, "gone", made.append)
    await bench.until(lambda: library.problem is not None)
    assert library.problem == "This answer is not stored any more."
    assert [row.id for row in library.chats()] == [chat.id]
    library.branch(chat.id, chat.conversation.path()[-1].id, made.append)
    await bench.until(lambda: bool(made))
    assert library.problem is None


def test_versions_stay_behind_and_what_is_left_out_is_left_out() -> None:
    names = iter("abcdefghijkl")
    chat = Conversation(id="chat", title="t", pinned=True, unread=True, binned_at=1.0)
    for name, parent in (("q1", None), ("a1", "q1"), ("a1b", "q1"), ("q2", "a1"), ("a2", "q2")):
        role = Role.USER if name[0] == "q" else Role.ASSISTANT
        chat = chat.append(
            Message(id=name, parent_id=parent, role=role, parts=(Text(name),), created_at=1.0)
        )
    chat = replace(chat, context_start_id="q2")
    made = branched(chat, "a2", lambda: next(names), "new", 7.0)
    assert [message.text for message in made.path()] == ["q1", "a1", "q2", "a2"]
    assert made.context_start_id is not None
    assert made.messages[made.context_start_id].text == "q2"
    assert (made.title, made.created_at, made.updated_at) == ("new", 7.0, 7.0)
    assert (made.pinned, made.unread, made.binned_at) == (False, False, None)
    assert branched(chat, "a1", lambda: next(names), "new", 7.0).context_start_id is None
