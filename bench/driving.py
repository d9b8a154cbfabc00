"""The real window, opened and driven within one process: ask, follow the answer, close.

It is built by `app.main` as at every start; only the person is replaced.
"""

from __future__ import annotations

from asyncio import Server
from collections.abc import Callable
from pathlib import Path

from app import main as program
from app.engine import Engine
from app.engine import build as build_engine

# isort: split
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QAbstractButton, QApplication

from app.chat import Chat
from app.domain.settings import Palette, Service, Settings
from app.reply import Change
from app.tasks import Clock
from app.ui import desktop
from app.ui.instance import Instance
from app.ui.theme import Theme
from app.ui.window import MainWindow


def at_home(server: Server) -> Settings:
    """In light colours, a service as people have on a computer of their own."""
    service = Service(
        id="home",
        name="Home server",
        base_url=f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1",
        auth="none",
        default_model="gemma3:12b",
        models=("gemma3:12b",),
    )
    return Settings(services=(service,), default_service=service.id, palette=Palette.LIGHT)


def live(home: Path, begin: Callable[[MainWindow, Engine], None], clock: Clock = Clock()) -> None:
    """Open the window on `home`; call `begin` once it was painted; return when it is closed."""
    desktop.prepare()
    application = QApplication(["linnet"])
    application.setQuitOnLastWindowClosed(False)
    engine = build_engine(home, clock=clock)
    engine.paths.make()
    instance = Instance(engine.paths.data)
    if not instance.take():
        raise SystemExit(f"Linnet already runs on {home}.")
    engine.open()
    theme = Theme(engine.config.settings.palette, engine.config.settings.text_px)
    theme.install(application)
    window = program.build(engine, theme)
    window.show()
    QTimer.singleShot(0, window, lambda: begin(window, engine))
    program.run(application, engine, window, instance)


def ask(window: MainWindow, engine: Engine, question: str, follow: Callable[[Chat], None]) -> Chat:
    """Type `question`, press Send, and call `follow` at every change of the answer."""
    return send(window, engine, typed(window, question), follow)


def typed(window: MainWindow, question: str) -> QAbstractButton:
    """Type `question`; the button that sends it."""
    window.page.composer.set_unsent(question, ())
    return next(b for b in window.findChildren(QAbstractButton) if b.accessibleName() == "Send")


def send(
    window: MainWindow, engine: Engine, button: QAbstractButton, follow: Callable[[Chat], None]
) -> Chat:
    """Press `button`, and call `follow` at every change of the answer."""
    button.click()
    (chat_id,) = engine.library.replying()
    chat = engine.library.open(chat_id)
    chat.subscribe(lambda change: follow(chat) if change in (Change.DRAFT, Change.STATE) else None)
    return chat
