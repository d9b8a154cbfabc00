"""Large content in a request: in little memory, of known length, and again from its beginning."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import tracemalloc
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from app.domain.message import Media, Message, Role, Text
from app.domain.settings import Sampling
from app.providers import presets
from app.providers.base import ChatRequest, Endpoint, Files, HeldBlobs
from app.providers.body import PIECE_BYTES, Body, Inserts, Span
from app.providers.connections import Connections
from app.providers.openai import OpenAIProvider
from app.storage.blobs import Blobs

KEY = "a-key-for-tests-only"
ANSWERED = {"choices": [{"message": {"role": "assistant", "content": "hi"}}]}


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
        parts = (Text("see"), media)
        asked = Message(id="q", parent_id=None, role=Role.USER, parts=parts, created_at=0.0)
        request = ChatRequest(
            messages=(asked,), sampling=Sampling(model="m"), stream=False, files=files
        )
        async for _ in provider.stream(Endpoint(service, KEY), request):
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
