"""`kill -9` in the middle of an answer: the text is there at the next start, marked as cut off."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from pathlib import Path

from loopback import End, events, in_thread

from app.domain.errors import ErrorKind
from app.engine import build
from app.reply import ReplyState
from app.storage.conversations import Conversations
from app.storage.database import Database
from app.storage.errors import StorageError

ROOT = Path(__file__).resolve().parents[2]

CHILD = """
import asyncio, sys
from pathlib import Path
from app.domain.message import Text
from app.engine import build

async def main():
    engine = build(Path(sys.argv[1]), environment={})
    chat = engine.open().new_chat()
    chat.send((Text("A question"),))
    chat.send((Text("asked meanwhile"),))
    chat.set_unsent("typed")
    await asyncio.Event().wait()

asyncio.run(main())
"""


def chunk(words: str) -> dict[str, object]:
    return {"choices": [{"index": 0, "delta": {"content": words}}]}


def stored_text(path: Path) -> str:
    """What another program sees of the answer."""
    if not path.exists() or not path.stat().st_size:
        return ""
    try:
        with Database.open(path) as database:
            chats = Conversations(database)
            return "".join(chats.load(row.id).path()[-1].text for row in chats.summaries())
    except StorageError:
        return ""


def ask_and_kill(home: Path, path: Path) -> None:
    """Run a program that asks, wait until the answer is on disk, and kill it."""
    child = subprocess.Popen([sys.executable, "-c", CHILD, str(home)], cwd=ROOT)
    try:
        end = time.monotonic() + 30
        while stored_text(path) != "What arrived":
            assert time.monotonic() < end, "no checkpoint came"
            assert child.poll() is None, "the program ended by itself"
    finally:
        child.kill()
        child.wait(10)


def test_a_killed_program_loses_a_second_at_most(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    with in_thread() as server:
        server.add(events(chunk("What "), chunk("arrived"), End.HANG))
        (home / "settings.toml").write_text(
            f'[[services]]\nid = "here"\nbase_url = "{server.url}/v1"\ndefault_model = "m"\n'
        )
        ask_and_kill(home, home / "linnet.db")
    asyncio.run(look_at_what_is_left(home))


async def look_at_what_is_left(home: Path) -> None:
    engine = build(home, environment={})
    library = engine.open()
    chat = library.open(library.chats()[0].id)
    question, answer = chat.conversation.path()
    assert (question.text, answer.text) == ("A question", "What arrived")
    assert answer.finish is not None
    assert answer.finish.failure is not None
    assert answer.finish.failure.kind is ErrorKind.TRUNCATED
    assert chat.state is ReplyState.IDLE
    assert chat.unsent.text == "asked meanwhile\n\ntyped"
    assert chat.conversation.title == "A question"
    await engine.shutdown()
