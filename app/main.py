"""The window on top of the engine: start, the Qt loop with asyncio in it, and the end.

Invariant: the second storey of the composition root; tests build the same window with `build`. The
window stands on the screen, as an outline, before the engine is even imported. The end takes a
second at most, whatever hangs.
"""

from __future__ import annotations

# Before all that names asyncio, and before all of Qt.
import app.later
import app.ui.binding  # noqa: F401

# isort: split
import asyncio
import os
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtWidgets import QApplication, QMessageBox

from app.build import NAME, TITLE
from app.call import Call, read_call
from app.i18n import tr
from app.paths import find_paths
from app.ui import desktop
from app.ui.instance import Instance
from app.ui.opening import OpenEvents, answer
from app.ui.tidying import Tidying
from app.ui.window import MainWindow
from app.ui.window_state import WindowState

if TYPE_CHECKING:
    from app.engine import Engine
    from app.services import LocalServer
    from app.ui.theme import Theme

PAINT_MS = 300
SHUTDOWN_S = 0.9


def main(arguments: Sequence[str]) -> int:
    """Open the window, or bring the one that is open to the front; the exit code."""
    call = read_call(arguments)
    if not desktop.has_display():
        print(
            tr("There is no display here for a window. In the terminal `linnet ask` answers."),
            file=sys.stderr,
        )
        return 1
    desktop.prepare()
    application = QApplication([NAME])
    application.setQuitOnLastWindowClosed(False)
    desktop.identify(application)
    opened = OpenEvents(application)
    try:
        paths = find_paths(call.home, os.environ)
        paths.make()
        instance = Instance(paths.data)
        if not instance.take():
            return _hand_over(instance, call)
        window = MainWindow(WindowState(paths.window))
        window.show()
        _wait_for_picture(window)
        engine = open_engine(call.home)
    except OSError as error:
        _refuse(str(error))
        return 1
    fill(window, engine, make_theme(engine, application))
    desktop.give_icon(application)
    answer(window, call)
    opened.listen(lambda word: _on_call(window, [word]))
    run(application, engine, window, instance)
    return 0


def open_engine(home: Path | None) -> Engine:
    """The engine with its stored chats. Raises OSError with a sentence for the person."""
    from app.engine import build as build_engine

    engine = build_engine(home)
    engine.open()
    return engine


def make_theme(engine: Engine, application: QApplication) -> Theme:
    """The look that the settings say, put on."""
    from app.ui.theme import Theme

    settings = engine.config.settings
    theme = Theme(settings.palette, settings.text_px)
    theme.install(application)
    return theme


def fill(window: MainWindow, engine: Engine, theme: Theme) -> None:
    """Put everything into the window."""
    from app import assembly

    assembly.fill(window, engine, theme)


def build(engine: Engine, theme: Theme) -> MainWindow:
    """The main window over an opened `engine`, with all that belongs to it; not shown yet."""
    window = MainWindow(WindowState(engine.paths.window))
    fill(window, engine, theme)
    return window


def _wait_for_picture(window: MainWindow) -> None:
    """Handle events until the window has painted, or a display takes too long over it."""
    waiting = QEventLoop()
    window.painted.connect(waiting.quit)
    QTimer.singleShot(PAINT_MS, waiting, waiting.quit)
    waiting.exec(QEventLoop.ProcessEventsFlag.ExcludeUserInputEvents)


# The loop


def run(application: QApplication, engine: Engine, window: MainWindow, instance: Instance) -> None:
    """Live until the window is closed."""
    from app.loop import Loop

    loop = Loop(application)
    asyncio.set_event_loop(loop)
    # qasync sets none: a stream that is left early would keep its connection.
    sys.set_asyncgen_hooks(loop._asyncgen_firstiter_hook, loop._asyncgen_finalizer_hook)
    with loop:
        life = loop.create_task(live(engine, window, instance), name="window")
        while not life.done():
            try:
                loop.run_until_complete(life)
            except RuntimeError:
                if life.done():
                    raise
                window.close()  # the desktop told Qt to quit: end in order


async def live(engine: Engine, window: MainWindow, instance: Instance) -> None:
    """From the first picture to the last write."""
    loop = asyncio.get_running_loop()
    closed = loop.create_future()
    window.closed.connect(lambda: None if closed.done() else closed.set_result(None))
    unwatch = watch_bugs(engine, window)
    engine.start()
    instance.listen(lambda words: _on_call(window, words))
    if sys.platform != "win32":
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, window.close)
    if engine.config.settings.services:
        engine.warm(window.page.chat.service)
    else:
        engine.services.local(lambda servers: _show_servers(window, servers))
    tidying = Tidying(lambda: bool(engine.library.replying()), window)
    await closed
    instance.release()
    window.hide()
    unwatch()
    try:
        async with asyncio.timeout(SHUTDOWN_S):
            await engine.shutdown()
    except TimeoutError:
        pass  # what was said is on the disk; a connection that hangs ends with the process
    tidying.close()


def watch_bugs(engine: Engine, window: MainWindow) -> Callable[[], None]:
    """Say quietly in the window that there was a bug; the log has it. Returns the undoing."""
    before = sys.excepthook

    def on_bug(kind: type[BaseException], bug: BaseException, trace: TracebackType | None) -> None:
        before(kind, bug, trace)
        if issubclass(kind, Exception):
            window.notice.show_text(
                tr("Something went wrong inside Linnet. What happened stands in the log."),
                tr("Show the log"),
                lambda: desktop.open_folder(engine.paths.log.parent),
            )

    sys.excepthook = on_bug

    def unwatch() -> None:
        if sys.excepthook is on_bug:
            sys.excepthook = before

    return unwatch


def _on_call(window: MainWindow, words: Sequence[str]) -> None:
    """A later start hands over what it was told."""
    window.raise_window()
    answer(window, read_call(words))


def _show_servers(window: MainWindow, servers: tuple[LocalServer, ...]) -> None:
    name = next((server.name for server in servers if server.models), "")
    window.page.welcome.show_local(name)


def _hand_over(instance: Instance, call: Call) -> int:
    if instance.hand_over(call.words()):
        return 0
    _refuse(tr("Linnet is already running for this data folder, but it does not answer."))
    return 1


def _refuse(sentence: str) -> None:
    """Say why there is no window, on the terminal and on the screen."""
    print(sentence, file=sys.stderr)
    QMessageBox.critical(None, TITLE, sentence)
