"""Videos and sound: facts, poster frames, and what ffmpeg makes of them."""

from __future__ import annotations

import asyncio
import os
import stat
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from attaching_desk import Desk
from file_makers import SOUNDS, VIDEOS, decoded, ffmpeg, need_ffmpeg, recording, sound, video

from app.attachments import Attachments, FileSource, Progress, Refused, RefusedError, Taken
from app.attachments.boxes import read_movie
from app.attachments.ffmpeg import NO_FFMPEG, Tools, find_tools
from app.attachments.recordings import facts_of, sound_bytes, video_plan
from app.attachments.remedies import CompressVideo, SoundOnly, Trim
from app.domain.kinds import SOUND, VIDEO

MADE_INTO = {
    "mkv": "video/mp4",
    "ts": "video/mp4",
    "mts": "video/mp4",
    "ogv": "video/mp4",
    "m4a": "audio/mp3",
}
Recording = Callable[[str], Path]


@pytest.fixture(autouse=True)
def _with_ffmpeg() -> None:
    need_ffmpeg()


@pytest.mark.parametrize("ending", VIDEOS)
async def test_videos(desk: Desk, recordings: Recording, ending: str) -> None:
    path = recordings(ending)
    media = await desk.media(path)
    assert media.mime in VIDEO.types
    assert media.duration_s == pytest.approx(1.0, abs=0.25)
    assert (media.width_px, media.height_px) == ((176, 144) if ending == "3gp" else (64, 48))
    if ending in MADE_INTO:
        assert (media.mime, media.name) == (MADE_INTO[ending], "made.mp4")
        assert desk.content(media)[4:8] == b"ftyp"
    else:
        assert desk.content(media) == path.read_bytes()
        assert media.name == f"made.{ending}"
    poster = desk.attachments.thumbnail_path(media.sha256 or "")
    assert poster is not None
    assert decoded(poster.read_bytes()).width == media.width_px


@pytest.mark.parametrize("ending", SOUNDS)
async def test_sounds(desk: Desk, recordings: Recording, ending: str) -> None:
    path = recordings(ending)
    media = await desk.media(path)
    assert media.mime in SOUND.types
    assert media.duration_s == pytest.approx(1.0, abs=0.2)
    assert (media.width_px, media.height_px) == (None, None)
    if ending in MADE_INTO:
        assert (media.mime, media.name) == ("audio/mp3", "made.mp3")
    else:
        assert desk.content(media) == path.read_bytes()
    assert desk.attachments.thumbnail_path(media.sha256 or "") is None


async def test_a_wav(desk: Desk) -> None:
    media = await desk.media(recording(2.0), "note.WAV")
    assert (media.mime, media.duration_s) == ("audio/wav", 2.0)


async def test_a_cover_is_no_video(desk: Desk, tmp_path: Path) -> None:
    ffmpeg(
        *("-f", "lavfi", "-i", "sine=d=1", "-f", "lavfi", "-i", "color=red:s=32x32:d=0.1"),
        *("-map", "0", "-map", "1", "-frames:v", "1", "-c:v", "mjpeg", "-c:a", "libmp3lame"),
        *("-disposition:v", "attached_pic", str(tmp_path / "song.mp3")),
    )
    media = await desk.media(tmp_path / "song.mp3")
    assert (media.mime, media.width_px) == ("audio/mp3", None)


# Without pictures, without sound, broken


@pytest.mark.parametrize("ending", ["mp4", "webm", "wmv"])
async def test_a_video_without_pictures(desk: Desk, tmp_path: Path, ending: str) -> None:
    taken = await desk.taken(video(tmp_path / f"v.{ending}", pictures=False))
    (media,) = taken.media
    assert (media.mime, media.name) == ("audio/mp3", "v.mp3")
    assert taken.remarks in ((), (f"v.{ending} has no pictures, so its sound is attached.",))


async def test_a_recording_without_sound(desk: Desk, tmp_path: Path) -> None:
    """A video that calls itself sound."""
    data = bytearray(video(tmp_path / "v.mp4", sound=False).read_bytes())
    data[8:12] = b"M4A "
    assert await desk.refusal(bytes(data), "a.m4a") == "a.m4a holds no sound."


async def test_a_silent_video(desk: Desk, tmp_path: Path) -> None:
    media = await desk.media(video(tmp_path / "v.mp4", sound=False))
    assert media.mime == "video/mp4"
    with pytest.raises(RefusedError, match="ffmpeg could not do it"):
        await desk.attachments.change(media, SoundOnly())


async def test_a_broken_video(desk: Desk, recordings: Recording, tmp_path: Path) -> None:
    """Its facts stay unknown, which is said; whether a service can read it, the service says."""
    whole = recordings("mp4").read_bytes()
    taken = await desk.taken(whole[:1000], "cut.mp4")
    assert taken.remarks == ("cut.mp4 may be damaged: ffmpeg cannot read it.",)
    (media,) = taken.media
    assert (media.mime, media.duration_s, media.width_px) == ("video/mp4", None, None)
    mkv = recordings("mkv").read_bytes()
    said = await desk.refusal(mkv[:100], "cut.mkv")
    assert said.startswith("ffmpeg could not do it:")


# On a computer without ffmpeg


@pytest.mark.parametrize("ending", ["mp4", "mov", "3gp"])
async def test_facts_without_ffprobe(bare_desk: Desk, recordings: Recording, ending: str) -> None:
    media = await bare_desk.media(recordings(ending))
    assert media.duration_s == pytest.approx(1.0, abs=0.25)
    # The boxes tell the size on a screen; a dot of 3gp is wider than it is high.
    assert (media.width_px, media.height_px) == ((192, 144) if ending == "3gp" else (64, 48))


async def test_what_needs_ffmpeg_says_so(
    bare_desk: Desk, recordings: Recording, tmp_path: Path
) -> None:
    said = await bare_desk.refusal(recordings("mkv"))
    assert said == f"made.mkv has to be converted. {NO_FFMPEG}"
    assert NO_FFMPEG in await bare_desk.refusal(recordings("m4a"))
    sounding = video(tmp_path / "v.mov", pictures=False)
    assert "is a video without pictures" in await bare_desk.refusal(sounding)
    media = await bare_desk.media(recordings("mp4"))
    for change in (SoundOnly(), Trim(0.0, 0.5), CompressVideo(1_000_000)):
        with pytest.raises(RefusedError, match="ffmpeg, which was not found"):
            await bare_desk.attachments.change(media, change)
    assert (await bare_desk.media(recording(), "a.wav")).duration_s == 1.0
    assert (await bare_desk.media(recordings("webm"))).duration_s is None


def test_boxes_of_a_turned_video_and_of_nonsense(tmp_path: Path, recordings: Recording) -> None:
    ffmpeg(
        "-i",
        str(recordings("mp4")),
        "-c",
        "copy",
        "-metadata:s:v:0",
        "rotate=90",
        str(tmp_path / "turned.mp4"),
    )
    with (tmp_path / "turned.mp4").open("rb") as file:
        movie = read_movie(file)
    assert (movie.width_px, movie.height_px) == (48, 64)
    facts = facts_of(find_tools(), tmp_path / "turned.mp4", "video/mp4")
    assert (facts.width_px, facts.height_px) == (48, 64)
    for nonsense in (b"", b"\0\0\0\1moov", b"\0\0\0\x08moov" * 50, b"\xff" * 100, bytes(100)):
        (tmp_path / "n").write_bytes(nonsense)
        with (tmp_path / "n").open("rb") as file:
            assert read_movie(file).duration_s is None


# Smaller, shorter, sound only


@pytest.fixture(scope="module")
def noise(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four seconds that are hard to compress."""
    path = tmp_path_factory.mktemp("noise") / "noise.mp4"
    ffmpeg(
        *("-f", "lavfi", "-i", "nullsrc=s=320x240:d=4:r=10,geq=random(1)*255:128:128"),
        *("-f", "lavfi", "-i", "sine=d=4", "-c:v", "libx264", "-preset", "ultrafast"),
        *("-pix_fmt", "yuv420p", "-c:a", "aac", str(path)),
    )
    return path


async def test_compressed_to_fit(desk: Desk, noise: Path) -> None:
    media = await desk.media(noise)
    assert media.size_bytes is not None
    assert media.size_bytes > 600_000
    steps: list[Progress] = []
    outcome: asyncio.Future[Taken | Refused] = asyncio.get_running_loop().create_future()
    desk.attachments.alter(media, CompressVideo(250_000), outcome.set_result, steps.append)
    taken = await outcome
    assert isinstance(taken, Taken)
    (small,) = taken.media
    assert small.size_bytes is not None
    assert small.size_bytes < 290_000
    assert (small.mime, small.name, small.height_px) == ("video/mp4", "noise.mp4", 240)
    assert small.duration_s == pytest.approx(4.0, abs=0.2)
    shares = [step.share for step in steps if step.share is not None]
    assert shares == sorted(shares)
    assert 0.0 in shares
    assert max(shares) > 0.5
    assert {step.words for step in steps} == {"Compressing the video"}


async def test_too_long_to_compress(desk: Desk, noise: Path) -> None:
    media = await desk.media(noise)
    with pytest.raises(RefusedError, match="too long for that"):
        await desk.attachments.change(media, CompressVideo(10_000))


async def test_trimmed(desk: Desk, noise: Path, tmp_path: Path) -> None:
    media = await desk.media(noise)
    (part,) = (await desk.attachments.change(media, Trim(1.0, 2.5))).media
    assert part.duration_s == pytest.approx(1.5, abs=0.15)
    song = await desk.media(sound(tmp_path / "song.flac"))
    (bar,) = (await desk.attachments.change(song, Trim(0.25, 0.75))).media
    assert (bar.mime, bar.name) == ("audio/mp3", "song.mp3")
    assert bar.duration_s == pytest.approx(0.5, abs=0.15)


async def test_sound_only(desk: Desk, noise: Path) -> None:
    media = await desk.media(noise)
    (heard,) = (await desk.attachments.change(media, SoundOnly())).media
    assert (heard.mime, heard.name, heard.width_px) == ("audio/mp3", "noise.mp3", None)
    assert heard.duration_s == pytest.approx(4.0, abs=0.2)
    assert heard.size_bytes == pytest.approx(sound_bytes(4.0), rel=0.2)


def test_plans() -> None:
    assert video_plan(60.0, 100_000) is None
    small = video_plan(60.0, 3_000_000)
    large = video_plan(60.0, 30_000_000)
    assert small is not None
    assert large is not None
    assert small.height_px < large.height_px
    for plan, size in ((small, 3_000_000), (large, 30_000_000)):
        assert (plan.video_kbit + 64) * 1000 / 8 * 60 < size


# Stopping


@pytest.fixture
def slow_ffmpeg(tmp_path: Path) -> tuple[Tools, Path]:
    """A stand-in that says how far it is and then waits to be killed; and where its id stands."""
    note = tmp_path / "running"
    script = tmp_path / "ffmpeg"
    script.write_text(
        '#!/bin/sh\ncase "$*" in *-encoders*) exit;; esac\n'
        f"echo $$ > {note}\necho out_time_us=500000\nexec sleep 600\n"
    )
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    return Tools(ffmpeg=str(script), ffprobe=find_tools().ffprobe), note


@pytest.mark.skipif(os.name == "nt", reason="the stand-in is a shell script")
async def test_a_cancel_ends_the_program_at_once(
    desk: Desk, slow_ffmpeg: tuple[Tools, Path], recordings: Recording
) -> None:
    tools, note = slow_ffmpeg
    media = await desk.media(recordings("mp4"))
    slow = Attachments(
        desk.blobs, desk.cache / "thumbnails", desk.cache / "work", desk.tasks, tools=tools
    )
    halfway = asyncio.Event()

    def told(progress: Progress) -> None:
        if progress.share:
            halfway.set()

    def never(outcome: object) -> None:
        raise AssertionError(outcome)

    cancel = slow.alter(media, SoundOnly(), never, told)
    await halfway.wait()
    cancel()
    ended = threading.Event()

    def wait_for_end() -> None:
        while note.exists() and note.read_text().strip():
            try:
                os.kill(int(note.read_text()), 0)
            except ProcessLookupError:
                break
        ended.set()

    await asyncio.wait_for(asyncio.to_thread(wait_for_end), 10)
    assert ended.is_set()
    cancel()  # a second time does no harm


async def test_a_cancel_while_a_large_file_is_read(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "large.mp4"
    with path.open("wb") as file:
        file.write(b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom")
        file.truncate(60_000_000)
    begun = asyncio.Event()

    def never(outcome: object) -> None:
        raise AssertionError(outcome)

    cancel = desk.attachments.attach(FileSource(path), never, lambda progress: begun.set())
    await begun.wait()
    cancel()
    await desk.tasks.cancel_all()
    await asyncio.get_running_loop().shutdown_default_executor()
    assert not [*desk.blobs.folder.glob("??/*")]
    assert not [*desk.blobs.folder.glob(".*")]


async def test_a_cancel_before_it_began(desk: Desk) -> None:
    heard: list[object] = []
    desk.attachments.attach(FileSource(Path("nowhere")), heard.append)()
    await desk.tasks.cancel_all()
    assert not heard


def test_no_ffmpeg_is_taken_from_where_the_program_was_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    there, here = tmp_path / "bin", tmp_path / "downloads"
    for folder in (there, here):
        folder.mkdir()
        (folder / "ffmpeg").write_text("#!/bin/sh\n")
        (folder / "ffmpeg").chmod(0o755)
    monkeypatch.chdir(here)
    assert find_tools(os.pathsep.join(("", ".", str(there)))).ffmpeg == str(there / "ffmpeg")
    assert find_tools(".") == Tools()
