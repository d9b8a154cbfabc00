"""A service on loopback that streams one long answer at a given pace, in a process of its own.

    python -m bench.server CHARACTERS PER_DELTA DELTAS_PER_SECOND

Prints its port. Ends when its input ends.
"""

from __future__ import annotations

import asyncio
import json
import sys

from bench.sample import long_answer

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"


def event(delta: dict[str, object], finish: str | None = None) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return f"data: {json.dumps({'choices': [choice]})}\n\n".encode()


async def serve(characters: int, per_delta: int, per_second: float) -> None:
    text = long_answer(characters)[:characters]
    deltas = [text[start : start + per_delta] for start in range(0, len(text), per_delta)]

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(
            (
                int(line[15:])
                for line in head.lower().split(b"\r\n")
                if line[:15] == b"content-length:"
            ),
            0,
        )
        await reader.readexactly(length)
        writer.write(HEAD)
        clock = asyncio.get_running_loop().time
        start = clock()
        for number, delta in enumerate(deltas):
            writer.write(event({"content": delta}))
            await writer.drain()
            await asyncio.sleep(max(0.0, start + (number + 1) / per_second - clock()))
        writer.write(event({}, "stop") + b"data: [DONE]\n\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    async with server:
        await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])))
