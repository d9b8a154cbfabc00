"""A transcript in a window of its own, without motion, so that every step is done at once."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from shown_chat import HandChat, Show

from app.domain.settings import Palette
from app.ui.theme import Theme
from app.ui.transcript.view import TranscriptView


class StillTheme(Theme):
    """A theme of a system that asks for less motion."""

    def duration_ms(self, wanted_ms: int = 150) -> int:
        return 0


@pytest.fixture
def theme(qapp: QApplication) -> Theme:
    return StillTheme(Palette.LIGHT)


@pytest.fixture
def show(theme: Theme, qtbot: QtBot) -> Show:
    """Show a chat: `show(chat, width, height)`."""

    def shown(chat: HandChat | None, width: int = 900, height: int = 600) -> TranscriptView:
        view = TranscriptView(theme)
        qtbot.addWidget(view)
        view.resize(width, height)
        view.set_chat(chat)
        with qtbot.waitExposed(view):
            view.show()
        view.refresh()
        return view

    return shown
