"""The Files API against a server that loses connections, mistakes offsets, and forgets files."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from gemini_cases import KEY, service
from google_files import (
    AT_ONCE,
    BLOBS,
    CONTENT,
    FILE,
    NOW,
    PIECE,
    SHA,
    Google,
    files,
    lost,
    said,
    upload,
)
from loopback import End, Gate, Reply, Seen, reply, whole

from app.domain.errors import ChatError, ErrorKind
from app.domain.upload import Upload, Uploading
from app.providers import gemini_files
from app.providers.base import Endpoint, HeldBlobs
from app.providers.connections import Connections
from app.providers.gemini_files import GeminiFiles, Sendable


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


# Where it must not go, and when it must stop


@pytest.mark.parametrize("command", ["start", "upload", "query", "GET"])
async def test_no_redirect_takes_the_key_or_the_content_along(
    server: Google, connections: Connections, command: str
) -> None:
    async with Google() as other:

        def send_on(server: Google, seen: Seen) -> Reply | None:
            said_command = seen.header("x-goog-upload-command") or seen.method
            if not said_command.startswith(command):
                return None
            return Reply(status=307, headers={"location": f"{other.url}{seen.target}"})

        server.faults = [*([lost(0)] if command == "query" else []), *[send_on] * 20]
        server.states = ["PROCESSING", "ACTIVE"]
        with pytest.raises(ChatError) as caught:
            await upload(server, connections)
        assert other.requests == []
        assert "SECRET" not in f"{caught.value.failure}"


async def test_a_stop_in_the_middle_of_a_piece(server: Google, connections: Connections) -> None:
    arrived = Gate()

    class Watched(HeldBlobs):
        def piece(self, sha256: str, offset: int, count: int) -> bytes:
            if offset >= PIECE:
                arrived.open()
            return super().piece(sha256, offset, count)

    never = Gate()
    server.faults = [
        lambda server, seen: (
            reply(never) if seen.header("x-goog-upload-offset") == str(PIECE) else None
        )
    ]
    told: list[Uploading] = []
    blobs = Watched({SHA: CONTENT})
    going = asyncio.create_task(
        files(server, connections).upload(FILE, blobs, told.append), name="upload"
    )
    await arrived.wait()
    going.cancel()
    with pytest.raises(asyncio.CancelledError):
        await going
    count = len(told)
    never.open()
    assert server.commands()[:2] == ["start", "upload 0"]
    assert "query" not in server.commands()
    assert len(told) == count, "nothing is told after a stop"


async def test_a_stop_while_the_connection_is_waited_for(
    server: Google, connections: Connections
) -> None:
    server.faults = [lost(0)]
    patient = GeminiFiles(
        connections, Endpoint(service(server.url), KEY), replace(AT_ONCE, again=(600.0,))
    )
    waits = asyncio.Event()

    def told(state: Uploading) -> None:
        if state.waiting:
            waits.set()

    going = asyncio.create_task(patient.upload(FILE, BLOBS, told), name="upload")
    await waits.wait()
    going.cancel()
    with pytest.raises(asyncio.CancelledError):
        await going
    assert server.commands() == ["start", "upload 0", f"upload {PIECE}"]


async def test_less_arrived_than_the_service_had_said(
    server: Google, connections: Connections
) -> None:
    """It says that it has a piece, and later that it has half of it."""

    def boast(server: Google, seen: Seen) -> Reply | None:
        if seen.header("x-goog-upload-offset") != "0":
            return None
        server.received += seen.body[: PIECE // 2]
        return said(x_goog_upload_status="active")

    server.faults = [boast]
    await upload(server, connections)
    assert server.received == CONTENT
    assert server.commands()[2:5] == [f"upload {PIECE}", "query", f"upload {PIECE // 2}"]


async def test_a_lost_connection_with_each_request(
    server: Google, connections: Connections
) -> None:
    """Whatever is cut after the announcement, the file arrives once and whole."""
    cut: set[str] = set()

    def lose(server: Google, seen: Seen) -> Reply | None:
        what = f"{seen.method} {seen.header('x-goog-upload-command')} {len(server.received)}"
        if seen.header("x-goog-upload-command") == "start" or what in cut:
            return None
        cut.add(what)
        if (seen.header("x-goog-upload-command") or "").startswith("upload"):
            server.received += seen.body[: len(seen.body) // 3]
        server.faults.append(lose)
        return reply(End.RESET, framing="close", raw=True)

    server.states = ["PROCESSING", "ACTIVE"]
    server.faults = [lose]
    assert (await upload(server, connections)).name == "files/f1"
    assert server.received == CONTENT
    assert len(cut) > 6
    assert server.starts == 1
