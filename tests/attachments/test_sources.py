"""Addresses, data addresses and paths; and the callbacks that widgets use."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Callable
from pathlib import Path

import pytest
from attaching_desk import Desk
from file_makers import encoded, picture

from app.attachments import (
    AddressSource,
    DataSource,
    DownloadSource,
    FileSource,
    Progress,
    Refused,
    Taken,
    source_of,
)
from app.attachments.remedies import (
    Choice,
    CompressVideo,
    ConvertPicture,
    PagesAsPictures,
    Remedy,
    ShrinkPicture,
    SoundOnly,
    TextOnly,
    Trim,
    words,
)
from app.attachments.sizes import length_words, size_words
from app.attachments.work import Work
from app.domain.errors import ChatError, ErrorKind, Failure
from app.domain.message import Media

ADDRESSES = [
    ("https://cdn.example.com/video.mp4", "video/mp4", "video.mp4"),
    ("https://cdn.example.com/a/IMG_1.JPG?w=1&x=.png", "image/jpeg", "IMG_1.JPG"),
    ("http://example.com/a%20cat.webp#top", "image/webp", "a cat.webp"),
    ("https://example.com/paper.pdf", "application/pdf", "paper.pdf"),
    ("https://example.com/song.mp3", "audio/mp3", "song.mp3"),
    ("https://example.com/picture", "", "picture"),
    ("https://example.com/", "", "example.com"),
    ("https://example.com/a.unheard-of", "", "a.unheard-of"),
    ("https://www.youtube.com/watch?v=abc&t=1", "video/mp4", "YouTube abc"),
    ("https://youtu.be/abc", "video/mp4", "YouTube abc"),
]


@pytest.mark.parametrize(("url", "mime", "name"), ADDRESSES)
async def test_addresses(desk: Desk, url: str, mime: str, name: str) -> None:
    """Nothing is asked: what lies there is guessed from how it ends."""
    assert await desk.media(AddressSource(url)) == Media(mime=mime, url=url, name=name)


async def test_what_a_data_address_holds(desk: Desk) -> None:
    data = encoded(picture(), "png")
    for held in (
        base64.b64encode(data).decode(),
        base64.b64encode(data).decode().replace("=", "%3D"),
    ):
        media = await desk.media(AddressSource(f"data:image/png;base64,{held}"))
        assert (media.mime, media.name, media.url) == ("image/png", "attachment.png", None)
        assert desk.content(media) == data
    note = await desk.media(AddressSource("data:,two%20words"))
    assert desk.content(note) == b"two words"
    for broken in ("data:image/png;base64,???", "data:image/png", "data:"):
        assert "holds nothing" in await desk.refusal(AddressSource(broken))
    assert "is empty" in await desk.refusal(AddressSource("data:,"))


@pytest.mark.parametrize("url", ["ftp://example.com/a.png", "https://", "javascript:alert(1)", "x"])
async def test_no_addresses(desk: Desk, url: str) -> None:
    assert "is no address of a file" in await desk.refusal(AddressSource(url))


def test_what_a_person_means(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert source_of("https://a.example/b.png") == AddressSource("https://a.example/b.png")
    assert source_of("data:,hi") == AddressSource("data:,hi")
    assert source_of("ftp://a.example/b.png") == AddressSource("ftp://a.example/b.png")
    assert source_of("C:/photos/b.png") == FileSource(Path("C:/photos/b.png"))
    assert source_of("~nobody-at-all/b.png") == FileSource(Path("~nobody-at-all/b.png"))
    assert source_of("photo.png") == FileSource(Path("photo.png"))
    assert source_of("~/photo.png") == FileSource(tmp_path / "photo.png")
    assert source_of("file:///tmp/a%20b.png") == FileSource(Path("/tmp/a b.png"))
    assert source_of("notes: today.txt") == FileSource(Path("notes: today.txt"))


# What is fetched


async def test_what_lies_at_an_address_is_fetched_on_wish(desk: Desk, tmp_path: Path) -> None:
    steps: list[Progress] = []

    async def download(url: str, target: Path, told: Callable[[int, int | None], None]) -> None:
        assert url == "https://example.org/cat.png"
        told(10, 20)
        await asyncio.to_thread(target.write_bytes, encoded(picture(), "png"))

    fetching = Desk(desk.blobs, tmp_path / "other", download=download)
    source = DownloadSource("https://example.org/cat.png")
    (media,) = (await fetching.attachments.take(source, Work(steps.append))).media
    assert (media.mime, media.name, media.url) == ("image/png", "cat.png", None)
    assert desk.content(media) == encoded(picture(), "png")
    assert steps[0] == Progress("Loading cat.png", 0.5)
    assert not [*(tmp_path / "other" / "work").iterdir()]
    assert (await desk.media(source)).url == source.url, "without the means it stays an address"
    held = await fetching.attachments.take(DownloadSource("data:,hi"))
    assert desk.content(held.media[0]) == b"hi"


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://example.org/C:evil.png", "C_evil.png"),
        ("https://example.org/D%3Aa.png%3Ahidden", "D_a.png_hidden"),
        ("https://example.org/%2e%2e", "attachment"),
        ("https://example.org/..%5c..%5ca.png", "a.png"),
    ],
)
async def test_an_address_names_no_other_folder(
    desk: Desk, tmp_path: Path, url: str, name: str
) -> None:
    targets: list[Path] = []

    async def download(url: str, target: Path, told: object) -> None:
        targets.append(target)
        await asyncio.to_thread(target.write_bytes, encoded(picture(), "png"))

    fetching = Desk(desk.blobs, tmp_path / "other", download=download)
    assert await fetching.attachments.take(DownloadSource(url))
    assert targets[0].name == name
    assert targets[0].parent.parent == tmp_path / "other" / "work"


@pytest.mark.parametrize("error", [ChatError(Failure(kind=ErrorKind.NETWORK, message="No way.")),
                                   OSError(28, "No way.")])  # fmt: skip
async def test_what_cannot_be_fetched(desk: Desk, tmp_path: Path, error: Exception) -> None:
    async def download(url: str, target: Path, told: object) -> None:
        raise error

    fetching = Desk(desk.blobs, tmp_path / "other", download=download)
    assert await fetching.refusal(DownloadSource("https://example.org/cat.png")) == "No way."


# For widgets


async def test_every_source_is_answered(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("hello")
    sources = [
        FileSource(tmp_path / "a.txt"),
        FileSource(tmp_path),
        DataSource(encoded(picture(), "png"), "b.png"),
        AddressSource("nonsense:"),
    ]
    answers: dict[int, Taken | Refused] = {}
    all_there = asyncio.Event()

    def told(at: int, outcome: Taken | Refused) -> None:
        answers[at] = outcome
        if len(answers) == len(sources):
            all_there.set()

    for at, source in enumerate(sources):
        desk.attachments.attach(source, lambda outcome, at=at: told(at, outcome))  # type: ignore[misc]
    assert not answers, "it comes back at once"
    await all_there.wait()
    kinds = [type(answers[at]).__name__ for at in range(4)]
    assert kinds == ["Taken", "Refused", "Taken", "Refused"]


async def test_a_thumbnail_for_a_widget(desk: Desk) -> None:
    media = await desk.media(encoded(picture(), "png"), "b.png")
    found: asyncio.Future[Path | None] = asyncio.get_running_loop().create_future()
    desk.attachments.ask_thumbnail(media, found.set_result)
    assert await found == desk.attachments.thumbnail_path(media.sha256 or "")
    desk.attachments.ask_thumbnail(media, lambda path: None)()
    await desk.tasks.cancel_all()


# Words


def test_sizes_and_lengths() -> None:
    sizes = {0: "0 B", 999: "999 B", 1800: "1.8 kB", 2_000_000: "2 MB", 123_456_789: "123 MB",
             999_900: "1 MB", 2_500_000_000: "2.5 GB"}  # fmt: skip
    assert {size: size_words(size) for size in sizes} == sizes
    assert [length_words(s) for s in (0, 9.6, 125, 3725)] == ["0:00", "0:10", "2:05", "1:02:05"]


def test_every_remedy_has_words() -> None:
    remedies: list[Remedy] = [
        ShrinkPicture(),
        ConvertPicture(),
        CompressVideo(9_000_000),
        Trim(0, 65),
        SoundOnly(),
        PagesAsPictures(1, 1),
        PagesAsPictures(2, 9),
        TextOnly(),
        *Choice,
    ]
    found = [words(remedy) for remedy in remedies]
    assert len({*found}) == len(found)
    assert found[2] == "Compress to 9 MB"
    assert found[3] == "Only 0:00 to 1:05"
    assert found[5:7] == ["Send 1 page as a picture", "Send 8 pages as pictures"]
