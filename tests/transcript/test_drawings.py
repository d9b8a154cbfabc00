"""SVG in an answer: code until the person wants the picture, and only where that is safe."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QToolButton
from pytestqt.qtbot import QtBot
from shown_chat import Show, chat_of

from app.ui.transcript.selection import everything
from app.ui.transcript.svg_safety import UnsafeDrawingError, safe_svg
from app.ui.transcript.units.drawn import DrawnUnit
from app.ui.transcript.vectors import draw, is_drawing
from app.ui.transcript.view import TranscriptView
from app.ui.viewing.viewer import Viewer

SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 120 60">\n{}\n</svg>'
RED = SVG.format('<rect width="120" height="60" fill="red"/>')
LEVELS = "".join(f'<g id="l{n}">' + f'<use href="#l{n - 1}"/>' * 10 + "</g>" for n in range(1, 10))


def button(view: TranscriptView, name: str) -> QToolButton | None:
    found = [b for b in view.stage.overlay.buttons if b.accessibleName() == name]
    return found[0] if found else None


def unit_of(view: TranscriptView) -> object:
    return view.stage.layout.item(1).rows[1].built()


def test_code_is_shown_as_the_picture_that_it_draws(show: Show, qtbot: QtBot) -> None:
    view = show(chat_of("Q", f"```svg\n{RED}\n```"))
    show_picture = button(view, "Show picture")
    assert show_picture is not None
    assert not isinstance(unit_of(view), DrawnUnit)
    qtbot.mouseClick(show_picture, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: isinstance(unit_of(view), DrawnUnit))
    view.refresh()
    image = view.grab().toImage()
    cover = button(view, "Open picture")
    assert cover is not None
    middle = cover.geometry().center()
    assert image.pixelColor(middle).name() == "#ff0000"
    view.stage.selection.set(*everything(view.stage.layout))
    assert RED in view.selected_words()
    qtbot.mouseClick(cover, Qt.MouseButton.LeftButton)
    viewer = view.findChild(Viewer)
    assert viewer is not None
    assert viewer.exhibit.name == "code.svg"
    assert viewer.exhibit.data.startswith(b"<svg")
    qtbot.waitUntil(lambda: viewer.copy.isEnabled())
    viewer.close()
    while view.stage.idle.step(streaming=False) == 0:
        pass  # it comes to an end
    show_code = button(view, "Show code")
    assert show_code is not None
    qtbot.mouseClick(show_code, Qt.MouseButton.LeftButton)
    assert not isinstance(unit_of(view), DrawnUnit)


def test_what_is_not_safe_stays_code_and_says_so(show: Show, qtbot: QtBot) -> None:
    bomb = SVG.format(f'<g id="l0"><rect/></g>{LEVELS}<use href="#l9"/>')
    view = show(chat_of("Q", f"```svg\n{bomb}\n```"))
    show_picture = button(view, "Show picture")
    assert show_picture is not None
    show_picture.click()
    vectors = view.stage.feed.around.vectors
    qtbot.waitUntil(lambda: vectors.is_refused(bomb))
    view.refresh()
    assert button(view, "Show picture") is None  # it is disabled
    refused = [b for b in view.findChildren(QToolButton) if b.accessibleName() == "Show picture"]
    assert refused[0].toolTip() == "This drawing cannot be shown safely"
    assert not isinstance(unit_of(view), DrawnUnit)


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("svg", RED, True),
        ("xml", RED, True),
        ("", RED, True),
        ("html", f"<p>{RED}</p>", False),
        ("python", RED, False),
        ("svg", "nonsense", False),
        ("svg", "", False),
        ("svg", f'<?xml version="1.0"?>\n{RED}', True),
        ("mermaid", "graph TD\n  A --> B", False),
    ],
)
def test_which_code_is_a_drawing(language: str, text: str, expected: bool) -> None:
    assert is_drawing(language, text.split("\n")) is expected


def test_no_button_while_it_is_written(show: Show) -> None:
    chat = chat_of("Q")
    view = show(chat)
    chat.begin()
    chat.answer(f"```svg\n{RED}\n")
    view.refresh()
    assert button(view, "Show picture") is None
    chat.answer("```\n")
    view.refresh()
    assert button(view, "Show picture") is not None


@pytest.mark.parametrize(
    "inside",
    [
        '<image href="file:///etc/passwd"/>',
        '<image xmlns:x="http://www.w3.org/1999/xlink" x:href="https://example.org/a.png"/>',
        '<use href="https://example.org/a.svg#b"/>',
        "<script>alert(1)</script>",
        '<rect onclick="alert(1)" onload="x()"/>',
        "<foreignObject><p>text</p></foreignObject>",
        '<rect fill="url(https://example.org/a.svg#b)"/>',
        '<rect style="fill: url(file:///a)"/>',
        "<style>@import url(https://example.org/a.css);</style>",
        "<style>rect { fill: url(//example.org/a) }</style>",
        '<filter id="f"><feImage href="file:///a"/></filter>',
        '<a href="https://example.org"><rect/></a>',
        '<animate attributeName="x" to="5"/>',
    ],
)
def test_nothing_outside_is_named_and_nothing_runs(inside: str) -> None:
    text = safe_svg(SVG.format(inside)).text
    for sign in (
        "example.org",
        "file:",
        "alert",
        "script",
        "onclick",
        "onload",
        "import",
        "feImage",
    ):
        assert sign not in text


def test_what_is_harmless_stays() -> None:
    inside = (
        '<defs><linearGradient id="g"><stop offset="0" stop-color="red"/></linearGradient></defs>'
        '<rect fill="url(#g)" stroke-dasharray="4 2"/><use href="#g"/>'
        "<text x='1'>1 &lt; 2 &amp; <tspan>3</tspan></text><style>rect { fill: red }</style>"
    )
    text = safe_svg(SVG.format(inside)).text
    for sign in (
        'fill="url(#g)"',
        'xlink:href="#g"',
        'stroke-dasharray="4 2"',
        "1 &lt; 2 &amp; <tspan>3</tspan>",
        "rect { fill: red }",
        'viewBox="0 0 120 60"',
    ):
        assert sign in text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no markup",
        "<svg",
        "<html></html>",
        '<!DOCTYPE svg [<!ENTITY a "aaaa">]><svg>&a;</svg>',
        SVG.format('<g id="a"><use href="#a"/></g>'),
        SVG.format(f'<g id="l0"><rect/></g>{LEVELS}<use href="#l9"/>'),
        SVG.format("<g>" * 100 + "</g>" * 100),
        SVG.format("<rect/>" * 5_000),
        SVG.format("<!-- " + "x" * 300_000 + " -->"),
    ],
)
def test_what_cannot_be_drawn_safely_is_refused(text: str) -> None:
    with pytest.raises(UnsafeDrawingError):
        safe_svg(text)
    assert draw(text) is None


@pytest.mark.parametrize(
    "inside",
    [
        '<line x2="100000" stroke="red" stroke-dasharray="0.0001"/>',
        '<g stroke-dasharray="0.0001"><line x2="100000" stroke="red"/></g>',
        '<line x2="100000" stroke="red" style="stroke-dasharray: 0.0001; fill: red"/>',
    ],
)
def test_endless_dashes_are_left_out(inside: str) -> None:
    assert "dasharray" not in safe_svg(SVG.format(inside)).text


def test_sizes_are_bounded(qtbot: QtBot) -> None:
    huge = draw('<svg width="100000" height="50000"><rect width="5" height="5"/></svg>')
    assert huge is not None
    assert huge.image.width() <= 2_400
    small = draw('<svg viewBox="0 0 10 5"><rect width="5" height="5"/></svg>')
    assert small is not None
    assert small.size.width() == 96
    costly = draw(SVG.format('<circle r="50" opacity="0.5"/>' * 3_900))
    assert costly is not None
    assert costly.image.width() * costly.image.height() * 3_900 < 1.1e9
