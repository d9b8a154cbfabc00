"""Videos and recordings: what they are, and made smaller, shorter, into sound or another type.

Invariant: for a thread; the source is never changed, what is made is a file of its own. What this
computer's ffmpeg cannot do is refused in plain words; without ffprobe some facts stay unknown.
"""

from __future__ import annotations

import wave
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.attachments import ffmpeg
from app.attachments.boxes import read_movie
from app.attachments.ffmpeg import Tools
from app.attachments.refusal import RefusedError
from app.attachments.scratch import scratch_folder
from app.attachments.work import Work
from app.i18n import tr

SOUND_KBIT = 64
LEAST_VIDEO_KBIT = 96
MARGIN = 0.93
"""What of a wished size is filled: an encoder does not hit it exactly."""
_BOXED = frozenset({"video/mp4", "video/mov", "video/3gpp", "audio/mp4"})
_MP4_CODECS = frozenset({"h264", "hevc", "av1", "mpeg4", "aac", "mp3"})
_VIDEO_ENCODERS = ("libx264", "libopenh264", "h264_videotoolbox", "h264_mf", "mpeg4")
# How high a picture may be for that many kbit/s.
_HEIGHTS = ((2500, 1080), (1200, 720), (500, 480), (0, 360))


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a file holds; `None` is unknown. A cover picture is no video."""

    duration_s: float | None = None
    width_px: int | None = None
    height_px: int | None = None
    has_video: bool | None = None
    has_sound: bool | None = None
    codecs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoPlan:
    """How a video is made to fit into `size_bytes`; rates in kbit/s, `height_px` at most."""

    size_bytes: int
    video_kbit: int
    height_px: int


def facts_of(tools: Tools, file: Path, mime: str) -> Facts:
    """By ffprobe where it is, else by what is known of the format; for a file of ours."""
    probed = ffmpeg.probe(tools, file)
    if probed is not None:
        return _probed(probed)
    if mime in _BOXED:
        with file.open("rb") as opened:
            movie = read_movie(opened)
        return Facts(
            duration_s=movie.duration_s,
            width_px=movie.width_px,
            height_px=movie.height_px,
            has_video=b"vide" in movie.handlers if movie.handlers else None,
            has_sound=b"soun" in movie.handlers if movie.handlers else None,
        )
    return Facts(duration_s=_wave_length_s(file)) if mime == "audio/wav" else Facts()


def video_plan(duration_s: float, size_bytes: int) -> VideoPlan | None:
    """How to fit a video into `size_bytes`; `None` where nothing could be seen any more."""
    total_kbit = size_bytes * MARGIN * 8 / 1000 / max(duration_s, 0.1)
    video_kbit = int(total_kbit - SOUND_KBIT)
    if video_kbit < LEAST_VIDEO_KBIT:
        return None
    height = next(height for least, height in _HEIGHTS if video_kbit >= least)
    return VideoPlan(size_bytes=size_bytes, video_kbit=min(video_kbit, 8000), height_px=height)


def sound_bytes(duration_s: float) -> int:
    """About how large the sound alone becomes."""
    return int(duration_s * SOUND_KBIT * 1000 / 8)


@contextmanager
def workshop(tools: Tools, scratch: Path) -> Iterator[Workshop]:
    """A place to make files in, gone with all that is left in it at the end."""
    with scratch_folder(scratch) as folder:
        yield Workshop(tools, folder)


class Workshop:
    """Makes one new file of a recording. Every method raises RefusedError, and StoppedError when
    its work is stopped; it gives the file and its type."""

    def __init__(self, tools: Tools, folder: Path) -> None:
        self.tools = tools
        self._folder = folder

    def compressed(
        self, file: Path, plan: VideoPlan, length_s: float | None, work: Work
    ) -> tuple[Path, str]:
        """The video in at most about `plan.size_bytes`, as an mp4."""
        rate = plan.video_kbit
        options = [
            *("-vf", f"scale=-2:'min({plan.height_px},trunc(ih/2)*2)'"),
            *("-b:v", f"{rate}k", "-maxrate", f"{rate * 3 // 2}k", "-bufsize", f"{rate * 2}k"),
        ]
        words = ["-i", str(file), *self._video(options)]
        return self._made(words, "mp4", tr("Compressing the video"), length_s, work), "video/mp4"

    def trimmed(
        self, file: Path, mime: str, start_s: float, end_s: float, work: Work
    ) -> tuple[Path, str]:
        """The part from `start_s` to `end_s`, exact to the frame."""
        part = ["-ss", f"{start_s:.3f}", "-to", f"{end_s:.3f}", "-i", str(file)]
        doing, length_s = tr("Cutting"), end_s - start_s
        if mime.startswith("audio/"):
            ending, mime, options = self._sound()
            return self._made([*part, *options], ending, doing, length_s, work), mime
        words = [*part, *self._video(["-vf", "scale=trunc(iw/2)*2:trunc(ih/2)*2"])]
        return self._made(words, "mp4", doing, length_s, work), "video/mp4"

    def sound_only(self, file: Path, length_s: float | None, work: Work) -> tuple[Path, str]:
        """The sound, as an mp3 where this ffmpeg can write one, else as a wav."""
        ending, mime, options = self._sound()
        words = ["-i", str(file), *options]
        return self._made(words, ending, tr("Taking the sound"), length_s, work), mime

    def as_mp4(self, file: Path, facts: Facts, work: Work) -> tuple[Path, str]:
        """The video as an mp4: copied where its codecs may lie in one."""
        doing = tr("Converting the video")
        words = ["-i", str(file)]
        if facts.codecs and set(facts.codecs) <= _MP4_CODECS:
            words += ["-map", "0:v:0", "-map", "0:a:0?", "-c", "copy", "-movflags", "+faststart"]
        else:
            words += self._video(["-vf", "scale=trunc(iw/2)*2:trunc(ih/2)*2"])
        return self._made(words, "mp4", doing, facts.duration_s, work), "video/mp4"

    def _made(
        self, words: Sequence[str], ending: str, doing: str, length_s: float | None, work: Work
    ) -> Path:
        target = self._folder / f"made.{ending}"
        ffmpeg.run(self.tools, words, target, work, doing=doing, length_s=length_s)
        if not target.is_file() or target.stat().st_size == 0:
            raise RefusedError(tr("Nothing was left of the recording."))
        return target

    def _video(self, options: Sequence[str]) -> list[str]:
        known = ffmpeg.encoders(self.tools)
        encoder = next((name for name in _VIDEO_ENCODERS if name in known), "mpeg4")
        sound = ["-c:a", "aac", "-b:a", f"{SOUND_KBIT}k", "-ac", "2"]
        tail = ["-map", "0:v:0", "-map", "0:a:0?", "-sn", "-dn", "-movflags", "+faststart"]
        return [*tail, *options, "-c:v", encoder, "-pix_fmt", "yuv420p", *sound]

    def _sound(self) -> tuple[str, str, list[str]]:
        known = ffmpeg.encoders(self.tools)
        for encoder in ("libmp3lame", "libshine", "mp3_mf"):
            if encoder in known:
                options = ["-vn", "-map", "0:a:0", "-c:a", encoder, "-b:a", f"{SOUND_KBIT}k"]
                return "mp3", "audio/mp3", [*options, "-ac", "1", "-ar", "32000"]
        options = ["-vn", "-map", "0:a:0", "-c:a", "pcm_s16le", "-ac", "1", "-ar", "16000"]
        return "wav", "audio/wav", options


def _probed(probed: Mapping[str, Any]) -> Facts:
    streams = [each for each in probed["streams"] if isinstance(each, dict)]
    pictures = [s for s in streams if s.get("codec_type") == "video" and not _is_cover(s)]
    sounds = [s for s in streams if s.get("codec_type") == "audio"]
    width, height = (
        (_whole(pictures[0].get(n)) for n in ("width", "height")) if pictures else (None,) * 2
    )
    if pictures and _is_turned(pictures[0]):
        width, height = height, width
    lengths = [probed.get("format", {}).get("duration"), *(s.get("duration") for s in streams)]
    return Facts(
        duration_s=next((found for each in lengths if (found := _seconds(each))), None),
        width_px=width,
        height_px=height,
        has_video=bool(pictures),
        has_sound=bool(sounds),
        codecs=tuple(str(s.get("codec_name", "")) for s in (*pictures[:1], *sounds[:1])),
    )


def _is_cover(stream: Mapping[str, Any]) -> bool:
    return bool(stream.get("disposition", {}).get("attached_pic"))


def _is_turned(stream: Mapping[str, Any]) -> bool:
    turns = [side.get("rotation", 0) for side in stream.get("side_data_list", [])]
    turns.append(stream.get("tags", {}).get("rotate", 0))
    return any(abs(_seconds(turn) or 0) % 180 == 90 for turn in turns)


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) and value > 0 else None


def _seconds(value: object) -> float | None:
    try:
        return float(str(value))
    except ValueError:
        return None


def _wave_length_s(file: Path) -> float | None:
    try:
        with wave.open(str(file), "rb") as opened:
            return opened.getnframes() / opened.getframerate()
    except (wave.Error, EOFError, ZeroDivisionError):
        return None
