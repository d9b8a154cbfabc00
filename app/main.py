"""The window on top of the engine: start, the Qt loop with asyncio in it, and the end.

Invariant: the second storey of the composition root; tests build the same window with `build`. Up
to the first paint nothing is imported or asked that the first picture does not need. The end takes
a second at most, whatever hangs.
"""

from __future__ import annotations

# Before all that names asyncio.
import app.later  # noqa: F401

# isort: split
# Before Qt: its binding reads the source of every module that is imported after it.
from app.engine import Engine
from app.engine import build as build_engine

# isort: split
import asyncio
import signal
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtWidgets import QApplication, QMessageBox

from app.build import APPLICATION_ID, TITLE
from app.chat import Chat
from app.i18n import tr
from app.library import Library
from app.services import LocalServer
from app.ui import desktop
from app.ui.answer_notices import AnswerNotices
from app.ui.attach_desk import AttachDesk
from app.ui.attaching import Attaching
from app.ui.chat_page import ChatPage
from app.ui.composer import Composer
from app.ui.desktop_notice import DesktopNotices
from app.ui.drop_overlay import DropOverlay
from app.ui.following import Following
from app.ui.instance import Instance
from app.ui.links import open_folder
from app.ui.model_choice import ModelChoice
from app.ui.shortcuts import keys_text
from app.ui.theme import Theme
from app.ui.tidying import Tidying
from app.ui.window import MainWindow
from app.ui.window_state import WindowState

if TYPE_CHECKING:
    from app.ui.transcript.view import TranscriptView

SHUTDOWN_S = 0.9
PAINT_MS = 300
FURNISH_MS = 100


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line asks of the window."""

    home: Path | None = None
    chat_id: str = ""


def main(arguments: Sequence[str]) -> int:
    """Open the window, or bring the one that is open to the front; the exit code."""
    options = read_options(arguments)
    desktop.prepare()
    application = QApplication([TITLE])
    application.setQuitOnLastWindowClosed(False)
    desktop.identify(application)
    engine = build_engine(options.home)
    try:
        engine.paths.make()
        instance = Instance(engine.paths.data)
        if not instance.take():
            return _hand_over(instance, options)
        engine.open()
    except OSError as error:
        _refuse(str(error))
        return 1
    theme = Theme(engine.config.settings.palette, engine.config.settings.text_px)
    theme.install(application)
    window = build(engine, theme)
    if options.chat_id:
        window.open_chat(options.chat_id)
    window.show()
    # The first picture comes before the loop with asyncio is even imported.
    _wait_for_picture(window)
    run(application, engine, window, instance)
    return 0


def _wait_for_picture(window: MainWindow) -> None:
    """Handle events until the window has painted, or a display takes too long over it."""
    waiting = QEventLoop()
    window.painted.connect(waiting.quit)
    QTimer.singleShot(PAINT_MS, waiting, waiting.quit)
    waiting.exec(QEventLoop.ProcessEventsFlag.ExcludeUserInputEvents)


def read_options(arguments: Sequence[str]) -> Options:
    """`--home DIR` and `--chat ID`; what else stands there is left to the terminal's parser."""
    found: dict[str, str] = {}
    words = list(arguments)
    while words:
        name, _, value = words.pop(0).partition("=")
        if name in ("--home", "--chat"):
            found[name] = value or (words.pop(0) if words else "")
    home = Path(found["--home"]) if found.get("--home") else None
    return Options(home=home, chat_id=found.get("--chat", ""))


def build(engine: Engine, theme: Theme) -> MainWindow:
    """The main window over an opened `engine`, with all that belongs to it; not shown yet."""
    config, library, services = engine.config, engine.library, engine.services
    attaching = Attaching(engine.blobs.add, engine.blobs.read)
    composer = Composer(theme, attaching.thumbnail, keys_text)
    state = WindowState(engine.paths.window)

    def make_transcript() -> TranscriptView:
        return transcript_of(engine, theme)

    page = ChatPage(theme, first_chat(library, state), make_transcript, composer, keys_text)
    window = MainWindow(theme, library, page, state)
    desk = AttachDesk(attaching, composer, page)
    desk.noticed.connect(window.notice.show_text)
    DropOverlay(theme, page, window).dropped.connect(desk.take)
    models = ModelChoice(theme, services, page)
    desktop_notices = DesktopNotices(APPLICATION_ID, window)
    desktop_notices.activated.connect(window.open_in_front)
    notices = AnswerNotices(library, config, desktop_notices, window.has_in_sight)
    following = Following(config, theme, window)
    for part in (models, notices, following):
        window.closed.connect(part.close)
    window.painted.connect(
        lambda: QTimer.singleShot(
            FURNISH_MS, window, lambda: furnish(engine, theme, window, models)
        )
    )
    return window


def transcript_of(engine: Engine, theme: Theme) -> TranscriptView:
    """A transcript over the stored attachments. A first start paints before it is imported."""
    from app.ui.transcript.view import TranscriptView

    view = TranscriptView(
        theme,
        service_of=engine.services.get,
        path_of=_path_of(engine),
        clock=engine.clock.monotonic,
    )
    view.set_fold_reasoning(engine.config.settings.fold_reasoning)
    return view


def furnish(engine: Engine, theme: Theme, window: MainWindow, models: ModelChoice) -> None:
    """What the window needs a moment after it is there."""
    from app.ui.dialogs import Dialogs

    dialogs = Dialogs(theme, engine.config, engine.services, window)
    models.setUpRequested.connect(lambda: dialogs.open_settings("services"))
    window.page.transcript.schedule()  # it is made by its first use
    if engine.config.problem is not None:
        window.notice.show_text(engine.config.problem)


def first_chat(library: Library, state: WindowState) -> Chat:
    """The chat that was open last, or a new one."""
    if state.open_chat and any(row.id == state.open_chat for row in library.chats()):
        try:
            return library.open(state.open_chat)
        except (KeyError, OSError):
            return library.new_chat()
    return library.new_chat()


def _path_of(engine: Engine) -> Callable[[str], Path | None]:
    def path_of(sha256: str) -> Path | None:
        try:
            return engine.blobs.path(sha256)
        except KeyError:
            return None

    return path_of


# The loop


def run(application: QApplication, engine: Engine, window: MainWindow, instance: Instance) -> None:
    """Live until the window is closed."""
    import qasync

    loop = qasync.QEventLoop(application)
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
    engine.warm()
    instance.listen(lambda words: _on_call(window, words))
    if sys.platform != "win32":
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, window.close)
    if not engine.config.settings.services:
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
                lambda: open_folder(engine.paths.log.parent),
            )

    sys.excepthook = on_bug

    def unwatch() -> None:
        if sys.excepthook is on_bug:
            sys.excepthook = before

    return unwatch


def _on_call(window: MainWindow, words: Sequence[str]) -> None:
    """A later start hands over what it was told."""
    window.raise_window()
    chat_id = read_options(words).chat_id
    if chat_id:
        window.open_chat(chat_id)


def _show_servers(window: MainWindow, servers: tuple[LocalServer, ...]) -> None:
    name = next((server.name for server in servers if server.models), "")
    window.page.welcome.show_local(name)


def _hand_over(instance: Instance, options: Options) -> int:
    words = [f"--chat={options.chat_id}"] if options.chat_id else []
    if instance.hand_over(words):
        return 0
    _refuse(tr("Linnet is already running for this data folder, but it does not answer."))
    return 1


def _refuse(sentence: str) -> None:
    """Say why there is no window, on the terminal and on the screen."""
    print(sentence, file=sys.stderr)
    QMessageBox.critical(None, TITLE, sentence)
