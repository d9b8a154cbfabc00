"""What others have written is text wherever it is shown: in tips, and in words that explain."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QTextDocumentFragment
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from app.ui.buttons import IconButton
from app.ui.settings.rows import muted
from app.ui.theme import Theme
from app.ui.tips import plain_tip

HOSTILE = '<img src="//example.org/share/x.png">\n  <b>bold</b> &amp;'


@pytest.mark.parametrize("text", [HOSTILE, "a < b", "R&D", "<", "two\nlines", ""])
def test_a_tip_shows_every_character(text: str) -> None:
    tip = plain_tip(text)
    if tip == text:
        assert "<" not in text
    else:
        shown = QTextDocumentFragment.fromHtml(tip).toPlainText()
        assert shown.replace("\u2029", "\n") == text
        assert "<img" not in tip


def test_what_explains_is_text(qtbot: QtBot) -> None:
    label = muted(HOSTILE)
    qtbot.addWidget(label)
    assert isinstance(label, QLabel)
    assert label.textFormat() is Qt.TextFormat.PlainText


def test_the_name_of_a_button_is_text(theme: Theme, qtbot: QtBot) -> None:
    button = IconButton(theme, "close", HOSTILE)
    qtbot.addWidget(button)
    assert button.accessibleName() == HOSTILE
    assert "<img" not in button.toolTip()
