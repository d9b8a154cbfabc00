"""Pictures: what is kept as it is, what is converted, what is taken out, what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from attaching_desk import Desk
from file_makers import PICTURES, bomb, decoded, encoded, exif, heic, picture, svg
from PIL import Image

from app.attachments.metadata import without_metadata
from app.attachments.pictures import MOST_PIXELS, THUMBNAIL_PX
from app.attachments.remedies import ConvertPicture, ShrinkPicture
from app.domain.message import Media
from app.storage.thumbnails import Thumbnails

RED, BLUE = (200, 30, 30), (30, 30, 200)
KEPT = {"png": "image/png", "jpg": "image/jpeg", "webp": "image/webp"}
CONVERTED = {"gif": "png", "bmp": "png", "tiff": "png", "avif": "jpg"}


def near(pixel: object, colour: tuple[int, ...]) -> bool:
    assert isinstance(pixel, tuple)
    return all(abs(a - b) < 40 for a, b in zip(pixel[:3], colour, strict=True))


@pytest.mark.parametrize("kind", KEPT)
async def test_kept_byte_for_byte(desk: Desk, kind: str) -> None:
    data = encoded(picture(), kind)
    media = await desk.media(data, f"photo.{kind.upper()}")
    assert desk.content(media) == data
    assert media == Media(
        mime=KEPT[kind],
        sha256=media.sha256,
        name=f"photo.{kind.upper()}",
        size_bytes=len(data),
        width_px=60,
        height_px=40,
    )


@pytest.mark.parametrize("kind", CONVERTED)
async def test_converted(desk: Desk, kind: str) -> None:
    media = await desk.media(encoded(picture(), kind), f"photo.{kind}")
    assert media.name == f"photo.{CONVERTED[kind]}"
    image = decoded(desk.content(media))
    assert image.format == {"png": "PNG", "jpg": "JPEG"}[CONVERTED[kind]]
    assert image.size == (media.width_px, media.height_px) == (60, 40)
    assert near(image.convert("RGB").getpixel((50, 5)), RED)


async def test_a_name_that_lies(desk: Desk) -> None:
    media = await desk.media(encoded(picture(), "png"), "photo.txt")
    assert media.mime == "image/png"


async def test_a_scan_of_several_pages_says_that_one_is_sent(desk: Desk) -> None:
    pages = [picture(60, 40), picture(50, 30)]
    data = encoded(pages[0], "tiff", save_all=True, append_images=pages[1:])
    taken = await desk.taken(data, "scan.tiff")
    assert taken.remarks == ("Only the first picture of scan.tiff is sent.",)
    assert taken.media[0].width_px == 60
    assert (await desk.taken(encoded(picture(), "tiff"), "photo.tiff")).remarks == ()


@pytest.mark.parametrize("tags", [{254: 1}, {50706: b"\1\4\0\0"}])
async def test_raw_files_of_cameras_are_named_as_such(desk: Desk, tags: dict[int, object]) -> None:
    """What could be opened of one is a small preview."""
    found = Image.Exif()
    for tag, value in tags.items():
        found[tag] = value
    data = encoded(picture(16, 12), "tiff", exif=found)
    said = await desk.refusal(data, "IMG_1.dng")
    assert said.startswith("IMG_1.dng is a raw file of a camera. Save it as JPEG")


async def test_moving_pictures_become_their_first(desk: Desk) -> None:
    frames = [picture(), picture().rotate(180)]
    for kind in ("gif", "webp"):
        data = encoded(frames[0], kind, save_all=True, append_images=frames[1:])
        taken = await desk.taken(data, f"dance.{kind}")
        assert taken.remarks == (f"Only the first picture of dance.{kind} is sent.",)
        (media,) = taken.media
        image = decoded(desk.content(media)).convert("RGB")
        assert media.mime == "image/png"
        assert near(image.getpixel((50, 5)), RED)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16"])
async def test_modes_of_png_stay(desk: Desk, mode: str) -> None:
    data = encoded(picture(mode=mode) if mode != "I;16" else Image.new(mode, (9, 9), 700), "png")
    assert desk.content(await desk.media(data, "a.png")) == data


async def test_inks_become_colours(desk: Desk) -> None:
    media = await desk.media(encoded(picture(mode="CMYK"), "jpg"), "print.jpg")
    assert decoded(desk.content(media)).mode == "RGB"
    tiff = await desk.media(encoded(picture(mode="CMYK"), "tiff"), "print.tiff")
    assert decoded(desk.content(tiff)).mode == "RGB"


async def test_what_shows_through_stays(desk: Desk) -> None:
    data = encoded(Image.new("RGBA", (3000, 2000), (1, 2, 3, 40)), "tiff")
    media = await desk.media(data, "glass.tiff")
    assert decoded(desk.content(media)).getpixel((0, 0)) == (1, 2, 3, 40)


async def test_a_large_scan_becomes_a_jpeg(desk: Desk) -> None:
    media = await desk.media(encoded(picture(3000, 2000), "bmp"), "scan.bmp")
    assert (media.mime, media.name) == ("image/jpeg", "scan.jpg")


# HEIC


async def test_heic(desk: Desk) -> None:
    plain = heic()
    media = await desk.media(plain, "IMG_0001.HEIC")
    assert (media.mime, media.width_px, media.height_px) == ("image/heic", 60, 40)
    assert desk.content(media) == plain
    (converted,) = (await desk.attachments.change(media, ConvertPicture())).media
    assert (converted.mime, converted.name) == ("image/jpeg", "IMG_0001.jpg")
    assert near(decoded(desk.content(converted)).getpixel((50, 5)), RED)


async def test_heic_that_knows_its_place(desk: Desk) -> None:
    media = await desk.media(heic(exif=exif(place=True)), "IMG_0001.HEIC")
    assert (media.mime, media.name) == ("image/jpeg", "IMG_0001.jpg")
    assert not decoded(desk.content(media)).getexif()


# Metadata and orientation


def metadata_of(kind: str) -> bytes:
    profile = b"\0" * 128  # only its being there counts
    options = {"exif": exif(place=True), "icc_profile": profile}
    if kind == "png":
        from PIL.PngImagePlugin import PngInfo

        words = PngInfo()
        words.add_text("Author", "Somebody")
        words.add_itxt("Comment", "secret", zip=True)
        options["pnginfo"] = words
    return encoded(picture(), kind, **options)


@pytest.mark.parametrize("kind", KEPT)
async def test_place_and_camera_are_taken_out_without_loss(desk: Desk, kind: str) -> None:
    data = metadata_of(kind)
    assert b"camera of the tests" in data
    media = await desk.media(data, f"a.{kind}")
    kept = desk.content(media)
    assert not any(word in kept for word in (b"camera", b"Exif", b"EXIF", b"Somebody"))
    before, after = decoded(data), decoded(kept)
    assert after.tobytes() == before.tobytes()
    assert after.info.get("icc_profile") == before.info["icc_profile"]
    assert not after.getexif()
    assert {*after.info} & {"Author", "Comment", "exif", "comment"} == set()
    assert without_metadata(kept, media.mime) == kept


async def test_metadata_is_kept_where_that_was_chosen(desk: Desk, tmp_path: Path) -> None:
    keeping = Desk(desk.blobs, tmp_path / "other", keeps_metadata=lambda: True)
    for kind in KEPT:
        data = metadata_of(kind)
        assert desk.content(await keeping.media(data, f"a.{kind}")) == data
    located = heic(exif=exif(place=True))
    assert desk.content(await keeping.media(located, "a.heic")) == located


async def test_what_hangs_on_the_end_is_cut_off(desk: Desk) -> None:
    """Telephones put a video, with its place, behind the picture."""
    data = encoded(picture(), "jpg")
    trailing = data + b"MotionPhoto_Data" + b"\0\0\0\x18ftypmp42"
    assert desk.content(await desk.media(trailing, "a.jpg")) == data


async def test_progressive_and_restarting_jpegs(desk: Desk) -> None:
    for options in ({"progressive": True}, {"restart_marker_rows": 1}, {"quality": 100}):
        data = encoded(picture(300, 200), "jpg", exif=exif(place=True), comment=b"hi", **options)
        kept = desk.content(await desk.media(data, "a.jpg"))
        assert decoded(kept).tobytes() == decoded(data).tobytes()
        assert b"camera" not in kept
        assert b"hi" not in kept[:300]


@pytest.mark.parametrize("step", [1, 2, 3, 7, 1000])
def test_a_marker_lies_where_two_steps_meet(step: int, monkeypatch: pytest.MonkeyPatch) -> None:
    data = encoded(picture(64, 48), "jpg", exif=exif(place=True), progressive=True)
    whole = without_metadata(data, "image/jpeg")
    monkeypatch.setattr("app.attachments.metadata.STEP_BYTES", step)
    assert without_metadata(data, "image/jpeg") == whole
    assert whole is not None


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", KEPT)
async def test_turned_upright(desk: Desk, kind: str, orientation: int) -> None:
    upright = picture(80, 40)
    back = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    lying = upright.transpose(back[orientation]) if orientation > 1 else upright
    media = await desk.media(encoded(lying, kind, exif=exif(orientation=orientation)), f"a.{kind}")
    image = decoded(desk.content(media)).convert("RGB")
    assert media.mime == KEPT[kind]
    assert image.size == (media.width_px, media.height_px) == (80, 40)
    assert near(image.getpixel((3, 3)), (255, 255, 255))
    assert near(image.getpixel((70, 5)), RED)
    assert near(image.getpixel((5, 35)), BLUE)


# Shrinking


async def test_shrunk(desk: Desk) -> None:
    media = await desk.media(encoded(picture(3000, 2000), "jpg", exif=exif(place=True)), "a.jpg")
    (small,) = (await desk.attachments.change(media, ShrinkPicture(1024, 60))).media
    assert (small.mime, small.width_px, small.height_px) == ("image/jpeg", 1024, 683)
    assert small.size_bytes is not None
    assert small.size_bytes < (media.size_bytes or 0)
    assert decoded(desk.content(small)).size == (1024, 683)
    (as_it_is,) = (await desk.attachments.change(media, ShrinkPicture(5000, 30))).media
    assert as_it_is.width_px == 3000


async def test_shrinking_keeps_what_shows_through(desk: Desk) -> None:
    for mode in ("RGBA", "P", "LA"):
        image = picture(900, 600, "RGBA").convert(mode)
        options = {"transparency": 0} if mode == "P" else {}
        media = await desk.media(encoded(image, "png", **options), "a.png")
        (small,) = (await desk.attachments.change(media, ShrinkPicture(300))).media
        assert (small.mime, small.width_px) == ("image/png", 300)


async def test_what_is_gone_cannot_be_shrunk(desk: Desk) -> None:
    from app.attachments import RefusedError

    media = Media(mime="image/png", sha256="0" * 64, name="a.png")
    with pytest.raises(RefusedError, match=r"The content of a\.png is not stored here"):
        await desk.attachments.change(media, ShrinkPicture())


# Thumbnails


async def test_thumbnails_are_made_once(desk: Desk) -> None:
    media = await desk.media(encoded(picture(3000, 2000), "jpg"), "a.jpg")
    made = desk.attachments.thumbnail_path(media.sha256 or "")
    assert made is not None, "made while it was attached"
    assert decoded(made.read_bytes()).size == (THUMBNAIL_PX, 341)
    seen = made.stat().st_mtime_ns
    assert await desk.attachments.thumbnail(media) == made
    assert made.stat().st_mtime_ns == seen
    made.unlink()
    assert await desk.attachments.thumbnail(media) == made
    assert decoded(made.read_bytes()).format == "JPEG"
    thumbnails = Thumbnails(desk.cache / "thumbnails")
    thumbnails.sweep({media.sha256 or ""})
    assert made.exists()
    assert thumbnails.sweep(set()) == 1
    assert desk.attachments.thumbnail_path(media.sha256 or "") is None


async def test_thumbnails_of_everything_else(desk: Desk) -> None:
    glass = await desk.media(encoded(picture(900, 600, "RGBA"), "png"), "glass.png")
    path = await desk.attachments.thumbnail(glass)
    assert path is not None
    assert decoded(path.read_bytes()).mode == "RGBA"
    phone = await desk.media(heic(), "a.heic")
    assert await desk.attachments.thumbnail(phone) is not None
    text = await desk.media(b"hello", "a.txt")
    assert await desk.attachments.thumbnail(text) is None
    assert await desk.attachments.thumbnail(Media(mime="image/png", url="https://x.org/a")) is None
    assert await desk.attachments.thumbnail(Media(mime="image/png", sha256="0" * 64)) is None
    desk.attachments.keep_thumbnail("1" * 64, b"a frame")
    assert await desk.attachments.thumbnail(Media(mime="video/mp4", sha256="1" * 64)) is not None


# What is broken


@pytest.mark.parametrize("kind", PICTURES)
async def test_cut_off(desk: Desk, kind: str) -> None:
    data = encoded(picture(400, 300).effect_spread(9), kind)
    said = await desk.refusal(data[: len(data) * 2 // 3], f"a.{kind}")
    assert said == f"a.{kind} is damaged or cut off."


async def test_broken(desk: Desk) -> None:
    for start in (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0", b"GIF89a", b"II*\0"):
        assert "damaged or cut off" in await desk.refusal(start + b"nonsense" * 50, "a.bin")
    half = heic()
    assert "damaged or cut off" in await desk.refusal(half[: len(half) // 2], "a.heic")


async def test_a_bomb(desk: Desk) -> None:
    said = await desk.refusal(bomb(30_000, 30_000), "bomb.png")
    assert said == "bomb.png has too many pixels: 30000 × 30000. Make it smaller first."
    assert 12_000 * 9_000 < MOST_PIXELS < 30_000 * 30_000, "telephones take 108 megapixels"


# Drawings


async def test_a_drawing_where_one_can_be_drawn(desk: Desk, tmp_path: Path) -> None:
    asked: list[tuple[bytes, int]] = []

    def draw(data: bytes, longest_px: int) -> bytes:
        asked.append((data, longest_px))
        return encoded(picture(80, 40), "png") if b"rect" in data else b""

    drawing = Desk(desk.blobs, tmp_path / "other", draw_svg=draw)
    media = await drawing.media(svg(), "plan.svg")
    assert (media.mime, media.name, media.width_px) == ("image/png", "plan.png", 80)
    assert asked == [(svg(), 2048)]
    assert "damaged" in await drawing.refusal(svg("<broken"), "plan.svg")


async def test_a_drawing_where_none_can_be_drawn(desk: Desk) -> None:
    taken = await desk.taken(svg(), "plan.svg")
    (media,) = taken.media
    assert media.mime == "text/plain"
    assert desk.content(media) == svg()
    assert taken.remarks == ("The drawing plan.svg goes as text.",)
