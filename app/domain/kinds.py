"""The one table of what can be attached: its types, what it becomes for each wire form, its cost.

Invariant: values and pure functions; whoever encodes, checks limits, shows an icon or counts
tokens reads this table, so that they cannot disagree. Types are spelled as Google spells them
(wire reference 3.9). A kind is one row; how its files are read is one function of `attachments`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum, auto

from app.domain import address
from app.domain.message import EMPTY, Media
from app.domain.settings import Form, Service
from app.i18n import tr

MB = 1_000_000
GB = 1000 * MB

PICTURE_TILE_TOKENS = 258
VIDEO_SECOND_TOKENS = 300
SOUND_SECOND_TOKENS = 32
PAGE_TOKENS = 258
BYTES_PER_TOKEN = 4
SMALL_PICTURE_PX = 384
LEAST_TILE_PX, MOST_TILE_PX = 256, 768

YOUTUBE_HOSTS = ("youtube.com", "youtu.be")


class Carrier(Enum):
    """What an attachment becomes in a request."""

    PICTURE = auto()  # a picture part: an address or a data URL
    VIDEO = auto()  # a part of the service's own form for an address or a data URL
    VIDEO_CONTENT = auto()  # a part that holds the content and takes no address
    SOUND = auto()
    FILE = auto()
    TEXT = auto()
    INLINE = auto()  # Google's form, with the content
    REFERENCE = auto()  # Google's form, with an address


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A row. `types` go out as they are; a file of one of `converted` becomes another first.

    `openai` and `gemini` say what an attachment becomes for a service, `None` where the service
    cannot take it. `largest_bytes` is what can be attached at all. `tokens` are `None` where
    nothing is known. `endings`, between spaces, are for file dialogs only: what a file is, its
    content says.
    """

    name: str
    title: str
    icon: str
    types: tuple[str, ...]
    converted: Mapping[str, str] = field(default_factory=lambda: EMPTY)
    endings: str
    largest_bytes: int
    openai: Callable[[Service, Media], Carrier | None]
    gemini: Callable[[Service, Media], Carrier | None]
    tokens: Callable[[Media], int | None]

    def carrier(self, service: Service, media: Media) -> Carrier | None:
        """What `media`, which is of this kind, becomes for `service`."""
        match service.form:
            case Form.GEMINI:
                return self.gemini(service, media)
            case Form.OPENAI:
                return self.openai(service, media)
            case Form.DEMO:
                return Carrier.TEXT


def kind_of(media: Media) -> Kind:
    """The row of an attachment; one without a type is taken for a picture, as addresses are."""
    if is_youtube(media.url or ""):
        return VIDEO
    return kind_of_type(media.mime) if media.mime else PICTURE


def spelled(mime: str) -> str:
    """A type as Google spells it, whatever others call it; parameters are left out."""
    plain = mime.partition(";")[0].strip().lower()
    return _OTHER_NAMES.get(plain, plain)


def kind_of_type(mime: str) -> Kind:
    """The row of a type, of one that is converted too; `OTHER` for what no row names."""
    mime = spelled(mime)
    known = _BY_TYPE.get(mime)
    if known is not None:
        return known
    return {"image": PICTURE, "video": VIDEO, "audio": SOUND, "text": TEXT}.get(
        mime.partition("/")[0], OTHER
    )


def carrier_of(service: Service, media: Media) -> Carrier | None:
    """What `media` becomes for `service`; `None` where the service cannot take it."""
    return kind_of(media).carrier(service, media)


def media_tokens(media: Media) -> int | None:
    """About how many tokens a model reads it as; 0 where it is left out, `None`: unknown."""
    return 0 if media.left_out else kind_of(media).tokens(media)


def could_lie_elsewhere(service: Service, media: Media) -> bool:
    """Whether it goes inside the request to `service`, where an address could go."""
    carried = carrier_of(service, media) in (Carrier.PICTURE, Carrier.VIDEO)
    return carried and not is_address(media) and not media.left_out


def is_address(media: Media) -> bool:
    """Whether it lies somewhere else: a data URL holds its own content."""
    return media.url is not None and not media.url.startswith("data:")


def is_youtube(url: str) -> bool:
    name = address.split(url).hostname or ""
    return name in YOUTUBE_HOSTS or name.endswith(tuple(f".{host}" for host in YOUTUBE_HOSTS))


def is_link(text: str) -> bool:
    """Whether it is the address of something that can be attached and nothing else."""
    url = text.strip()
    parts = address.split(url)
    if len(url.split()) != 1 or parts.scheme not in ("http", "https") or not parts.hostname:
        return False
    _, dot, ending = parts.path.rpartition(".")
    return is_youtube(url) or (bool(dot) and ending.lower() in _LINK_ENDINGS)


def shown_seconds(media: Media) -> float | None:
    """How much of a recording goes along: between its start and its end."""
    end = media.end_s if media.end_s is not None else media.duration_s
    return None if end is None else max(0.0, end - (media.start_s or 0.0))


def picture_tiles(width_px: int, height_px: int) -> int:
    """Into how many tiles Google cuts a picture to read it: a unit is two thirds of a side."""
    if max(width_px, height_px) <= SMALL_PICTURE_PX:
        return 1
    unit = min(max(min(width_px, height_px) * 2 // 3, LEAST_TILE_PX), MOST_TILE_PX)
    return math.ceil(width_px / unit) * math.ceil(height_px / unit)


# What each kind becomes


def _picture_openai(service: Service, media: Media) -> Carrier | None:
    if is_address(media):
        taken = service.takes_image_url
    else:
        taken = service.takes_image_data and media.mime not in ("image/heic", "image/heif")
    return Carrier.PICTURE if taken else None


def _video_openai(service: Service, media: Media) -> Carrier | None:
    match service.video_form:
        case "":
            return None
        case "input_video":
            return None if is_address(media) else Carrier.VIDEO_CONTENT
        case _:
            return Carrier.VIDEO


def _sound_openai(service: Service, media: Media) -> Carrier | None:
    readable = spelled(media.mime) in OPENAI_SOUNDS and not is_address(media)
    taken = service.takes_audio and readable
    return Carrier.SOUND if taken else None


def _file_openai(service: Service, media: Media) -> Carrier | None:
    return Carrier.FILE if service.takes_file else None


def _own_gemini(service: Service, media: Media) -> Carrier | None:
    return Carrier.REFERENCE if is_address(media) else Carrier.INLINE


def _text_anywhere(service: Service, media: Media) -> Carrier | None:
    """Content becomes a text part. An address of a text is taken by Google's form alone."""
    if not is_address(media):
        return Carrier.TEXT
    return Carrier.REFERENCE if service.form is Form.GEMINI else None


# What each kind costs


def _picture_tokens(media: Media) -> int:
    if not (media.width_px and media.height_px):
        return PICTURE_TILE_TOKENS
    return PICTURE_TILE_TOKENS * picture_tiles(media.width_px, media.height_px)


def _video_tokens(media: Media) -> int | None:
    return _by_second(media, VIDEO_SECOND_TOKENS * max(1.0, media.frames_per_s or 1.0))


def _sound_tokens(media: Media) -> int | None:
    return _by_second(media, SOUND_SECOND_TOKENS)


def _by_second(media: Media, tokens: float) -> int | None:
    seconds = shown_seconds(media)
    return None if seconds is None else math.ceil(seconds * tokens)


def _page_tokens(media: Media) -> int | None:
    return None if media.pages is None else media.pages * PAGE_TOKENS


def _text_tokens(media: Media) -> int | None:
    return None if media.size_bytes is None else math.ceil(media.size_bytes / BYTES_PER_TOKEN)


OPENAI_SOUNDS = ("audio/wav", "audio/mp3")

PICTURE = Kind(
    name="picture",
    title=tr("Picture"),
    icon="image",
    types=("image/png", "image/jpeg", "image/webp", "image/heic", "image/heif"),
    converted={
        "image/gif": "image/png",
        "image/bmp": "image/png",
        "image/tiff": "image/png",
        "image/svg+xml": "image/png",
        "image/avif": "image/jpeg",
    },
    endings="png jpg jpeg webp heic heif gif bmp tif tiff svg avif",
    largest_bytes=200 * MB,
    openai=_picture_openai,
    gemini=_own_gemini,
    tokens=_picture_tokens,
)
VIDEO = Kind(
    name="video",
    title=tr("Video"),
    icon="video",
    types=(
        *("video/mp4", "video/mov", "video/webm", "video/mpeg", "video/avi", "video/wmv"),
        *("video/x-flv", "video/3gpp"),
    ),
    converted=dict.fromkeys(("video/x-matroska", "video/mp2t", "video/ogg"), "video/mp4"),
    endings="mp4 m4v mov webm mpeg mpg avi wmv flv 3gp 3g2 mkv ts mts m2ts ogv",
    largest_bytes=2 * GB,
    openai=_video_openai,
    gemini=_own_gemini,
    tokens=_video_tokens,
)
SOUND = Kind(
    name="audio",
    title=tr("Recording"),
    icon="audio",
    types=(*OPENAI_SOUNDS, "audio/flac", "audio/ogg", "audio/aac", "audio/aiff"),
    converted=dict.fromkeys(
        ("audio/mp4", "audio/amr", "audio/x-caf", "audio/x-ms-wma", "audio/webm"), "audio/mp3"
    ),
    endings="wav mp3 flac ogg oga opus aac aif aiff m4a amr caf wma",
    largest_bytes=2 * GB,
    openai=_sound_openai,
    gemini=_own_gemini,
    tokens=_sound_tokens,
)
PDF = Kind(
    name="pdf",
    title=tr("PDF"),
    icon="document",
    types=("application/pdf",),
    endings="pdf",
    largest_bytes=2 * GB,
    openai=_file_openai,
    gemini=_own_gemini,
    tokens=_page_tokens,
)
TEXT = Kind(
    name="text",
    title=tr("Text"),
    icon="code",
    types=("text/plain", "text/markdown", "text/csv", "application/json"),
    converted={
        "application/x-ipynb+json": "text/markdown",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "text/markdown",
    },
    endings=(
        "txt md rst csv tsv json jsonl ipynb docx xml html css js ts py c h cpp hpp cs java kt go "
        "rs rb php swift sh ps1 sql toml yaml yml ini log tex"
    ),
    largest_bytes=20 * MB,
    openai=_text_anywhere,
    gemini=_text_anywhere,
    tokens=_text_tokens,
)
OTHER = Kind(
    name="file",
    title=tr("File"),
    icon="document",
    types=(),
    endings="",
    largest_bytes=0,
    openai=_file_openai,
    gemini=_own_gemini,
    tokens=lambda media: None,
)
KINDS: tuple[Kind, ...] = (PICTURE, VIDEO, SOUND, PDF, TEXT)
_LINK_ENDINGS = frozenset(
    ending for kind in (PICTURE, VIDEO, SOUND, PDF) for ending in kind.endings.split()
)
_BY_TYPE: Mapping[str, Kind] = {
    mime: kind for kind in KINDS for mime in (*kind.types, *kind.converted)
}
_OTHER_NAMES: Mapping[str, str] = {
    "image/jpg": "image/jpeg",
    "video/quicktime": "video/mov",
    "video/x-msvideo": "video/avi",
    "video/x-ms-wmv": "video/wmv",
    "video/mpg": "video/mpeg",
    "video/x-m4v": "video/mp4",
    "audio/mpeg": "audio/mp3",
    "audio/x-wav": "audio/wav",
    "audio/wave": "audio/wav",
    "audio/vnd.wave": "audio/wav",
    "audio/x-flac": "audio/flac",
    "audio/x-aiff": "audio/aiff",
    "audio/x-m4a": "audio/mp4",
    "audio/m4a": "audio/mp4",
}
