"""The same chat from two places, put together: nothing lost, nothing twice, nothing changed."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.conversation import Conversation
from app.domain.merging import merge
from app.domain.message import Finish, Media, Message, Part, Role, Text

NOBODY: frozenset[str] = frozenset()


def said(name: str, parent: str | None, *parts: Part | str, role: Role = Role.USER) -> Message:
    found = tuple(Text(part) if isinstance(part, str) else part for part in parts)
    finish = Finish(complete=True) if role is Role.ASSISTANT else None
    return Message(id=name, parent_id=parent, role=role, parts=found, created_at=1.0, finish=finish)


def chat(*messages: Message) -> Conversation:
    conversation = Conversation(id="chat", title="Mine")
    for message in messages:
        conversation = conversation.append(message)
    return conversation


QUESTION = said("q", None, "Why?")
ANSWER = said("a", "q", "Because.", role=Role.ASSISTANT)


def test_a_new_chat_comes_as_it_was() -> None:
    coming = replace(chat(QUESTION, ANSWER), context_start_id="a", pinned=True)
    merged = merge(None, coming, NOBODY)
    assert merged.conversation == coming
    assert [message.id for message in merged.added] == ["q", "a"]


def test_what_is_here_already_adds_nothing() -> None:
    here = replace(chat(QUESTION, ANSWER), title="Renamed")
    merged = merge(here, chat(QUESTION), NOBODY)
    assert merged.added == ()
    assert merged.conversation == here


def test_a_chat_goes_on_where_it_went_on_elsewhere() -> None:
    merged = merge(chat(QUESTION), chat(QUESTION, ANSWER), NOBODY)
    assert merged.conversation.leaf_id == "a"
    assert merged.conversation.title == "Mine"


def test_another_answer_is_a_version_and_what_is_shown_stays() -> None:
    other = said("b", "q", "Therefore.", role=Role.ASSISTANT)
    merged = merge(chat(QUESTION, ANSWER), chat(QUESTION, other), NOBODY)
    assert merged.conversation.leaf_id == "a"
    assert merged.conversation.children["q"] == ("a", "b")


def test_the_same_id_with_other_words_is_a_version_too_and_comes_once() -> None:
    other = said("a", "q", "No idea.", role=Role.ASSISTANT)
    below = said("c", "a", "Sure?")
    merged = merge(chat(QUESTION, ANSWER), chat(QUESTION, other, below), NOBODY)
    found = merged.conversation
    (_, version) = found.children["q"]
    assert found.messages["a"] == ANSWER
    assert found.messages[version].text == "No idea."
    assert found.messages["c"].parent_id == version
    assert merge(found, chat(QUESTION, other, below), NOBODY).added == ()


def test_an_answer_that_has_grown_holds_what_it_was() -> None:
    cut = replace(ANSWER, parts=(Text("Bec"),))
    assert merge(chat(QUESTION, ANSWER), chat(QUESTION, cut), NOBODY).added == ()
    assert len(merge(chat(QUESTION, cut), chat(QUESTION, ANSWER), NOBODY).added) == 1


def test_an_attachment_that_only_the_other_has_is_not_lost() -> None:
    with_picture = said("q", None, "Why?", Media(mime="image/png", sha256="x"))
    merged = merge(chat(QUESTION), chat(with_picture), NOBODY)
    assert [message.media for message in merged.added] == [with_picture.media]
    left_out = replace(with_picture, parts=(Text("Why?"), Media(mime="image/png", sha256="x")))
    assert merge(chat(with_picture), chat(left_out), NOBODY).added == ()


def test_ids_of_other_chats_are_not_used() -> None:
    merged = merge(None, chat(QUESTION, ANSWER), frozenset({"q"}))
    question, answer = merged.added
    assert question.id != "q"
    assert answer.parent_id == question.id
    assert merged.conversation.leaf_id == "a"
    assert merge(merged.conversation, chat(QUESTION, ANSWER), frozenset({"q"})).added == ()


@st.composite
def trees(draw: st.DrawFn) -> Conversation:
    """Few ids and words, so that two of them have much in common."""
    messages: dict[str, Message] = {}
    for name in draw(st.lists(st.sampled_from("abcdef"), unique=True, max_size=6)):
        parent = draw(st.sampled_from([None, *messages]))
        words = draw(st.sampled_from(["", "x", "xy", "z"]))
        role = draw(st.sampled_from([Role.USER, Role.ASSISTANT]))
        messages[name] = said(name, parent, words, role=role)
    return chat(*messages.values())


def lines(conversation: Conversation) -> set[tuple[tuple[str, str], ...]]:
    """What was said on the way to each message."""
    return {
        tuple((each.role.value, each.text) for each in conversation.path(name))
        for name in conversation.messages
    }


@settings(max_examples=200, deadline=None)
@given(trees(), trees())
def test_nothing_is_lost_changed_or_doubled(here: Conversation, coming: Conversation) -> None:
    merged = merge(here, coming, NOBODY)
    found = merged.conversation
    for message in here.messages.values():
        assert found.messages[message.id] == message
    for line in lines(coming):
        assert any(
            len(mine) == len(line)
            and all(
                role == other and text.startswith(words)
                for (role, text), (other, words) in zip(mine, line, strict=True)
            )
            for mine in lines(found)
        ), line
    assert set(found.messages) == {name for names in found.children.values() for name in names}
    assert len(found.messages) == len(here.messages) + len(merged.added)
    assert merge(found, coming, NOBODY).added == ()
