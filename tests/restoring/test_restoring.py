"""A back-up comes back: added to what is here, as a whole or not at all."""

from __future__ import annotations

import asyncio
import json
import os
import sqlite3
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from service_cases import Safe

from app.attachments.work import Work
from app.domain.conversation import Conversation, Unsent
from app.domain.message import Finish, Media, Message, Role, Text
from app.domain.settings import Service
from app.engine import Engine
from app.engine import build as build_engine
from app.keyrings import Keyring
from app.restoring import Brought, Found, NotBrought, Restoring
from app.storage.database import Database
from app.storage.errors import StorageError, Trouble
from app.storage.merging import Merging
from app.storage.migrations import MIGRATIONS
from app.ui.export.texts import json_pieces

HERE = "a" * 32
THERE = "b" * 32


def question(name: str, text: str, *media: Media, parent: str | None = None) -> Message:
    return Message(
        id=name, parent_id=parent, role=Role.USER, parts=(Text(text), *media), created_at=5.0
    )


def answer(name: str, text: str, parent: str) -> Message:
    return Message(
        id=name,
        parent_id=parent,
        role=Role.ASSISTANT,
        parts=(Text(text),),
        created_at=6.0,
        finish=Finish(complete=True),
    )


def keep(engine: Engine, conversation: Conversation, *messages: Message) -> None:
    for message in messages:
        conversation = conversation.append(message)
    stored = engine._stored
    assert stored is not None
    stored.conversations.save(conversation, *conversation.messages.values())


async def opened(home: Path) -> Engine:
    engine = build_engine(home, environment={})
    engine.open()
    return engine


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[Engine]:
    engine = await opened(tmp_path / "home")
    yield engine
    await engine.shutdown()


@pytest.fixture
async def back_up(tmp_path: Path) -> Path:
    """Of another home: a chat with a picture, one in the bin, one with a draft; settings."""
    engine = await opened(tmp_path / "other")
    sha256 = engine.blobs.add(b"a picture")
    picture = Media(mime="image/png", sha256=sha256)
    keep(
        engine, Conversation(id=HERE, title="Same"), question("q", "Why?"), answer("x", "So.", "q")
    )
    keep(engine, Conversation(id=THERE, title="Other"), question("p", "What?", picture))
    keep(engine, Conversation(id="c" * 32, binned_at=1.0), question("o", "Old"))
    stored = engine._stored
    assert stored is not None
    stored.conversations.set_unsent(THERE, Unsent("half a thou"))
    service = Service(id="gateway", name="Gateway", base_url="https://gateway.example/v1")
    engine.config.change(replace(engine.config.settings, services=(service,), text_px=20))
    made: list[Path] = []
    engine.house().back_up(tmp_path, lambda folder, problem: made.append(folder))
    await until(engine)
    await engine.shutdown()
    return made[0]


async def until(engine: Engine) -> None:
    while running := [t for t in asyncio.all_tasks() if t.get_name() in engine.tasks.running]:
        await asyncio.wait(running, timeout=10)


async def looked(engine: Engine, place: Path, restoring: Restoring | None = None) -> object:
    found: list[Found | NotBrought] = []
    restoring = restoring or engine.house().restoring
    restoring.look(place, lambda progress: None, found.append)
    await until(engine)
    return found[0]


async def brought(engine: Engine, place: Path, *, settings: bool = False) -> Brought:
    restoring = engine.house().restoring
    found = await looked(engine, place, restoring)
    assert isinstance(found, Found), found
    came: list[Brought | NotBrought] = []
    restoring.bring(found, settings, lambda progress: None, came.append)
    await until(engine)
    assert isinstance(came[0], Brought), came[0]
    assert not any(engine.paths.scratch.iterdir())
    return came[0]


def ids(engine: Engine) -> set[str]:
    stored = engine._stored
    assert stored is not None
    both = (stored.conversations.summaries(), stored.conversations.summaries(binned=True))
    return {row.id for rows in both for row in rows}


def texts(engine: Engine, chat_id: str) -> list[str]:
    return [message.text for message in engine.library.open(chat_id).conversation.path()]


async def test_chats_are_added_and_nothing_here_changes(engine: Engine, back_up: Path) -> None:
    keep(engine, Conversation(id=HERE, title="Mine"), question("q", "Why?"))
    found = await brought(engine, back_up)
    assert (found.new_chats, found.completed_chats, found.known_chats) == (2, 1, 0)
    assert ids(engine) == {HERE, THERE, "c" * 32}
    assert texts(engine, HERE) == ["Why?", "So."]
    assert engine.library.open(HERE).conversation.title == "Mine"
    other = engine.library.open(THERE)
    assert other.unsent == Unsent("half a thou")
    (picture,) = other.conversation.path()[0].media
    assert picture.sha256 is not None
    assert engine.blobs.read(picture.sha256) == b"a picture"
    assert engine.config.settings.services == ()


async def test_what_lay_in_a_bin_has_its_thirty_days_from_now_on(
    engine: Engine, back_up: Path
) -> None:
    await brought(engine, back_up)
    assert engine.library.trash.delete_old() == 0
    assert [row.id for row in engine.library.trash.chats()] == ["c" * 32]


async def test_the_same_back_up_twice_adds_nothing(engine: Engine, back_up: Path) -> None:
    await brought(engine, back_up)
    again = await brought(engine, back_up)
    assert (again.new_chats, again.completed_chats, again.known_chats) == (0, 0, 3)
    assert again.sentences == ("3 chats were here already.",)


async def test_what_is_damaged_here_comes_back_as_a_version_and_hinders_nothing(
    engine: Engine, back_up: Path
) -> None:
    await brought(engine, back_up)
    with Database.open(engine.paths.database) as database:
        database.execute("UPDATE message SET parts = 'torn' WHERE id = 'x'")
    again = await brought(engine, back_up)
    assert (again.new_chats, again.completed_chats, again.known_chats) == (0, 1, 2)
    there = engine.library.open(HERE).conversation
    torn, version = there.children["q"]
    assert torn == "x"
    assert there.messages[version].text == "So."
    assert (await brought(engine, back_up)).known_chats == 3, "it comes once"


async def test_a_chat_comes_with_its_draft_or_not_at_all(engine: Engine) -> None:
    with Database.open(engine.paths.database) as database:
        database.execute(
            "CREATE TEMP TRIGGER full BEFORE INSERT ON unsent BEGIN SELECT RAISE(FAIL, ''); END"
        )
        coming = Conversation(id=THERE).append(question("p", "What?"))
        with pytest.raises(sqlite3.IntegrityError):
            Merging(database).add(coming, Unsent("half a thou"), 1.0)
    assert ids(engine) == set()


async def test_an_open_list_shows_what_came(engine: Engine, back_up: Path) -> None:
    await brought(engine, back_up)
    engine.library._look()
    engine.library._watch.cancel()  # type: ignore[union-attr]
    await until(engine)
    assert {row.id for row in engine.library.chats()} == {HERE, THERE}


async def test_settings_come_only_when_they_are_wanted(engine: Engine, back_up: Path) -> None:
    own = Service(id="own", name="Own", base_url="https://own.example/v1")
    engine.config.change(replace(engine.config.settings, services=(own,), text_px=11))
    before = engine.config.path.read_bytes()
    await brought(engine, back_up)
    assert engine.config.settings.text_px == 11
    found = await brought(engine, back_up, settings=True)
    assert engine.config.settings.text_px == 20
    assert [service.id for service in engine.config.settings.services] == ["gateway", "own"]
    assert found.settings_kept is not None
    assert found.settings_kept.read_bytes() == before


async def test_secrets_of_older_settings_go_to_the_keyring(
    engine: Engine, back_up: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    safe = Safe()
    monkeypatch.setattr(engine.secrets, "_open_keyring", lambda: Keyring(safe, "Test Keyring"))
    file, last = back_up / "settings.toml", '/v1" }'
    headers = '/v1", extra_headers = { X-Api-Key = "hunter2" } }'
    file.write_text(file.read_text().replace(last, headers))
    await brought(engine, back_up, settings=True)
    assert safe.entries == {"gateway@gateway.example/x-api-key": "hunter2"}
    assert "hunter2" not in engine.paths.settings.read_text()


async def test_a_back_up_is_only_read(engine: Engine, back_up: Path) -> None:
    def state() -> dict[str, tuple[int, int]]:
        files = [file for file in back_up.rglob("*") if file.is_file()]
        return {str(file): (file.stat().st_size, file.stat().st_mtime_ns) for file in files}

    before = state()
    await brought(engine, back_up, settings=True)
    assert state() == before


async def test_a_folder_that_is_open_elsewhere_is_read_whole(
    engine: Engine, tmp_path: Path
) -> None:
    other = await opened(tmp_path / "open")
    keep(other, Conversation(id=THERE), question("p", "What?"))
    assert (await brought(engine, tmp_path / "open")).new_chats == 1
    await other.shutdown()


async def test_a_missing_and_a_damaged_attachment_are_told(engine: Engine, back_up: Path) -> None:
    (file,) = (file for file in (back_up / "blobs").rglob("*") if file.is_file())
    file.write_bytes(b"something else")
    found = await brought(engine, back_up)
    assert "1 attachment is missing in the back-up or damaged." in found.sentences
    assert texts(engine, THERE) == ["What?"]
    assert not [each for each in engine.paths.blobs.rglob("*") if each.is_file()]


async def test_a_back_up_of_an_older_version_is_brought_up_to_date_aside(
    engine: Engine, tmp_path: Path
) -> None:
    old = tmp_path / "old"
    old.mkdir()
    with Database.open(old / "linnet.db", MIGRATIONS[:2]) as database, database.transaction():
        database.execute(
            "INSERT INTO chat (id, title, titled_by_person, created_at, updated_at, pinned, unread,"
            " service_id, leaf_id, message_count) VALUES (?, 'Old', 0, 1, 1, 0, 0, '', 'm', 1)",
            (THERE,),
        )
        database.execute(
            "INSERT INTO message (id, chat, role, parts, created_at, service_id, service_name, "
            "model) VALUES ('m', 1, 'user', ?, 1, '', '', '')",
            ('[{"kind":"text","text":"From of old"}]',),
        )
    before = (old / "linnet.db").read_bytes()
    assert (await brought(engine, old)).new_chats == 1
    assert texts(engine, THERE) == ["From of old"]
    assert [file.name for file in old.iterdir()] == ["linnet.db"]
    assert (old / "linnet.db").read_bytes() == before


# What is refused


async def refused(engine: Engine, place: Path, restoring: Restoring | None = None) -> str:
    before = ids(engine)
    found = await looked(engine, place, restoring)
    assert isinstance(found, NotBrought)
    assert ids(engine) == before
    assert not any(engine.paths.scratch.iterdir())
    return found.sentence


async def test_a_damaged_back_up_is_refused(engine: Engine, back_up: Path) -> None:
    database = back_up / "linnet.db"
    data = bytearray(database.read_bytes())
    data[8192:40960] = os.urandom(40960 - 8192)
    database.write_bytes(data)
    assert "is damaged, so nothing of it was taken" in await refused(engine, back_up)
    database.write_bytes(bytes(data[:20000]))
    assert "is damaged" in await refused(engine, back_up)


async def test_a_back_up_with_a_row_that_makes_no_sense_is_refused(
    engine: Engine, back_up: Path
) -> None:
    with sqlite3.connect(back_up / "linnet.db") as connection:
        connection.execute("UPDATE message SET parts = '[{}]' WHERE id = 'p'")
    connection.close()
    assert "is damaged" in await refused(engine, back_up)


async def test_a_back_up_of_a_newer_version_is_refused(engine: Engine, back_up: Path) -> None:
    with sqlite3.connect(back_up / "linnet.db") as connection:
        connection.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    connection.close()
    assert "newer version of Linnet" in await refused(engine, back_up)


async def test_what_is_no_back_up_is_refused(engine: Engine, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    assert "is no back-up of Linnet" in await refused(engine, empty)
    (empty / "linnet.db").write_text("not a database at all, but long enough to be one" * 9)
    assert "is no back-up of Linnet" in await refused(engine, empty)
    assert "uses now" in await refused(engine, engine.paths.data)
    assert "No such file" in await refused(engine, tmp_path / "nothing")


async def test_a_full_disk_is_told_before_anything_is_copied(engine: Engine, back_up: Path) -> None:
    tight = Restoring(
        engine.paths,
        engine.config,
        engine.tasks,
        engine.clock.now,
        engine.services.keys.headers.move,
        lambda folder: 1000,
    )
    assert "not enough room on the disk" in await refused(engine, back_up, tight)


# What ends in the middle


@pytest.mark.parametrize("words", ["Copying attachments", "Adding chats"])
async def test_stopped_in_the_middle_all_is_as_it_was(
    engine: Engine, back_up: Path, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(engine, Conversation(id=HERE, title="Mine"), question("q", "Why?"))
    restoring = engine.house().restoring
    found = await looked(engine, back_up, restoring)
    assert isinstance(found, Found)
    stopped: list[Brought | NotBrought] = []

    class Ending(Work):
        def tell(self, said: str, share: float | None = None) -> None:
            super().tell(said, share)
            if said == words and (words != "Adding chats" or (share or 0) > 0.5):
                self.stop()

    monkeypatch.setattr("app.restoring.Work", Ending)
    restoring.bring(found, False, lambda progress: None, stopped.append)
    await until(engine)
    assert stopped == [NotBrought()]
    assert ids(engine) == {HERE}
    assert texts(engine, HERE) == ["Why?"]
    stored = engine._stored
    assert stored is not None
    assert stored.conversations.summary(HERE).message_count == 1
    assert stored.database.faults() == ()
    assert not [each for each in engine.paths.blobs.rglob("*") if each.is_file()]


async def test_a_disk_that_fills_up_in_the_middle_leaves_nothing(
    engine: Engine, back_up: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    really, added = Merging.add, list[str]()

    def add(self: Merging, coming: Conversation, unsent: Unsent, now: float) -> object:
        if len(added) == 2:
            raise StorageError(Trouble.FULL, engine.paths.database)
        added.append(coming.id)
        return really(self, coming, unsent, now)

    monkeypatch.setattr(Merging, "add", add)
    restoring = engine.house().restoring
    found = await looked(engine, back_up, restoring)
    assert isinstance(found, Found)
    ended: list[Brought | NotBrought] = []
    restoring.bring(found, True, lambda progress: None, ended.append)
    await until(engine)
    assert isinstance(ended[0], NotBrought)
    assert "The disk is full" in ended[0].sentence
    assert ids(engine) == set()
    assert engine.config.settings.services == ()
    assert not [each for each in engine.paths.blobs.rglob("*") if each.is_file()]


async def test_what_the_person_went_on_with_meanwhile_is_not_taken_back(
    engine: Engine, back_up: Path
) -> None:
    stored = engine._stored
    assert stored is not None
    merging = Merging(stored.database)
    came = Conversation(id=THERE).append(question("p", "What?"))
    merging.add(came, Unsent(), 0.0)
    keep(engine, stored.conversations.load(THERE), answer("n", "That.", "p"))
    merging.take_back()
    assert texts(engine, THERE) == ["What?", "That."]


# Exported chats


def exported(engine: Engine, chat_id: str, place: Path) -> Path:
    chat = engine.library.open(chat_id)
    messages = chat.conversation.path()
    text = "".join(json_pieces(chat.conversation.title, messages, engine.blobs.path, chat_id))
    place.write_text(text, encoding="utf-8")
    return place


async def test_an_exported_chat_comes_back(engine: Engine, tmp_path: Path, back_up: Path) -> None:
    other = await opened(tmp_path / "other")
    file = exported(other, THERE, tmp_path / "chat.json")
    await other.shutdown()
    assert (await brought(engine, file)).new_chats == 1
    chat = engine.library.open(THERE)
    (message,) = chat.conversation.path()
    assert (chat.conversation.title, message.text, message.created_at) == ("Other", "What?", 5.0)
    sha256 = message.media[0].sha256
    assert sha256 is not None
    assert engine.blobs.read(sha256) == b"a picture"
    assert (await brought(engine, file)).known_chats == 1


async def test_an_exported_chat_finds_itself_again(engine: Engine, tmp_path: Path) -> None:
    names = ["1" * 32, "2" * 32]
    keep(
        engine,
        Conversation(id=HERE, title="Mine"),
        question(names[0], "Why?"),
        answer(names[1], "So.", names[0]),
    )
    file = exported(engine, HERE, tmp_path / "chat.json")
    assert (await brought(engine, file)).known_chats == 1
    assert list(engine.library.open(HERE).conversation.messages) == names


async def test_a_conversation_without_ids_comes_once(engine: Engine, tmp_path: Path) -> None:
    file = tmp_path / "talk.json"
    messages = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Why?", "created_at": "2024-05-01T10:00:00+00:00"},
        {"role": "assistant", "content": "So."},
    ]
    file.write_text(json.dumps(messages))
    assert (await brought(engine, file)).new_chats == 1
    (row,) = ids(engine)
    conversation = engine.library.open(row).conversation
    assert conversation.title == "Why?"
    assert conversation.sampling.system_prompt == "Be brief."
    assert conversation.path()[0].created_at == 1714557600.0
    assert (await brought(engine, file)).known_chats == 1


async def test_a_file_that_is_no_chat_is_refused(engine: Engine, tmp_path: Path) -> None:
    file = tmp_path / "photo.json"
    file.write_bytes(b"\x89PNG")
    assert "is no JSON" in await refused(engine, file)
    file.write_text('{"messages": [{"role": "king"}]}')
    assert "message 1" in await refused(engine, file)
