"""What a program that was killed leaves behind, and that a running one is let alone."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from chat_values import answered, asked, chat

from app.domain.errors import ErrorKind, Phase
from app.domain.estimate import sent_of
from app.domain.message import Media, Message, Role, Text
from app.storage.conversations import Conversations
from app.storage.database import Database
from app.storage.lock import FileLock
from app.storage.search import search

WRITER = """
import sys
from dataclasses import replace
from pathlib import Path
from app.domain.conversation import Conversation
from app.domain.message import Message, Role, Text
from app.storage.conversations import Conversations
from app.storage.database import Database

database = Database.open(Path(sys.argv[1]))
chats = Conversations(database)
question = Message(id="q", parent_id=None, role=Role.USER, parts=(Text("?"),), created_at=1.0)
answer = Message(id="a", parent_id="q", role=Role.ASSISTANT, parts=(), created_at=2.0)
chats.save(Conversation(id="c").append(question).append(answer), question, answer)
print("saved", flush=True)
text = ""
for line in sys.stdin:
    text += line
    chats.checkpoint(replace(answer, parts=(Text(text),)))
    print("kept", flush=True)
"""


class Writer:
    """Another program that has begun an answer and writes down the lines it is told."""

    def __init__(self, path: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._heard() == "saved\n"

    def tell(self, line: str, *, wait: bool = True) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        if wait:
            assert self._heard() == "kept\n"

    def kill(self) -> None:
        self.process.kill()
        assert self.process.wait(timeout=30) == -signal.SIGKILL

    def _heard(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline()


@contextmanager
def writing(path: Path) -> Iterator[Writer]:
    writer = Writer(path)
    try:
        yield writer
    finally:
        writer.process.kill()
        writer.process.communicate()


def test_kill_loses_at_most_the_last_checkpoint(path: Path) -> None:
    with writing(path) as writer:
        for number in range(20):
            writer.tell(f"line {number}")
        writer.tell("perhaps lost", wait=False)
        writer.kill()

    with Database.open(path) as database:
        chats = Conversations(database)
        assert chats.mend_cut_off() == ("c",)
        question, answer = chats.load("c").path()
        assert question.text == "?"
        assert answer.text.startswith("".join(f"line {number}\n" for number in range(20)))
        assert answer.finish is not None
        assert not answer.finish.complete
        failure = answer.finish.failure
        assert failure is not None
        assert (failure.kind, failure.phase) == (ErrorKind.TRUNCATED, Phase.MID_STREAM)
        assert failure.message == "Linnet was closed while this answer was being written."
        assert not failure.retryable
        assert [hit.message_id for hit in search(database, '"line 19"')] == ["a"]
        assert chats.mend_cut_off() == ()
        assert list(path.with_name("linnet.db-writers").iterdir()) == []


def test_of_what_is_left_all_is_known_that_is_asked_without_reading_it(
    path: Path, chats: Conversations
) -> None:
    question, answer = asked("q", "?"), answered("a", "q", finish=None)
    picture = Media(mime="image/png", sha256="00")
    with Database.open(path) as second:
        writer = Conversations(second)
        writer.save(chat("c", question, answer), question, answer)
        writer.checkpoint(replace(answer, parts=(Text("A long answer. " * 40), picture)))
        writer.close()
    assert chats.mend_cut_off() == ("c",)
    stored = chats.load("c")
    assert [message.id for message in stored.path().with_media()] == ["a"]
    assert sent_of(stored) == sent_of(chats.load_whole("c"))


def test_killed_before_the_first_word(path: Path) -> None:
    with writing(path) as writer:
        writer.kill()
    with Database.open(path) as database:
        chats = Conversations(database)
        chats.mend_cut_off()
        finish = chats.load("c").messages["a"].finish
        assert finish is not None
        assert finish.failure is not None
        assert finish.failure.phase is Phase.FIRST_EVENT


def test_what_a_running_program_writes_is_not_cut_off(path: Path, chats: Conversations) -> None:
    with writing(path) as writer:
        writer.tell("still here")
        assert chats.mend_cut_off() == ()
        assert chats.load("c").messages["a"].finish is None
        writer.tell("and going on")
        assert chats.load("c").messages["a"].text == "still here\nand going on\n"
        writer.kill()
        assert chats.mend_cut_off() == ("c",)


def test_an_own_answer_is_not_cut_off(path: Path, chats: Conversations) -> None:
    question, answer = asked("q", "?"), answered("a", "q", finish=None)
    conversation = chat("c", question, answer)
    chats.save(conversation, question, answer)
    assert chats.mend_cut_off() == ()
    with Database.open(path) as second:  # another window of the same process
        assert Conversations(second).mend_cut_off() == ()

    done = replace(answered("a", "q", Text("done")))
    chats.save(conversation.replace_message(done), done)
    chats.close()
    with Database.open(path) as second:
        assert Conversations(second).mend_cut_off() == ()
        assert Conversations(second).load("c").messages["a"] == done


def test_a_lost_lock_file_means_a_lost_writer(path: Path, chats: Conversations) -> None:
    question, answer = asked("q", "?"), answered("a", "q", Text("so far"), finish=None)
    chats.save(chat("c", question, answer), question, answer)
    chats.close()
    with Database.open(path) as second:
        assert Conversations(second).mend_cut_off() == ("c",)


def test_messages_that_never_have_an_end_are_let_alone(chats: Conversations) -> None:
    question = asked("q", "?")
    result = Message(id="t", parent_id="q", role=Role.TOOL, parts=(), created_at=1.0)
    conversation = chat("c", question, result)
    chats.save(conversation, question, result)
    chats.close()
    assert chats.mend_cut_off() == ()
    assert chats.load("c") == conversation


def test_a_reading_program_leaves_no_lock_file(path: Path, database: Database) -> None:
    chats = Conversations(database)
    chats.save(chat("c"))
    chats.mend_cut_off()
    chats.close()
    assert not path.with_name("linnet.db-writers").exists()


def test_a_lock_has_one_holder(tmp_path: Path) -> None:
    first, second = FileLock(tmp_path / "lock"), FileLock(tmp_path / "lock")
    assert first.take()
    assert first.take()
    assert first.held
    assert not second.take()
    assert not second.held
    second.release()
    assert (tmp_path / "lock").exists()
    first.release()
    assert not (tmp_path / "lock").exists()
    assert second.take()
    second.release()
