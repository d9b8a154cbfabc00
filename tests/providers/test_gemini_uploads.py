"""Attachments that are uploaded before a question: which, when again, and what refers to them."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from gemini_cases import KEY, request, service, user
from google_files import (
    AT_ONCE,
    BLOBS,
    CONTENT,
    NOW,
    PIECE,
    SHA,
    Google,
    upload,
)
from loopback import whole

from app.domain.history import origin
from app.domain.message import Media
from app.domain.upload import Uploading
from app.providers import gemini_files
from app.providers import gemini_wire as wire
from app.providers.base import Endpoint, Files, HeldUploads
from app.providers.connections import Connections
from app.providers.gemini import GeminiProvider
from app.providers.gemini_uploads import GeminiUploads


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


@pytest.mark.rule("R61")
@pytest.mark.parametrize("status", [403, 404])
async def test_a_file_that_is_gone_is_uploaded_again(
    server: Google, connections: Connections, status: int
) -> None:
    kept = Files(BLOBS)
    turns = (user(VIDEO, "what?"), user("and now?"))
    await ask(server, connections, *turns, files=kept)
    assert server.starts == 1
    server.faults = [
        lambda server, seen: (
            whole({"error": {"code": status}}, status=status) if seen.method == "GET" else None
        )
    ]
    (parts,) = await ask(server, connections, *turns, files=kept)
    assert server.starts == 2
    assert parts[0]["fileData"]["fileUri"].endswith("files/f2")
