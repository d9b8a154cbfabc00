"""Attachments in the history: looked at, left out of questions, refused as content."""

from __future__ import annotations

import base64
import json
import wave
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from loopback import Loopback, Reply, Seen, events, in_thread, whole
from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QColor, QContextMenuEvent, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu
from stage import Stage, play, service

from app.providers import presets
from app.ui.address_dialog import AddressDialog
from app.ui.transcript.overlay import OverlayButton
from app.ui.viewing.viewer import Viewer

pytestmark = pytest.mark.usefixtures("qapp")


@pytest.fixture
def server(qapp: QApplication) -> Iterator[Loopback]:
    with in_thread() as running:
        running.route("/v1/models", whole({"data": []}))
        yield running


def answer(words: str) -> Reply:
    return events({"choices": [{"delta": {"content": words}, "finish_reason": "stop"}]})


def picture(path: Path, color: str = "teal") -> Path:
    image = QImage(40, 30, QImage.Format.Format_RGB32)
    image.fill(QColor(color))
    assert image.save(str(path))
    return path


async def attach(on: Stage, *paths: Path) -> None:
    given = QMimeData()
    given.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    chips = on.page.composer.chips
    on.page.composer.field.insertFromMimeData(given)
    await on.until(lambda: len(chips.shown) >= len(paths) and not chips.busy)


def buttons(on: Stage) -> dict[str, OverlayButton]:
    """The controls of the transcript that are seen, by their names."""
    on.page.transcript.refresh()
    return {each.accessibleName(): each for each in on.page.transcript.stage.overlay.buttons}


def asked(server: Loopback) -> list[Seen]:
    """The questions that came."""
    return [seen for seen in server.requests if seen.path.endswith("/chat/completions")]


async def listed(on: Stage) -> None:
    """The models are known, which attachments ask for."""
    lists = on.engine.services.lists
    await on.until(lambda: lists.get(on.chat.service).fetched)


def red_or_blue(on: Stage, at: QPoint) -> tuple[bool, bool]:
    """What stands at a place of the transcript."""
    color = on.page.transcript.viewport().grab().toImage().pixelColor(at)
    return color.red() > 200, color.blue() > 200


def parts(seen: Seen) -> list[Any]:
    """What the last question of a request holds."""
    content = seen.json["messages"][-1]["content"]
    return content if isinstance(content, list) else [content]


def choose(on: Stage, button: OverlayButton, words: str) -> None:
    """Open the menu of an attachment by its key and take a row of it."""
    button.setFocus(Qt.FocusReason.TabFocusReason)
    place = button.rect().center()
    event = QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, place, button.mapToGlobal(place))
    QApplication.sendEvent(button, event)
    menu = on.page.transcript.findChild(QMenu)
    assert menu is not None
    by_words = {action.text(): action for action in menu.actions()}
    assert words in by_words
    by_words[words].trigger()
    menu.close()
    menu.deleteLater()
    menu.setParent(None)


def test_chips_and_messages_open_the_viewer(
    server: Loopback, linnet_home: Path, tmp_path: Path
) -> None:
    server.add(answer("Two pictures."))

    def viewer(on: Stage) -> Viewer:
        found = [each for each in on.window.findChildren(Viewer) if each.isVisible()]
        assert len(found) == 1
        return found[0]

    async def story(on: Stage) -> None:
        await attach(on, picture(tmp_path / "a.png"), picture(tmp_path / "b.png"))
        chip = on.page.composer.chips.shown[1]
        QTest.mouseClick(chip, Qt.MouseButton.LeftButton)
        shown = viewer(on)
        assert shown.exhibit.name == "b.png"
        await on.until(lambda: shown.pane.can_copy)
        assert shown.facts.text().endswith("40×30 · file 2 of 2")
        QTest.keyClick(shown, Qt.Key.Key_Escape)
        QTest.keyClick(on.page.composer.chips.shown[0], Qt.Key.Key_Return)
        assert viewer(on).exhibit.name == "a.png"
        viewer(on).close()
        await on.asked("What are these?")
        button = buttons(on)["Open b.png"]
        button.setFocus(Qt.FocusReason.TabFocusReason)
        QTest.keyClick(button, Qt.Key.Key_Return)
        assert viewer(on).exhibit.name == "b.png"
        viewer(on).close()

    play(story, linnet_home, [service(server)])


def test_an_attachment_is_left_out_and_taken_in_again(
    server: Loopback, linnet_home: Path, tmp_path: Path
) -> None:
    server.add(answer("Seen."), answer("Not seen."), answer("Seen again."))

    def pictures(number: int) -> int:
        return json.dumps(asked(server)[number].json).count("data:image/png")

    async def story(on: Stage) -> None:
        await attach(on, picture(tmp_path / "a.png"), picture(tmp_path / "b.png", "red"))
        await on.asked("Look")
        tokens = on.page.composer.tokens.text()
        choose(on, buttons(on)["Open b.png"], "Leave out of further questions")
        assert buttons(on)["Open b.png"].accessibleDescription() == "Left out"
        assert buttons(on)["Open a.png"].accessibleDescription() == ""
        assert [media.left_out for media in on.path[0].media] == [False, True]
        await on.until(lambda: on.page.composer.tokens.text() != tokens)
        await on.asked("And now?")
        assert (pictures(0), pictures(1)) == (2, 1)
        choose(on, buttons(on)["Open b.png"], "Send along again")
        assert buttons(on)["Open b.png"].accessibleDescription() == ""
        await on.asked("And again?")
        assert pictures(2) == 2

    play(story, linnet_home, [service(server)])


def test_of_the_same_content_twice_the_one_that_was_meant_is_left_out(
    server: Loopback, linnet_home: Path, tmp_path: Path
) -> None:
    server.add(answer("The same."))

    def shown(on: Stage) -> list[OverlayButton]:
        on.page.transcript.refresh()
        found = on.page.transcript.stage.overlay.buttons
        return [each for each in found if each.accessibleName() == "Open a.png"]

    async def story(on: Stage) -> None:
        same = picture(tmp_path / "a.png")
        await attach(on, same, same)
        await on.asked("Look")
        assert on.path[0].media[0] == on.path[0].media[1]
        choose(on, shown(on)[1], "Leave out of further questions")
        assert [media.left_out for media in on.path[0].media] == [False, True]
        assert [each.accessibleDescription() for each in shown(on)] == ["", "Left out"]
        choose(on, shown(on)[0], "Leave out of further questions")
        choose(on, shown(on)[1], "Send along again")
        assert [media.left_out for media in on.path[0].media] == [True, False]

    play(story, linnet_home, [service(server)])


REFUSAL = {
    "error": {"message": "Invalid image_url: data URLs are not supported, use an http(s) URL."}
}


def test_a_service_that_wants_an_address_is_given_one(
    server: Loopback, linnet_home: Path, tmp_path: Path
) -> None:
    server.add(whole(REFUSAL, 400), answer("A bird."))
    url = "https://files.example/bird.png"

    async def story(on: Stage) -> None:
        await attach(on, picture(tmp_path / "bird.png"))
        failed = await on.asked("What is it?")
        assert failed.finish is not None
        assert on.path[0].media[0].name == "bird.png", "message and attachment stay"
        shown = buttons(on)
        for words in ("Give an address…", "Choose another service", "Send as text", "Retry"):
            assert words in shown
        shown["Give an address…"].click()
        dialog = on.page.findChild(AddressDialog)
        assert dialog is not None
        dialog.fields[0].setText("bird")
        dialog.send.click()
        assert "begins with https://" in dialog.problem.text()
        dialog.fields[0].setText(url)
        dialog.send.click()
        await on.until(lambda: on.chat.draft is None and on.answer.text == "A bird.")
        assert parts(asked(server)[1])[1] == {"type": "image_url", "image_url": {"url": url}}
        assert len(on.chat.conversation.children[None]) == 2, "the first stays a version"
        assert on.path[0].media[0].name == "bird.png"

    play(story, linnet_home, [service(server)])


def test_what_a_service_refuses_is_remembered_and_can_go_as_text(
    server: Loopback, linnet_home: Path, tmp_path: Path
) -> None:
    server.add(whole(REFUSAL, 400), answer("I see no picture."))

    async def story(on: Stage) -> None:
        await attach(on, picture(tmp_path / "bird.png"))
        await on.asked("What is it?")
        buttons(on)["Send as text"].click()
        await on.until(lambda: on.chat.draft is None and on.answer.text == "I see no picture.")
        assert "data:" not in json.dumps(asked(server)[1].json)
        assert on.path[0].media[0].left_out
        assert buttons(on)["Open bird.png"].accessibleDescription() == "Left out"
        await attach(on, picture(tmp_path / "cat.png"))
        assert "by their address only" in on.page.composer.chips.shown[0].trouble
        await listed(on)

    async def later(on: Stage) -> None:
        await listed(on)
        assert on.engine.quirks.get(on.chat.service, "model-a").data_urls is False
        assert on.engine.quirks.get(on.chat.service, "model-b").data_urls is None

    play(story, linnet_home, [service(server)])
    play(later, linnet_home)


def test_choosing_another_service_asks_for_one(
    server: Loopback, linnet_home: Path, tmp_path: Path
) -> None:
    server.add(whole(REFUSAL, 400))

    async def story(on: Stage) -> None:
        wanted: list[bool] = []
        on.page.deeds.modelRequested.connect(lambda: wanted.append(True))
        await attach(on, picture(tmp_path / "bird.png"))
        await on.asked("What is it?")
        buttons(on)["Choose another service"].click()
        assert wanted == [True]
        await listed(on)

    play(story, linnet_home, [service(server)])


def test_pictures_of_an_answer_are_kept_shown_and_measured(
    server: Loopback, linnet_home: Path, tmp_path: Path
) -> None:
    """`images` of a gateway, a data address in the text, and a sound; stored, and not asked for."""
    red, blue = (picture(tmp_path / f"{color}.png", color) for color in ("red", "blue"))
    urls = [
        f"data:image/png;base64,{base64.b64encode(path.read_bytes()).decode()}"
        for path in (red, blue)
    ]
    image = {"type": "image_url", "image_url": {"url": urls[0]}}
    server.add(
        events(
            {"choices": [{"delta": {"content": f"Two: ![blue]({urls[1][:60]}"}}]},
            {"choices": [{"delta": {"content": f"{urls[1][60:]}) and one more."}}]},
            {"choices": [{"delta": {"images": [image]}, "finish_reason": "stop"}]},
        )
    )

    async def story(on: Stage) -> None:
        said = await on.asked("Draw")
        assert said.text == "Two:  and one more."
        kinds = [type(part).__name__ for part in said.parts]
        assert kinds == ["Text", "Media", "Text", "Media"]
        for media, path in zip(said.media, (blue, red), strict=True):
            assert (media.width_px, media.height_px, media.mime) == (40, 30, "image/png")
            assert media.sha256 is not None
            assert on.engine.blobs.read(media.sha256) == path.read_bytes()
            assert on.engine.thumbnails.path(media.sha256) is not None
        view = on.page.transcript
        shown = [name for name in buttons(on) if name.startswith("Open ")]
        assert len(shown) == 1, "both have no name"
        covers = [b for b in view.stage.overlay.buttons if b.accessibleName() == shown[0]]
        assert len(covers) == 2
        for cover, red_one in zip(covers, (False, True), strict=True):
            middle = cover.geometry().center()
            wanted = (True, False) if red_one else (False, True)
            await on.until(lambda at=middle, wanted=wanted: red_or_blue(on, at) == wanted)
        covers[1].click()
        found = on.window.findChildren(Viewer)[-1]
        await on.until(lambda: found.pane.can_copy)
        assert found.facts.text().endswith("40×30 · file 2 of 2")
        found.close()

    play(story, linnet_home, [service(server)])


def test_gemini_gives_pictures_and_sounds(
    server: Loopback, linnet_home: Path, tmp_path: Path
) -> None:
    drawn = base64.b64encode(picture(tmp_path / "a.png").read_bytes()).decode()
    with wave.open(str(tmp_path / "a.wav"), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(bytes(2 * 8000 * 2))
    spoken = base64.b64encode((tmp_path / "a.wav").read_bytes()).decode()
    parts = [
        {"text": "Here."},
        {"inlineData": {"mimeType": "image/png", "data": drawn}},
        {"inlineData": {"mimeType": "audio/wav", "data": spoken}},
    ]
    content = {"candidates": [{"content": {"parts": parts}, "finishReason": "STOP"}]}
    server.add(events(content, done=False))
    gemini = replace(presets.GEMINI, id="own", base_url=server.url, auth="none", models=())

    async def story(on: Stage) -> None:
        on.chat.set_service("own", "gemini-2.5-flash-image")
        said = await on.asked("Draw and speak")
        assert [media.mime for media in said.media] == ["image/png", "audio/wav"]
        assert said.media[1].duration_s == pytest.approx(2.0, abs=0.1)
        names = [name for name in buttons(on) if name.startswith("Open ")]
        assert names == ["Open Picture", "Open Recording"]

    play(story, linnet_home, [gemini])


def test_a_picture_by_address_is_fetched_when_it_is_wanted(
    server: Loopback, linnet_home: Path, tmp_path: Path
) -> None:
    content = picture(tmp_path / "cat.png").read_bytes()
    url = f"{server.url}/cat.png"
    server.add(answer(f"![A cat]({url})\n\n![No cat]({server.url}/page)"))

    async def story(on: Stage) -> None:
        await on.asked("Show me")
        loads = [n for n in buttons(on) if n == "Load picture from 127.0.0.1"]
        assert loads
        assert [seen.path for seen in server.requests if "cat" in seen.path] == []
        frames = [
            b
            for b in on.page.transcript.stage.overlay.buttons
            if b.accessibleName() == "Load picture from 127.0.0.1"
        ]
        server.route("/cat.png", whole(content, content_type="image/png"))
        server.route("/page", whole(b"<html>", content_type="text/html"))
        frames[1].click()
        frames[0].click()
        await on.until(lambda: "Open A cat" in buttons(on))
        await on.until(lambda: "Try again from 127.0.0.1" in buttons(on))
        again = buttons(on)["Try again from 127.0.0.1"]
        assert "web page" in again.accessibleDescription()
        server.route("/page", whole(content, content_type="image/png"))
        again.click()
        await on.until(lambda: "Open No cat" in buttons(on))

    play(story, linnet_home, [service(server)])
