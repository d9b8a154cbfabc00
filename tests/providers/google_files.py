"""A server that takes uploads as Google does, and loses or mistakes what a test wants."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from gemini_cases import KEY, chunk, service, sse
from loopback import End, Loopback, Reply, Seen, reply, whole

from app.domain.upload import Upload, Uploading
from app.providers.base import Endpoint, HeldBlobs
from app.providers.connections import Connections
from app.providers.gemini_files import GeminiFiles, Pace, Sendable

AT_ONCE = Pace(again=(0.0,), look=(0.0,), patience=5.0, ready=5.0)
PIECE = 256 * 1024
CONTENT = bytes(range(256)) * 2560  # 2.5 pieces
SHA = hashlib.sha256(CONTENT).hexdigest()
NOW = float(round(time.time()))
SESSION = "https://generativelanguage.googleapis.com/upload/v1beta/files?upload_id=SECRET&p=1"


def moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")


@dataclass
class Google(Loopback):
    """A server that takes uploads. `faults` are answers that come in the place of its own.

    A fault is asked with the request; `None` lets the server answer, after or without keeping
    what came (`keeps`).
    """

    states: list[str] = field(default_factory=list)
    faults: list[Callable[[Google, Seen], Reply | None]] = field(default_factory=list)
    granted_s: float = 48 * 3600.0
    session: str = SESSION

    def __post_init__(self) -> None:
        super().__init__()
        self.received = b""
        self.files: dict[str, dict[str, Any]] = {}
        self.starts = 0
        self.error: dict[str, Any] | None = None

    def next_reply(self, seen: Seen) -> Reply:
        if self.faults and (fault := self.faults[0](self, seen)) is not None:
            self.faults.pop(0)
            return fault
        if seen.path.startswith("/upload/"):
            return self._upload(seen)
        if seen.path.startswith("/v1beta/files/"):
            return self._look(seen)
        return reply(sse(chunk({"text": "seen"}, finish="STOP")))

    def _upload(self, seen: Seen) -> Reply:
        match seen.header("x-goog-upload-command"):
            case "start":
                self.received, self.starts = b"", self.starts + 1
                return said(x_goog_upload_url=self.session, x_goog_upload_status="active")
            case "query":
                size = str(len(self.received))
                return said(x_goog_upload_status="active", x_goog_upload_size_received=size)
        if int(seen.header("x-goog-upload-offset") or 0) != len(self.received):
            return whole({"error": {"code": 400, "message": "wrong offset"}}, status=400)
        self.received += seen.body
        if "finalize" not in (seen.header("x-goog-upload-command") or ""):
            return said(x_goog_upload_status="active")
        return said({"file": self._made()}, x_goog_upload_status="final")

    def _made(self) -> dict[str, Any]:
        name = f"files/f{len(self.files) + 1}"
        self.files[name] = {
            "name": name,
            "uri": f"https://generativelanguage.googleapis.com/v1beta/{name}",
            "mimeType": "video/mp4",
            "sizeBytes": str(len(self.received)),
            "expirationTime": moment(NOW + self.granted_s),
            "state": self.states.pop(0) if self.states else "ACTIVE",
        }
        return self.files[name]

    def _look(self, seen: Seen) -> Reply:
        name = seen.path.removeprefix("/v1beta/")
        if name not in self.files:
            return whole({"error": {"code": 403, "status": "PERMISSION_DENIED"}}, status=403)
        if seen.method == "DELETE":
            del self.files[name]
            return whole({})
        if self.states:
            self.files[name]["state"] = self.states.pop(0)
        if self.error is not None:
            self.files[name]["error"] = self.error
        return whole(self.files[name])

    def commands(self) -> list[str]:
        """What was done, in short."""
        found = []
        for seen in self.requests:
            command = seen.header("x-goog-upload-command")
            if command is None:
                found.append(f"{seen.method} {seen.path.rpartition('/')[2]}")
            elif command in ("start", "query"):
                found.append(command)
            else:
                found.append(f"{command} {seen.header('x-goog-upload-offset')}")
        return found


def said(body: object = None, **headers: str) -> Reply:
    if body is None:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return Reply(headers=named, framing="length")
    return whole(body, **headers)


BLOBS = HeldBlobs({SHA: CONTENT})
FILE = Sendable(sha256=SHA, mime="video/mp4", name="clip.mp4", size_bytes=len(CONTENT))


def files(server: Loopback, connections: Connections, **more: Any) -> GeminiFiles:
    return GeminiFiles(connections, Endpoint(service(server.url, **more), KEY), AT_ONCE)


async def upload(
    server: Google, connections: Connections, told: list[Uploading] | None = None
) -> Upload:
    heard = [] if told is None else told
    return await files(server, connections).upload(FILE, BLOBS, heard.append)


def lost(keep_bytes: int) -> Callable[[Google, Seen], Reply | None]:
    """The connection breaks when the second piece comes; so much of it has arrived."""

    def fault(server: Google, seen: Seen) -> Reply | None:
        if seen.header("x-goog-upload-offset") != str(PIECE):
            return None
        server.received += seen.body[:keep_bytes]
        return reply(End.RESET, framing="close", raw=True)

    return fault
