"""Attachments in chats: uploads that are seen, what is learned, left out, kept and cleared away."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from loopback import Loopback, Reply, Seen, events, whole
from scripted import SERVICE, Bench, HandClock, ScriptedProvider, answer, failing, text

from app.attachments import DataSource
from app.chat import Chat
from app.domain.errors import WANTS_ADDRESS, ErrorKind
from app.domain.message import Media, Text
from app.domain.stream import StreamEvent
from app.domain.upload import Upload, Uploading
from app.engine import Engine, build
from app.providers.base import ChatRequest, Endpoint
from app.reply import Change, ReplyState
from app.storage.thumbnails import Thumbnails

PICTURE = Media(mime="image/png", sha256="5" * 64, name="a.png", size_bytes=10)
HALF = Uploading(name="a.png", sent_bytes=5, size_bytes=10)


class UploadingProvider(ScriptedProvider):
    """Sends an attachment ahead of each question."""

    async def stream(
        self, endpoint: Endpoint, request: ChatRequest
    ) -> AsyncGenerator[StreamEvent, None]:
        request.on_upload(HALF)
        request.on_upload(replace(HALF, waiting=True))
        request.on_upload(None)
        async for event in super().stream(endpoint, request):
            yield event


async def test_an_upload_is_seen(bench: Bench) -> None:
    bench.provider = UploadingProvider(answer("seen"))
    chat = bench.new_chat()
    seen: list[tuple[ReplyState, Uploading | None]] = []

    def note(change: Change) -> None:
        if change is Change.STATE:
            seen.append((chat.state, chat.reply.upload if chat.reply else None))

    chat.subscribe(note)
    chat.send((Text("look"), PICTURE))
    await bench.settle()
    assert seen[1:5] == [
        (ReplyState.WAITING, None),
        (ReplyState.UPLOADING, HALF),
        (ReplyState.UPLOADING, replace(HALF, waiting=True)),
        (ReplyState.WAITING, None),
    ]
    assert chat.state is ReplyState.IDLE


async def test_a_service_that_wants_addresses_is_remembered(bench: Bench) -> None:
    refusal = failing(ErrorKind.BAD_REQUEST, retryable=False, codes=(WANTS_ADDRESS,))
    bench.provider.turns = [[refusal]]
    chat = bench.new_chat()
    chat.send((Text("look"), PICTURE))
    await bench.settle()
    last = chat.conversation.path()[-1]
    assert last.finish is not None
    assert last.finish.failure is not None
    assert last.finish.failure.codes == (WANTS_ADDRESS,)
    assert chat.conversation.path()[0].media == (PICTURE,), "message and chip stay"
    learned = bench.around.backend.quirks.get(SERVICE, "m1")
    assert learned.data_urls is False


async def test_an_attachment_can_be_left_out(bench: Bench) -> None:
    chat = bench.new_chat()
    chat.send((Text("look"), PICTURE, replace(PICTURE, name="b.png")))
    await bench.settle()
    question = chat.conversation.path()[0]

    def leave_out(place: int, left_out: bool) -> None:
        said = chat.conversation
        chat.revise(said.with_media_left_out(question.id, place, left_out), Change.TREE)

    leave_out(1, True)
    chat.send(text("and now?"))
    await bench.settle()
    first, second = bench.provider.requests[-1].messages[0].media
    assert (first.left_out, second.left_out) == (False, True)
    assert [each.name for each in bench.reopened(chat).conversation.path()[0].media] == [
        "a.png",
        "b.png",
    ]
    assert bench.reopened(chat).conversation == chat.conversation
    leave_out(1, False)
    assert not any(media.left_out for media in chat.conversation.path()[0].media)
    with pytest.raises(IndexError):
        leave_out(2, True)


# What is kept, and what is cleared away


@asynccontextmanager
async def running(home: Path, hand: HandClock | None = None) -> AsyncIterator[Engine]:
    hand = hand or HandClock()
    engine = build(home, environment={"KEY": "k"}, clock=hand.clock())
    try:
        engine.open()
        yield engine
    finally:
        await engine.shutdown()


async def attached(engine: Engine, words: str) -> Media:
    """A stored text, made long ago."""
    attachments = engine.attachments(engine.blobs)
    (media,) = (await attachments.take(DataSource(words.encode(), "a.txt"))).media
    os.utime(engine.blobs.path(media.sha256 or ""), (1000.0, 1000.0))
    Thumbnails(engine.paths.thumbnails).keep(media.sha256 or "", b"small")
    return media


def is_kept(engine: Engine, media: Media) -> bool:
    try:
        engine.blobs.path(media.sha256 or "")
    except KeyError:
        return False
    return True


async def asked(chat: Chat, media: Media) -> None:
    done = asyncio.Event()
    chat.subscribe(lambda change: done.set() if chat.state is ReplyState.IDLE else None)
    chat.send((Text("look"), media))
    await done.wait()


async def house_kept(engine: Engine) -> None:
    engine.start()
    while "keep house" in engine.tasks.running:  # noqa: ASYNC110 - a task of the engine's own
        await asyncio.sleep(0)


async def test_only_what_nobody_names_is_cleared_away(tmp_path: Path) -> None:
    async with running(tmp_path) as engine:
        names = ("message", "binned", "draft", "nobody", "purged")
        media = {name: await attached(engine, name) for name in names}
        chats = {name: engine.library.new_chat() for name in ("message",)}
        for name in ("message", "binned", "purged"):
            chats[name] = engine.library.new_chat()
            await asked(chats[name], media[name])
        engine.library.bin(chats["binned"].id)
        engine.library.new_chat().set_unsent("not sent", (media["draft"],))
        engine.library.bin(chats["purged"].id)
        chats["purged"].revise(replace(chats["purged"].conversation, binned_at=1000.0), Change.META)
    async with running(tmp_path) as engine:
        await house_kept(engine)
        kept = {name for name, each in media.items() if is_kept(engine, each)}
        assert kept == {"message", "binned", "draft"}
        small = Thumbnails(engine.paths.thumbnails)
        assert {name for name, each in media.items() if small.path(each.sha256 or "")} == kept


async def test_what_was_attached_today_stays(tmp_path: Path) -> None:
    """A question may be on its way, in another window too."""
    async with running(tmp_path) as engine:
        media = await attached(engine, "fresh")
        now = engine.clock.now()
        os.utime(engine.blobs.path(media.sha256 or ""), (now, now))
        await house_kept(engine)
        assert is_kept(engine, media)


async def test_metadata_is_kept_where_that_is_set(tmp_path: Path) -> None:
    import io

    from PIL import Image

    found = Image.Exif()
    found[0x010F] = "A camera"
    target = io.BytesIO()
    Image.new("RGB", (4, 4)).save(target, "JPEG", exif=found)
    async with running(tmp_path) as engine:
        attachments = engine.attachments(engine.blobs)
        source = DataSource(target.getvalue(), "a.jpg")
        (media,) = (await attachments.take(source)).media
        assert b"A camera" not in engine.blobs.read(media.sha256 or "")
        engine.config.change(replace(engine.config.settings, strip_metadata=False))
        (media,) = (await attachments.take(source)).media
        assert engine.blobs.read(media.sha256 or "") == target.getvalue()


# What lies with a service


class FilesServer(Loopback):
    """Deletes files, but for those that it does not let go."""

    def next_reply(self, seen: Seen) -> Reply:
        if seen.method != "DELETE":
            return super().next_reply(seen)
        stuck = seen.path.endswith("stuck")
        return whole({"error": {"message": "no"}} if stuck else {}, status=500 if stuck else 200)


async def test_the_uploads_of_a_chat_can_be_deleted(tmp_path: Path) -> None:
    async with FilesServer() as server, running(tmp_path) as engine:
        settings = engine.config.settings
        service = replace(engine.services.presets[0], id="g", base_url=server.url, key_env="KEY")
        engine.config.change(replace(settings, services=(service,)))
        chat = engine.library.new_chat()
        server.add(events({"candidates": [{"content": {"parts": [{"text": "x"}]},
                                           "finishReason": "STOP"}]}, done=False))  # fmt: skip
        media = [await attached(engine, words) for words in ("one", "two", "three", "four")]
        for each in media:
            await asked(chat, each)
        place = f"gemini {server.url.removeprefix('http://')}"
        kept = engine._stored.uploads  # type: ignore[union-attr]
        now = engine.clock.now()

        def uploaded(which: int, name: str, expires_at: float | None, where: str = place) -> None:
            upload = Upload(name=f"files/{name}", uri="u", mime="m", expires_at=expires_at)
            kept.keep(where, media[which].sha256 or "", upload)

        uploaded(0, "one", now + 100)
        uploaded(1, "stuck", None)
        uploaded(2, "expired", now - 1)
        uploaded(3, "elsewhere", None, "gemini elsewhere.example")
        found = engine.uploads.of(chat.conversation)
        assert {file.upload.name for file in found} == {"files/one", "files/stuck"}
        assert {file.service.id for file in found} == {"g"}

        left: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        engine.uploads.delete(found, left.set_result)
        assert await left == 1
        assert [seen.path for seen in server.requests if seen.method == "DELETE"] == [
            f"/v1beta/{file.upload.name}" for file in found
        ]
        (still,) = engine.uploads.of(chat.conversation)
        assert still.upload.name == "files/stuck"
        kept.forget_expired(now)
        assert kept.get(place, media[2].sha256 or "", "m") is None
        assert kept.get(place, media[1].sha256 or "", "m") == still.upload
