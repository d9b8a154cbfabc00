"""What is said before sending: per service and model, size after base64, number, and what helps."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from app.attachments.limits import Problem, Reader, Weight, problems
from app.attachments.remedies import (
    Choice,
    CompressVideo,
    ConvertPicture,
    PagesAsPictures,
    ShrinkPicture,
    SoundOnly,
    TextOnly,
    Trim,
)
from app.domain.carrying import base64_bytes, load_of, uploaded
from app.domain.kinds import MB
from app.domain.message import Media
from app.domain.settings import Service
from app.providers import presets


def own(mime: str, size_mb: float = 0.1, **facts: Any) -> Media:
    named = {"name": f"a.{mime.partition('/')[2]}", "sha256": f"{hash((mime, size_mb)):064x}"[-64:]}
    return Media(mime=mime, size_bytes=round(size_mb * MB), **{**named, **facts})


PHOTO = own("image/jpeg", width_px=4000, height_px=3000)
CLIP = own("video/mp4", 3, duration_s=30.0)
SONG = own("audio/mp3", duration_s=60.0)
PAPER = own("application/pdf", pages=12)
NOTE = own("text/plain")


def told(service: Service, *media: Media, **reader: Any) -> list[Problem]:
    earlier = reader.pop("earlier", ())
    tokens = reader.pop("text_tokens", 0)
    return [*problems(media, Reader(service=service, **reader), earlier, tokens)]


def only(service: Service, *media: Media, **reader: Any) -> Problem:
    (problem,) = told(service, *media, **reader)
    return problem


def test_google_takes_everything() -> None:
    everything = (PHOTO, CLIP, SONG, PAPER, NOTE, own("image/heic"), own("audio/flac"))
    assert told(presets.GEMINI, *everything, sees=True, context_tokens=1_000_000) == []


@pytest.mark.parametrize(
    ("service", "media", "sentence", "remedies"),
    [
        (presets.DEEPSEEK, PHOTO, "DeepSeek takes no pictures.", ()),
        (presets.OPENAI, CLIP, "OpenAI takes no videos.", ()),
        (presets.OPENROUTER, CLIP, "OpenRouter takes no videos.", (SoundOnly(),)),
        (presets.OPENAI, SONG, "OpenAI takes no sound.", ()),
        (
            presets.OLLAMA,
            PAPER,
            "Ollama takes no PDF files.",
            (TextOnly(), PagesAsPictures(1, 12)),
        ),
        (presets.DEEPSEEK, PAPER, "DeepSeek takes no PDF files.", (TextOnly(),)),
        (
            replace(presets.OPENAI, takes_image_data=False),
            PHOTO,
            "OpenAI takes pictures by their address only.",
            (Choice.GIVE_ADDRESS,),
        ),
    ],
)
def test_what_a_service_does_not_take(
    service: Service, media: Media, sentence: str, remedies: tuple[object, ...]
) -> None:
    problem = only(service, media)
    assert (problem.weight, problem.at, problem.sentence) == (Weight.BLOCKS, 0, sentence)
    assert problem.remedies == (*remedies, Choice.SWITCH_SERVICE)
    assert problem.by_itself is None


def test_what_is_converted_without_asking() -> None:
    problem = only(presets.OPENAI, own("image/heic"))
    assert problem.by_itself == ConvertPicture()
    assert problem.remedies[0] == ConvertPicture()
    sound = only(presets.OPENROUTER, own("audio/flac"))
    assert (sound.sentence, sound.by_itself) == (
        "OpenRouter takes sound as wav and mp3 only.",
        SoundOnly(),
    )
    without = only(presets.OPENROUTER, own("audio/flac"), can_convert=False)
    assert without.by_itself is None
    assert "install ffmpeg" in without.sentence


def test_addresses() -> None:
    cat = Media(mime="image/png", url="https://example.org/cat.png")
    assert told(presets.OPENAI, cat) == []
    problem = only(presets.OLLAMA, cat)
    assert problem.sentence == "Ollama takes no addresses of this kind."
    assert problem.remedies == (Choice.DOWNLOAD, Choice.SWITCH_SERVICE)
    clip = Media(mime="video/mp4", url="https://example.org/clip.mp4")
    assert told(presets.ACE_DATA_CLOUD, clip) == []
    assert only(presets.OPENAI, clip).remedies == (Choice.SWITCH_SERVICE,)


def test_a_service_that_refused_data_addresses() -> None:
    learned = {"data_urls": False}
    problem = only(presets.ACE_DATA_CLOUD, PHOTO, **learned)
    assert problem.sentence == "Ace Data Cloud takes pictures and videos by their address only."
    assert problem.remedies == (Choice.GIVE_ADDRESS, Choice.SWITCH_SERVICE)
    assert problem.weight is Weight.WARNS, "it may be tried again"
    assert only(presets.ACE_DATA_CLOUD, CLIP, **learned).at == 0
    assert told(presets.ACE_DATA_CLOUD, NOTE, **learned) == []
    cat = Media(mime="image/png", url="https://example.org/cat.png")
    assert told(presets.ACE_DATA_CLOUD, cat, **learned) == []


def test_a_model_that_cannot_see() -> None:
    problem = only(presets.LM_STUDIO, PHOTO, sees=False, model="qwen3-8b")
    assert problem.sentence == "qwen3-8b cannot see."
    assert problem.remedies == (Choice.SWITCH_MODEL,)
    assert told(presets.LM_STUDIO, PHOTO, sees=None) == []
    assert told(presets.LM_STUDIO, NOTE, sees=False) == []
    blind = only(presets.GEMINI, CLIP, sees=False)
    assert blind.remedies == (SoundOnly(), Choice.SWITCH_MODEL)


def test_a_model_that_says_what_it_reads() -> None:
    reads = {"inputs": frozenset({"text", "image"}), "sees": True, "model": "m"}
    assert told(presets.OPENROUTER, PHOTO, PAPER, NOTE, **reads) == []
    assert only(presets.OPENROUTER, SONG, **reads).sentence == "m cannot hear."
    assert only(presets.VLLM, CLIP, **reads).sentence == "m cannot watch videos."
    assert (
        only(presets.VLLM, PHOTO, inputs=frozenset({"text"})).sentence == "This model cannot see."
    )


# Sizes


@pytest.mark.rule("R60")
def test_a_gateway_is_warned_about_above_ten_megabytes() -> None:
    large = own("image/png", 9, width_px=4000, height_px=3000)
    problem = only(presets.ACE_DATA_CLOUD, large)
    assert (problem.weight, problem.at) == (Weight.WARNS, None)
    assert "12 MB in the request" in problem.sentence, "base64 is counted"
    assert problem.remedies == (ShrinkPicture(2048), ShrinkPicture(1024))
    assert told(presets.ACE_DATA_CLOUD, own("image/png", 7)) == []
    assert told(presets.GEMINI, large) == []


def test_too_large_for_a_request() -> None:
    big = own("image/png", 40, width_px=9000, height_px=3000)
    problem = only(presets.OPENAI, big, PHOTO)
    assert problem.weight is Weight.BLOCKS
    assert "53.5 MB in the request, and OpenAI takes 50 MB." in problem.sentence
    assert problem.remedies == (
        ShrinkPicture(2048),
        ShrinkPicture(1024),
        Choice.LEAVE_OUT,
        Choice.SWITCH_SERVICE,
    )


def test_a_video_is_compressed_to_what_fits() -> None:
    clip = own("video/mp4", 90, duration_s=60.0)
    gateway = replace(presets.ACE_DATA_CLOUD, largest_request_mb=20)
    problem = only(gateway, clip)
    compress, trim, *others = problem.remedies
    assert isinstance(compress, CompressVideo)
    assert isinstance(trim, Trim)
    assert base64_bytes(compress.size_bytes) <= 20 * MB
    assert base64_bytes(compress.size_bytes) > 19 * MB
    assert trim.end_s == pytest.approx(10.0, abs=0.2)
    assert others == [SoundOnly(), Choice.LEAVE_OUT, Choice.SWITCH_SERVICE]
    plain = only(gateway, clip, can_convert=False)
    assert plain.remedies == (Choice.LEAVE_OUT, Choice.SWITCH_SERVICE)
    endless = only(gateway, replace(clip, duration_s=36_000.0))
    assert not any(isinstance(each, CompressVideo) for each in endless.remedies)


def test_what_went_before_counts_again() -> None:
    gateway = replace(presets.ACE_DATA_CLOUD, largest_request_mb=20)
    before = own("image/png", 12, width_px=4000, height_px=3000)
    problem = only(gateway, PHOTO, earlier=[before, replace(PHOTO, size_bytes=4 * MB)])
    assert "21.5 MB in the request" in problem.sentence
    assert "21.3 MB of it are from earlier in this chat." in problem.sentence
    assert told(gateway, PHOTO, earlier=[replace(before, left_out=True)]) == []


def test_too_many_pictures() -> None:
    service = replace(presets.OPENAI, most_pictures=2)
    problem = only(service, PHOTO, PHOTO, earlier=[PHOTO])
    assert problem.sentence == "OpenAI takes 2 pictures in a question, and these are 3."
    assert told(service, PHOTO, PHOTO, earlier=[replace(PHOTO, left_out=True)]) == []


def test_too_many_tokens() -> None:
    hour = own("video/mp4", 100, duration_s=3600.0)
    problem = only(presets.GEMINI, hour, context_tokens=1_048_576, model="gemini", text_tokens=5)
    assert problem.weight is Weight.WARNS
    assert problem.sentence == "These are about 1,080,005 tokens, and gemini reads 1,048,576."


@pytest.mark.parametrize(
    ("media", "part"),
    [
        (own("video/mp4", 2500, duration_s=9.0), "has 2.5 GB, and at most 2 GB are taken"),
        (own("application/pdf", 60, pages=10), "has 60 MB, and at most 50 MB are taken"),
        (own("application/pdf", 10, pages=1200), "has 1200 pages, and at most 1000 are taken"),
        (own("audio/mp3", 10, duration_s=40_000.0), "lasts 11:06:40, and at most 9:30:00"),
    ],
)
def test_what_google_takes_of_one_file(media: Media, part: str) -> None:
    problem = only(presets.GEMINI, media)
    assert problem.weight is Weight.BLOCKS
    assert part in problem.sentence
    assert problem.remedies


def test_the_demo_minds_nothing() -> None:
    assert told(presets.DEMO, PHOTO, own("video/mp4", 2500)) == []
    assert told(presets.DEEPSEEK, replace(PHOTO, left_out=True)) == []


# What is uploaded


@pytest.mark.rule("R60")
def test_up_to_fifteen_megabytes_go_inline() -> None:
    assert uploaded(presets.GEMINI, [own("image/png", 10), own("image/png", 5)], 0) == frozenset()
    assert uploaded(presets.GEMINI, [own("image/png", 10), own("image/png", 6)], 0) == {0}
    sizes = [1, 20, 3, 12, 4]
    assert uploaded(presets.GEMINI, [own("video/mp4", size) for size in sizes], 0) == {1, 3}


@pytest.mark.rule("R60")
def test_what_is_used_again_is_uploaded() -> None:
    media = [own("image/png", 1), own("image/png", 0.1), own("image/png", 1)]
    assert uploaded(presets.GEMINI, media, 2) == {0}, "small ones are sent again sooner"
    known = media[1].sha256
    assert uploaded(presets.GEMINI, media, 0, lambda each: each.sha256 == known) == {1}


@pytest.mark.rule("R60")
def test_texts_and_addresses_are_not_uploaded() -> None:
    media = [own("text/plain", 19), Media(mime="video/mp4", url="https://e.org/a.mp4")]
    assert uploaded(presets.GEMINI, media, 2) == frozenset()
    assert load_of(presets.GEMINI, media).request_bytes == 19 * MB
    load = load_of(presets.GEMINI, [own("video/mp4", 30), own("image/png", 3)])
    assert (load.request_bytes, load.uploads, load.pictures) == (4 * MB, {0}, 1)
