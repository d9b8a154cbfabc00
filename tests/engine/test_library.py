"""The library: one object for a chat, a list that follows every change, other programs included."""

from __future__ import annotations

import asyncio
import gc
import threading
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path

import pytest
from scripted import DONE, Bench, answer, failing, text

from app.chat import Chat
from app.domain.conversation import SearchHit
from app.domain.errors import ErrorKind
from app.domain.stream import ReasoningDelta, TextDelta
from app.library import Library, LibraryChange, LibraryEvent
from app.storage.conversations import Conversations
from app.storage.database import Database
from app.storage.errors import StorageError, Trouble


@pytest.fixture
async def library(bench: Bench) -> AsyncIterator[Library]:
    made = Library(bench.database, bench.conversations, bench.around)
    yield made
    made.close()


@pytest.fixture
def heard(library: Library) -> list[LibraryChange]:
    changes: list[LibraryChange] = []
    library.subscribe(changes.append)
    return changes


def kinds(heard: list[LibraryChange]) -> list[LibraryEvent]:
    return [change.kind for change in heard]


def titles(library: Library) -> list[str]:
    return [row.title for row in library.chats()]


async def asked(bench: Bench, library: Library, words: str) -> Chat:
    bench.hand.advance(10.0)
    chat = library.new_chat()
    chat.send(text(words))
    await bench.settle()
    return chat


async def half_way(bench: Bench, chat: Chat, words: str) -> asyncio.Event:
    rest = asyncio.Event()
    bench.provider.turns.append([TextDelta("half"), rest, *answer(" whole")])
    chat.send(text(words))
    await bench.until(lambda: chat.draft is not None and chat.draft.text == "half")
    return rest


def again(bench: Bench) -> Library:
    """The library as another start of the program would find it."""
    return Library(bench.database, bench.conversations, bench.around)


async def test_a_new_chat_is_listed_from_its_first_word_on(
    bench: Bench, library: Library, heard: list[LibraryChange]
) -> None:
    chat = library.new_chat()
    assert library.chats() == ()
    assert library.new_chat() is chat
    chat.set_unsent("thinking about")
    assert [row.id for row in library.chats()] == [chat.id]
    assert library.new_chat() is not chat
    bench.hand.advance(1.0)
    assert [row.id for row in again(bench).chats()] == [chat.id]
    assert kinds(heard) == [LibraryEvent.LIST]


async def test_an_empty_chat_leaves_no_trace(bench: Bench, library: Library) -> None:
    chat = library.new_chat()
    chat.set_unsent("x")
    chat.set_unsent("")
    bench.hand.advance(1.0)
    library.close()
    assert library.chats() == ()
    assert again(bench).chats() == ()


async def test_pinned_first_then_newest(bench: Bench, library: Library) -> None:
    for words in ("one", "two", "three"):
        await asked(bench, library, words)
    assert titles(library) == ["three", "two", "one"]
    library.set_pinned(library.chats()[2].id, True)
    assert titles(library) == ["one", "three", "two"]
    assert titles(again(bench)) == ["one", "three", "two"]
    bench.hand.advance(10.0)
    library.open(library.chats()[2].id).send(text("more"))
    await bench.settle()
    assert titles(library) == ["one", "two", "three"]


async def test_a_chat_is_one_object(bench: Bench, library: Library) -> None:
    chat = await asked(bench, library, "one")
    assert library.open(chat.id) is chat
    chat_id = chat.id
    conversation = chat.conversation
    del chat
    library.new_chat()
    gc.collect()
    assert library.open(chat_id).conversation == conversation


async def test_an_unknown_chat(library: Library) -> None:
    with pytest.raises(KeyError):
        library.open("nobody")


async def test_a_reply_goes_on_when_nobody_holds_its_chat(bench: Bench, library: Library) -> None:
    chat = library.new_chat()
    rest = await half_way(bench, chat, "q")
    chat_id = chat.id
    del chat
    library.new_chat()
    gc.collect()
    assert library.replying() == {chat_id}
    rest.set()
    await bench.settle()
    gc.collect()
    assert library.open(chat_id).conversation.path()[-1].text == "half whole"
    assert library.replying() == frozenset()


async def test_an_answer_that_ends_unseen_is_unread(
    bench: Bench, library: Library, heard: list[LibraryChange]
) -> None:
    seen, unseen = library.new_chat(), None
    first = await half_way(bench, seen, "seen")
    unseen = library.new_chat()
    second = await half_way(bench, unseen, "unseen")
    library.show(seen.id)
    first.set()
    second.set()
    await bench.settle()
    assert {row.title: row.unread for row in library.chats()} == {"seen": False, "unseen": True}
    assert kinds(heard).count(LibraryEvent.ENDED) == 2
    library.show(unseen.id)
    assert not any(row.unread for row in library.chats())
    library.show(None)
    assert not any(row.unread for row in again(bench).chats())


async def test_a_failure_unseen_is_unread_too(bench: Bench, library: Library) -> None:
    bench.provider.turns.append([failing(ErrorKind.AUTH, retryable=False)])
    await asked(bench, library, "q")
    assert library.chats()[0].unread


async def test_what_the_person_stopped_is_no_news(
    bench: Bench, library: Library, heard: list[LibraryChange]
) -> None:
    chat = library.new_chat()
    await half_way(bench, chat, "q")
    chat.stop()
    await bench.settle()
    assert not library.chats()[0].unread
    assert LibraryEvent.ENDED not in kinds(heard)
    assert kinds(heard).count(LibraryEvent.REPLYING) == 2


async def test_a_row_changes_without_moving(
    bench: Bench, library: Library, heard: list[LibraryChange]
) -> None:
    chat = await asked(bench, library, "q")
    heard.clear()
    library.rename(chat.id, "  A \n title ")
    assert heard == [LibraryChange(LibraryEvent.ROW, chat.id)]
    assert titles(library) == titles(again(bench)) == ["A title"]
    library.rename(chat.id, "A title")
    assert len(heard) == 1


async def test_an_empty_title_brings_back_the_one_made_by_itself(
    bench: Bench, library: Library
) -> None:
    chat = await asked(bench, library, "the question")
    library.rename(chat.id, "Mine")
    assert chat.conversation.titled_by_person
    library.rename(chat.id, " ")
    assert titles(library) == ["the question"]
    assert not chat.conversation.titled_by_person


async def test_the_bin_can_be_undone_and_stops_the_reply(bench: Bench, library: Library) -> None:
    chat = library.new_chat()
    await half_way(bench, chat, "q")
    library.bin(chat.id)
    await bench.settle()
    assert library.chats() == again(bench).chats() == ()
    library.restore(chat.id)
    assert titles(library) == titles(again(bench)) == ["q"]
    assert library.open(chat.id).conversation.path()[-1].text == "half"


async def test_the_bin_empties_after_thirty_days(bench: Bench, library: Library) -> None:
    chat = await asked(bench, library, "q")
    library.bin(chat.id)
    bench.hand.advance(29 * 86_400.0)
    assert library.trash.delete_old() == 0
    bench.hand.advance(2 * 86_400.0)
    assert library.trash.delete_old() == 1
    with pytest.raises(KeyError):
        bench.conversations.load(chat.id)


async def test_search_finds_titles_messages_and_reasoning(bench: Bench, library: Library) -> None:
    bench.provider.turns.append([ReasoningDelta("secretly pondering"), TextDelta("zebra"), DONE])
    await asked(bench, library, "quagga")
    found: list[tuple[SearchHit, ...]] = []
    for words in ("quagga", "zebra", "ponder", "nothing"):
        library.search(words, found.append)
        await bench.settle()
    title, answer_hit, thought, nothing = found
    assert [hit.message_id is None for hit in title] == [True, False]
    assert [hit.in_reasoning for hit in (*answer_hit, *thought)] == [False, True]
    assert nothing == ()


async def test_a_search_that_nobody_waits_for_says_nothing(
    bench: Bench, library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    began, interrupted = threading.Event(), threading.Event()

    def endless(database: Database, words: str) -> tuple[SearchHit, ...]:
        database.connection.create_function("began", 1, lambda i: began.set())
        try:
            database.rows(
                "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "
                "SELECT max(i) FROM n WHERE i > 9 OR began(i) IS NULL"
            )
        finally:
            interrupted.set()
        return ()

    monkeypatch.setattr("app.finding.search", endless)
    found: list[tuple[SearchHit, ...]] = []
    cancel = library.search("words", found.append)
    await bench.until(began.is_set)
    cancel()
    await bench.settle()
    assert interrupted.wait(5.0)
    assert found == []
    assert library.problem is None


class Broken:
    """A store whose disk is full until it is mended."""

    def __init__(self, store: Conversations) -> None:
        self._store = store
        self.trouble: Trouble | None = None

    def __getattr__(self, name: str) -> Callable[..., object]:
        if self.trouble is not None:
            raise StorageError(self.trouble, Path("linnet.db"))
        found: Callable[..., object] = getattr(self._store, name)
        return found


@pytest.mark.parametrize("trouble", [Trouble.FULL, Trouble.READ_ONLY, Trouble.BUSY])
async def test_a_full_disk_is_told_and_nothing_is_lost(
    bench: Bench, trouble: Trouble, heard: list[LibraryChange]
) -> None:
    store = Broken(bench.conversations)
    bench.around = replace(bench.around, store=store)
    library = again(bench)
    library.subscribe(heard.append)
    chat = await asked(bench, library, "before")
    store.trouble = trouble
    chat.send(text("during"))
    await bench.settle()
    chat.set_unsent("typing")
    assert [m.text for m in chat.conversation.path()] == ["before", "ok", "during", "ok"]
    assert library.problem is not None
    assert "linnet.db" in library.problem
    assert kinds(heard).count(LibraryEvent.PROBLEM) == 1
    for _ in range(3):
        bench.hand.advance(5.0)
    assert len(bench.conversations.load(chat.id).messages) == 2
    store.trouble = None
    bench.hand.advance(5.0)
    assert library.problem is None
    assert kinds(heard).count(LibraryEvent.PROBLEM) == 2
    again_chat = bench.reopened(chat)
    assert again_chat.conversation == chat.conversation
    assert again_chat.unsent.text == "typing"
    library.close()


async def test_what_another_program_writes_shows_at_once(
    bench: Bench, library: Library, heard: list[LibraryChange]
) -> None:
    library.watch()
    mine = await asked(bench, library, "mine")
    heard.clear()
    with Database.open(bench.database.path) as database:
        theirs = Conversations(database)
        there = Library(database, theirs, replace(bench.around, store=theirs))
        chat = there.new_chat()
        rest = await half_way(bench, chat, "theirs")
        await look(bench)
        assert titles(library) == ["theirs", "mine"]
        assert LibraryEvent.LIST in kinds(heard)
        opened = library.open(chat.id)
        assert opened.conversation.path()[-1].finish is None
        bench.hand.advance(0.8)
        await look(bench)
        assert opened.conversation.path()[-1].text == "half"
        rest.set()
        await bench.settle()
        await look(bench)
        assert opened.conversation == chat.conversation
        heard.clear()
        await look(bench)
        assert heard == []
        theirs.close()
    assert library.open(mine.id) is mine


async def look(bench: Bench) -> None:
    """Let the library look for changes, and read what it found."""
    bench.hand.advance(1.0)
    await bench.until(lambda: not any("refresh" in name for name in bench.tasks.running))


async def test_a_running_reply_is_not_taken_over(bench: Bench, library: Library) -> None:
    library.watch()
    chat = library.new_chat()
    rest = await half_way(bench, chat, "q")
    with Database.open(bench.database.path) as database:
        database.execute("UPDATE chat SET title = 'other'")
    await look(bench)
    assert chat.draft is not None
    rest.set()
    await bench.settle()
    assert chat.conversation.path()[-1].text == "half whole"


async def test_fifty_thousand_chats_are_listed_quickly(bench: Bench, library: Library) -> None:
    rows = [(f"c{i:06}", f"Chat {i}", 1000.0 + i) for i in range(50_000)]
    with bench.database.transaction() as connection:
        connection.executemany(
            "INSERT INTO chat (id, title, titled_by_person, created_at, updated_at, pinned, "
            "unread, service_id) VALUES (?, ?, 0, 0, ?, 0, 0, '')",
            rows,
        )
    many = again(bench)
    assert len(many.chats()) == 50_000
    heard: list[LibraryChange] = []
    many.subscribe(heard.append)
    many.rename("c000007", "Other")
    assert heard == [LibraryChange(LibraryEvent.ROW, "c000007")]
    assert many.chats()[-8].title == "Other"
