"""A small HTTP server on loopback that says exactly what a test wrote down, byte by byte.

Replies are scripts of bytes, gates to wait at, and ways to end; requests are kept. It runs on the
loop of the test (`async with Loopback() as server`), or on a thread of its own
(`with in_thread() as server`) for tests that have no loop or block it.
"""

from __future__ import annotations

import asyncio
import json
import socket
import ssl
import struct
import threading
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any, Self


class Gate:
    """The script waits here until someone, on any thread, opens it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open = False
        self._waiting: list[tuple[asyncio.AbstractEventLoop, asyncio.Future[None]]] = []

    @property
    def is_open(self) -> bool:
        return self._open

    def open(self) -> None:
        with self._lock:
            self._open = True
            waiting, self._waiting = self._waiting, []
        for loop, future in waiting:
            loop.call_soon_threadsafe(_resolve, future)

    async def wait(self) -> None:
        loop = asyncio.get_running_loop()
        with self._lock:
            if self._open:
                return
            future: asyncio.Future[None] = loop.create_future()
            self._waiting.append((loop, future))
        await future


class End(Enum):
    """How a script leaves the connection, as a step of it."""

    RESET = auto()  # the client sees "connection reset by peer"
    CLOSE = auto()  # an orderly end, in the middle of a chunked body if it stands there
    HANG = auto()  # nothing more until the client goes away


Step = bytes | Gate | End


@dataclass(frozen=True, kw_only=True)
class Reply:
    """Status, headers and a body in steps.

    `framing`: "chunked" sends each step as a chunk, "close" ends the body with the connection,
    "length" counts the bytes; a number claims that length whatever comes. `raw` sends the steps
    as they are: no status line, no headers.
    """

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    steps: tuple[Step, ...] = ()
    framing: str | int = "chunked"
    raw: bool = False


def reply(*steps: Step | str, status: int = 200, **named: Any) -> Reply:
    """A reply whose body is `steps`; texts are sent as UTF-8."""
    headers = named.pop("headers", {})
    return Reply(
        status=status,
        headers=headers,
        steps=tuple(step.encode() if isinstance(step, str) else step for step in steps),
        **named,
    )


def whole(value: object, status: int = 200, **headers: str) -> Reply:
    """`value` as one JSON document. Names of headers are written with underscores."""
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    named.setdefault("content-type", "application/json")
    body = value if isinstance(value, bytes) else json.dumps(value).encode()
    return Reply(status=status, headers=named, steps=(body,), framing="length")


def events(*values: object, done: bool = True, **named: Any) -> Reply:
    """An event stream: objects become `data:` events; bytes, gates and ends stay as they are."""
    steps = [
        value
        if isinstance(value, bytes | Gate | End)
        else f"data: {json.dumps(value)}\n\n".encode()
        for value in values
    ]
    if done:
        steps.append(b"data: [DONE]\n\n")
    headers = {"content-type": "text/event-stream", **named.pop("headers", {})}
    return Reply(headers=headers, steps=tuple(steps), **named)


@dataclass
class Seen:
    """One request as it came. `gone` opens when the client closed before the reply's end."""

    method: str
    target: str
    headers: list[tuple[str, str]]
    body: bytes
    connection: int
    gone: Gate = field(default_factory=Gate)

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    def header(self, name: str) -> str | None:
        """The values of a header, joined; `None` when it was not sent."""
        values = [value for known, value in self.headers if known.lower() == name.lower()]
        return ", ".join(values) if values else None


class Loopback:
    """Queued replies go out in turn, the last one again and again; routes come first."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        """With `tls` it speaks https, with the certificate of that context."""
        self.requests: list[Seen] = []
        self._tls = tls
        self.connections = 0
        self.open_connections = 0
        self.port = 0
        self._queue: deque[Reply] = deque()
        self._routes: dict[str, Reply] = {}
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        return f"{'https' if self._tls else 'http'}://127.0.0.1:{self.port}"

    def add(self, *replies: Reply) -> None:
        self._queue.extend(replies)

    def clear(self) -> None:
        """Forget queued replies and routes."""
        self._queue.clear()
        self._routes.clear()

    def route(self, path: str, answer: Reply) -> None:
        """Answer every request for `path` (without its query) with `answer`."""
        self._routes[path] = answer

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            lambda: _Connection(self), "127.0.0.1", 0, ssl=self._tls
        )
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        for task in tuple(self._tasks):
            task.cancel()
        while self._tasks:
            await asyncio.wait(tuple(self._tasks))
        await self._server.wait_closed()

    def next_reply(self, seen: Seen) -> Reply:
        if seen.path in self._routes:
            return self._routes[seen.path]
        if not self._queue:
            return whole({"error": {"message": "the test scripted no reply"}}, status=500)
        return self._queue.popleft() if len(self._queue) > 1 else self._queue[0]

    def keep(self, task: asyncio.Task[None]) -> None:
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


class _Connection(asyncio.Protocol):
    def __init__(self, server: Loopback) -> None:
        self._server = server
        self._received = bytearray()
        self._more = asyncio.Event()
        self._gone = asyncio.Event()
        self._transport: asyncio.Transport | None = None
        self._number = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._server.connections += 1
        self._server.open_connections += 1
        self._number = self._server.connections
        work = asyncio.get_running_loop().create_task(self._serve(transport), name="loopback")
        self._server.keep(work)

    def data_received(self, data: bytes) -> None:
        self._received += data
        self._more.set()

    def eof_received(self) -> None:
        self._leave()

    def connection_lost(self, exc: Exception | None) -> None:
        self._server.open_connections -= 1
        self._leave()

    def _leave(self) -> None:
        self._gone.set()
        self._more.set()

    async def _serve(self, transport: asyncio.Transport) -> None:
        try:
            while (seen := await self._request()) is not None:
                self._server.requests.append(seen)
                answer = self._server.next_reply(seen)
                talk = asyncio.ensure_future(self._talk(transport, answer))
                gone = asyncio.ensure_future(self._gone.wait())
                try:
                    await asyncio.wait((talk, gone), return_when=asyncio.FIRST_COMPLETED)
                finally:
                    if not talk.done() or not talk.result():
                        seen.gone.open()
                    for part in (talk, gone):
                        part.cancel()
                    await asyncio.gather(talk, gone, return_exceptions=True)
                if self._gone.is_set() or answer.framing == "close" or answer.raw:
                    break
                if transport.is_closing():
                    break
        finally:
            transport.close()

    async def _request(self) -> Seen | None:
        head = await self._until(b"\r\n\r\n")
        if head is None:
            return None
        first, *lines = head.decode("latin-1").split("\r\n")
        method, target, _ = first.split(" ", 2)
        headers = [(name, value.strip()) for name, _, value in (x.partition(":") for x in lines)]
        size = next((int(value) for name, value in headers if name.lower() == "content-length"), 0)
        while len(self._received) < size:
            if not await self._grow():
                return None
        body = bytes(self._received[:size])
        del self._received[:size]
        return Seen(method, target, headers, body, self._number)

    async def _until(self, mark: bytes) -> bytes | None:
        while mark not in self._received:
            if not await self._grow():
                return None
        head, _, rest = bytes(self._received).partition(mark)
        self._received[:] = rest
        return head

    async def _grow(self) -> bool:
        if self._gone.is_set():
            return False
        self._more.clear()
        await self._more.wait()
        return not self._gone.is_set()

    async def _talk(self, transport: asyncio.Transport, answer: Reply) -> bool:
        """Say `answer`; whether it came to its end before the client left."""
        if not answer.raw:
            transport.write(_head(answer))
        chunked = answer.framing == "chunked" and not answer.raw
        for step in answer.steps:
            match step:
                case Gate():
                    await step.wait()
                case End.HANG:
                    await self._gone.wait()
                    return False
                case End.CLOSE:
                    transport.close()
                    return True
                case End.RESET:
                    await asyncio.sleep(0)
                    _reset(transport)
                    return True
                case bytes() if chunked and step:
                    transport.write(b"%x\r\n%b\r\n" % (len(step), step))
                case _:
                    transport.write(step)
            await asyncio.sleep(0)  # let the reader see each step on its own
        if chunked:
            transport.write(b"0\r\n\r\n")
        return True


def _head(answer: Reply) -> bytes:
    lines = [f"HTTP/1.1 {answer.status} Whatever"]
    lines += [f"{name}: {value}" for name, value in answer.headers.items()]
    if answer.framing == "chunked":
        lines.append("transfer-encoding: chunked")
    elif answer.framing == "length":
        size = sum(len(step) for step in answer.steps if isinstance(step, bytes))
        lines.append(f"content-length: {size}")
    elif isinstance(answer.framing, int):
        lines.append(f"content-length: {answer.framing}")
    else:
        lines.append("connection: close")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def _reset(transport: asyncio.Transport) -> None:
    found = transport.get_extra_info("socket")
    found.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()


def _resolve(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)


@contextmanager
def in_thread(server: Loopback | None = None) -> Iterator[Loopback]:
    """A server on a loop and thread of its own; add replies from the test's thread."""
    server = server or Loopback()
    ready, stop = threading.Event(), Gate()

    async def serve() -> None:
        async with server:
            ready.set()
            await stop.wait()

    thread = threading.Thread(target=lambda: asyncio.run(serve()), name="loopback server")
    thread.start()
    ready.wait(10)
    try:
        yield server
    finally:
        stop.open()
        thread.join(10)
