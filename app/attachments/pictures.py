"""Pictures: checked, turned upright, converted, shrunk, and their thumbnails. Pillow and libheif.

Invariant: bytes in, bytes out, for a thread; nothing is decoded before its number of pixels was
looked at; a picture that needs no change comes back byte for byte. Every failure is a
`RefusedError`. Must not know files and folders.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING

from app.attachments.metadata import without_metadata
from app.attachments.refusal import RefusedError
from app.i18n import tr

if TYPE_CHECKING:
    from PIL.Image import Image

MOST_PIXELS = 250_000_000
"""Three times what the largest telephones take; decoded, it fits into the memory of today."""
THUMBNAIL_PX = 512
QUALITY = 90
LOSSLESS_PIXELS = 4_000_000
"""A converted picture with more becomes a JPEG where nothing shows through it."""

_ORIENTATION = 0x0112
_LOSSY = "image/jpeg"
_HEIF = ("image/heic", "image/heif")
# Of a moving picture, and of a document of several pages, one is sent.
_SEVERAL = ("image/gif", "image/webp", "image/tiff")
# Tags of TIFF (6.0, and DNG 1.7) by which cameras' raw files are known.
_SUBFILE_TYPE, _REDUCED, _DNG_VERSION = 254, 1, 50706
_FORMATS = {
    "image/png": "PNG",
    "image/jpeg": "JPEG",
    "image/webp": "WEBP",
    "image/gif": "GIF",
    "image/bmp": "BMP",
    "image/tiff": "TIFF",
    "image/avif": "AVIF",
}
_PNG_MODES = frozenset({"1", "L", "LA", "P", "RGB", "RGBA", "I;16"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A picture that services can read. `remarks` are sentences about what was changed.

    `thumbnail` is a small JPEG or PNG; empty where none was asked for.
    """

    data: bytes
    mime: str
    width_px: int
    height_px: int
    remarks: tuple[str, ...] = ()
    thumbnail: bytes = b""


def prepared(data: bytes, mime: str, name: str, *, keep_metadata: bool = False) -> Picture:
    """`data` as a picture to send, checked to its last byte. Raises RefusedError.

    PNG, JPEG, WebP and HEIC stay what they are; the others become PNG or JPEG. Unless
    `keep_metadata`, place, camera and texts are taken out, and the picture is turned upright.
    """
    with _decoding(name):
        image = _opened(data, mime, name)
        moving = bool(getattr(image, "is_animated", False)) and mime in _SEVERAL
        converts = mime not in ("image/png", "image/jpeg", "image/webp", *_HEIF) or moving
        turned = mime not in _HEIF and image.getexif().get(_ORIENTATION, 1) not in (0, 1)
        rewrites = converts or image.mode == "CMYK" or (turned and not keep_metadata)
        own = data if keep_metadata or rewrites else _stripped(data, mime, image)
        if rewrites or own is None:
            remark = tr("Only the first picture of {name} is sent.", name=name) if moving else ""
            return _rewritten(image, mime, converts=converts, remark=remark)
        width_px, height_px = image.size
        if turned and image.getexif().get(_ORIENTATION, 1) >= 5:
            width_px, height_px = height_px, width_px
        thumbnail = _thumbnail(image)
        return Picture(
            data=own, mime=mime, width_px=width_px, height_px=height_px, thumbnail=thumbnail
        )


def measured(data: bytes, mime: str, name: str) -> Picture:
    """The picture as it is, with its size, upright, and its thumbnail. Raises RefusedError."""
    with _decoding(name):
        image = _opened(data, mime, name)
        width_px, height_px = image.size
        if mime not in _HEIF and image.getexif().get(_ORIENTATION, 1) >= 5:
            width_px, height_px = height_px, width_px
        small = _thumbnail(image)
        return Picture(
            data=data, mime=mime, width_px=width_px, height_px=height_px, thumbnail=small
        )


def shrunk(
    data: bytes, mime: str, name: str, *, longest_px: int, quality: int = QUALITY
) -> Picture:
    """The picture with its longer side at most `longest_px`, upright, without metadata.

    As a JPEG of that `quality` (1 to 95), or as a PNG where something shows through it. Raises
    RefusedError.
    """
    with _decoding(name):
        image = _opened(data, mime, name)
        if mime == "image/jpeg":
            image.draft(None, (longest_px, longest_px))  # decodes an eighth of it, at best
        image = _upright(image)
        if max(image.size) > longest_px:
            image = _plain_colours(image)
            image.thumbnail((longest_px, longest_px))
        transparent = _shows_through(image)
        made = _written(image, "image/png" if transparent else _LOSSY, quality)
        return Picture(
            data=made,
            mime="image/png" if transparent else _LOSSY,
            width_px=image.width,
            height_px=image.height,
            thumbnail=_thumbnail(image),
        )


def thumbnail(data: bytes, mime: str, name: str) -> bytes:
    """A small JPEG or PNG of the picture, upright. Raises RefusedError."""
    with _decoding(name):
        return _thumbnail(_opened(data, mime, name))


@contextmanager
def _decoding(name: str) -> Iterator[None]:
    """The boundary to the decoders, which raise anything for what is broken."""
    try:
        yield
    except RefusedError:
        raise
    except MemoryError as error:
        raise RefusedError(tr("{name} needs more memory than there is.", name=name)) from error
    except Exception as error:
        raise RefusedError(tr("{name} is damaged or cut off.", name=name)) from error


def _opened(data: bytes, mime: str, name: str) -> Image:
    """The picture, not decoded yet, after a look at its size."""
    from PIL import Image

    # Pillow warns at a third of what is let through here, and has one limit for all formats.
    Image.MAX_IMAGE_PIXELS = None
    if mime in _HEIF:
        return _opened_heif(data, name)
    image = Image.open(BytesIO(data), formats=[_FORMATS[mime]])
    _check_pixels(image.size, name)
    if mime == "image/tiff":
        _check_whole(image, data, name)
    return image


def _check_whole(image: Image, data: bytes, name: str) -> None:
    """Raises RefusedError for a raw file, which begins with a small preview of the photo."""
    tags = image.getexif()
    reduced = int(tags.get(_SUBFILE_TYPE, 0)) & _REDUCED
    if reduced or _DNG_VERSION in tags or data[8:10] == b"CR":
        words = tr("{name} is a raw file of a camera.", name=name)
        raise RefusedError(f"{words} {tr('Save it as JPEG or PNG and attach that.')}")


def _opened_heif(data: bytes, name: str) -> Image:
    try:
        import pi_heif
    except ImportError as error:
        words = tr("{name} is a HEIC picture, which cannot be read on this system.", name=name)
        raise RefusedError(words) from error
    file = pi_heif.open_heif(BytesIO(data))
    _check_pixels(file.size, name)
    image: Image = file.to_pillow()  # upright: the turning is part of the decoding
    return image


def _check_pixels(size: tuple[int, int], name: str) -> None:
    width, height = size
    if width * height > MOST_PIXELS:
        raise RefusedError(
            tr(
                "{name} has too many pixels: {width} × {height}. Make it smaller first.",
                name=name,
                width=width,
                height=height,
            )
        )


def _stripped(data: bytes, mime: str, image: Image) -> bytes | None:
    """`data` without metadata; `None` where that takes writing it anew."""
    if mime in _HEIF:
        told = any(image.info.get(each) for each in ("exif", "xmp"))
        return None if told else data
    return without_metadata(data, mime)


def _rewritten(image: Image, mime: str, *, converts: bool, remark: str) -> Picture:
    image = _upright(image)
    image.load()
    see_through = _shows_through(image)
    if converts:
        large = image.width * image.height > LOSSLESS_PIXELS or mime == "image/avif"
        target = _LOSSY if large and not see_through else "image/png"
    elif mime in _HEIF:
        target = "image/png" if see_through else _LOSSY
    else:
        target = mime
    return Picture(
        data=_written(image, target, QUALITY),
        mime=target,
        width_px=image.width,
        height_px=image.height,
        remarks=(remark,) if remark else (),
        thumbnail=_thumbnail(image),
    )


def _upright(image: Image) -> Image:
    from PIL import ImageOps

    return ImageOps.exif_transpose(image)


def _shows_through(image: Image) -> bool:
    return image.mode in ("LA", "RGBA", "PA") or "transparency" in image.info


def _plain_colours(image: Image) -> Image:
    """In a mode that can be scaled: a palette cannot."""
    if _shows_through(image):
        return image.convert("RGBA")
    return image if image.mode in ("L", "RGB") else image.convert("RGB")


def _written(image: Image, mime: str, quality: int) -> bytes:
    """As a file, with the colour profile and nothing else that came along."""
    profile = image.info.get("icc_profile")
    if image.mode == "CMYK":
        profile = None  # it describes inks
    if mime == _LOSSY:
        image = image if image.mode in ("L", "RGB") else image.convert("RGB")
    elif mime == "image/png" and image.mode not in _PNG_MODES:
        image = image.convert("RGB")
    plain = image.copy()
    transparency = image.info.get("transparency")
    plain.info = {} if transparency is None else {"transparency": transparency}
    target = BytesIO()
    options = {} if mime == "image/png" else {"quality": quality}
    if profile:
        options["icc_profile"] = profile
    plain.save(target, _FORMATS[mime], **options)
    return target.getvalue()


def _thumbnail(image: Image) -> bytes:
    """Decodes the whole file, so that a cut-off one is found, but a JPEG at a fraction."""
    if image.format == "JPEG":
        image.draft(None, (THUMBNAIL_PX, THUMBNAIL_PX))
    image.load()
    small = _plain_colours(_upright(image))
    if small is image:
        small = image.copy()
    small.thumbnail((THUMBNAIL_PX, THUMBNAIL_PX), reducing_gap=2.0)
    target = "image/png" if _shows_through(small) else _LOSSY
    return _written(small, target, 80)
