"""From a real file to the bytes on the wire: Google's form, the OpenAI form, large content.

Google's bodies are compared with those of google-genai for the same file, the OpenAI form's with
the types of openai, and addresses with the examples of Ace Data Cloud.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import tracemalloc
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from attaching_desk import Desk
from file_makers import (
    docx,
    encoded,
    heic,
    notebook,
    paragraph,
    pdf,
    picture,
    recording,
)
from loopback import Loopback, in_thread, whole
from pydantic import TypeAdapter

from app.attachments import AddressSource
from app.domain.errors import WANTS_ADDRESS, ChatError, Failure
from app.domain.kinds import spelled
from app.domain.message import Media, Message, Role, Text
from app.domain.settings import Sampling, Service
from app.providers import presets
from app.providers.base import ChatRequest, Endpoint, Files, HeldBlobs
from app.providers.body import PIECE_BYTES, Body, Inserts, Span
from app.providers.connections import Connections
from app.providers.gemini import GeminiProvider
from app.providers.openai import OpenAIProvider
from app.storage.blobs import Blobs

FIXTURES = Path(__file__).parents[1] / "providers" / "fixtures"
KEY = "a-key-for-tests-only"
SAID = {"candidates": [{"content": {"parts": [{"text": "hi"}]}, "finishReason": "STOP"}]}
ANSWERED = {"choices": [{"message": {"role": "assistant", "content": "hi"}}]}
VIDEOS = ("mp4", "mov", "webm", "mpeg", "avi", "wmv", "flv", "3gp")
SOUNDS = ("mp3", "flac", "ogg", "aac", "aiff")


def question(*parts: Media | str) -> Message:
    typed = tuple(Text(part) if isinstance(part, str) else part for part in parts)
    return Message(id="q", parent_id=None, role=Role.USER, parts=typed, created_at=0.0)


def request(*messages: Message, files: Files | None = None, model: str = "gemma-4") -> ChatRequest:
    sampling = Sampling(model=model)
    return ChatRequest(messages=messages, sampling=sampling, stream=False, files=files or Files())


async def sent(service: Service, asked: ChatRequest) -> Any:
    """The body that goes over the wire, as JSON."""
    async with Loopback() as server:
        is_google = service.form == "gemini"
        server.add(whole(SAID if is_google else ANSWERED))
        connections = Connections()
        kind = GeminiProvider if is_google else OpenAIProvider
        here = replace(service, base_url=server.url)
        async for _ in kind(connections).stream(Endpoint(here, KEY), asked):
            pass
        await connections.aclose()
        (seen,) = server.requests
    assert seen.header("content-type") == "application/json"
    assert seen.header("content-length") == str(len(seen.body))
    assert seen.header("transfer-encoding") is None
    return seen.json


# Google's form


@pytest.fixture(scope="module")
def official() -> Iterator[Callable[[list[Any]], Any]]:
    """The parts of a question, as google-genai sends them."""
    from google import genai
    from google.genai import types

    with in_thread() as server:
        server.add(whole(SAID))
        client = genai.Client(api_key=KEY, http_options={"base_url": server.url})

        def parts(given: list[Any]) -> Any:
            content = types.Content(role="user", parts=given)
            client.models.generate_content(model="gemma-4", contents=content)
            return same_spelling(server.requests[-1].json["contents"][0]["parts"])

        parts([types.Part.from_text(text="opens the connection")])
        yield parts
        client.close()


def same_spelling(value: Any) -> Any:
    """Without what differs in spelling alone: names in snake_case, base64 for addresses."""
    if isinstance(value, dict):
        return {"".join(w if at == 0 else w.capitalize() for at, w in enumerate(k.split("_"))):
                same_data(each) if k == "data" else same_spelling(each)
                for k, each in value.items()}  # fmt: skip
    return [same_spelling(each) for each in value] if isinstance(value, list) else value


def same_data(data: str) -> bytes:
    return base64.b64decode(data.replace("-", "+").replace("_", "/") + "=" * (-len(data) % 4))


FILES: dict[str, Callable[[], bytes]] = {
    "photo.png": lambda: encoded(picture(), "png"),
    "photo.jpg": lambda: encoded(picture(), "jpg"),
    "photo.webp": lambda: encoded(picture(), "webp"),
    "photo.heic": heic,
    "note.wav": recording,
    "paper.pdf": lambda: pdf("hello"),
}
MIME = {
    "png": "image/png",
    "jpg": "image/jpeg",
    "webp": "image/webp",
    "heic": "image/heic",
    "wav": "audio/wav",
    "pdf": "application/pdf",
    "mp4": "video/mp4",
    "mov": "video/mov",
    "webm": "video/webm",
    "mpeg": "video/mpeg",
    "avi": "video/avi",
    "wmv": "video/wmv",
    "flv": "video/x-flv",
    "3gp": "video/3gpp",
    "mp3": "audio/mp3",
    "flac": "audio/flac",
    "ogg": "audio/ogg",
    "aac": "audio/aac",
    "aiff": "audio/aiff",
}


@pytest.mark.parametrize("name", [*FILES, *(f"made.{end}" for end in (*VIDEOS, *SOUNDS))])
async def test_google_gets_what_its_own_package_sends(
    desk: Desk,
    recordings: Callable[[str], Path],
    official: Callable[[list[Any]], Any],
    name: str,
) -> None:
    from google.genai import types

    ending = name.rpartition(".")[2]
    data = FILES[name]() if name in FILES else recordings(ending).read_bytes()
    media = await desk.media(data, name)
    theirs = await asyncio.to_thread(
        official, [types.Part.from_bytes(data=data, mime_type=MIME[ending])]
    )
    body = await sent(presets.GEMINI, request(question(media), files=Files(desk.blobs)))
    assert same_spelling(body["contents"][0]["parts"]) == theirs


async def test_google_gets_addresses_and_parts_of_videos(
    desk: Desk, official: Callable[[list[Any]], Any]
) -> None:
    from google.genai import types

    youtube = "https://www.youtube.com/watch?v=abc"
    about = types.VideoMetadata(start_offset="10s", end_offset="62.5s", fps=0.5)
    theirs = await asyncio.to_thread(
        official,
        [
            types.Part(file_data=types.FileData(file_uri=youtube), video_metadata=about),
            types.Part.from_text(text="what is it?"),
            types.Part.from_uri(file_uri="https://a.example/c.png", mime_type="image/png"),
        ],
    )
    video = await desk.media(AddressSource(youtube))
    cat = await desk.media(AddressSource("https://a.example/c.png"))
    part = replace(video, start_s=10.0, end_s=62.5, frames_per_s=0.5)
    body = await sent(presets.GEMINI, request(question("what is it?", part, cat)))
    assert same_spelling(body["contents"][0]["parts"]) == theirs


async def test_texts_are_text_everywhere(desk: Desk) -> None:
    table = await desk.media("name;größe\n".encode("cp1252"), "list.csv")
    report = await desk.media(docx(paragraph("hello")), "report.docx")
    book = await desk.media(notebook({"cell_type": "code", "source": "1"}), "a.ipynb")
    asked = request(question("see", table, report, book), files=Files(desk.blobs))
    quoted = [
        "list.csv:\n\n```csv\nname;größe\n```",
        "report.docx:\n\n```markdown\nhello\n```",
        "a.ipynb:\n\n````markdown\n```python\n1\n```\n````",
    ]
    body = await sent(presets.GEMINI, asked)
    assert body["contents"][0]["parts"] == [{"text": each} for each in ("see", *quoted)]
    for service in (presets.DEEPSEEK, presets.OLLAMA):
        body = await sent(service, asked)
        assert body["messages"][0]["content"] == "\n\n".join(("see", *quoted))


# The OpenAI form


def check_parts(content: list[Any]) -> None:
    from openai.types.chat import ChatCompletionContentPartParam

    for part in content:
        TypeAdapter(ChatCompletionContentPartParam).validate_python(part)


TAKES_ALL = replace(
    presets.OPENAI_COMPATIBLE, takes_audio=True, takes_file=True, video_form="image_url"
)


@pytest.mark.parametrize("name", ["photo.png", "photo.jpg", "photo.webp", "note.wav", "paper.pdf"])
async def test_parts_are_valid_for_the_official_types(desk: Desk, name: str) -> None:
    data = FILES[name]()
    media = await desk.media(data, name)
    body = await sent(TAKES_ALL, request(question("see", media), files=Files(desk.blobs)))
    text, part = body["messages"][0]["content"]
    check_parts([text, part])
    assert text == {"type": "text", "text": "see"}
    held = base64.b64encode(data).decode()
    address = f"data:{media.mime};base64,{held}"
    assert part in (
        {"type": "image_url", "image_url": {"url": address}},
        {"type": "input_audio", "input_audio": {"data": held, "format": "wav"}},
        {"type": "file", "file": {"filename": name, "file_data": address}},
    )


@pytest.mark.parametrize(
    ("service", "part"),
    [
        (presets.ACE_DATA_CLOUD, {"type": "image_url", "image_url": {"url": "DATA"}}),
        (presets.VLLM, {"type": "video_url", "video_url": {"url": "DATA"}}),
        (presets.LLAMA_CPP, {"type": "input_video", "input_video": {"data": "HELD"}}),
    ],
)
async def test_a_video_goes_as_the_preset_says(
    desk: Desk, recordings: Callable[[str], Path], service: Service, part: dict[str, Any]
) -> None:
    data = recordings("mp4").read_bytes()
    media = await desk.media(data, "clip.mp4")
    body = await sent(service, request(question("see", media), files=Files(desk.blobs)))
    held = base64.b64encode(data).decode()
    written = json.dumps(part).replace("DATA", f"data:video/mp4;base64,{held}")
    assert body["messages"][0]["content"][1] == json.loads(written.replace("HELD", held))


@pytest.mark.parametrize("name", ["picture", "video"])
async def test_addresses_are_sent_as_ace_data_cloud_shows_them(desk: Desk, name: str) -> None:
    """`{"type":"text"}`, then `{"type":"image_url"}`, for .png and .mp4 alike."""
    example = json.loads((FIXTURES / f"openai_acedata_{name}.json").read_text())["body"]
    text, shown = example["messages"][0]["content"]
    media = await desk.media(AddressSource(shown["image_url"]["url"]))
    assert media.mime == {"picture": "image/png", "video": "video/mp4"}[name]
    asked = request(question(text["text"], media), model=example["model"])
    assert await sent(presets.ACE_DATA_CLOUD, asked) == example


# Left out, gone


async def test_what_is_left_out_keeps_its_place(desk: Desk) -> None:
    media = replace(await desk.media(encoded(picture(), "png"), "a.png"), left_out=True)
    asked = request(question("see", media), files=Files(desk.blobs))
    assert (await sent(TAKES_ALL, asked))["messages"][0]["content"] == "see\n[a.png]"
    body = await sent(presets.GEMINI, asked)
    assert body["contents"][0]["parts"] == [{"text": "see"}, {"text": "[a.png]"}]


def test_types_as_others_spell_them() -> None:
    others = {"video/quicktime": "video/mov", "video/x-msvideo": "video/avi",
              "audio/x-wav": "audio/wav", "audio/mpeg": "audio/mp3",
              "IMAGE/PNG; charset=binary": "image/png"}  # fmt: skip
    assert {mime: spelled(mime) for mime in others} == others


# A service that takes addresses only


REFUSALS = [
    "Invalid image_url: only http(s) URLs are supported",
    "messages[0].content[1].image_url.url must start with http:// or https://",
    "data: URLs are not allowed",
    "base64 images are not supported",
    "Failed to download image from url",
    "unsupported url scheme",
]


@pytest.mark.parametrize("words", REFUSALS)
async def test_a_refused_data_url_is_told_apart(desk: Desk, words: str) -> None:
    media = await desk.media(encoded(picture(), "png"), "a.png")
    asked = request(question("see", media), files=Files(desk.blobs))
    assert (await refused(words, 400, asked)).codes[0] == WANTS_ADDRESS
    address = await desk.media(AddressSource("https://a.example/a.png"))
    by_address = request(question("see", address), files=Files(desk.blobs))
    assert WANTS_ADDRESS not in (await refused(words, 400, by_address)).codes
    assert WANTS_ADDRESS not in (await refused(words, 500, asked)).codes


@pytest.mark.parametrize(
    "words", ["Invalid model", "temperature must be 1", "The request was refused", ""]
)
async def test_other_refusals_are_not_blamed_on_it(desk: Desk, words: str) -> None:
    media = await desk.media(encoded(picture(), "png"), "a.png")
    asked = request(question("see", media), files=Files(desk.blobs))
    assert WANTS_ADDRESS not in (await refused(words, 400, asked)).codes


async def refused(words: str, status: int, asked: ChatRequest) -> Failure:
    async with Loopback() as server:
        server.add(whole({"error": {"message": words}}, status=status))
        connections = Connections()
        service = replace(presets.ACE_DATA_CLOUD, base_url=server.url)
        with pytest.raises(ChatError) as caught:
            async for _ in OpenAIProvider(connections).stream(Endpoint(service, KEY), asked):
                pass
        await connections.aclose()
    return caught.value.failure


# Large content


class Endless:
    """Stored content that takes no room: `size_bytes` of a pattern under any name."""

    def __init__(self, size_bytes: int) -> None:
        self._size_bytes = size_bytes
        self._pattern = bytes(range(251)) * 4096

    def read(self, sha256: str) -> bytes:
        raise AssertionError("all of it at once")

    def size(self, sha256: str) -> int:
        return self._size_bytes

    def piece(self, sha256: str, offset: int, count: int) -> bytes:
        count = min(count, self._size_bytes - offset)
        at = offset % 251
        return self._pattern[at : at + count]


class Sink:
    """A server that counts a body, and the sum of it, and keeps nothing."""

    def __init__(self, answer: object) -> None:
        self.received = 0
        self.sum = hashlib.sha256()
        self.head = b""
        self.url = ""
        self._answer = json.dumps(answer).encode()

    async def __aenter__(self) -> Sink:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.head = await reader.readuntil(b"\r\n\r\n")
        lines = self.head.decode().lower().splitlines()
        length = int(next(line for line in lines if line.startswith("content-length")).split()[1])
        while self.received < length:
            piece = await reader.read(1 << 16)
            self.received += len(piece)
            self.sum.update(piece)
        head = (
            f"HTTP/1.1 200 OK\r\ncontent-length: {len(self._answer)}\r\nconnection: close\r\n\r\n"
        )
        writer.write(head.encode() + self._answer)
        await writer.drain()
        writer.close()


async def drained(body: AsyncIterator[bytes] | Body) -> tuple[int, str]:
    size, known = 0, hashlib.sha256()
    async for piece in body:
        size += len(piece)
        known.update(piece)
    return size, known.hexdigest()


async def test_a_hundred_megabytes_take_little_memory() -> None:
    """The goal is 16 MB more than before; what is held is a few pieces."""
    files = Files(Endless(100_000_000))
    media = Media(mime="video/mp4", sha256="a" * 64, name="long.mp4")
    async with Sink(ANSWERED) as sink:
        connections = Connections()
        service = replace(presets.ACE_DATA_CLOUD, base_url=sink.url)
        provider = OpenAIProvider(connections)
        await connections.client(service)
        tracemalloc.start()
        async for _ in provider.stream(
            Endpoint(service, KEY), request(question("see", media), files=files)
        ):
            pass
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        await connections.aclose()
    assert sink.received > 133_333_333
    assert f"content-length: {sink.received}".encode() in sink.head.lower()
    assert b"transfer-encoding" not in sink.head.lower()
    assert peak < 16_000_000


@pytest.mark.parametrize("size", [0, 1, 2, 3, PIECE_BYTES - 1, PIECE_BYTES, PIECE_BYTES * 2 + 1])
async def test_a_body_can_be_sent_again(size: int) -> None:
    content = bytes(range(256)) * (size // 256 + 1)
    blobs = HeldBlobs({"a": content[:size], "b": b"other"})
    inserts = Inserts(blobs)
    value = {"x": f"data:image/png;base64,{inserts.base64_of('a')}", "ü": inserts.base64_of("b"),
             "again": inserts.base64_of("a")}  # fmt: skip
    body = inserts.body(value)
    first = b"".join([piece async for piece in body])
    assert body.length == len(first)
    assert first == b"".join([piece async for piece in body])
    held = base64.b64encode(content[:size]).decode()
    assert json.loads(first) == {"x": f"data:image/png;base64,{held}", "ü": "b3RoZXI=",
                                 "again": held}  # fmt: skip


async def test_a_piece_of_a_file(tmp_path: Path) -> None:
    blobs = Blobs(tmp_path / "blobs")
    sha256 = blobs.add(bytes(range(256)) * 10)
    told: list[int] = []
    body = Body(blobs, [Span(sha256, 100, 50, as_base64=False)], told.append)
    assert b"".join([piece async for piece in body]) == bytes(range(100, 150))
    assert body.length == 50
    assert told == [0, 50]
    assert await drained(body) == (50, hashlib.sha256(bytes(range(100, 150))).hexdigest())
