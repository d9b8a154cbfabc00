"""One answer with everything in it, in both palettes, once and twice as large.

    python -m bench.answers [FOLDER]

The window is the real one, tall enough for the whole chat; what is said comes from a small service
on loopback. Each scale is a process of its own, because Qt reads it once. The pictures keep 256
colours, so that they stay small.
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

os.environ["QT_QPA_PLATFORM"] = "offscreen"

from PIL import Image
from PySide6.QtCore import QBuffer, QByteArray, QLocale, QPointF, Qt
from PySide6.QtGui import QColor, QImage, QImageWriter, QPainter, QPainterPath, QPixmap
from PySide6.QtWidgets import QAbstractButton

from app.chat import Chat
from app.domain.message import Text
from app.domain.settings import Palette
from app.engine import Engine
from app.reply import Change
from app.ui.window import MainWindow
from bench.driving import at_home, live
from bench.pictures import FOLDER, event

SAMPLE = Path(__file__).with_name("answer.md")
SCALES = ("1", "2")
WIDTH_PX = 860
SETTLE_S = 1.2  # until folds have closed, formulas are drawn and colours are there
PICTURE_PX = (360, 200)
EVERYTHING = "Show me everything that an answer can hold, in one."
THOUGHT = "The person wants to see it all. I begin with words and end with footnotes."
CUT_OFF = "And draw me the harbour, with a word on each depth."
LONG_THOUGHT = (
    "**What a harbour looks like.** A wall, a light, water that grows darker with its depth:\n\n"
    "1. shallow water first\n2. then the fairway, at $d = 10$ m\n\n"
    "The drawing goes before the words."
)
CUT_TEXT = "This is the harbour at dusk. The water is **shallow** at the wall, and the fairway"


def harbour() -> bytes:
    """A small picture, as PNG."""
    width, height = PICTURE_PX
    image = QImage(width, height, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for share, color in ((0, "#f7b267"), (0.2, "#f79d65"), (0.38, "#f4845f")):
        painter.fillRect(0, round(share * height), width, height, QColor(color))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor("#ffe8c2"))
    painter.drawEllipse(QPointF(width * 0.7, height * 0.5), 26, 26)
    for share, color in ((0.5, "#355c8c"), (0.66, "#2a4a73"), (0.82, "#1d3557")):
        painter.fillRect(0, round(share * height), width, height, QColor(color))
    wall = QPainterPath(QPointF(0, height * 0.62))
    wall.lineTo(width * 0.3, height * 0.62)
    wall.lineTo(width * 0.36, height)
    wall.lineTo(0, height)
    painter.fillPath(wall, QColor("#2b2d42"))
    painter.fillRect(round(width * 0.24), round(height * 0.3), 14, 64, QColor("#edf2f4"))
    painter.end()
    return png_of(image)


def png_of(image: QImage) -> bytes:
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QBuffer.OpenModeFlag.WriteOnly)
    QImageWriter(buffer, QByteArray(b"png")).write(image)
    return bytes(data.data())


async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """The service: one whole answer, and one that breaks off."""
    head = await reader.readuntil(b"\r\n\r\n")
    lines = dict(line.split(b": ", 1) for line in head.lower().split(b"\r\n") if b": " in line)
    asked = json.loads(await reader.readexactly(int(lines.get(b"content-length", b"2"))) or b"{}")
    whole = "messages" in asked and asked["messages"][-1]["content"] == EVERYTHING
    writer.write(
        b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    thought = {"completion_tokens_details": {"reasoning_tokens": 164}}
    usage = {"prompt_tokens": 31, "completion_tokens": 1412, "total_tokens": 1443, **thought}
    picture = "data:image/png;base64," + base64.b64encode(harbour()).decode()
    events = (
        (event(reasoning_content=THOUGHT if whole else LONG_THOUGHT), 1.1),
        (b"" if whole else event(images=[{"type": "image_url", "image_url": {"url": picture}}]), 0),
        (event(content=SAMPLE.read_text("utf-8") if whole else CUT_TEXT), 0),
    )
    for data, pause_s in events:
        if data:
            writer.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
        await writer.drain()
        await asyncio.sleep(pause_s)
    if whole:
        data = f"data: {json.dumps({'choices': [], 'usage': usage})}\n\ndata: [DONE]\n\n".encode()
        writer.write(f"{len(data):x}\r\n".encode() + data + b"\r\n0\r\n\r\n")
    await writer.drain()
    writer.close()


async def ask(chat: Chat, question: str) -> None:
    ended = asyncio.Event()

    def follow(_: Change) -> None:
        if chat.draft is None:
            ended.set()

    leave = chat.subscribe(follow)
    chat.send([Text(question)])
    await ended.wait()
    leave()


async def take(window: MainWindow, engine: Engine, folder: Path, scale: str) -> None:
    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    light = at_home(server)
    engine.config.change(light)
    chat = engine.library.new_chat()
    await ask(chat, EVERYTHING)
    await ask(chat, CUT_OFF)
    window.resize(WIDTH_PX, 900)
    if not window.sidebar.isHidden():  # a small screen has left it out at first
        window.toggle_sidebar()
    window.open_chat(chat.conversation.id)
    view = window.page.transcript
    folds: list[QAbstractButton] = []
    for _ in range(5):
        await asyncio.sleep(SETTLE_S)
        buttons = view.findChildren(QAbstractButton)
        folds = [button for button in buttons if button.accessibleName() == "Reasoning"]
        if folds:
            break
    folds[-1].click()
    await asyncio.sleep(SETTLE_S)
    while missing := view.verticalScrollBar().maximum():  # by estimates, where nothing was seen
        window.resize(WIDTH_PX, window.height() + missing)
        await asyncio.sleep(0.1)
    suffix = "" if scale == "1" else f"-{scale}x"
    for name, palette in (("light", Palette.LIGHT), ("dark", Palette.DARK)):
        engine.config.change(replace(light, palette=palette))
        await asyncio.sleep(SETTLE_S)
        keep(window.grab(), folder / f"answer-{name}{suffix}.png")
    server.close()
    window.close()


def keep(picture: QPixmap, path: Path) -> None:
    """As PNG of 256 colours."""
    image = picture.toImage().convertToFormat(QImage.Format.Format_RGB888)
    raw = Image.frombytes(
        "RGB",
        (image.width(), image.height()),
        bytes(image.constBits()),
        "raw",
        "RGB",
        image.bytesPerLine(),
    )
    few = raw.quantize(256, Image.Quantize.MAXCOVERAGE, 2, dither=Image.Dither.NONE)
    few.save(path, optimize=True)


def take_all(folder: Path, scale: str) -> None:
    def begin(window: MainWindow, engine: Engine) -> None:
        engine.tasks.spawn(take(window, engine, folder, scale), "take pictures")

    QLocale.setDefault(QLocale("en_GB"))
    with tempfile.TemporaryDirectory() as home:
        live(Path(home), begin)


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER
    folder.mkdir(exist_ok=True)
    if scale := os.environ.get("QT_SCALE_FACTOR"):
        take_all(folder, scale)
        return
    for scale in SCALES:
        command = [sys.executable, "-m", "bench.answers", str(folder)]
        subprocess.run(command, env={**os.environ, "QT_SCALE_FACTOR": scale}, check=True)


if __name__ == "__main__":
    main()
