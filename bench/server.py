"""A service on loopback that streams one long answer at a given pace, in a process of its own.

    python -m bench.server TEXT PER_DELTA DELTAS_PER_SECOND [FOLDER]

It prints its port, and `asked` when an answer begins. The files of FOLDER are served, too; what
is posted to /report is printed as `report` and the text. Ends when its input ends.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

from bench.sample import TEXTS

KINDS = {".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8"}


def event(delta: dict[str, object], finish: str | None = None) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return f"data: {json.dumps({'choices': [choice]})}\n\n".encode()


def head_of(kind: str) -> bytes:
    return f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nConnection: close\r\n\r\n".encode()


class Server:
    def __init__(self, text: str, per_delta: int, per_second: float, folder: Path | None) -> None:
        deltas = [text[start : start + per_delta] for start in range(0, len(text), per_delta)]
        self._events = [event({"content": delta}) for delta in deltas]
        self._per_second = per_second
        self._folder = folder

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        except asyncio.IncompleteReadError:  # a browser connects ahead of time
            writer.close()
            return
        method, path, _ = head[0].split(" ", 2)
        fields = dict(line.lower().split(": ", 1) for line in head[1:] if ": " in line)
        body = await reader.readexactly(int(fields.get("content-length", 0)))
        if path == "/report":
            print("report", body.decode(), flush=True)
            writer.write(head_of("text/plain"))
        elif method == "POST":
            await self._stream(writer)
        else:
            self._send_file(path.partition("?")[0].lstrip("/"), writer)
        await writer.drain()
        writer.close()

    async def _stream(self, writer: asyncio.StreamWriter) -> None:
        writer.write(head_of("text/event-stream"))
        print("asked", flush=True)
        clock = asyncio.get_running_loop().time
        start = clock()
        for number, line in enumerate(self._events, 1):
            writer.write(line)
            await writer.drain()
            await asyncio.sleep(max(0.0, start + number / self._per_second - clock()))
        writer.write(event({}, "stop") + b"data: [DONE]\n\n")

    def _send_file(self, name: str, writer: asyncio.StreamWriter) -> None:
        file = self._folder / name if self._folder else None
        if file is None or file.suffix not in KINDS or not file.is_file():
            writer.write(b"HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n")
        else:
            writer.write(head_of(KINDS[file.suffix]) + file.read_bytes())


async def serve(server: Server) -> None:
    listening = await asyncio.start_server(server.answer, "127.0.0.1", 0)
    print(listening.sockets[0].getsockname()[1], flush=True)
    async with listening:
        await asyncio.to_thread(sys.stdin.read)


def main(name: str, per_delta: str, per_second: str, *folder: str) -> None:
    place = Path(folder[0]) if folder else None
    asyncio.run(serve(Server(TEXTS[name](), int(per_delta), float(per_second), place)))


if __name__ == "__main__":
    main(*sys.argv[1:])
