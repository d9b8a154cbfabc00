"""Files at addresses: without a key, within bounds, and not into the person's own network."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from loopback import End, Loopback, Reply, reply

from app.domain.errors import ChatError
from app.providers import Providers, download

PICTURE = b"\x89PNG" + bytes(1000)


@pytest.fixture
async def server() -> AsyncIterator[Loopback]:
    async with Loopback() as running:
        yield running


@pytest.fixture
async def providers() -> AsyncIterator[Providers]:
    made = Providers()
    yield made
    await made.aclose()


def file(content: bytes = PICTURE, kind: str = "image/png") -> Reply:
    return reply(content, headers={"content-type": kind}, framing="length")


def elsewhere(place: str) -> Reply:
    return Reply(status=302, headers={"location": place}, framing="length")


async def test_a_file(server: Loopback, providers: Providers, tmp_path: Path) -> None:
    server.add(file())
    told: list[tuple[int, int | None]] = []
    target = tmp_path / "a.png"
    await providers.download(f"{server.url}/a.png", target, lambda *now: told.append(now))
    assert target.read_bytes() == PICTURE
    assert told[-1] == (len(PICTURE), len(PICTURE))
    (seen,) = server.requests
    assert (seen.method, seen.header("authorization"), seen.header("cookie")) == ("GET", None, None)


async def test_it_is_followed_where_it_went(
    server: Loopback, providers: Providers, tmp_path: Path
) -> None:
    server.route("/a.png", elsewhere("/b.png"))
    server.route("/b.png", elsewhere(f"{server.url}/c.png"))
    server.route("/c.png", file())
    await providers.download(f"{server.url}/a.png", tmp_path / "a", lambda *now: None)
    assert (tmp_path / "a").read_bytes() == PICTURE
    server.route("/c.png", elsewhere("/a.png"))
    with pytest.raises(ChatError, match="sends on and on"):
        await providers.download(f"{server.url}/a.png", tmp_path / "b", lambda *now: None)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (reply("no", status=404), r"no file at this address \(HTTP 404\)"),
        (file(b"<html>", "text/html; charset=utf-8"), "is a web page at this address"),
        (file(bytes(3000)), "is too large"),
        (reply(bytes(1500), bytes(1500)), "is too large"),
        (reply(b"half", framing=1000), "127.0.0.1"),
        (reply(End.RESET, framing="close", raw=True), "127.0.0.1"),
        (elsewhere("ftp://example.org/a"), "is not an address"),
    ],
)
async def test_what_is_no_file(
    server: Loopback,
    providers: Providers,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    answer: Reply,
    words: str,
) -> None:
    monkeypatch.setattr("app.providers.LARGEST_DOWNLOAD_BYTES", 2000)
    server.add(answer)
    with pytest.raises(ChatError, match=words):
        await providers.download(f"{server.url}/a", tmp_path / "a", lambda *now: None)


def test_not_into_the_own_network() -> None:
    public = "https://example.org/a.png"
    for place in (
        "http://127.0.0.1/",
        "http://192.168.1.1/",
        "http://localhost:8080/",
        "http://[::1]/",
    ):
        with pytest.raises(ChatError, match="which is not followed"):
            download._followed(public, place)
        assert download._followed("http://127.0.0.1/x", place) == place
    assert download._followed(public, "https://cdn.example.org/b") == "https://cdn.example.org/b"
