"""The file itself: refused untouched, upgraded with a copy, troubles in plain words."""

from __future__ import annotations

import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from chat_values import answered, asked, chat

from app.domain.message import Reasoning, Text
from app.storage.conversations import Conversations
from app.storage.database import Database, upgrade_needed
from app.storage.errors import StorageError, Trouble, plain_words
from app.storage.index import index_message, index_title
from app.storage.migrations import MIGRATIONS, Migration
from app.storage.search import search

VERSIONS = range(1, len(MIGRATIONS))


def add_a_table(connection: sqlite3.Connection) -> None:
    connection.execute("CREATE TABLE later (word TEXT)")


def fail(connection: sqlite3.Connection) -> None:
    add_a_table(connection)
    connection.execute("no SQL")


OLD_CHAT_COLUMNS = (
    "number, id, title, titled_by_person, created_at, updated_at, pinned, unread, binned_at, "
    "service_id, sampling, leaf_id, context_start_id, message_count"
)
OLD_COLUMNS = (
    "number, id, chat, parent_id, role, parts, created_at, service_id, service_name, model, "
    "usage, finish, timing, notices, provider_state, extras, writer"
)


def holding(path: Path, version: int) -> None:
    """Make the file as a Linnet of `version` left it, with one chat in it."""
    with Database.open(path, MIGRATIONS[:version]) as database, database.transaction() as rows:
        rows.execute(
            f"INSERT INTO chat ({OLD_CHAT_COLUMNS}) VALUES "
            "(7, 'c', 'Birds', 1, 1.0, 2.0, 1, 0, NULL, 'demo', '{\"top_p\":0.5}', 'a', NULL, 2)"
        )
        rows.execute(
            f"INSERT INTO message ({OLD_COLUMNS}) VALUES (1, 'q', 7, NULL, 'user', "
            "'[{\"kind\":\"text\",\"text\":\"Which bird?\"}]', 1.0, '', '', '', "
            "NULL, NULL, NULL, NULL, NULL, NULL, NULL)"
        )
        rows.execute(
            f"INSERT INTO message ({OLD_COLUMNS}) VALUES (2, 'a', 7, 'q', 'assistant', "
            '\'[{"kind":"reasoning","text":"Small.","seconds":2.5},'
            '{"kind":"text","text":"A linnet."}]\', 2.0, \'demo\', \'Demo\', \'m\', '
            '\'{"total":9}\', \'{"reason":"stop","complete":true}\', \'{"total_s":3.0}\', '
            '\'[["limit","Short."]]\', \'{"k":[1]}\', \'{"credits":2}\', NULL)'
        )

        if version >= 2:
            for number, title in rows.execute("SELECT number, title FROM chat").fetchall():
                index_title(rows, number, title)
            index_message(rows, 1, (Text("Which bird?"),))
            index_message(rows, 2, (Reasoning("Small."), Text("A linnet.")))
        if version >= 5:
            rows.execute("UPDATE message SET line = 1, depth = number - 1")


def test_a_new_file_is_for_its_owner_alone(path: Path) -> None:
    with Database.open(path) as database:
        chats = Conversations(database)
        question, answer = asked("q", "?"), answered("a", "q", finish=None)
        chats.save(chat("c", question, answer), question, answer)
        assert database.rows("PRAGMA journal_mode") == [("wal",)]
        assert database.rows("PRAGMA synchronous") == [(1,)]
        assert database.rows("PRAGMA foreign_keys") == [(1,)]
        for place in [path, *path.parent.glob("linnet.db-*")]:
            assert not stat.S_IMODE(place.stat().st_mode) & 0o077, place
        chats.close()


@pytest.mark.parametrize("version", VERSIONS)
def test_every_earlier_version_is_upgraded_with_a_copy(path: Path, version: int) -> None:
    holding(path, version)
    assert upgrade_needed(path)
    with Database.open(path) as database:
        chats = Conversations(database)
        conversation = chats.load("c")
        assert conversation.title == "Birds"
        assert conversation.sampling.top_p == 0.5
        question, answer = conversation.path()
        assert question.parts == (Text("Which bird?"),)
        assert answer.parts == (Reasoning("Small.", 2.5), Text("A linnet."))
        assert answer.extras == {"credits": 2}
        assert answer.finish is not None
        assert answer.finish.complete
        assert [hit.message_id for hit in search(database, "linnet")] == ["a"]
        assert [hit.in_reasoning for hit in search(database, "small")] == [True]
        assert [hit.chat_id for hit in search(database, "birds")] == ["c"]
        assert database.faults() == ()
    assert not upgrade_needed(path)

    with Database.open(path.with_name(f"linnet.db.version-{version}"), MIGRATIONS[:version]) as old:
        assert old.rows("SELECT title FROM chat") == [("Birds",)]


def test_an_upgrade_that_fails_changes_nothing(path: Path) -> None:
    holding(path, len(MIGRATIONS))
    with pytest.raises(sqlite3.OperationalError):
        Database.open(path, (*MIGRATIONS, fail))
    with Database.open(path) as database:
        assert Conversations(database).load("c").title == "Birds"
        assert database.rows("SELECT name FROM sqlite_schema WHERE name = 'later'") == []


def test_no_upgrade_without_its_copy(path: Path) -> None:
    holding(path, len(MIGRATIONS))
    in_the_way = path.with_name(f"linnet.db.version-{len(MIGRATIONS)}.partial")
    in_the_way.mkdir()
    with pytest.raises(StorageError) as caught:
        Database.open(path, (*MIGRATIONS, add_a_table))
    assert caught.value.trouble is Trouble.READ_ONLY
    with Database.open(path) as database:
        assert Conversations(database).load("c").title == "Birds"


def everything_in(folder: Path) -> dict[str, bytes]:
    return {entry.name: entry.read_bytes() for entry in folder.iterdir()}


def make_newer(path: Path) -> None:
    with Database.open(path, (*MIGRATIONS, add_a_table)):
        pass


def make_foreign(path: Path) -> None:
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE recipes (name TEXT)")


def make_foreign_with_a_name(path: Path) -> None:
    make_foreign(path)
    with closing(sqlite3.connect(path)) as other:
        other.execute("PRAGMA application_id = 17")


def make_text(path: Path) -> None:
    path.write_text("Dear diary, " * 50)


@pytest.mark.parametrize(
    ("make", "trouble", "words"),
    [
        (make_newer, Trouble.NEWER, "newer version of Linnet"),
        (make_foreign, Trouble.FOREIGN, "does not hold chats of Linnet"),
        (make_foreign_with_a_name, Trouble.FOREIGN, "does not hold chats of Linnet"),
        (make_text, Trouble.FOREIGN, "does not hold chats of Linnet"),
    ],
)
def test_what_is_not_ours_is_refused_untouched(
    path: Path, make: Callable[[Path], None], trouble: Trouble, words: str
) -> None:
    make(path)
    before = everything_in(path.parent)
    with pytest.raises(StorageError, match=words) as caught:
        Database.open(path)
    assert caught.value.trouble is trouble
    assert str(path) in str(caught.value)
    assert everything_in(path.parent) == before


def test_a_newer_file_is_refused_also_while_its_version_lies_in_the_log(path: Path) -> None:
    with Database.open(path) as ours:  # holds the log open, so that nothing is checkpointed
        with closing(sqlite3.connect(path, isolation_level=None)) as newer:
            newer.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
        with pytest.raises(StorageError) as caught:
            Database.open(path)
        assert caught.value.trouble is Trouble.NEWER
        assert ours.rows("PRAGMA user_version") == [(len(MIGRATIONS) + 1,)]


def test_a_file_that_was_only_just_made_is_taken(path: Path) -> None:
    with closing(sqlite3.connect(path)) as begun:
        begun.execute("PRAGMA journal_mode = WAL")
    assert path.stat().st_size > 0
    with Database.open(path) as database:
        assert database.faults() == ()


def test_a_damaged_file_is_told(path: Path) -> None:
    holding(path, len(MIGRATIONS))
    whole = path.read_bytes()
    path.write_bytes(whole[:4096] + b"\xff" * 4096 + whole[8192:])
    with pytest.raises(StorageError, match="damaged") as caught, Database.open(path) as database:
        database.faults()
    assert caught.value.trouble is Trouble.DAMAGED
    assert path.read_bytes()[4096:] == b"\xff" * 4096 + whole[8192:]


def test_faults_names_what_is_wrong(path: Path, database: Database) -> None:
    assert database.faults() == ()
    with closing(sqlite3.connect(path, isolation_level=None)) as careless:
        careless.execute("INSERT INTO unsent VALUES (99, 'text', '[]')")
    assert database.faults() == ("unsent: row 99 names no chat",)


def test_a_folder_that_may_not_be_written_to_is_told(locked_folder: Path) -> None:
    with pytest.raises(StorageError, match="cannot write to") as caught:
        Database.open(locked_folder / "linnet.db")
    assert caught.value.trouble is Trouble.READ_ONLY
    assert caught.value.__cause__ is not None


def test_a_missing_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="cannot write to"):
        Database.open(tmp_path / "nowhere" / "linnet.db")
    (tmp_path / "linnet.db").mkdir()
    with pytest.raises(StorageError, match="cannot write to"):
        Database.open(tmp_path / "linnet.db")


FILL = """
import resource, sys
from pathlib import Path
from app.storage.database import Database
from app.storage.conversations import Conversations
from app.storage.errors import StorageError
from app.domain.conversation import Conversation
from app.domain.message import Message, Role, Text

database = Database.open(Path(sys.argv[1]))
chats = Conversations(database)
conversation = Conversation(id="c")
resource.setrlimit(resource.RLIMIT_FSIZE, (2_000_000, 2_000_000))
try:
    for number in range(1000):
        parent = str(number - 1) if number else None
        question = Message(id=str(number), parent_id=parent, role=Role.USER,
                           parts=(Text("word " * 2000),), created_at=1.0)
        conversation = conversation.append(question)
        chats.save(conversation, question)
        print(number, flush=True)
except StorageError as error:
    print(error.trouble.value, "|", error)
"""


def test_a_disk_that_fills_loses_nothing_that_was_saved(path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FILL, str(path)], capture_output=True, text=True, timeout=60
    )
    assert done.stderr == ""
    *saved, told = done.stdout.splitlines()
    assert told.startswith(("full | The disk is full", "disk | "))
    assert len(saved) > 10
    with Database.open(path) as database:
        assert len(Conversations(database).load("c").messages) == len(saved)
        assert database.faults() == ()


OPEN = """
import sys
from pathlib import Path
from app.storage.database import Database
sys.stdin.readline()
with Database.open(Path(sys.argv[1])) as database:
    print(database.rows("PRAGMA user_version")[0][0])
"""


def test_programs_that_start_together_make_one_file(path: Path) -> None:
    starting = [
        subprocess.Popen(
            [sys.executable, "-c", OPEN, str(path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]
    for program in starting:
        assert program.stdin is not None
        program.stdin.write("go\n")
        program.stdin.flush()
    for program in starting:
        assert program.communicate(timeout=60) == (f"{len(MIGRATIONS)}\n", "")


def test_a_busy_file_is_told(path: Path, database: Database) -> None:
    database.execute("PRAGMA busy_timeout = 0")
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StorageError, match="held by another program") as caught:
            Conversations(database).save(chat("c"))
        other.execute("ROLLBACK")
    assert caught.value.trouble is Trouble.BUSY


def test_a_copy_is_whole_and_its_own(path: Path, database: Database) -> None:
    chats = Conversations(database)
    chats.save(chat("c", title="Copied"))
    target = path.with_name("copy.db")
    database.copy_to(target)
    chats.purge(["c"])
    with Database.open(target) as copy:
        assert Conversations(copy).load("c").title == "Copied"


def test_a_reader_cannot_write(database: Database) -> None:
    with database.reader() as reader:
        with pytest.raises(StorageError) as caught:
            Conversations(reader).save(chat("c"))
        assert caught.value.trouble is Trouble.READ_ONLY


def test_a_mistake_of_the_program_stays_one(path: Path) -> None:
    with pytest.raises(sqlite3.OperationalError), plain_words(path):
        raise sqlite3.OperationalError("no such table")


def test_every_trouble_has_a_sentence_that_names_the_file(path: Path) -> None:
    for trouble in Trouble:
        sentence = str(StorageError(trouble, path))
        assert str(path) in sentence
        assert sentence.endswith(".")


def test_migrations_are_only_ever_added() -> None:
    # Three were released; a fourth need is a fourth step.
    released: tuple[Migration, ...] = MIGRATIONS[:3]
    assert [step.__name__ for step in released] == [
        "_chats_and_messages",
        "_full_text_search",
        "_learned",
    ]
