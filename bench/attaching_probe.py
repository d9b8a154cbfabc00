"""Sends 100 MB and says what it took: python -m bench.attaching_probe inline|upload FOLDER."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil

from app.domain.message import Media, Message, Role, Text
from app.domain.settings import Sampling, Service
from app.providers import Providers, presets
from app.providers.base import ChatRequest, Endpoint, Files
from app.storage.blobs import Blobs

SENT_BYTES = 100_000_000
SAMPLE_S = 0.005
LAST_WORDS_S = 0.1  # until the server has seen that the client left
Json = dict[str, Any]
GEMINI_ANSWER: Json = {
    "candidates": [{"content": {"parts": [{"text": "."}]}, "finishReason": "STOP"}]
}
OPENAI_ANSWER: Json = {"choices": [{"message": {"content": "."}}]}
LOOK = Text("Look")


class Sink:
    """A server in this process that counts what it gets and keeps nothing of it."""

    def __init__(self) -> None:
        self.received = 0
        self.url = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError):  # the client has left
            await self._talk(reader, writer)
        writer.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while head := (await reader.readuntil(b"\r\n\r\n")).decode("latin-1"):
            first, *lines = head.split("\r\n")
            headers = {name.lower(): value.strip() for name, _, value in
                       (line.partition(":") for line in lines)}  # fmt: skip
            left = int(headers.get("content-length", 0))
            while left > 0:
                piece = await reader.read(min(left, 1 << 16))
                left -= len(piece)
                self.received += len(piece)
            writer.write(self._answer(first, headers.get("x-goog-upload-command", "")))
            await writer.drain()

    def _answer(self, first: str, command: str) -> bytes:
        headers: list[str] = []
        said: Json = OPENAI_ANSWER
        if command == "start":
            headers = [f"x-goog-upload-url: {self.url}/upload/v1beta/files?upload_id=1"]
        elif command:
            done = "finalize" in command
            headers = [f"x-goog-upload-status: {'final' if done else 'active'}"]
            said = {"file": {"name": "files/a", "uri": "u", "state": "ACTIVE"}} if done else {}
        elif "generateContent" in first:
            said = GEMINI_ANSWER
        body = json.dumps(said).encode()
        lines = ["HTTP/1.1 200 OK", f"content-length: {len(body)}", *headers, "", ""]
        return "\r\n".join(lines).encode() + body


async def send(folder: Path, template: Service) -> dict[str, float]:
    """A file of 100 MB in a question; how much memory that took at its worst."""
    blobs = Blobs(folder / "blobs")
    sha256 = blobs.keep(bytes(1 << 20) for _ in range(SENT_BYTES >> 20))
    sink, providers = Sink(), Providers()
    server = await asyncio.start_server(sink.serve, "127.0.0.1", 0)
    sink.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    service = replace(template, base_url=sink.url)
    size = blobs.size(sha256)
    media = Media(mime="video/mp4", sha256=sha256, name="long.mp4", size_bytes=size)

    async def ask(*parts: Text | Media) -> None:
        question = Message(id="q", parent_id=None, role=Role.USER, parts=parts, created_at=0.0)
        asked = ChatRequest(
            messages=(question,), sampling=Sampling(model="m"), stream=False, files=Files(blobs)
        )
        async for _ in providers.of(service).stream(Endpoint(service, "key"), asked):
            pass

    await ask(LOOK)  # what every first question takes
    process, peaks = psutil.Process(), list[int]()
    before = process.memory_info().rss
    sampling = asyncio.create_task(sample(process, peaks))
    begun = time.perf_counter()
    await ask(LOOK, media)
    seconds = time.perf_counter() - begun
    sampling.cancel()
    await providers.aclose()
    await asyncio.sleep(LAST_WORDS_S)
    server.close()
    memory_mb = (max(peaks) - before) / 1e6
    return {"memory_mb": memory_mb, "sent_mb": sink.received / 1e6, "seconds": seconds}


async def sample(process: psutil.Process, peaks: list[int]) -> None:
    while True:
        peaks.append(process.memory_info().rss)
        await asyncio.sleep(SAMPLE_S)


def main(what: str, folder: Path) -> None:
    match what:
        case "inline":
            found = asyncio.run(send(folder, presets.ACE_DATA_CLOUD))
        case _:
            found = asyncio.run(send(folder, presets.GEMINI))
    print(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
