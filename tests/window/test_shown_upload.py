"""An upload through Google's Files API, seen in the chat: how far it is, lost, cancelled, done."""

from __future__ import annotations

import wave
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from loopback import End, Gate, Loopback, Reply, Seen, events, in_thread, reply, whole
from PySide6.QtCore import QMimeData, QUrl
from PySide6.QtWidgets import QApplication
from stage import Stage, play

from app.domain.settings import Service
from app.providers import presets
from app.reply import ReplyState
from app.ui.transcript.units.upload import UploadUnit

pytestmark = pytest.mark.usefixtures("qapp")
ANSWER = {"candidates": [{"content": {"parts": [{"text": "A hum."}]}, "finishReason": "STOP"}]}
FILE = {"name": "files/hum", "mimeType": "audio/wav", "state": "ACTIVE"}


class Google:
    """Takes pieces; the second waits at `gate`, or is lost on the way while `loses`."""

    def __init__(self, server: Loopback) -> None:
        self.server = server
        self.gate = Gate()
        self.loses = False
        self.received = 0

    def answer(self, seen: Seen) -> Reply:
        command = seen.header("x-goog-upload-command") or ""
        status = {"x-goog-upload-status": "active"}
        if command == "start":
            return reply(headers={**status, "x-goog-upload-url": f"{self.server.url}/up"})
        if command == "query":
            if self.loses:
                return reply(End.RESET)
            return reply(headers={**status, "x-goog-upload-size-received": str(self.received)})
        if command.startswith("upload"):
            if seen.header("x-goog-upload-offset") != "0" and self.loses:
                return reply(End.RESET)
            self.received += len(seen.body)
            if "finalize" not in command:
                return reply(headers=status)
            done = whole({"file": {**FILE, "uri": f"{self.server.url}/files/hum"}})
            headers = {**done.headers, "x-goog-upload-status": "final"}
            steps = (self.gate, *done.steps)
            return replace(done, headers=headers, steps=steps, framing="chunked")
        if "GenerateContent" in seen.path or "generateContent" in seen.path:
            return events(ANSWER, done=False)
        return whole({"models": []}) if seen.path.endswith("/models") else whole(FILE)


class GoogleServer(Loopback):
    def __init__(self) -> None:
        super().__init__()
        self.google = Google(self)

    def next_reply(self, seen: Seen) -> Reply:
        return self.google.answer(seen)


@pytest.fixture
def server(qapp: QApplication) -> Iterator[GoogleServer]:
    with in_thread(GoogleServer()) as running:
        assert isinstance(running, GoogleServer)
        yield running
        running.google.gate.open()


def hum(path: Path) -> Path:
    """Sixteen megabytes: more than goes inside a question."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(bytes(16_000_000))
    return path


async def ask(on: Stage, path: Path) -> None:
    given = QMimeData()
    given.setUrls([QUrl.fromLocalFile(str(path))])
    chips = on.page.composer.chips
    on.page.composer.field.insertFromMimeData(given)
    await on.until(lambda: chips.shown and not chips.busy)
    on.ask("What is it?")


def line(on: Stage) -> str:
    """What the line of the upload says; "" while there is none."""
    view = on.page.transcript
    view.refresh()
    items = view.stage.layout.items.values()
    units = [row.unit for item in items for row in item.rows if isinstance(row.unit, UploadUnit)]
    controls = units[0].controls() if units else ()
    return controls[0].description if controls else ""


def gemini(server: GoogleServer) -> Service:
    return replace(presets.GEMINI, id="own", base_url=server.url, auth="none")


def test_an_upload_is_seen_and_ends_in_the_answer(
    server: GoogleServer, linnet_home: Path, tmp_path: Path
) -> None:
    path = hum(tmp_path / "hum.wav")

    async def story(on: Stage) -> None:
        await ask(on, path)
        await on.until(lambda: on.chat.state is ReplyState.UPLOADING)
        await on.until(lambda: "of 16.0 MB" in line(on))
        assert line(on).startswith("Uploading hum.wav · ")
        server.google.gate.open()
        await on.until(lambda: on.chat.draft is None and on.answer.text == "A hum.")
        assert line(on) == ""

    play(story, linnet_home, [gemini(server)])


def test_a_lost_connection_is_told_and_the_upload_can_be_cancelled(
    server: GoogleServer, linnet_home: Path, tmp_path: Path
) -> None:
    path = hum(tmp_path / "hum.wav")
    server.google.loses = True

    async def story(on: Stage) -> None:
        await ask(on, path)
        await on.until(lambda: "The connection is lost" in line(on))
        assert "hum.wav goes on when it is back" in line(on)
        shown = on.page.transcript.stage.overlay.buttons
        cancel = next(b for b in shown if b.accessibleName() == "Cancel the upload")
        cancel.click()
        await on.until(lambda: on.chat.draft is None)
        assert line(on) == ""
        assert on.path[0].media[0].name == "hum.wav", "the question stays"

    play(story, linnet_home, [gemini(server)])
