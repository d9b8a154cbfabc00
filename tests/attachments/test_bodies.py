"""From a real file to the bytes on the wire: Google's form, the OpenAI form, large content.

Google's bodies are compared with those of google-genai for the same file, the OpenAI form's with
the types of openai, and addresses with the examples of Ace Data Cloud.
"""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from attaching_desk import Desk
from file_makers import (
    decoded,
    docx,
    encoded,
    heic,
    heif,
    notebook,
    paragraph,
    pdf,
    picture,
    recording,
    svg,
)
from loopback import Loopback, in_thread, whole
from pydantic import TypeAdapter

from app.attachments import AddressSource
from app.attachments.limits import Reader, problems
from app.domain.errors import WANTS_ADDRESS, ChatError, Failure
from app.domain.kinds import spelled
from app.domain.message import Media, Message, Role, Text
from app.domain.recognition import recognise
from app.domain.settings import Sampling, Service
from app.providers import gemini_request, presets
from app.providers.base import ChatRequest, Endpoint, Files
from app.providers.connections import Connections
from app.providers.gemini import GeminiProvider
from app.providers.openai import OpenAIProvider
from app.storage.blobs import Blobs
from app.ui.drawings import draw_svg

FIXTURES = Path(__file__).parents[1] / "providers" / "fixtures"
KEY = "a-key-for-tests-only"
SAID = {"candidates": [{"content": {"parts": [{"text": "hi"}]}, "finishReason": "STOP"}]}
ANSWERED = {"choices": [{"message": {"role": "assistant", "content": "hi"}}]}
VIDEOS = ("mp4", "mov", "webm", "mpeg", "avi", "wmv", "flv", "3gp")
SOUNDS = ("mp3", "flac", "ogg", "aac", "aiff")


def question(*parts: Media | str) -> Message:
    typed = tuple(Text(part) if isinstance(part, str) else part for part in parts)
    return Message(id="q", parent_id=None, role=Role.USER, parts=typed, created_at=0.0)


def request(*messages: Message, files: Files | None = None, model: str = "gemma-4") -> ChatRequest:
    sampling = Sampling(model=model)
    return ChatRequest(messages=messages, sampling=sampling, stream=False, files=files or Files())


async def sent(service: Service, asked: ChatRequest) -> Any:
    """The body that goes over the wire, as JSON."""
    async with Loopback() as server:
        is_google = service.form == "gemini"
        server.add(whole(SAID if is_google else ANSWERED))
        connections = Connections()
        kind = GeminiProvider if is_google else OpenAIProvider
        here = replace(service, base_url=server.url)
        async for _ in kind(connections).stream(Endpoint(here, KEY), asked):
            pass
        await connections.aclose()
        (seen,) = server.requests
    assert seen.header("content-type") == "application/json"
    assert seen.header("content-length") == str(len(seen.body))
    assert seen.header("transfer-encoding") is None
    return seen.json


# Google's form


@pytest.fixture(scope="module")
def official() -> Iterator[Callable[[list[Any]], Any]]:
    """The parts of a question, as google-genai sends them."""
    from google import genai
    from google.genai import types

    with in_thread() as server:
        server.add(whole(SAID))
        client = genai.Client(api_key=KEY, http_options={"base_url": server.url})

        def parts(given: list[Any]) -> Any:
            content = types.Content(role="user", parts=given)
            client.models.generate_content(model="gemma-4", contents=content)
            return same_spelling(server.requests[-1].json["contents"][0]["parts"])

        parts([types.Part.from_text(text="opens the connection")])
        yield parts
        client.close()


def same_spelling(value: Any) -> Any:
    """Without what differs in spelling alone: names in snake_case, base64 for addresses."""
    if isinstance(value, dict):
        return {"".join(w if at == 0 else w.capitalize() for at, w in enumerate(k.split("_"))):
                same_data(each) if k == "data" else same_spelling(each)
                for k, each in value.items()}  # fmt: skip
    return [same_spelling(each) for each in value] if isinstance(value, list) else value


def same_data(data: str) -> bytes:
    return base64.b64decode(data.replace("-", "+").replace("_", "/") + "=" * (-len(data) % 4))


FILES: dict[str, Callable[[], bytes]] = {
    "photo.png": lambda: encoded(picture(), "png"),
    "photo.jpg": lambda: encoded(picture(), "jpg"),
    "photo.webp": lambda: encoded(picture(), "webp"),
    "photo.heic": heic,
    "photo.heif": heif,
    "PHOTO.JPG": lambda: encoded(picture(), "jpg"),
    "note.wav": recording,
    "paper.pdf": lambda: pdf("hello"),
}
MIME = {
    "png": "image/png",
    "jpg": "image/jpeg",
    "webp": "image/webp",
    "heic": "image/heic",
    "heif": "image/heif",
    "wav": "audio/wav",
    "pdf": "application/pdf",
    "mp4": "video/mp4",
    "mov": "video/mov",
    "webm": "video/webm",
    "mpeg": "video/mpeg",
    "avi": "video/avi",
    "wmv": "video/wmv",
    "flv": "video/x-flv",
    "3gp": "video/3gpp",
    "mp3": "audio/mp3",
    "flac": "audio/flac",
    "ogg": "audio/ogg",
    "aac": "audio/aac",
    "aiff": "audio/aiff",
}


@pytest.mark.parametrize("name", [*FILES, *(f"made.{end}" for end in (*VIDEOS, *SOUNDS))])
async def test_google_gets_what_its_own_package_sends(
    desk: Desk,
    recordings: Callable[[str], Path],
    official: Callable[[list[Any]], Any],
    name: str,
) -> None:
    from google.genai import types

    ending = name.rpartition(".")[2].lower()
    data = FILES[name]() if name in FILES else recordings(ending).read_bytes()
    media = await desk.media(data, name)
    theirs = await asyncio.to_thread(
        official, [types.Part.from_bytes(data=data, mime_type=MIME[ending])]
    )
    body = await sent(presets.GEMINI, request(question(media), files=Files(desk.blobs)))
    assert same_spelling(body["contents"][0]["parts"]) == theirs


CONVERTED: dict[str, Callable[[], bytes]] = {
    "photo.gif": lambda: encoded(picture(), "gif"),
    "photo.bmp": lambda: encoded(picture(), "bmp"),
    "photo.tiff": lambda: encoded(picture(), "tiff"),
    "photo.avif": lambda: encoded(picture(), "avif"),
    "drawing.svg": svg,
}


@pytest.fixture
def drawing_desk(blobs: Blobs, tmp_path: Path, qapp: object) -> Desk:
    """With the window's means to draw."""
    return Desk(blobs, tmp_path / "cache", draw_svg=draw_svg)


@pytest.mark.parametrize("name", CONVERTED)
async def test_what_is_converted_goes_as_what_it_became(
    drawing_desk: Desk, official: Callable[[list[Any]], Any], name: str
) -> None:
    """And it shows the same: red above, blue below."""
    from google.genai import types

    desk = drawing_desk
    media = await desk.media(CONVERTED[name](), name)
    made = desk.content(media)
    assert recognise(made) == media.mime
    assert media.name == name.partition(".")[0] + {"image/png": ".png"}.get(media.mime, ".jpg")
    shown = decoded(made).convert("RGB")
    if name != "drawing.svg":
        assert shown.size == (60, 40)
        assert shown.getpixel((50, 10)) == pytest.approx((200, 30, 30), abs=12)
        assert shown.getpixel((50, 35)) == pytest.approx((30, 30, 200), abs=12)
    theirs = await asyncio.to_thread(
        official, [types.Part.from_bytes(data=made, mime_type=media.mime)]
    )
    asked = request(question("see", media), files=Files(desk.blobs))
    body = await sent(presets.GEMINI, asked)
    assert same_spelling(body["contents"][0]["parts"])[1:] == theirs
    body = await sent(presets.OPENAI, asked)
    check_parts(body["messages"][0]["content"])


async def test_google_gets_texts_as_its_own_package_sends_them(
    desk: Desk, official: Callable[[list[Any]], Any]
) -> None:
    from google.genai import types

    media = await desk.media(b"a,b\n1,2\n", "TABLE.CSV")
    words = "TABLE.CSV:\n\n```csv\na,b\n1,2\n```"
    theirs = await asyncio.to_thread(
        official, [types.Part.from_text(text="see"), types.Part.from_text(text=words)]
    )
    asked = request(question("see", media), files=Files(desk.blobs))
    body = await sent(presets.GEMINI, asked)
    assert same_spelling(body["contents"][0]["parts"]) == theirs


async def test_google_gets_uploads_as_its_own_package_refers_to_them(
    desk: Desk, official: Callable[[list[Any]], Any], recordings: Callable[[str], Path]
) -> None:
    from google.genai import types

    uri = "https://generativelanguage.googleapis.com/v1beta/files/abc"
    media = await desk.media(recordings("mp4"))
    theirs = await asyncio.to_thread(
        official,
        [
            types.Part(
                file_data=types.FileData(file_uri=uri, mime_type="video/mp4"),
                video_metadata=types.VideoMetadata(start_offset="0.25s", fps=2),
            )
        ],
    )
    part = replace(media, start_s=0.25, frames_per_s=2.0)
    asked = request(question(part), files=Files(desk.blobs))
    endpoint = Endpoint(presets.GEMINI, KEY)
    body = gemini_request.encode(endpoint, asked, uploaded={(media.sha256 or "", media.mime): uri})
    assert same_spelling(body["contents"][0]["parts"]) == theirs


async def test_google_gets_addresses_and_parts_of_videos(
    desk: Desk, official: Callable[[list[Any]], Any]
) -> None:
    from google.genai import types

    youtube = "https://www.youtube.com/watch?v=abc"
    about = types.VideoMetadata(start_offset="10s", end_offset="62.5s", fps=0.5)
    theirs = await asyncio.to_thread(
        official,
        [
            types.Part(file_data=types.FileData(file_uri=youtube), video_metadata=about),
            types.Part.from_text(text="what is it?"),
            types.Part.from_uri(file_uri="https://a.example/c.png", mime_type="image/png"),
        ],
    )
    video = await desk.media(AddressSource(youtube))
    cat = await desk.media(AddressSource("https://a.example/c.png"))
    part = replace(video, start_s=10.0, end_s=62.5, frames_per_s=0.5)
    body = await sent(presets.GEMINI, request(question("what is it?", part, cat)))
    assert same_spelling(body["contents"][0]["parts"]) == theirs


async def test_texts_are_text_everywhere(desk: Desk) -> None:
    table = await desk.media("name;größe\n".encode("cp1252"), "list.csv")
    report = await desk.media(docx(paragraph("hello")), "report.docx")
    book = await desk.media(notebook({"cell_type": "code", "source": "1"}), "a.ipynb")
    asked = request(question("see", table, report, book), files=Files(desk.blobs))
    quoted = [
        "list.csv:\n\n```csv\nname;größe\n```",
        "report.docx:\n\n```markdown\nhello\n```",
        "a.ipynb:\n\n````markdown\n```python\n1\n```\n````",
    ]
    body = await sent(presets.GEMINI, asked)
    assert body["contents"][0]["parts"] == [{"text": each} for each in ("see", *quoted)]
    for service in (presets.DEEPSEEK, presets.OLLAMA):
        body = await sent(service, asked)
        assert body["messages"][0]["content"] == "\n\n".join(("see", *quoted))


# The OpenAI form


def check_parts(content: list[Any]) -> None:
    from openai.types.chat import ChatCompletionContentPartParam

    for part in content:
        TypeAdapter(ChatCompletionContentPartParam).validate_python(part)


TAKES_ALL = replace(
    presets.OPENAI_COMPATIBLE, takes_audio=True, takes_file=True, video_form="image_url"
)


OPENAI_FILES = ["photo.png", "PHOTO.JPG", "photo.webp", "note.wav", "made.mp3", "paper.pdf"]


@pytest.mark.parametrize("name", OPENAI_FILES)
async def test_parts_are_valid_for_the_official_types(
    desk: Desk, recordings: Callable[[str], Path], name: str
) -> None:
    data = FILES[name]() if name in FILES else recordings("mp3").read_bytes()
    media = await desk.media(data, name)
    body = await sent(TAKES_ALL, request(question("see", media), files=Files(desk.blobs)))
    text, part = body["messages"][0]["content"]
    check_parts([text, part])
    assert text == {"type": "text", "text": "see"}
    held = base64.b64encode(data).decode()
    address = f"data:{media.mime};base64,{held}"
    assert part in (
        {"type": "image_url", "image_url": {"url": address}},
        {"type": "input_audio", "input_audio": {"data": held, "format": name[-3:]}},
        {"type": "file", "file": {"filename": name, "file_data": address}},
    )


@pytest.mark.parametrize("ending", ["flac", "ogg", "aac", "aiff", "m4a"])
async def test_other_sounds_are_converted_for_the_openai_form(
    desk: Desk, recordings: Callable[[str], Path], ending: str
) -> None:
    media = await desk.media(recordings(ending))
    found = problems([media], Reader(service=TAKES_ALL))
    changes = [problem.by_itself for problem in found if problem.by_itself is not None]
    for change in changes:
        (media,) = (await desk.attachments.change(media, change)).media
    assert bool(changes) == (ending != "m4a"), "which nobody takes as it is"
    assert not problems([media], Reader(service=TAKES_ALL))
    body = await sent(TAKES_ALL, request(question("see", media), files=Files(desk.blobs)))
    text, part = body["messages"][0]["content"]
    check_parts([text, part])
    held = base64.b64decode(part["input_audio"]["data"])
    assert (part["input_audio"]["format"], recognise(held)) == ("mp3", "audio/mp3")


@pytest.mark.parametrize(
    ("service", "part"),
    [
        (presets.ACE_DATA_CLOUD, {"type": "image_url", "image_url": {"url": "DATA"}}),
        (presets.VLLM, {"type": "video_url", "video_url": {"url": "DATA"}}),
        (presets.LLAMA_CPP, {"type": "input_video", "input_video": {"data": "HELD"}}),
    ],
)
async def test_a_video_goes_as_the_preset_says(
    desk: Desk, recordings: Callable[[str], Path], service: Service, part: dict[str, Any]
) -> None:
    data = recordings("mp4").read_bytes()
    media = await desk.media(data, "clip.mp4")
    body = await sent(service, request(question("see", media), files=Files(desk.blobs)))
    held = base64.b64encode(data).decode()
    written = json.dumps(part).replace("DATA", f"data:video/mp4;base64,{held}")
    assert body["messages"][0]["content"][1] == json.loads(written.replace("HELD", held))


@pytest.mark.parametrize("name", ["picture", "video"])
async def test_addresses_are_sent_as_ace_data_cloud_shows_them(desk: Desk, name: str) -> None:
    """`{"type":"text"}`, then `{"type":"image_url"}`, for .png and .mp4 alike."""
    example = json.loads((FIXTURES / f"openai_acedata_{name}.json").read_text())["body"]
    text, shown = example["messages"][0]["content"]
    media = await desk.media(AddressSource(shown["image_url"]["url"]))
    assert media.mime == {"picture": "image/png", "video": "video/mp4"}[name]
    asked = request(question(text["text"], media), model=example["model"])
    assert await sent(presets.ACE_DATA_CLOUD, asked) == example


# Left out, gone


async def test_what_is_left_out_keeps_its_place(desk: Desk) -> None:
    media = replace(await desk.media(encoded(picture(), "png"), "a.png"), left_out=True)
    asked = request(question("see", media), files=Files(desk.blobs))
    assert (await sent(TAKES_ALL, asked))["messages"][0]["content"] == "see\n[a.png]"
    body = await sent(presets.GEMINI, asked)
    assert body["contents"][0]["parts"] == [{"text": "see"}, {"text": "[a.png]"}]


def test_types_as_others_spell_them() -> None:
    others = {"video/quicktime": "video/mov", "video/x-msvideo": "video/avi",
              "audio/x-wav": "audio/wav", "audio/mpeg": "audio/mp3",
              "IMAGE/PNG; charset=binary": "image/png"}  # fmt: skip
    assert {mime: spelled(mime) for mime in others} == others


# A service that takes addresses only


REFUSALS = [
    "Invalid image_url: only http(s) URLs are supported",
    "messages[0].content[1].image_url.url must start with http:// or https://",
    "data: URLs are not allowed",
    "base64 images are not supported",
    "Failed to download image from url",
    "unsupported url scheme",
]


@pytest.mark.parametrize("words", REFUSALS)
async def test_a_refused_data_url_is_told_apart(desk: Desk, words: str) -> None:
    media = await desk.media(encoded(picture(), "png"), "a.png")
    asked = request(question("see", media), files=Files(desk.blobs))
    assert (await refused(words, 400, asked)).codes[0] == WANTS_ADDRESS
    address = await desk.media(AddressSource("https://a.example/a.png"))
    by_address = request(question("see", address), files=Files(desk.blobs))
    assert WANTS_ADDRESS not in (await refused(words, 400, by_address)).codes
    assert WANTS_ADDRESS not in (await refused(words, 500, asked)).codes


@pytest.mark.parametrize(
    "words", ["Invalid model", "temperature must be 1", "The request was refused", ""]
)
async def test_other_refusals_are_not_blamed_on_it(desk: Desk, words: str) -> None:
    media = await desk.media(encoded(picture(), "png"), "a.png")
    asked = request(question("see", media), files=Files(desk.blobs))
    assert WANTS_ADDRESS not in (await refused(words, 400, asked)).codes


async def refused(words: str, status: int, asked: ChatRequest) -> Failure:
    async with Loopback() as server:
        server.add(whole({"error": {"message": words}}, status=status))
        connections = Connections()
        service = replace(presets.ACE_DATA_CLOUD, base_url=server.url)
        with pytest.raises(ChatError) as caught:
            async for _ in OpenAIProvider(connections).stream(Endpoint(service, KEY), asked):
                pass
        await connections.aclose()
    return caught.value.failure
