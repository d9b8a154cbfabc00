"""A chat of thousands of messages in the real window: what is read of it, and in which thread."""

from __future__ import annotations

import threading
from collections import Counter
from pathlib import Path

import pytest
from stage import Stage, play

from app.domain.conversation import Conversation
from app.domain.message import Finish, FinishReason, Message, Role, Text
from app.paths import find_paths
from app.storage import kept
from app.storage.conversations import Conversations
from app.storage.database import Database
from app.ui.export.desk import ExportDesk
from app.ui.transcript.means import Means

pytestmark = pytest.mark.usefixtures("qapp")

MANY = 5_000
FEW = 300
"""Of so many messages a window may read what it shows, and what lies about it."""


def message_of(number: int) -> Message:
    asked = number % 2 == 0
    text = f"This is number {number}, which says no more than that. " * (1 + number % 7)
    return Message(
        id=f"m{number}",
        parent_id=f"m{number - 1}" if number else None,
        role=Role.USER if asked else Role.ASSISTANT,
        parts=(Text(text),),
        created_at=1_750_000_000.0 + number,
        finish=None if asked else Finish(reason=FinishReason.STOP, complete=True),
    )


@pytest.fixture
def home(linnet_home: Path) -> Path:
    """A data folder with one long chat in it, the chat `long`."""
    paths = find_paths(linnet_home, {})
    paths.make()
    messages = {message.id: message for message in map(message_of, range(MANY))}
    children = {message.parent_id: (message.id,) for message in messages.values()}
    last = f"m{MANY - 1}"
    chat = Conversation(id="long", title="Long", leaf_id=last, messages=messages, children=children)
    with Database.open(paths.database) as database:
        chats = Conversations(database)
        chats.save(chat, *messages.values())
        chats.close()
    return linnet_home


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> Counter[bool]:
    """How many messages were decoded, by whether that was in the window's thread."""
    found: Counter[bool] = Counter()
    window, decode = threading.get_ident(), kept.message_of

    def counted(row: tuple[object, ...]) -> Message:
        found[threading.get_ident() == window] += 1
        return decode(row)

    monkeypatch.setattr(kept, "message_of", counted)
    return found


def shown(on: Stage) -> list[str]:
    """The ids of the messages in sight."""
    stage = on.page.transcript.stage
    return list(dict.fromkeys(stage.message_id(placed.item) for placed in stage.layout.placed))


def test_it_is_opened_asked_and_closed_with_little_read(home: Path, read: Counter[bool]) -> None:
    async def story(on: Stage) -> None:
        on.window.open_chat("long")
        await on.until(lambda: f"m{MANY - 1}" in shown(on), "its end")
        assert "tokens" in on.page.composer.tokens.text()
        assert read[True] <= FEW
        assert read[False] == 0

        on.ask("And now?")
        await on.until(lambda: on.chat.draft is not None, "a reply")
        await on.until(lambda: on.chat.draft is None, "its end")
        answer = on.path[-1]
        assert answer.text
        assert read[True] <= 2 * FEW
        assert MANY <= read[False] <= MANY + FEW, "the history, for the request"
        assert len(on.path) == MANY + 2
        await on.until(lambda: answer.id in shown(on), "the answer")

    play(story, home)
    assert read[True] <= 2 * FEW
    with Database.open(find_paths(home, {}).database) as database:
        assert len(Conversations(database).load("long").path()) == MANY + 2


def test_every_place_of_it_is_reached(home: Path, read: Counter[bool]) -> None:
    async def story(on: Stage) -> None:
        on.window.open_chat("long")
        transcript = on.page.transcript
        await on.until(lambda: shown(on), "the chat")
        transcript.verticalScrollBar().setValue(0)
        assert shown(on)[0] == "m0"
        on.page.show_message("m1234")
        assert shown(on)[0] == "m1234"
        assert read[True] <= 2 * FEW
        on.page.show_message("m4000")
        transcript.find_words("number 77,")
        finder = transcript.stage.finder
        await on.until(lambda: finder.total == 1 + 77 % 7, "the finds")
        await on.until(lambda: "m77" in shown(on), "the find")
        on.chat.leave_out_before("m4998")
        on.chat.select("m2")
        assert on.path[-1].id == f"m{MANY - 1}"

    play(story, home)


def test_it_is_exported_beside_the_window(home: Path, read: Counter[bool], tmp_path: Path) -> None:
    async def story(on: Stage) -> None:
        on.window.open_chat("long")
        await on.until(lambda: shown(on), "the chat")
        desk = ExportDesk(Means(), on.window)
        for name in ("chat.md", "chat.json"):
            desk.write(on.chat, tmp_path / name)
            await on.until(lambda: (tmp_path / name).exists(), name)  # noqa: B023
        assert read[True] <= FEW
        assert read[False] == 2 * MANY

    play(story, home)
    text = (tmp_path / "chat.md").read_text("utf-8")
    places = [text.index(f"number {number},") for number in range(MANY)]
    assert places == sorted(places)


def test_what_another_program_adds_to_it_shows(home: Path, read: Counter[bool]) -> None:
    async def story(on: Stage) -> None:
        on.window.open_chat("long")
        await on.until(lambda: f"m{MANY - 1}" in shown(on), "its end")
        with Database.open(find_paths(home, {}).database) as database:
            theirs = Conversations(database)
            before = theirs.load("long")
            after = before.append(message_of(MANY)).append(message_of(MANY + 1))
            theirs.save(after, *after.changed_since(before))
            theirs.close()
            on.engine.library._look()
            await on.until(lambda: len(on.path) == MANY + 2, "the look")
        await on.until(lambda: f"m{MANY + 1}" in shown(on), "what came")
        assert read[True] <= 2 * FEW

    play(story, home)
