"""The Files API against a server that loses connections, mistakes offsets, and forgets files."""

from __future__ import annotations

import asyncio
import hashlib
import io
import json
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import pytest
from gemini_cases import KEY, chunk, request, service, sse, user
from loopback import End, Loopback, Reply, Seen, reply, whole

from app.domain.errors import ChatError, ErrorKind
from app.domain.history import origin
from app.domain.message import Media
from app.domain.upload import Upload, Uploading
from app.providers import gemini_files
from app.providers import gemini_wire as wire
from app.providers.base import Endpoint, Files, HeldBlobs, HeldUploads
from app.providers.connections import Connections
from app.providers.gemini import GeminiProvider
from app.providers.gemini_files import GeminiFiles, Pace, Sendable
from app.providers.gemini_uploads import GeminiUploads

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


@pytest.fixture(autouse=True)
def _small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gemini_files, "PIECE_BYTES", PIECE)


@pytest.fixture
async def server() -> AsyncIterator[Google]:
    async with Google() as running:
        yield running


@pytest.fixture
async def connections() -> AsyncIterator[Connections]:
    made = Connections()
    yield made
    await made.aclose()


BLOBS = HeldBlobs({SHA: CONTENT})
FILE = Sendable(sha256=SHA, mime="video/mp4", name="clip.mp4", size_bytes=len(CONTENT))


def files(server: Loopback, connections: Connections, **more: Any) -> GeminiFiles:
    return GeminiFiles(connections, Endpoint(service(server.url, **more), KEY), AT_ONCE)


async def upload(
    server: Google, connections: Connections, told: list[Uploading] | None = None
) -> Upload:
    heard = [] if told is None else told
    return await files(server, connections).upload(FILE, BLOBS, heard.append)


# An upload


async def test_an_upload_in_pieces(server: Google, connections: Connections) -> None:
    told: list[Uploading] = []
    made = await upload(server, connections, told)
    assert made == Upload(
        name="files/f1",
        uri="https://generativelanguage.googleapis.com/v1beta/files/f1",
        mime="video/mp4",
        expires_at=NOW + 48 * 3600,
    )
    assert server.received == CONTENT
    assert server.commands() == [
        "start",
        "upload 0",
        "upload 262144",
        "upload, finalize 524288",
    ]
    start, *pieces = server.requests
    assert start.path == "/upload/v1beta/files"
    assert start.json == {"file": {"displayName": "clip.mp4"}}
    assert start.header("x-goog-upload-protocol") == "resumable"
    assert start.header("x-goog-upload-header-content-length") == str(len(CONTENT))
    assert start.header("x-goog-upload-header-content-type") == "video/mp4"
    assert start.header("x-goog-api-key") == KEY
    for piece in pieces:
        assert piece.target == "/upload/v1beta/files?upload_id=SECRET&p=1", "at the same host"
        assert piece.header("x-goog-api-key") is None, "the address is a capability"
        assert piece.header("content-length") == str(len(piece.body))
        assert piece.header("transfer-encoding") is None
    shares = [each.share for each in told]
    assert shares == sorted(shares)
    assert (shares[0], shares[-1]) == (0.0, 1.0)
    assert told[-1].processing


async def test_a_small_file_in_one(server: Google, connections: Connections) -> None:
    blobs = HeldBlobs({"a" * 64: b"small"})
    file = Sendable(sha256="a" * 64, mime="image/png", name="a.png", size_bytes=5)
    await files(server, connections).upload(file, blobs, lambda told: None)
    assert server.commands() == ["start", "upload, finalize 0"]
    assert server.received == b"small"


async def test_behind_another_address(server: Google, connections: Connections) -> None:
    found = files(server, connections)
    assert found._base == f"{server.url}/v1beta"
    under = GeminiFiles(connections, Endpoint(service(f"{server.url}/proxy/v1beta"), KEY), AT_ONCE)
    with pytest.raises(ChatError):
        await under.upload(FILE, BLOBS, lambda told: None)
    assert server.requests[-1].path == "/proxy/upload/v1beta/files"


# Lost connections, wrong offsets


def lost(keep_bytes: int) -> Callable[[Google, Seen], Reply | None]:
    """The connection breaks when the second piece comes; so much of it has arrived."""

    def fault(server: Google, seen: Seen) -> Reply | None:
        if seen.header("x-goog-upload-offset") != str(PIECE):
            return None
        server.received += seen.body[:keep_bytes]
        return reply(End.RESET, framing="close", raw=True)

    return fault


@pytest.mark.parametrize("kept", [0, 1000, PIECE])
async def test_it_goes_on_where_the_service_says(
    server: Google, connections: Connections, kept: int
) -> None:
    server.faults = [lost(kept)]
    told: list[Uploading] = []
    await upload(server, connections, told)
    assert server.received == CONTENT
    following = "upload, finalize" if kept == PIECE else "upload"
    done = ["start", "upload 0", "upload 262144", "query", f"{following} {PIECE + kept}"]
    assert server.commands()[:5] == done
    assert [each.sent_bytes for each in told if each.waiting] == [PIECE]
    assert server.starts == 1


async def test_a_service_in_trouble_is_waited_for(server: Google, connections: Connections) -> None:
    def trouble(server: Google, seen: Seen) -> Reply | None:
        return None if "start" in server.commands()[-1:] else whole({}, status=503)

    server.faults = [trouble] * 5
    told: list[Uploading] = []
    await upload(server, connections, told)
    assert server.received == CONTENT
    assert server.commands()[:7] == ["start", "upload 0", *["query"] * 5]
    assert sum(each.waiting for each in told) == 5


async def test_patience_ends(server: Google, connections: Connections) -> None:
    def trouble(server: Google, seen: Seen) -> Reply | None:
        return None if "start" in server.commands()[-1:] else whole({}, status=503)

    server.faults = [trouble] * 1000
    impatient = GeminiFiles(
        connections, Endpoint(service(server.url), KEY), replace(AT_ONCE, patience=0.0)
    )
    with pytest.raises(ChatError) as caught:
        await impatient.upload(FILE, BLOBS, lambda told: None)
    assert caught.value.failure.http_status == 503


async def test_a_wrong_offset(server: Google, connections: Connections) -> None:
    """The service lost some of what it had said it has."""

    def forget(server: Google, seen: Seen) -> Reply | None:
        if seen.header("x-goog-upload-offset") != str(2 * PIECE):
            return None
        server.received = server.received[:1000]
        return whole({"error": {"code": 400, "message": "wrong offset"}}, status=400)

    server.faults = [forget]
    await upload(server, connections)
    assert server.received == CONTENT
    assert server.commands()[3:6] == ["upload, finalize 524288", "query", "upload 1000"]


@pytest.mark.parametrize("received", ["nonsense", "99999999", ""])
async def test_nonsense_about_the_offset(
    server: Google, connections: Connections, received: str
) -> None:
    def mad(server: Google, seen: Seen) -> Reply | None:
        if seen.header("x-goog-upload-command") != "query":
            return None
        return said(x_goog_upload_status="active", x_goog_upload_size_received=received)

    server.faults = [lost(0), mad]
    await upload(server, connections)
    assert server.starts == 2
    assert server.received == CONTENT


@pytest.mark.parametrize(
    "answer",
    [
        said(x_goog_upload_status="cancelled"),
        whole({"error": {"code": 404, "message": "unknown upload"}}, status=404),
        whole({"error": {"code": 410, "message": "gone"}}, status=410),
        said({}, x_goog_upload_status="final"),
    ],
)
async def test_a_forgotten_upload_is_started_again(
    server: Google, connections: Connections, answer: Reply
) -> None:
    def forget(server: Google, seen: Seen) -> Reply | None:
        return answer if seen.header("x-goog-upload-offset") == str(PIECE) else None

    server.faults = [forget]
    await upload(server, connections)
    assert server.starts == 2
    assert server.received == CONTENT

    server.faults = [forget] * 3
    with pytest.raises(ChatError, match="lost it again and again"):
        await upload(server, connections)


async def test_the_last_answer_is_lost(server: Google, connections: Connections) -> None:
    """The file is there, and the service says so when it is asked."""

    def swallow(server: Google, seen: Seen) -> Reply | None:
        if "finalize" in (seen.header("x-goog-upload-command") or ""):
            server.received += seen.body
            return reply(End.RESET, framing="close", raw=True)
        return None

    def final(server: Google, seen: Seen) -> Reply | None:
        return said({"file": server._made()}, x_goog_upload_status="final")

    server.faults = [swallow, final]
    assert (await upload(server, connections)).name == "files/f1"
    assert server.commands()[-1] == "query"
    assert server.starts == 1


async def test_all_is_there_and_the_service_waits(server: Google, connections: Connections) -> None:
    def active(server: Google, seen: Seen) -> Reply | None:
        if "finalize" not in (seen.header("x-goog-upload-command") or ""):
            return None
        server.received += seen.body
        return said(x_goog_upload_status="active")

    server.faults = [active]
    await upload(server, connections)
    assert server.received == CONTENT
    assert server.commands()[-2:] == ["query", f"upload, finalize {len(CONTENT)}"]

    server.faults = [active] * 100
    with pytest.raises(ChatError, match="lost it again and again"):
        await upload(server, connections)


async def test_an_answer_without_a_status(server: Google, connections: Connections) -> None:
    """A proxy that drops the header."""

    def bare(server: Google, seen: Seen) -> Reply | None:
        if seen.header("x-goog-upload-offset") != "0":
            return None
        server.received += seen.body
        return whole({})

    server.faults = [bare]
    await upload(server, connections)
    assert server.received == CONTENT
    assert server.commands()[:4] == ["start", "upload 0", "query", "upload 262144"]


# What is refused


async def test_a_refusal_is_told_at_once(server: Google, connections: Connections) -> None:
    denied = {"error": {"code": 400, "message": "API key not valid", "status": "INVALID_ARGUMENT",
                        "details": [{"reason": "API_KEY_INVALID"}]}}  # fmt: skip
    server.faults = [lambda server, seen: whole(denied, status=400)]
    with pytest.raises(ChatError) as caught:
        await upload(server, connections)
    assert caught.value.failure.kind is ErrorKind.AUTH
    assert server.commands() == ["start"]


async def test_the_address_of_an_upload_is_in_no_failure(
    server: Google, connections: Connections, caplog: pytest.LogCaptureFixture
) -> None:
    def deny(server: Google, seen: Seen) -> Reply | None:
        return (
            whole({"error": {"message": "no"}}, status=403)
            if seen.body == CONTENT[:PIECE]
            else None
        )

    server.faults = [deny]
    with pytest.raises(ChatError) as caught:
        await upload(server, connections)
    failure = caught.value.failure
    assert failure.http_status == 403
    assert "SECRET" not in f"{failure} {caught.value} {caplog.text}"
    assert failure.url == f"{server.url}/v1beta/files"


async def test_a_service_without_uploads(server: Google, connections: Connections) -> None:
    server.faults = [lambda server, seen: whole({})]
    with pytest.raises(ChatError, match="takes no uploads"):
        await upload(server, connections)


async def test_a_file_that_vanished_from_the_disk(server: Google, connections: Connections) -> None:
    with pytest.raises(ChatError, match="not on the disk any more"):
        await files(server, connections).upload(FILE, HeldBlobs(), lambda told: None)
    short = HeldBlobs({SHA: CONTENT[: PIECE + 5]})
    with pytest.raises(ChatError, match="not on the disk any more"):
        await files(server, connections).upload(FILE, short, lambda told: None)


# Until it is ready


@pytest.mark.rule("R60")
async def test_it_is_waited_for(server: Google, connections: Connections) -> None:
    server.states = ["PROCESSING", "PROCESSING", "PROCESSING", "ACTIVE"]
    await upload(server, connections)
    assert server.commands()[4:] == ["GET f1"] * 3


async def test_a_look_that_fails_is_repeated(server: Google, connections: Connections) -> None:
    def trouble(server: Google, seen: Seen) -> Reply | None:
        return whole({}, status=500) if seen.method == "GET" else None

    server.faults = [trouble, trouble]
    server.states = ["PROCESSING", "ACTIVE"]
    await upload(server, connections)
    assert server.commands()[4:] == ["GET f1"] * 3


async def test_a_file_that_cannot_be_read(server: Google, connections: Connections) -> None:
    server.states = ["PROCESSING", "FAILED"]
    server.error = {"message": "unsupported codec"}
    with pytest.raises(ChatError, match=r"could not read clip\.mp4: unsupported codec") as caught:
        await upload(server, connections)
    assert caught.value.failure.kind is ErrorKind.BAD_REQUEST


async def test_it_is_not_waited_for_without_end(server: Google, connections: Connections) -> None:
    server.states = ["PROCESSING"] * 50
    found = GeminiFiles(
        connections, Endpoint(service(server.url), KEY), replace(AT_ONCE, ready=0.0)
    )
    with pytest.raises(ChatError, match="still preparing") as caught:
        await found.upload(FILE, BLOBS, lambda told: None)
    assert caught.value.failure.retryable


async def test_deleting(server: Google, connections: Connections) -> None:
    made = await upload(server, connections)
    found = files(server, connections)
    await found.delete(made)
    assert server.files == {}
    assert server.commands()[-1] == "DELETE f1"
    await found.delete(made)  # it was gone: no failure
    server.faults = [lambda server, seen: whole({}, status=500)]
    with pytest.raises(ChatError):
        await found.delete(made)


# In a question


VIDEO = Media(mime="video/mp4", sha256=SHA, name="clip.mp4", size_bytes=len(CONTENT))


async def ask(server: Google, connections: Connections, *turns: Any, **more: Any) -> list[Any]:
    """The parts of each turn of the question as it was sent."""
    provider = GeminiProvider(connections, AT_ONCE)
    asked = request(*turns, **more)
    async for _ in provider.stream(Endpoint(service(server.url), KEY), asked):
        pass
    return [turn["parts"] for turn in server.requests[-1].json["contents"]]


REFERENCE = {
    "fileData": {
        "mimeType": "video/mp4",
        "fileUri": "https://generativelanguage.googleapis.com/v1beta/files/f1",
    }
}


@pytest.mark.rule("R60")
async def test_more_than_fifteen_megabytes(
    server: Google, connections: Connections, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.domain.carrying.INLINE_BYTES", len(CONTENT) - 1)
    told: list[Uploading | None] = []
    kept = Files(BLOBS)
    (parts,) = await ask(
        server, connections, user(VIDEO, "what?"), files=kept, on_upload=told.append
    )
    assert parts == [REFERENCE, {"text": "what?"}]
    *_, processing, end = told
    assert processing is not None
    assert processing.processing
    assert end is None
    monkeypatch.setattr("app.domain.carrying.INLINE_BYTES", len(CONTENT))
    (parts,) = await ask(server, connections, user(VIDEO, "what?"), files=Files(BLOBS))
    assert "inlineData" in parts[0]


@pytest.mark.rule("R60", "R61")
async def test_what_is_used_again_is_uploaded_once(
    server: Google, connections: Connections
) -> None:
    turns = (user(VIDEO, "what?"), user("and now?"))
    kept = Files(BLOBS)
    await ask(server, connections, *turns[:1], files=kept)
    assert server.starts == 0
    (parts,) = await ask(server, connections, *turns, files=kept)
    assert parts[0] == REFERENCE
    (parts,) = await ask(server, connections, *turns, user("and then?"), files=kept)
    assert parts[0] == REFERENCE
    assert server.starts == 1
    assert server.commands()[-2] == "GET f1", "asked for before each question"


@pytest.mark.rule("R61")
@pytest.mark.parametrize("case", ["gone", "expires", "failed", "processing", "fresh"])
async def test_an_upload_from_before(server: Google, connections: Connections, case: str) -> None:
    kept = Files(BLOBS)
    made = await upload(server, connections)
    endpoint = Endpoint(service(server.url), KEY)
    kept.uploads.keep(origin(endpoint.service), SHA, made)
    now = NOW
    match case:
        case "gone":
            server.files.clear()
        case "expires":
            now = NOW + 48 * 3600 - 599
        case "failed":
            server.states = ["FAILED"]
        case "processing":
            server.states = ["PROCESSING", "ACTIVE"]
    uploads = GeminiUploads(
        connections,
        endpoint,
        request(user(VIDEO), user("again"), files=kept),
        pace=AT_ONCE,
        now=lambda: now,
    )
    before = len(server.requests)
    found = await uploads.made()
    done = [command.split()[0] for command in server.commands()[before:]]
    again = {
        "gone": ["GET", "start"],
        "expires": ["start"],
        "failed": ["GET", "start"],
        "processing": ["GET", "GET"],
        "fresh": ["GET"],
    }
    assert done[: len(again[case])] == again[case]
    assert server.starts == (1 if case in ("processing", "fresh") else 2)
    assert found == {
        (
            SHA,
            "video/mp4",
        ): f"https://generativelanguage.googleapis.com/v1beta/{[*server.files][-1]}"
    }


@pytest.mark.rule("R61")
async def test_uploads_belong_to_a_host(server: Google, connections: Connections) -> None:
    kept = Files(BLOBS, HeldUploads())
    turns = (user(VIDEO, "what?"), user("and now?"))
    await ask(server, connections, *turns, files=kept)
    async with Google() as other:
        await ask(other, connections, *turns, files=kept)
        assert other.starts == 1


async def test_a_proxy_without_uploads_gets_everything_inline(
    server: Google, connections: Connections
) -> None:
    endpoint = Endpoint(service(server.url, takes_uploads=False), KEY)
    asked = request(user(VIDEO), user("again"), files=Files(BLOBS))
    assert await GeminiUploads(connections, endpoint, asked).made() == {}


async def test_the_official_client_uploads_in_the_same_way(
    server: Google, connections: Connections
) -> None:
    """Header for header and body for body, but for where the content is cut."""
    from google import genai

    def official() -> None:
        client = genai.Client(api_key=KEY, http_options={"base_url": server.url})
        client.files.upload(
            file=io.BytesIO(CONTENT), config={"mime_type": "video/mp4", "display_name": "clip.mp4"}
        )
        client.close()

    server.session = f"{server.url}/upload/v1beta/files?upload_id=SECRET&p=1"
    await asyncio.to_thread(official)
    theirs, server.requests = server.requests, []
    await upload(server, connections)
    ours = server.requests
    assert b"".join(seen.body for seen in theirs[1:]) == CONTENT
    same = ("protocol", "command", "header-content-length", "header-content-type")
    for name in (f"x-goog-upload-{each}" for each in same):
        assert theirs[0].header(name) == ours[0].header(name)
    assert theirs[-1].header("x-goog-upload-command") == "upload, finalize"
    assert ours[-1].header("x-goog-upload-command") == "upload, finalize"
    # The package asks /v1 at a foreign base address.
    assert theirs[0].path == ours[0].path.replace("v1beta", "v1")
    # It writes the name in snake_case and adds what the headers say; Google reads both.
    theirs_said = {wire.camel(k): v for k, v in theirs[0].json["file"].items()}
    assert theirs_said.items() >= json.loads(ours[0].body)["file"].items()
