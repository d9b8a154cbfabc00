"""A file is what its content says, whatever its name; and one table says what becomes of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from file_makers import (
    PICTURES,
    SOUNDS,
    VIDEOS,
    docx,
    encoded,
    heic,
    locked_pdf,
    paragraph,
    pdf,
    picture,
    recording,
    svg,
)
from hypothesis import given
from hypothesis import strategies as st

from app.domain import kinds
from app.domain.kinds import KINDS, Carrier, carrier_of, kind_of, kind_of_type, media_tokens
from app.domain.message import Media
from app.domain.recognition import HEAD_BYTES, recognise
from app.providers import presets

MIME = {
    "png": "image/png",
    "jpg": "image/jpeg",
    "webp": "image/webp",
    "gif": "image/gif",
    "bmp": "image/bmp",
    "tiff": "image/tiff",
    "avif": "image/avif",
    "mp4": "video/mp4",
    "mov": "video/mov",
    "webm": "video/webm",
    "mpeg": "video/mpeg",
    "avi": "video/avi",
    "wmv": "video/wmv",
    "flv": "video/x-flv",
    "3gp": "video/3gpp",
    "mkv": "video/x-matroska",
    "ts": "video/mp2t",
    "mts": "video/mp2t",
    "ogv": "video/ogg",
    "mp3": "audio/mp3",
    "flac": "audio/flac",
    "ogg": "audio/ogg",
    "aac": "audio/aac",
    "aiff": "audio/aiff",
    "m4a": "audio/mp4",
}
# As Google's documentation spells what it takes (wire reference 3.9).
GOOGLES = frozenset(
    "image/png image/jpeg image/webp image/heic image/heif audio/wav audio/mp3 audio/aiff "
    "audio/aac audio/ogg audio/flac video/mp4 video/mpeg video/mov video/avi video/x-flv "
    "video/webm video/wmv video/3gpp application/pdf text/plain".split()
)
SHA = "5" * 64


@pytest.mark.parametrize("kind", PICTURES)
def test_pictures(kind: str) -> None:
    assert recognise(encoded(picture(), kind)) == MIME[kind]


def test_pictures_of_telephones_and_drawings() -> None:
    assert recognise(heic()) == "image/heic"
    assert recognise(b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic" + bytes(64)) == "image/heic"
    assert recognise(b"\0\0\0\x14ftypmif1\0\0\0\0mif1" + bytes(64)) == "image/heif"
    assert recognise(svg()) == "image/svg+xml"
    introduced = (
        b'\xef\xbb\xbf<?xml version="1.0"?>\n<!-- <svg> -->\n<!DOCTYPE svg [<!ENTITY a "b">]>\n'
    )
    assert recognise(introduced + svg()) == "image/svg+xml"
    assert recognise(b"<!-- an <svg> --><html><svg/></html>") is None


@pytest.mark.parametrize("ending", [*VIDEOS, *SOUNDS])
def test_recordings(ending: str, recordings: Callable[[str], Path]) -> None:
    with recordings(ending).open("rb") as file:
        assert recognise(file.read(HEAD_BYTES)) == MIME[ending]


def test_sound_without_a_tag_and_with_one() -> None:
    assert recognise(recording()) == "audio/wav"
    frame = b"\xff\xfb\x90\x64" + bytes(400)
    assert recognise(frame) == "audio/mp3"
    assert recognise(b"ID3\x04\0\0\0\0\0\x0a" + bytes(10) + frame) == "audio/mp3"
    assert recognise(b"ID3\x04\0\0\0\0\0\x0a" + bytes(10) + b"\xff\xf1\x50\x80") == "audio/aac"
    assert recognise("ÿþtext in UTF-16".encode("utf-16-le")) is None


def test_documents() -> None:
    assert recognise(pdf("hello")) == "application/pdf"
    assert recognise(locked_pdf()) == "application/pdf"
    assert recognise(b"\n\n" + pdf("hello")) == "application/pdf"
    assert recognise(docx(paragraph("hello"))) == "application/zip"
    assert recognise(b"def main():\n    pass\n") is None
    assert recognise(b"BM is how this text begins, no bitmap") is None


@given(st.binary(max_size=400))
def test_nothing_raises(data: bytes) -> None:
    found = recognise(data)
    assert found is None or "/" in found
    for start in (
        b"\xff\xd8\xff",
        b"\0\0\0\x18ftyp",
        b"RIFF",
        b"OggS",
        b"ID3",
        b"<!--",
        b"\x1aE\xdf\xa3",
    ):
        recognise(start + data)


def test_every_type_that_is_recognised_has_a_row() -> None:
    for mime in {*MIME.values(), "image/heic", "image/heif", "image/svg+xml", "application/pdf"}:
        kind = kind_of_type(mime)
        assert mime in kind.types or mime in kind.converted
        assert kind.converted.get(mime, mime) in kind.types


def test_what_goes_out_is_spelled_as_google_spells_it() -> None:
    sent = {mime for kind in KINDS for mime in kind.types} - {*kinds.TEXT.types}
    assert sent <= GOOGLES
    assert GOOGLES - sent == {"text/plain"}


GATEWAY = replace(presets.OPENAI_COMPATIBLE, takes_audio=True, takes_file=True)
CARRIERS = [
    ("image/png", presets.OPENAI, Carrier.PICTURE),
    ("image/heic", presets.OPENAI, None),
    ("image/heic", presets.GEMINI, Carrier.INLINE),
    ("image/png", presets.DEEPSEEK, None),
    ("video/mp4", presets.ACE_DATA_CLOUD, Carrier.VIDEO),
    ("video/mp4", presets.VLLM, Carrier.VIDEO),
    ("video/mp4", presets.LLAMA_CPP, Carrier.VIDEO_CONTENT),
    ("video/mp4", presets.OPENAI, None),
    ("video/mp4", presets.GEMINI, Carrier.INLINE),
    ("audio/mp3", GATEWAY, Carrier.SOUND),
    ("audio/flac", GATEWAY, None),
    ("audio/mp3", presets.OPENAI, None),
    ("audio/flac", presets.GEMINI, Carrier.INLINE),
    ("application/pdf", presets.OPENAI, Carrier.FILE),
    ("application/pdf", presets.OLLAMA, None),
    ("application/pdf", presets.GEMINI, Carrier.INLINE),
    ("text/csv", presets.DEEPSEEK, Carrier.TEXT),
    ("text/csv", presets.GEMINI, Carrier.TEXT),
    ("application/json", presets.OLLAMA, Carrier.TEXT),
]


@pytest.mark.parametrize(("mime", "service", "carrier"), CARRIERS)
def test_what_a_stored_file_becomes(mime: str, service: object, carrier: Carrier | None) -> None:
    assert carrier_of(service, Media(mime=mime, sha256=SHA)) is carrier  # type: ignore[arg-type]


def test_what_an_address_becomes() -> None:
    cat, clip = (
        Media(mime=m, url=f"https://example.org/{n}")
        for m, n in (("image/png", "cat.png"), ("video/mp4", "clip.mp4"))
    )
    assert carrier_of(presets.OLLAMA, cat) is None
    assert carrier_of(presets.OPENAI, cat) is Carrier.PICTURE
    assert carrier_of(presets.GEMINI, cat) is Carrier.REFERENCE
    assert carrier_of(presets.ACE_DATA_CLOUD, clip) is Carrier.VIDEO
    assert carrier_of(presets.LLAMA_CPP, clip) is None
    page = Media(mime="text/plain", url="https://example.org/a.txt")
    assert carrier_of(presets.OPENAI, page) is None
    assert carrier_of(presets.GEMINI, page) is Carrier.REFERENCE
    held = Media(mime="image/png", url="data:image/png;base64,aGk=")
    assert carrier_of(presets.OLLAMA, held) is Carrier.PICTURE
    assert kind_of(Media(mime="", url="https://youtu.be/abc")) is kinds.VIDEO


@pytest.mark.parametrize(
    ("size", "tiles"),
    [((384, 384), 1), ((200, 300), 1), ((768, 768), 4), ((960, 540), 6), ((4000, 3000), 24)],
)
def test_tiles(size: tuple[int, int], tiles: int) -> None:
    assert kinds.picture_tiles(*size) == tiles


def test_tokens() -> None:
    def tokens(mime: str, **facts: object) -> int | None:
        return media_tokens(Media(mime=mime, sha256=SHA, **facts))  # type: ignore[arg-type]

    assert tokens("image/png", width_px=100, height_px=100) == 258
    assert tokens("image/png") == 258
    assert tokens("video/mp4", duration_s=10.0) == 3000
    assert tokens("video/mp4", duration_s=60.0, start_s=10.0, end_s=20.0) == 3000
    assert tokens("video/mp4") is None
    assert tokens("audio/mp3", duration_s=10.0) == 320
    assert tokens("application/pdf", pages=3) == 774
    assert tokens("text/plain", size_bytes=401) == 101
    assert tokens("image/png", left_out=True) == 0
    assert tokens("application/zip") is None
