"""The pictures of the README, taken from the running program: python -m bench.pictures

The window is the real one over a real library; what is said comes from a small service on
loopback that knows a few answers, so that the pictures are the same each time.
"""

from __future__ import annotations

import asyncio
import json
import os
import tempfile
import time
from dataclasses import replace
from pathlib import Path

os.environ["QT_QPA_PLATFORM"] = "offscreen"

from app.chat import Chat
from app.domain.message import Text
from app.domain.settings import Palette
from app.engine import Engine
from app.reply import Change
from app.tasks import Clock
from app.ui.window import MainWindow
from bench.driving import at_home, live

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "pictures"
WINDOW_PX = (1280, 820)
DAY_S = 86_400
SETTLE_S = 1.2  # until folds have closed, formulas are drawn and colours are there
# Days ago, whether pinned, the question.
EARLIER = (
    (0, False, "Translate the rental contract"),
    (6, False, "Window functions in SQL, with an example"),
    (5, False, "Describe this chart in two sentences"),
    (3, False, "A short poem about linnets"),
    (1, False, "Trip plan: Lisbon in March"),
    (1, False, "Quantum computing, simply"),
    (0, True, "Release checklist for 2.0"),
)
RETRY = "Refactor this retry loop so that it backs off with jitter, and explain why."
RETRY_THOUGHT = (
    "**Why a fixed pause is wrong**\\n\\nThe loop sleeps one second, so every client that failed "
    "together comes back together. Jitter spreads them: a random part of an exponential cap. "
    "`Retry-After` must win where the server sends it"
).replace("\\n", "\n")
WAVES = "How fast is a wave in shallow water? With a table for a few depths, and in Python."
WAVES_THOUGHT = "Shallow water: the speed depends on the depth alone. Give the formula first."
WAVES_ANSWER = r"""In water that is **shallow** for its waves, only the depth $d$ counts:

$$
c = \sqrt{g\,d}
$$

| Where | Depth | Speed |
| :--- | ---: | ---: |
| A beach | 1 m | 3.1 m/s |
| A harbour | 10 m | 9.9 m/s |
| The open sea, a tsunami | 4,000 m | 198 m/s |

```python
from math import sqrt

def wave_speed(depth_m: float, g: float = 9.81) -> float:
    # in metres per second
    return sqrt(g * depth_m)
```

So a tsunami crosses an ocean as fast as an airliner, and slows down where it comes ashore.
"""


def event(**delta: object) -> bytes:
    return f"data: {json.dumps({'choices': [{'delta': delta}]})}\n\n".encode()


async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    head = await reader.readuntil(b"\r\n\r\n")
    lines = dict(line.split(b": ", 1) for line in head.lower().split(b"\r\n") if b": " in line)
    asked = json.loads(await reader.readexactly(int(lines.get(b"content-length", b"2"))) or b"{}")
    question = asked["messages"][-1]["content"] if "messages" in asked else ""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n")
    if question == RETRY:
        writer.write(event(reasoning_content=RETRY_THOUGHT))
        await reader.read()  # until the program goes away
    else:
        text = WAVES_ANSWER if question == WAVES else "Gladly."
        writer.write(event(reasoning_content=WAVES_THOUGHT if question == WAVES else ""))
        await writer.drain()
        await asyncio.sleep(1.2 if question == WAVES else 0)
        writer.write(event(content=text))
        usage = {"prompt_tokens": 31, "completion_tokens": 412, "total_tokens": 443}
        writer.write(f"data: {json.dumps({'choices': [], 'usage': usage})}\n\n".encode())
        writer.write(b"data: [DONE]\n\n")
    await writer.drain()
    writer.close()


class Calendar:
    """The clock that the chats are dated by."""

    def __init__(self) -> None:
        self.days_ago = 0

    def now(self) -> float:
        return time.time() - self.days_ago * DAY_S


async def ask(engine: Engine, question: str) -> Chat:
    chat = engine.library.new_chat()
    ended = asyncio.Event()

    def follow(_: Change) -> None:
        if chat.draft is None:
            ended.set()

    chat.subscribe(follow)
    chat.send([Text(question)])
    if question != RETRY:
        await ended.wait()
    return chat


async def take(window: MainWindow, engine: Engine, calendar: Calendar) -> None:
    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    light = at_home(server)
    engine.config.change(light)
    for days_ago, pinned, question in EARLIER:
        calendar.days_ago = days_ago
        chat = await ask(engine, question)
        engine.library.set_pinned(chat.conversation.id, pinned)
        engine.library.mark_read(chat.conversation.id)
    calendar.days_ago = 0
    waves = await ask(engine, WAVES)
    window.resize(*WINDOW_PX)
    window.open_chat(waves.conversation.id)
    await asyncio.sleep(SETTLE_S)
    window.grab().save(str(FOLDER / "main-light.png"))
    engine.config.change(replace(light, palette=Palette.DARK))
    retry = await ask(engine, RETRY)
    await asyncio.sleep(0.3)
    window.open_chat(retry.conversation.id)
    await asyncio.sleep(5)
    window.grab().save(str(FOLDER / "streaming-dark.png"))
    server.close()
    window.close()


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    calendar = Calendar()

    def begin(window: MainWindow, engine: Engine) -> None:
        engine.tasks.spawn(take(window, engine, calendar), "take pictures")

    with tempfile.TemporaryDirectory() as home:
        live(Path(home), begin, Clock(now=calendar.now))


if __name__ == "__main__":
    main()
