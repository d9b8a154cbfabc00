"""The real window over a real engine and a real server on loopback, driven by a story.

A story is a coroutine function; it runs on the same Qt loop as in the program. Nothing sleeps:
`until` looks again whenever the loop comes round.
"""

from __future__ import annotations

import asyncio
import gc
import sys
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from loopback import Loopback
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

import app.assembly.attach_room  # noqa: F401 - loaded: the first attachment is begun at once
from app import main as program
from app.chat import Chat
from app.domain.message import Message, Role
from app.domain.settings import Palette, Service
from app.engine import Engine
from app.engine import build as build_engine
from app.loop import Loop
from app.ui.chat_page import ChatPage
from app.ui.theme import Theme
from app.ui.window import MainWindow

PATIENCE_S = 10.0
LOOK_S = 0.004


class Stage:
    """What a story plays with. Keys go to whatever has the focus, as a person's do."""

    def __init__(self, engine: Engine, window: MainWindow, theme: Theme) -> None:
        self.engine = engine
        self.window = window
        self.theme = theme
        self.expected_bugs: list[BaseException] = []

    @property
    def page(self) -> ChatPage:
        return self.window.page

    @property
    def chat(self) -> Chat:
        return self.window.page.chat

    @property
    def path(self) -> Sequence[Message]:
        """The messages that are shown."""
        return self.chat.conversation.path()

    @property
    def answer(self) -> Message:
        """The last answer that is shown."""
        return [message for message in self.path if message.role is Role.ASSISTANT][-1]

    def type(self, text: str) -> None:
        QTest.keyClicks(self.focused(), text)

    def press(
        self,
        key: Qt.Key,
        modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier,
        on: QWidget | None = None,
    ) -> None:
        QTest.keyClick(on or self.focused(), key, modifier)

    def focused(self) -> QWidget:
        return QApplication.focusWidget() or self.page.composer.field

    def ask(self, text: str) -> None:
        """Type a question and press Enter."""
        self.page.composer.field.setFocus()
        self.type(text)
        self.press(Qt.Key.Key_Return, on=self.page.composer.field)

    async def asked(self, text: str) -> Message:
        """Ask and wait for the end of the answer."""
        self.ask(text)
        await self.until(lambda: self.chat.draft is None and len(self.path) > 1)
        return self.answer

    def titles(self) -> list[str]:
        """The chats of the sidebar, headings left out."""
        model = self.window.sidebar.chats.model()
        rows = [model.index(row, 0) for row in range(model.rowCount())]
        return [str(row.data()) for row in rows if row.flags() & Qt.ItemFlag.ItemIsEnabled]

    async def until(self, holds: Callable[[], Any], what: str = "") -> None:
        """Wait until `holds()`; AssertionError after ten seconds."""
        loop = asyncio.get_running_loop()
        end = loop.time() + PATIENCE_S
        while not holds():
            if loop.time() > end:
                raise AssertionError(f"still not so after {PATIENCE_S:.0f} s: {what or holds}")
            turn = loop.create_future()
            loop.call_later(LOOK_S, turn.set_result, None)
            await turn


Story = Callable[[Stage], Awaitable[None]]


def service(server: Loopback, service_id: str = "own", **other: Any) -> Service:
    """A service at the loopback server that needs no key."""
    made = Service(
        id=service_id,
        name="Own server",
        base_url=f"{server.url}/v1",
        auth="none",
        default_model="model-a",
        models=("model-a", "model-b"),
        effort_levels=("low", "high"),
    )
    return replace(made, **other)


def play(story: Story, home: Path, services: Sequence[Service] = ()) -> None:
    """Open the window on `home`, let the story happen, and close as the program does."""
    _play(story, home, services)
    gc.collect()  # in this thread: another one must not be the end of a widget


def _play(story: Story, home: Path, services: Sequence[Service]) -> None:
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    application.setQuitOnLastWindowClosed(False)
    engine = build_engine(home, environment={})
    engine.paths.make()
    if services:
        settings = replace(engine.config.settings, services=tuple(services))
        engine.config.change(replace(settings, default_service=services[0].id))
    engine.open()
    theme = Theme(Palette.LIGHT)
    theme.install(application)
    window = program.build(engine, theme)
    window.show()
    loop = Loop(application)
    hooks = sys.get_asyncgen_hooks()
    sys.set_asyncgen_hooks(loop._asyncgen_firstiter_hook, loop._asyncgen_finalizer_hook)
    bugs: list[BaseException] = []
    before, sys.excepthook = sys.excepthook, lambda kind, bug, trace: bugs.append(bug)

    stage = Stage(engine, window, theme)

    async def whole() -> None:
        try:
            await stage.until(lambda: window.page._transcript is not None)
            await story(stage)
        finally:
            window.close()
            await engine.shutdown()

    try:
        with loop:
            loop.run_until_complete(whole())
    finally:
        sys.excepthook = before
        sys.set_asyncgen_hooks(*hooks)
        asyncio.set_event_loop(None)
        window.deleteLater()
        theme.deleteLater()
        application.processEvents()
    for bug in bugs:
        if bug not in stage.expected_bugs:
            raise bug
