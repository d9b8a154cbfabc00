"""The engine over real HTTP on loopback and a real data folder: the whole way, and the end."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from loopback import End, Gate, Loopback, events, reply, whole
from scripted import HandClock, text

from app.chat import Chat
from app.domain.errors import ErrorKind
from app.domain.message import FinishReason, Media, Text
from app.domain.settings import Sampling
from app.engine import Engine, build
from app.paths import FolderError
from app.reply import Change, ReplyState
from app.storage.database import Database
from app.storage.errors import StorageError, Trouble
from app.tasks import Clock


def chunk(words: str = "", reason: str | None = None, **more: Any) -> dict[str, Any]:
    delta = {"content": words} if words else {}
    return {"choices": [{"index": 0, "delta": delta, "finish_reason": reason}], **more}


ANSWER = events(chunk("Hello"), chunk(" there"), chunk(reason="stop"))
REFUSED = whole(
    {"error": {"message": "Unsupported value", "param": "temperature", "code": "unsupported"}}, 400
)


@pytest.fixture
async def server() -> AsyncIterator[Loopback]:
    async with Loopback() as made:
        yield made


def write_settings(home: Path, server: Loopback) -> None:
    home.mkdir(exist_ok=True)
    (home / "settings.toml").write_text(
        f"""
        [[services]]
        id = "here"
        name = "Here"
        base_url = "{server.url}/v1"
        key_env = "HERE_KEY"
        default_model = "m1"

        [[services]]
        id = "google"
        name = "Google-like"
        form = "gemini"
        base_url = "{server.url}"
        key_env = "HERE_KEY"
        default_model = "gemini-3.8-flash"
        """
    )


@asynccontextmanager
async def running(home: Path, clock: Clock = Clock()) -> AsyncIterator[Engine]:
    engine = build(home, environment={"HERE_KEY": "secret-key"}, clock=clock)
    try:
        engine.open()
        yield engine
    finally:
        await engine.shutdown()
        assert engine.tasks.running == ()


@pytest.fixture
def home(tmp_path: Path, server: Loopback) -> Path:
    write_settings(tmp_path / "home", server)
    return tmp_path / "home"


async def until(true: Any) -> None:
    async with asyncio.timeout(10):
        while not true():  # noqa: ASYNC110 - any turn of the loop may make it true
            await asyncio.sleep(0)


async def idle(chat: Chat) -> None:
    await until(lambda: chat.state is ReplyState.IDLE)


async def test_the_whole_way(home: Path, server: Loopback) -> None:
    server.add(ANSWER)
    async with running(home) as engine:
        chat = engine.library.new_chat()
        chat.send(text("Hi"))
        await idle(chat)
        assert chat.conversation.path()[-1].text == "Hello there"
    seen = server.requests[0]
    assert seen.path == "/v1/chat/completions"
    assert seen.header("authorization") == "Bearer secret-key"
    assert seen.json["messages"] == [{"role": "user", "content": "Hi"}]
    async with running(home) as engine:
        row = engine.library.chats()[0]
        again = engine.library.open(row.id)
        assert again.conversation == chat.conversation
        assert row.title == "Hi"
    await until(lambda: server.open_connections == 0)


@pytest.mark.rule("R24")
async def test_stop_closes_the_connection_at_once(home: Path, server: Loopback) -> None:
    server.add(events(chunk("Half"), End.HANG))
    async with running(home) as engine:
        chat = engine.library.new_chat()
        chat.send(text("Hi"))
        await until(lambda: chat.draft is not None and chat.draft.text == "Half")
        loop = asyncio.get_running_loop()
        before = loop.time()
        chat.stop()
        assert chat.state is ReplyState.IDLE
        await asyncio.wait_for(server.requests[0].gone.wait(), 5)
        assert loop.time() - before < 1.0
        last = chat.conversation.path()[-1]
        assert last.text == "Half"
        assert last.finish is not None
        assert last.finish.reason is FinishReason.CANCELLED
        assert last.finish.failure is None
    await until(lambda: server.open_connections == 0)


@pytest.mark.parametrize(
    ("ending", "kind"),
    [
        (End.CLOSE, ErrorKind.TRUNCATED),
        (End.RESET, ErrorKind.TRUNCATED),
        (b'data: {"error":{"message":"no","code":500}}\n\n', ErrorKind.SERVER),
    ],
)
@pytest.mark.rule("R18")
async def test_a_broken_stream_keeps_the_text_and_no_connection(
    home: Path, server: Loopback, ending: End | bytes, kind: ErrorKind
) -> None:
    server.add(events(chunk("Half"), ending, done=False))
    async with running(home) as engine:
        chat = engine.library.new_chat()
        chat.send(text("Hi"))
        await idle(chat)
        last = chat.conversation.path()[-1]
        assert last.text == "Half"
        assert last.finish is not None
        assert last.finish.failure is not None
        assert last.finish.failure.kind is kind
        assert len(server.requests) == 1
    await until(lambda: server.open_connections == 0)


@pytest.mark.rule("R40", "R41", "R42")
async def test_retries_over_http(home: Path, server: Loopback) -> None:
    busy = whole({"error": {"message": "slow down"}}, 429, retry_after="7")
    server.add(busy, whole({"error": {"message": "oops"}}, 503), ANSWER)
    hand = HandClock()
    async with running(home, hand.clock()) as engine:
        chat = engine.library.new_chat()
        chat.send(text("Hi"))
        await idle(chat)
        assert chat.conversation.path()[-1].text == "Hello there"
    assert hand.waited == [7.0, 2.0]


async def test_several_chats_reply_at_once(home: Path, server: Loopback) -> None:
    gate = Gate()
    server.add(events(chunk("One"), gate, chunk(reason="stop")))
    async with running(home) as engine:
        chats = []
        for number in range(4):
            chats.append(engine.library.new_chat())
            chats[-1].send(text(f"Question {number}"))
        await until(lambda: all(chat.draft and chat.draft.text == "One" for chat in chats))
        assert engine.library.replying() == {chat.id for chat in chats}
        gate.open()
        for chat in chats:
            await idle(chat)
    assert len({seen.connection for seen in server.requests}) == 4


@pytest.mark.rule("R2")
async def test_what_was_learned_outlives_the_program_but_not_the_address(
    home: Path, server: Loopback
) -> None:
    server.add(REFUSED, ANSWER)
    async with running(home) as engine:
        chat = engine.library.new_chat()
        chat.set_sampling(Sampling(temperature=0.5))
        chat.send(text("Hi"))
        await idle(chat)
        assert chat.conversation.path()[-1].notices[0].code == "mended"
    assert ["temperature" in seen.json for seen in server.requests] == [True, False]
    async with running(home) as engine:
        chat = engine.library.open(chat.id)
        chat.send(text("Again"))
        await idle(chat)
        assert "temperature" not in server.requests[-1].json
        service = engine.services.get("here")
        assert service is not None
        engine.services.change(replace(service, base_url=f"{server.url}/other"))
        chat.send(text("Elsewhere"))
        await idle(chat)
        assert server.requests[-1].json["temperature"] == 0.5
    async with running(home) as engine:
        assert not engine.quirks.get(service, "m1").dropped


async def test_pictures_of_an_answer_are_stored(home: Path, server: Loopback) -> None:
    picture = {"inlineData": {"mimeType": "image/png", "data": "cG5n"}}
    parts = [{"text": "See:"}, picture]
    candidate = {"content": {"role": "model", "parts": parts}, "finishReason": "STOP"}
    server.add(events({"candidates": [candidate]}, done=False))
    async with running(home) as engine:
        chat = engine.library.new_chat()
        chat.set_service("google", None)
        engine.secrets.keep_for_session(chat.service, "google-key")
        chat.send(text("Draw"))
        await idle(chat)
        media = chat.conversation.path()[-1].media[0]
        assert media.sha256 is not None
        assert engine.blobs.read(media.sha256) == b"png"


async def test_an_attachment_that_is_gone_is_a_failure(home: Path, server: Loopback) -> None:
    server.add(ANSWER)
    gone = Media(mime="image/png", sha256="0" * 64, name="gone.png")
    async with running(home) as engine:
        chat = engine.library.new_chat()
        chat.send((Text("See"), gone))
        await idle(chat)
        finish = chat.conversation.path()[-1].finish
        assert finish is not None
        assert finish.failure is not None
        assert "gone.png" in finish.failure.message
    assert server.requests == []


async def test_the_end_comes_in_the_middle_of_everything(home: Path, server: Loopback) -> None:
    server.add(events(chunk("Half"), End.HANG))
    async with running(home) as engine:
        engine.start()
        chat = engine.library.new_chat()
        engine.warm(chat.service)
        chat.send(text("Hi"))
        engine.library.search("Hi", lambda hits: None)
        await until(lambda: chat.draft is not None and chat.draft.text == "Half")
        chat.set_unsent("next")
    await until(lambda: server.open_connections == 0)
    async with running(home) as engine:
        again = engine.library.open(chat.id)
        last = again.conversation.path()[-1]
        assert (last.text, again.unsent.text) == ("Half", "next")
        assert last.finish is not None
        assert last.finish.failure is not None
        assert last.finish.failure.kind is ErrorKind.TRUNCATED


async def test_old_things_are_put_away(home: Path) -> None:
    hand = HandClock()
    async with running(home, hand.clock()) as engine:
        library = engine.library
        kept, binned = library.new_chat(), None
        used, unused = engine.blobs.add(b"used"), engine.blobs.add(b"unused")
        kept.revise(replace(kept.conversation, title="kept", titled_by_person=True), Change.META)
        kept.set_unsent("x", (Media(mime="image/png", sha256=used),))
        binned = library.new_chat()
        binned.set_unsent("y")
        hand.advance(1.0)
        library.bin(binned.id)
        left = engine.paths.scratch / "back-left"
        left.mkdir(parents=True)
        (left / "linnet.db").write_bytes(b"of a program that was killed")
    hand.advance(40 * 86_400.0)
    later = replace(hand.clock(), now=lambda: hand.wall + 10 * 365 * 86_400.0)
    async with running(home, later) as engine:
        engine.start()
        await until(lambda: "keep house" not in engine.tasks.running)
        assert [row.id for row in engine.library.chats()] == [kept.id]
        with pytest.raises(KeyError):
            engine.library.open(binned.id)
        assert engine.blobs.read(used) == b"used"
        with pytest.raises(KeyError):
            engine.blobs.read(unused)
        assert not left.exists()


async def test_no_library_before_it_is_opened(tmp_path: Path) -> None:
    engine = build(tmp_path / "home", environment={})
    with pytest.raises(RuntimeError):
        _ = engine.library
    with pytest.raises(RuntimeError):
        _ = engine.blobs
    await engine.shutdown()
    assert not (tmp_path / "home").exists()


async def test_chats_of_a_newer_version_are_left_alone(tmp_path: Path) -> None:
    engine = build(tmp_path, environment={})
    with Database.open(engine.paths.database) as database:
        database.execute("PRAGMA user_version = 999")
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    before = engine.paths.database.read_bytes()
    with pytest.raises(StorageError) as caught:
        engine.open()
    assert caught.value.trouble is Trouble.NEWER
    await engine.shutdown()
    assert engine.paths.database.read_bytes() == before


async def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    engine = build(tmp_path / "file" / "home", environment={})
    with pytest.raises(FolderError):
        engine.open()
    await engine.shutdown()


async def test_the_key_is_in_no_log(home: Path, server: Loopback) -> None:
    server.add(reply("no", status=401))
    async with running(home) as engine:
        chat = engine.library.new_chat()
        chat.send(text("Hi"))
        await idle(chat)
        assert engine.log.without_keys("it is secret-key!") == "it is [key]!"
        stored = json.dumps([str(m) for m in chat.conversation.path()])
        assert "secret-key" not in stored
