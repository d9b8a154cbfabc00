"""Chats and messages come back as they were given, one at a time, at any size."""

from __future__ import annotations

import dataclasses
from dataclasses import replace
from pathlib import Path

import pytest
from chat_values import WELL, answered, asked, chat, messages, names, numbers, samplings, texts
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.domain.conversation import ChatSummary, Conversation, Unsent
from app.domain.message import Media, Message, Role, Text
from app.domain.settings import Sampling
from app.storage.conversations import Conversations
from app.storage.database import Database
from app.storage.errors import StorageError, Trouble
from app.storage.search import search

one_database = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


def ids(summaries: tuple[ChatSummary, ...]) -> list[str]:
    return [summary.id for summary in summaries]


@one_database
@given(message=messages)
def test_every_field_of_a_message_comes_back(chats: Conversations, message: Message) -> None:
    conversation = chat(message.id, message)
    chats.save(conversation, message)
    assert chats.load(message.id) == conversation


@one_database
@given(
    conversation=st.builds(
        Conversation,
        id=st.uuids().map(str),
        title=texts,
        titled_by_person=st.booleans(),
        created_at=numbers,
        updated_at=numbers,
        pinned=st.booleans(),
        unread=st.booleans(),
        binned_at=st.none() | numbers,
        service_id=names,
        sampling=samplings,
        leaf_id=st.none() | names,
        context_start_id=st.none() | names,
    )
)
def test_every_field_of_a_chat_comes_back(chats: Conversations, conversation: Conversation) -> None:
    chats.save(conversation)
    assert chats.load(conversation.id) == conversation


def test_no_field_is_forgotten_by_the_strategies() -> None:
    # `messages` and the chats above name every field, so that a new one cannot be missed.
    assert [field.name for field in dataclasses.fields(Message)] == (
        "id parent_id role parts created_at service_id service_name model usage finish timing "
        "notices provider_state extras"
    ).split()
    assert len(dataclasses.fields(Conversation)) == 14
    assert len(dataclasses.fields(Sampling)) == 9


def test_a_tree_keeps_its_branches_in_order(chats: Conversations) -> None:
    question = asked("q", "first")
    versions = [answered(f"a{number}", "q", Text(str(number))) for number in range(3)]
    edited = asked("q2", "second")
    conversation = chat("c", question, *versions, edited)
    chats.save(conversation, question, *versions, edited)

    loaded = chats.load("c")
    assert loaded.children["q"] == ("a0", "a1", "a2")
    assert loaded.children[None] == ("q", "q2")
    assert loaded.path() == (edited,)
    assert loaded.path("a2") == (question, versions[2])


def test_saving_a_message_leaves_the_others_alone(chats: Conversations, database: Database) -> None:
    first, second = asked("q", "first"), answered("a", "q", Text("second"))
    conversation = chat("c", first, second)
    chats.save(conversation, first, second)
    written = database.connection.total_changes
    database.execute("UPDATE message SET model = 'left alone' WHERE id = 'q'")

    chats.save(conversation, replace(second, parts=(Text("third"),)))
    assert chats.load("c").messages["q"].model == "left alone"
    assert chats.load("c").messages["a"].text == "third"
    assert database.connection.total_changes - written < 20  # the index counts its own pages


def test_a_checkpoint_is_one_update(chats: Conversations, database: Database) -> None:
    question, answer = asked("q", "?"), answered("a", "q", finish=None)
    chats.save(chat("c", question, answer), question, answer)
    statements: list[str] = []
    database.connection.set_trace_callback(statements.append)
    chats.checkpoint(replace(answer, parts=(Text("so far"),)))
    database.connection.set_trace_callback(None)

    # A trigger counts up the version of the chat, and is traced as well.
    assert {each for each in statements if not each.startswith("--")} == {statements[0]}
    assert statements[0].startswith("UPDATE message SET")
    assert chats.load("c").messages["a"].text == "so far"


def test_a_late_checkpoint_does_not_undo_the_end(chats: Conversations) -> None:
    question, answer = asked("q", "?"), answered("a", "q", Text("whole"))
    conversation = chat("c", question, answer)
    chats.save(conversation, question, answer)
    chats.checkpoint(replace(answer, parts=(Text("part"),), finish=None))
    assert chats.load("c") == conversation

    chats.purge(["c"])
    chats.checkpoint(answer)
    assert chats.summaries() == ()


def test_what_cannot_be_saved_whole_is_not_saved(chats: Conversations, database: Database) -> None:
    question = asked("q", "kept")
    conversation = chat("c", question)
    chats.save(conversation, question)
    pages = database.execute("PRAGMA page_count").fetchone()[0]
    database.execute(f"PRAGMA max_page_count = {pages}")

    huge = answered("a", "q", Text("long " * 100_000))
    with pytest.raises(StorageError) as caught:
        chats.save(conversation.append(huge), huge)
    assert caught.value.trouble is Trouble.FULL
    assert "The disk is full" in str(caught.value)
    assert chats.load("c") == conversation
    assert not database.connection.in_transaction

    database.execute("PRAGMA max_page_count = 1000000")
    chats.save(conversation.append(huge), huge)
    assert chats.load("c").messages["a"] == huge


def test_a_message_keeps_its_chat_and_its_parent(chats: Conversations) -> None:
    question = asked("q", "?")
    chats.save(chat("c", question), question)
    with pytest.raises(ValueError, match="keeps"):
        chats.save(chat("other"), question)
    with pytest.raises(ValueError, match="keeps"):
        chats.save(chat("c", question), replace(question, parent_id="q"))
    assert ids(chats.summaries()) == ["c"]


def test_the_list_is_pinned_first_then_newest(chats: Conversations) -> None:
    for number, (pinned, updated_at) in enumerate([(0, 1.0), (1, 2.0), (0, 9.0), (1, 5.0)]):
        chats.save(chat(str(number), pinned=bool(pinned), updated_at=updated_at))
    assert ids(chats.summaries()) == ["3", "1", "2", "0"]
    chats.set_pinned("2", True)
    chats.set_pinned("1", False)
    assert ids(chats.summaries()) == ["2", "3", "1", "0"]


def test_a_row_of_the_list_needs_no_message(chats: Conversations, database: Database) -> None:
    question, answer = asked("q", "?"), answered("a", "q", Text("!"))
    chats.save(chat("c", question, answer, title="Greeting", unread=True), question, answer)
    database.execute("UPDATE message SET parts = 'damaged'")

    row = ChatSummary(id="c", title="Greeting", updated_at=2.0, unread=True, message_count=2)
    assert chats.summaries() == (row,)
    assert chats.summary("c") == row
    question, answer = chats.load("c").path()
    assert "damaged" in question.text
    assert answer.finish is not None
    assert answer.finish.failure is not None
    assert "damaged" in answer.finish.failure.message


def test_damage_is_told_where_it_is_met_and_stops_no_start(
    chats: Conversations, database: Database
) -> None:
    question, answer = asked("q", "?"), answered("a", "q", finish=None)
    chats.save(chat("c", question, answer), question, answer)
    chats.set_unsent("c", Unsent("text"))
    database.execute("UPDATE unsent SET parts = '[{\"sha256\"'")
    for look in (lambda: chats.unsent("c"), chats.blob_references):
        with pytest.raises(StorageError) as caught:
            look()
        assert caught.value.trouble is Trouble.DAMAGED

    database.execute('UPDATE message SET parts = \'[{"kind":"from the future"}]\'')
    chats.close()
    assert Conversations(database).mend_cut_off() == ("c",)
    assert "damaged" in chats.load("c").path()[0].text


def test_fifty_thousand_chats_are_listed(chats: Conversations, database: Database) -> None:
    rows = ((f"c{number}", f"Chat {number}", float(number)) for number in range(50_000))
    with database.transaction() as connection:
        connection.executemany(
            "INSERT INTO chat (id, title, titled_by_person, created_at, updated_at, pinned, "
            "unread, service_id) VALUES (?, ?, 0, 0, ?, 0, 0, '')",
            rows,
        )
    statements: list[str] = []
    database.connection.set_trace_callback(statements.append)
    summaries = chats.summaries()
    database.connection.set_trace_callback(None)
    assert len(summaries) == 50_000
    assert summaries[0].title == "Chat 49999"
    # Fast by construction: read from an index in order, without sorting and without the rows.
    plan = database.rows(f"EXPLAIN QUERY PLAN {statements[0]}")
    first, *draft = [row[3] for row in plan]
    assert first == "SCAN chat USING COVERING INDEX chat_row"
    # For a chat without a title alone.
    assert draft == [
        "CORRELATED SCALAR SUBQUERY 1",
        "SEARCH unsent USING INTEGER PRIMARY KEY (rowid=?)",
    ]


def test_a_draft_of_attachments_alone_is_named_after_the_first(
    chats: Conversations, database: Database
) -> None:
    chats.save(chat("c"))
    clip = Media(mime="video/mp4", sha256="b" * 64, name="clip one.mp4")
    chats.set_unsent("c", Unsent("  ", (clip, Media(mime="image/png", sha256="c" * 64))))
    assert [each.draft for each in chats.summaries()] == ["clip one.mp4"]
    chats.set_unsent("c", Unsent("and words", (clip,)))
    assert [each.draft for each in chats.summaries()] == ["and words"]
    database.execute("UPDATE unsent SET text = '', parts = '[{'")  # damaged
    assert [each.draft for each in chats.summaries()] == [""]


def test_the_bin_gives_back_and_forgets(chats: Conversations, database: Database) -> None:
    for number in range(3):
        question = asked(f"q{number}", "anything")
        chats.save(chat(str(number), question, updated_at=number), question)
    chats.set_binned("0", 100.0)
    chats.set_binned("1", 200.0)
    assert ids(chats.summaries()) == ["2"]
    assert ids(chats.summaries(binned=True)) == ["1", "0"]

    chats.set_binned("1", None)
    assert ids(chats.summaries()) == ["2", "1"]
    assert chats.empty_bin(binned_before=100.0) == 0
    assert chats.empty_bin(binned_before=100.5) == 1
    with pytest.raises(KeyError):
        chats.load("0")
    assert database.rows("SELECT count(*) FROM message") == [(2,)]
    assert len(search(database, "anything")) == 2


def test_a_long_chat_is_purged_at_once(chats: Conversations, database: Database) -> None:
    messages = [asked("0", "start")]
    messages += [asked(str(n), "more", parent_id=str(n - 1)) for n in range(1, 2000)]
    chats.save(chat("c", *messages), *messages)
    chats.purge(["c", "never there"])
    for table in ("chat", "message", "chat_index", "message_index"):
        assert database.rows(f"SELECT count(*) FROM {table}") == [(0,)]
    assert database.faults() == ()


def test_unsent_text_belongs_to_its_chat(chats: Conversations) -> None:
    picture = Media(mime="image/png", sha256="0" * 64, name="a.png")
    chats.save(chat("c"))
    assert chats.unsent("c") == Unsent()
    chats.set_unsent("c", Unsent("half a thought", (picture,)))
    assert chats.unsent("c") == Unsent("half a thought", (picture,))
    assert chats.blob_references() == {"0" * 64}
    chats.set_unsent("c", Unsent())
    assert chats.unsent("c") == Unsent()
    with pytest.raises(KeyError):
        chats.set_unsent("never saved", Unsent("lost?"))


def test_a_title_is_changed_without_loading(chats: Conversations, database: Database) -> None:
    chats.save(chat("c", title="Old words"))
    chats.set_title("c", "New words", by_person=True)
    assert chats.load("c").title == "New words"
    assert chats.load("c").titled_by_person
    assert [hit.chat_title for hit in search(database, "new")] == ["New words"]
    assert search(database, "old") == ()
    chats.set_unread("c", True)
    assert chats.summary("c").unread
    with pytest.raises(KeyError):
        chats.set_title("never saved", "x", by_person=True)


def test_half_surrogates_never_reach_the_file(chats: Conversations) -> None:
    state = {"half": "\ud83d"}
    answer = replace(answered("a", None, Text("fine")), provider_state=state, model="\udc00")
    chats.save(chat("c", answer, title="half \ud83d"), answer)
    chats.set_unsent("c", Unsent("half \ud83d"))
    loaded = chats.load("c")
    assert loaded.title == "half \ufffd"
    assert loaded.messages["a"].model == "\ufffd"
    assert loaded.messages["a"].provider_state == state
    assert chats.unsent("c").text == "half \ufffd"


def test_another_window_sees_what_was_written(path: Path, chats: Conversations) -> None:
    with Database.open(path) as other:
        assert not other.changed_elsewhere()
        question = asked("q", "from the terminal")
        chats.save(chat("c", question), question)
        assert other.changed_elsewhere()
        assert not other.changed_elsewhere()
        there = Conversations(other)
        assert there.load("c") == chats.load("c")
        there.set_pinned("c", True)
        assert not other.changed_elsewhere()  # what it wrote itself is no news to it


def test_the_clock_may_go_backwards(chats: Conversations) -> None:
    late, early = asked("q", "late", at=100.0), answered("a", "q", Text("early"), at=50.0)
    conversation = chat("c", late, early)
    chats.save(conversation, late, early)
    assert chats.load("c") == conversation
    assert chats.load("c").updated_at == 100.0
    assert [m.role for m in chats.load("c").path()] == [Role.USER, Role.ASSISTANT]
    assert WELL.complete
