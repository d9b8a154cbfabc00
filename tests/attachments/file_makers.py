"""Real files of every kind that can be attached, made here: none is shipped."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import struct
import subprocess
import wave
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from app.attachments.film_metadata import patched, patches

MOVING = "testsrc=d=1:s=64x48:r=10"
HUM = "sine=frequency=440:duration=1"
# Ending of the file -> what ffmpeg is told besides the two inputs.
VIDEOS: dict[str, Sequence[str]] = {
    "mp4": ["-c:v", "libx264", "-pix_fmt", "yuv420p", "-c:a", "aac"],
    "mov": ["-c:v", "libx264", "-pix_fmt", "yuv420p", "-c:a", "aac"],
    "webm": ["-c:v", "libvpx", "-c:a", "libvorbis"],
    "mpeg": ["-c:v", "mpeg1video", "-r", "25", "-c:a", "mp2"],
    "avi": ["-c:v", "mpeg4", "-c:a", "libmp3lame"],
    "wmv": ["-c:v", "wmv2", "-c:a", "wmav2"],
    "flv": ["-c:v", "flv", "-c:a", "libmp3lame", "-ar", "22050"],
    "3gp": ["-c:v", "h263", "-s", "176x144", "-c:a", "aac"],
    "mkv": ["-c:v", "libx264", "-pix_fmt", "yuv420p", "-c:a", "aac"],
    "ts": ["-c:v", "mpeg2video", "-r", "25", "-c:a", "mp2"],
    "mts": [
        "-c:v",
        "mpeg2video",
        "-r",
        "25",
        "-c:a",
        "mp2",
        "-f",
        "mpegts",
        "-mpegts_m2ts_mode",
        "1",
    ],
    "ogv": ["-c:v", "libtheora", "-c:a", "libvorbis"],
}
SOUNDS: dict[str, Sequence[str]] = {
    "mp3": ["-c:a", "libmp3lame", "-b:a", "64k"],
    "flac": ["-c:a", "flac"],
    "ogg": ["-c:a", "libvorbis"],
    "aac": ["-c:a", "aac", "-f", "adts"],
    "aiff": ["-c:a", "pcm_s16be", "-ar", "8000"],
    "m4a": ["-c:a", "aac"],
}
PICTURES = ("png", "jpg", "webp", "gif", "bmp", "tiff", "avif")


def picture(width: int = 60, height: int = 40, mode: str = "RGB") -> Image.Image:
    """A picture in which up and left can be told: red above, blue below, a white corner."""
    image = Image.new("RGB", (width, height), (200, 30, 30))
    image.paste((30, 30, 200), (0, height // 2, width, height))
    image.paste((255, 255, 255), (0, 0, max(1, width // 4), max(1, height // 4)))
    if mode == "RGBA":
        image.putalpha(128)
    return image.convert(mode)


def encoded(image: Image.Image, kind: str, **options: Any) -> bytes:
    target = io.BytesIO()
    image.save(target, "JPEG" if kind == "jpg" else kind.upper(), **options)
    return target.getvalue()


def heic(image: Image.Image | None = None, **options: Any) -> bytes:
    import pillow_heif

    target = io.BytesIO()
    pillow_heif.from_pillow(image or picture()).save(target, quality=80, **options)
    return target.getvalue()


def heif() -> bytes:
    """The same, under the general brand alone."""
    data = heic()
    size = int.from_bytes(data[:4], "big")
    return data[:8] + b"mif1" + data[12:16] + b"mif1" * ((size - 16) // 4) + data[size:]


def decoded(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def exif(*, orientation: int = 1, place: bool = False) -> bytes:
    """EXIF data of a camera, which knows where it was."""
    found = Image.Exif()
    found[0x010F] = "A camera of the tests"
    found[0x0112] = orientation
    if place:
        gps = found.get_ifd(0x8825)
        gps[1], gps[2] = "N", (52.0, 30.0, 0.0)
        gps[3], gps[4] = "E", (13.0, 24.0, 0.0)
    return found.tobytes()


def bomb(width: int, height: int) -> bytes:
    """A small PNG that says it is very large."""

    def chunk(name: bytes, content: bytes) -> bytes:
        whole = name + content
        return struct.pack(">I", len(content)) + whole + struct.pack(">I", zlib.crc32(whole))

    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    rows = zlib.compress(bytes(1_000_000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def svg(body: str = '<rect width="40" height="20" fill="red"/>', **root: str) -> bytes:
    size = {"width": "80", "height": "40", **root}
    attributes = " ".join(f'{name}="{value}"' for name, value in size.items())
    return f'<svg xmlns="http://www.w3.org/2000/svg" {attributes}>{body}</svg>'.encode()


def recording(seconds: float = 1.0, rate: int = 8000) -> bytes:
    """A wav of silence with a click at its beginning."""
    target = io.BytesIO()
    with wave.open(target, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(b"\xff\x3f" + bytes(2 * int(seconds * rate) - 2))
    return target.getvalue()


def need_ffmpeg() -> str:
    """Where ffmpeg lies; the test is left out where there is none (and fails with CI set)."""
    found = shutil.which("ffmpeg")
    if found is None:
        pytest.skip("ffmpeg is not installed")
    return found


def ffmpeg(*words: str) -> None:
    done = subprocess.run(
        [need_ffmpeg(), "-v", "error", "-nostdin", "-y", *words], capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode()


def video(target: Path, *, sound: bool = True, pictures: bool = True, source: str = MOVING) -> Path:
    """A second of moving bars and a hum, in the form that the ending names; it tells no more."""
    inputs = []
    if pictures:
        inputs += ["-f", "lavfi", "-i", source]
    if sound:
        inputs += ["-f", "lavfi", "-i", HUM]
    ending = target.suffix.removeprefix(".")
    options = VIDEOS[ending] if pictures else [*VIDEOS[ending][-2:]]
    ffmpeg(*inputs, *options, str(target))
    data = target.read_bytes()
    if data[4:8] == b"ftyp":
        over = patches(len(data), lambda at, count: data[at : at + count])
        target.write_bytes(b"".join(patched([data], over)))
    return target


def sound(target: Path) -> Path:
    """A second of a hum, in the form that the ending names."""
    ffmpeg("-f", "lavfi", "-i", HUM, *SOUNDS[target.suffix.removeprefix(".")], str(target))
    return target


# PDF (ISO 32000-1)


def pdf(*pages: str, width: int = 300, height: int = 200) -> bytes:
    """A document with a line of text on each page."""
    return _assembled(_objects(pages, width, height), "")


def locked_pdf(page: str = "secret", password: bytes = b"open sesame") -> bytes:
    """A document that cannot be opened without its password (7.6.3, revision 2, 40 bits)."""
    file_id = b"0123456789abcdef"
    permissions = -4 & 0xFFFFFFFF
    padding = bytes.fromhex("28BF4E5E4E758A4164004E56FFFA01082E2E00B6D0683E802F0CA9FE6453697A")
    padded = (password + padding)[:32]
    owner = _rc4(hashlib.md5(padded).digest()[:5], padded)
    key = hashlib.md5(padded + owner + permissions.to_bytes(4, "little") + file_id).digest()[:5]
    user = _rc4(key, padding)
    encryption = (
        f"/Encrypt << /Filter /Standard /V 1 /R 2 /O <{owner.hex()}> /U <{user.hex()}> "
        f"/P {permissions - (1 << 32)} >> /ID [<{file_id.hex()}> <{file_id.hex()}>]"
    )
    return _assembled(_objects((page,), 300, 200), encryption)


def _objects(pages: Sequence[str], width: int, height: int) -> list[str]:
    numbers = [4 + 2 * at for at in range(len(pages))]
    kids = " ".join(f"{number} 0 R" for number in numbers)
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Count {len(pages)} /Kids [{kids}] >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    for number, words in zip(numbers, pages, strict=True):
        content = f"BT /F1 18 Tf 20 100 Td ({words}) Tj ET" if words else ""
        objects += [
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {width} {height}] "
            f"/Resources << /Font << /F1 3 0 R >> >> /Contents {number + 1} 0 R >>",
            f"<< /Length {len(content)} >>\nstream\n{content}\nendstream",
        ]
    return objects


def _assembled(objects: Sequence[str], trailer: str) -> bytes:
    made = bytearray(b"%PDF-1.4\n")
    offsets = []
    for number, content in enumerate(objects, 1):
        offsets.append(len(made))
        made += f"{number} 0 obj\n{content}\nendobj\n".encode("latin-1")
    start = len(made)
    made += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    made += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    made += (
        f"trailer << /Size {len(objects) + 1} /Root 1 0 R {trailer} >>\nstartxref\n{start}\n%%EOF\n"
    ).encode()
    return bytes(made)


def _rc4(key: bytes, data: bytes) -> bytes:
    box, at = list(range(256)), 0
    for step in range(256):
        at = (at + box[step] + key[step % len(key)]) % 256
        box[step], box[at] = box[at], box[step]
    first = second = 0
    made = bytearray()
    for byte in data:
        first = (first + 1) % 256
        second = (second + box[first]) % 256
        box[first], box[second] = box[second], box[first]
        made.append(byte ^ box[(box[first] + box[second]) % 256])
    return bytes(made)


# Documents

WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def docx(body: str, **files: str) -> bytes:
    """A Word document with `body`; other parts by name (`footnotes`)."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        for name, content in {"document": f"<w:body>{body}</w:body>", **files}.items():
            root = "document" if name == "document" else name
            xml = f'<w:{root} xmlns:w="{WORD}">{content}</w:{root}>'
            archive.writestr(f"word/{name}.xml", xml)
    return target.getvalue()


def paragraph(words: str, properties: str = "") -> str:
    return f"<w:p><w:pPr>{properties}</w:pPr><w:r><w:t>{words}</w:t></w:r></w:p>"


def notebook(*cells: dict[str, Any]) -> bytes:
    return json.dumps({"nbformat": 4, "metadata": {}, "cells": list(cells)}).encode()
