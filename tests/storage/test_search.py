"""Words find titles, messages and reasoning in every script, and no query is a language."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest
from chat_values import answered, asked, chat, texts
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from app.domain.conversation import SearchHit
from app.domain.message import Media, Reasoning, Text
from app.storage.conversations import Conversations
from app.storage.database import Database
from app.storage.errors import StorageError, Trouble
from app.storage.search import search

one_database = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
CHINESE = "今天天气很好，我们去公园散步吧。"


def keep(chats: Conversations, id: str, text: str, thought: str = "", title: str = "") -> None:
    question = asked(f"{id}-q", "…")
    answer = answered(f"{id}-a", question.id, Reasoning(thought), Text(text))
    chats.save(chat(id, question, answer, title=title), question, answer)


def marked(hit: SearchHit) -> list[str]:
    return [hit.snippet[start:end] for start, end in hit.marks]


def found(database: Database, words: str) -> list[str | None]:
    return [hit.message_id for hit in search(database, words)]


@pytest.mark.parametrize(
    ("words", "hits"),
    [
        ("天气", ["天气"]),  # two characters, within a run
        ("气", ["气"]),
        ("我们去公园", ["我们去公园"]),
        ("公园 天气", ["天气", "公园"]),  # both words, in any order
        ("好，我们", ["好，我们"]),
        ("气天", None),  # not in this order
        ("今天 明天", None),
    ],
)
def test_chinese(
    chats: Conversations, database: Database, words: str, hits: list[str] | None
) -> None:
    keep(chats, "c", CHINESE)
    assert [marked(hit) for hit in search(database, words)] == ([] if hits is None else [hits])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("東京でラーメンを食べました", "ラーメン"),
        ("東京でラーメンを食べました", "食べ"),
        ("안녕하세요 세계", "하세요"),
        ("ภาษาไทยง่ายมาก", "ไทย"),
        ("Привет, мир", "прив"),
        ("Ελληνικά γράμματα", "ελλην"),
        ("مرحبا بالعالم", "مرحبا"),
        ("שלום עולם", "שלום"),
        ("Crème brûlée", "creme brulee"),
        ("creme brulee", "CRÈME"),
        ("Qt窗口程序", "qt"),
        ("Qt窗口程序", "窗口"),
        ("𠮷野家", "𠮷野"),
        ("snake_case and kebab-case", "snake_ca"),
        ("see https://example.org/a?b=c", "example.org"),
        ("it costs 12.50 €", "12.5"),
        ("a -> b", "->"),
        ("well done 🎉", "🎉"),
    ],
)
def test_every_script(chats: Conversations, database: Database, text: str, words: str) -> None:
    keep(chats, "c", text)
    keep(chats, "other", "nothing of it here")
    assert found(database, words) == ["c-a"]


def test_a_hit_says_where_it_is(chats: Conversations, database: Database) -> None:
    keep(chats, "said", "The linnet sings.", "thinking about something", title="A bird")
    keep(chats, "thought", "No.", "Perhaps a linnet?", title="Guess")
    keep(chats, "named", "Nothing.", title="Linnets in spring")

    titled, thought, said = search(database, "linn")
    assert titled == SearchHit(
        chat_id="named",
        chat_title="Linnets in spring",
        message_id=None,
        snippet="Linnets in spring",
        marks=((0, 7),),
        updated_at=2.0,
    )
    assert (thought.message_id, thought.in_reasoning) == ("thought-a", True)
    assert (thought.snippet, marked(thought)) == ("Perhaps a linnet?", ["linnet"])
    assert (said.message_id, said.in_reasoning) == ("said-a", False)
    assert (said.chat_title, marked(said)) == ("A bird", ["linnet"])


def test_words_may_lie_apart_and_phrases_may_not(chats: Conversations, database: Database) -> None:
    keep(chats, "c", "the green hill beside the blue lake", "was it green")
    assert found(database, "lake green") == ["c-a"]
    assert found(database, '"green hill"') == ["c-a"]
    assert found(database, '"hill green"') == []
    assert found(database, '"green hil"') == []
    assert found(database, "green red") == []


def test_newest_first_and_no_more_than_asked(chats: Conversations, database: Database) -> None:
    for number in range(5):
        keep(chats, str(number), "same words")
    assert found(database, "same") == ["4-a", "3-a", "2-a", "1-a", "0-a"]
    assert len(search(database, "same", limit=2)) == 2


def test_the_snippet_begins_near_the_hit(chats: Conversations, database: Database) -> None:
    keep(chats, "c", "before " * 300 + "\n\n needle \t in \n the haystack " + "after " * 300)
    (hit,) = search(database, "needle")
    assert hit.marks[0][0] < 50
    assert "needle in the haystack" in hit.snippet
    assert len(hit.snippet) < 400
    assert hit.snippet.startswith("…")

    keep(chats, "signs", "before " * 300 + "a <=> b" + " after" * 300)
    (hit,) = search(database, "<=>")
    assert marked(hit) == ["<=>"]
    assert len(hit.snippet) < 400


def test_attachments_are_found_by_name(chats: Conversations, database: Database) -> None:
    question = replace(
        asked("q", "What is it?"), parts=(Media(mime="image/png", url="u", name="sunset.png"),)
    )
    chats.save(chat("c", question), question)
    assert found(database, "sunset") == ["q"]


def test_what_was_replaced_or_binned_is_not_found(chats: Conversations, database: Database) -> None:
    keep(chats, "c", "first words", title="heading")
    conversation = chats.load("c")
    answer = replace(conversation.messages["c-a"], parts=(Text("other words"),))
    chats.save(conversation.replace_message(answer), answer)
    assert found(database, "first") == []
    assert found(database, "other") == ["c-a"]

    chats.set_binned("c", 1.0)
    assert found(database, "other") == []
    assert found(database, "heading") == []
    chats.set_binned("c", None)
    assert found(database, "other") == ["c-a"]


def test_an_answer_is_found_once_it_ended(chats: Conversations, database: Database) -> None:
    question, answer = asked("q", "?"), answered("a", "q", Text("growing"), finish=None)
    conversation = chat("c", question, answer)
    chats.save(conversation, question, answer)
    assert found(database, "growing") == []
    done = answered("a", "q", Text("growing old"))
    chats.save(conversation.replace_message(done), done)
    assert found(database, "growing") == ["a"]


def test_a_long_search_can_be_stopped(chats: Conversations, database: Database) -> None:
    keep(chats, "c", "anything")
    reading, stopped = threading.Event(), threading.Event()
    caught: list[StorageError] = []

    def wait_within() -> int:
        reading.set()
        stopped.wait(30)
        return 1

    def read() -> None:
        with database.reader() as reader:
            readers.append(reader)
            reader.connection.create_function("wait_within", 0, wait_within)
            try:
                reader.rows("SELECT wait_within() FROM message")
            except StorageError as error:
                caught.append(error)

    readers: list[Database] = []
    thread = threading.Thread(target=read)
    thread.start()
    assert reading.wait(30)
    readers[0].interrupt()
    stopped.set()
    thread.join(30)
    assert [error.trouble for error in caught] == [Trouble.INTERRUPTED]


@one_database
@given(words=st.text(max_size=30) | st.text("\"*^:(){}+-, '%_ORNEAT ab", max_size=20))
def test_no_query_is_a_language(chats: Conversations, database: Database, words: str) -> None:
    keep(chats, "c", 'a "quoted" (NEAR) OR b* NOT -c')
    for hit in search(database, words):
        for start, end in hit.marks:
            assert 0 <= start < end <= len(hit.snippet)


@one_database
@given(text=texts, data=st.data())
def test_any_run_of_chinese_is_found(
    chats: Conversations, database: Database, text: str, data: st.DataObject
) -> None:
    start = data.draw(st.integers(0, len(CHINESE) - 1))
    run = CHINESE[start : data.draw(st.integers(start + 1, len(CHINESE)))]
    assume(not all(character in "，。" for character in run))
    keep(chats, "c", text + CHINESE + text)
    (hit,) = search(database, run)
    assert hit.message_id == "c-a"
    assert marked(hit)[0].strip("，。") in CHINESE


@one_database
@given(word=st.text("abcdefghijklmnopqrstuvwxyz0123456789", min_size=1), data=st.data())
def test_any_beginning_of_a_word_is_found(
    chats: Conversations, database: Database, word: str, data: st.DataObject
) -> None:
    keep(chats, "c", f"some {word}, and more")
    beginning = word[: data.draw(st.integers(1, len(word)))]
    assert found(database, beginning.upper()) == ["c-a"]
