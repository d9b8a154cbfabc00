"""Place, camera and sensors are taken out of films, and the film stays what it is."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from attaching_desk import Desk
from file_makers import MOVING, ffmpeg, need_ffmpeg
from hypothesis import given
from hypothesis import strategies as st

from app.attachments.film_metadata import MOST_BOXES, Patch, patched, patches

PLACE = "+48.2082+016.3738/"
MORE = ("-metadata", "make=Maker of tests", "-metadata", "model=Camera of tests")
DATED = ("-metadata", "creation_time=2024-05-01T10:00:00Z")
CODED = ("-c:v", "mpeg4", "-g", "5", "-fflags", "+bitexact")


def film(target: Path, *options: str) -> Path:
    ffmpeg("-f", "lavfi", "-i", MOVING, *CODED, *MORE, *DATED, *options, str(target))
    return target


def telling(folder: Path, kind: str) -> Path:
    """A film that tells its place in the way of that kind of file."""
    match kind:
        case "mp4":
            return film(folder / "a.mp4", "-metadata", f"location={PLACE}")
        case "faststart":
            options = ("-movflags", "+faststart", "-metadata", f"location={PLACE}")
            return film(folder / "b.mp4", *options)
        case "mov":
            named = f"com.apple.quicktime.location.ISO6709={PLACE}"
            flags = ("-movflags", "use_metadata_tags", "-metadata", named)
            return film(folder / "c.mov", *flags)
        case "3gp":
            return film(folder / "d.3gp", "-s", "176x144", "-metadata", f"location={PLACE}")
        case _:
            flags = ("-movflags", "+frag_keyframe", "-metadata", f"location={PLACE}")
            return film(folder / "e.mp4", *flags)


def said(file: Path) -> str:
    """All that ffprobe can tell of it beside the film."""
    words = ["-v", "error", "-show_format", "-show_streams", "-of", "json", str(file)]
    done = subprocess.run(
        [need_ffmpeg().replace("ffmpeg", "ffprobe"), *words], capture_output=True, check=True
    )
    found = json.loads(done.stdout)
    tags = [found["format"].get("tags", {}), *(each.get("tags", {}) for each in found["streams"])]
    return json.dumps(tags).lower()


def frames(file: Path) -> bytes:
    """The film itself: every frame, decoded."""
    words = ["-v", "error", "-i", str(file), "-map", "0:v", "-f", "framemd5", "-"]
    return subprocess.run([need_ffmpeg(), *words], capture_output=True, check=True).stdout


@pytest.mark.parametrize("kind", ["mp4", "faststart", "mov", "3gp", "fragments"])
async def test_a_film_does_not_tell_where_it_was_made(
    desk: Desk, tmp_path: Path, kind: str
) -> None:
    need_ffmpeg()
    source = telling(tmp_path, kind)
    before = source.read_bytes()
    assert "48.208" in said(source) or "location" in said(source)
    media = await desk.media(source)
    kept = desk.blobs.path(media.sha256 or "")
    after = kept.read_bytes()
    told = said(kept)
    for word in ("48.208", "location", "maker of tests", "camera of tests", "2024-05-01"):
        assert word not in told
    for data in (b"48.208", b"Maker of tests", b"Camera of tests"):
        assert data not in after
    assert frames(kept) == frames(source)
    assert len(after) == len(before)
    assert source.read_bytes() == before
    assert media.duration_s


async def test_it_stays_where_that_was_chosen(desk: Desk, tmp_path: Path) -> None:
    source = telling(tmp_path, "mp4")
    keeping = Desk(desk.blobs, tmp_path / "other", keeps_metadata=lambda: True)
    media = await keeping.media(source)
    assert desk.content(media) == source.read_bytes()


async def test_what_sensors_recorded_beside_the_film_is_gone(desk: Desk, tmp_path: Path) -> None:
    """A track of places, as telephones and action cameras write it: here of subtitles, renamed."""
    words = tmp_path / "places.srt"
    lines = [f"{n}\n00:00:00,{n}00 --> 00:00:00,{n}90\nGPS 48.20{n}\n" for n in range(1, 9)]
    words.write_text("\n".join(lines))
    plain = film(tmp_path / "plain.mp4")
    both = tmp_path / "both.mp4"
    ffmpeg("-i", str(plain), "-i", str(words), "-c", "copy", "-c:s", "mov_text", str(both))
    data = both.read_bytes()
    assert data.count(b"GPS 48.20") == 8
    source = tmp_path / "sensors.mp4"
    source.write_bytes(data.replace(b"\0\0\0\0sbtl", b"\0\0\0\0meta"))
    media = await desk.media(source)
    kept = desk.blobs.path(media.sha256 or "")
    assert b"GPS" not in kept.read_bytes()
    assert frames(kept) == frames(plain)
    assert len(json.loads(said(kept))) == 2  # the file and one track


@pytest.mark.parametrize(
    "hung", [b"\0\0\0\x18sefdGPS 48.2082 16.37", b"GPS 48.2082 behind the film", b"GPS"]
)
async def test_what_is_hung_on_the_end_is_gone(desk: Desk, tmp_path: Path, hung: bytes) -> None:
    plain = film(tmp_path / "plain.mp4")
    source = tmp_path / "longer.mp4"
    source.write_bytes(plain.read_bytes() + hung)
    media = await desk.media(source)
    kept = desk.blobs.path(media.sha256 or "")
    assert b"GPS" not in kept.read_bytes()
    assert frames(kept) == frames(plain)
    assert kept.stat().st_size == source.stat().st_size


@given(st.binary(max_size=400), st.integers(1, 50))
def test_any_splitting_is_the_same(data: bytes, size: int) -> None:
    found = (Patch(3, 9, b"free"), Patch(20, 60), Patch(100, 101))
    whole = b"".join(patched([data], found))
    pieces = [data[at : at + size] for at in range(0, len(data), size)]
    assert b"".join(patched(pieces, found)) == whole
    assert len(whole) == len(data)
    assert whole[20:60] == bytes(len(data[20:60]))


def box(name: bytes, content: bytes) -> bytes:
    return (len(content) + 8).to_bytes(4, "big") + name + content


NAMES = (b"moov", b"trak", b"mdia", b"udta", b"meta", b"hdlr", b"stbl", b"mdat", b"free", b"mvhd")


@given(
    st.recursive(
        st.binary(max_size=40),
        lambda inner: st.lists(st.builds(box, st.sampled_from(NAMES), inner), max_size=4).map(
            b"".join
        ),
        max_leaves=12,
    ),
    st.integers(0, 400),
)
def test_nonsense_ends_and_keeps_its_length(data: bytes, cut: int) -> None:
    data = data[: len(data) - cut] if cut < len(data) else data
    found = patches(len(data), lambda at, count: data[at : at + count])
    again = b"".join(patched([data], found))
    assert len(again) == len(data)


def test_a_film_of_more_fragments_than_are_looked_at_stays_whole() -> None:
    parts = [box(b"moof", b""), box(b"mdat", b"film"), box(b"imda", b"film")]
    data = b"".join(parts * (MOST_BOXES // len(parts) + 10))
    found = patches(len(data), lambda at, count: data[at : at + count])
    assert b"".join(patched([data], found)) == data
