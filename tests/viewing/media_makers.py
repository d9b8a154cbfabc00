"""Small real files to look at: a film without any encoder, a sound, a document."""

from __future__ import annotations

import struct
import wave
from pathlib import Path

import pypdfium2
from PySide6.QtCore import QBuffer, QByteArray, QIODevice
from PySide6.QtGui import QColor, QImage


def picture(path: Path, color: str = "teal", wide: int = 400, high: int = 200) -> Path:
    image = QImage(wide, high, QImage.Format.Format_RGB32)
    image.fill(QColor(color))
    assert image.save(str(path), "PNG")
    return path


def film(path: Path, frames: int = 60, per_second: int = 20) -> Path:
    """An AVI of JPEG pictures (RIFF, Microsoft 1992), red first and blue later."""
    wide, high = 64, 48
    jpegs = [_jpeg("red" if at < frames // 2 else "blue", wide, high) for at in range(frames)]
    micros = 1_000_000 // per_second
    main = struct.pack("<14I", micros, 0, 0, 0x10, frames, 0, 1, 0, wide, high, 0, 0, 0, 0)
    numbers = struct.pack("<IHHIIIIIIII", 0, 0, 0, 0, 1, per_second, 0, frames, 0, 0, 0)
    stream = b"vidsMJPG" + numbers + struct.pack("<4H", 0, 0, wide, high)
    size = wide * high * 3
    bitmap = struct.pack("<IiiHH4sIiiII", 40, wide, high, 1, 24, b"MJPG", size, 0, 0, 0, 0)
    header = b"hdrl" + _chunk(b"avih", main)
    header += _chunk(b"LIST", b"strl" + _chunk(b"strh", stream) + _chunk(b"strf", bitmap))
    movie = b"movi" + b"".join(_chunk(b"00dc", jpeg) for jpeg in jpegs)
    content = b"AVI " + _chunk(b"LIST", header) + _chunk(b"LIST", movie)
    path.write_bytes(_chunk(b"RIFF", content))
    return path


def _chunk(name: bytes, content: bytes) -> bytes:
    return name + struct.pack("<I", len(content)) + content + b"\0" * (len(content) % 2)


def _jpeg(color: str, wide: int, high: int) -> bytes:
    image = QImage(wide, high, QImage.Format.Format_RGB32)
    image.fill(QColor(color))
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "JPEG")  # type: ignore[call-overload]
    return bytes(data.data())


def sound(path: Path, seconds: int = 3) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(bytes(2 * 8000 * seconds))
    return path


def document(path: Path, pages: int = 40) -> Path:
    made = pypdfium2.PdfDocument.new()
    for _ in range(pages):
        made.new_page(595, 842).close()
    made.save(str(path))
    made.close()
    return path
