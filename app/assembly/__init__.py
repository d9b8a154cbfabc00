"""Fills the window: every widget over the engine, and what ties them together.

Invariant: a constructor is given exactly what it uses; nobody is handed the window who can do with
a signal. Loaded after the window stands on the screen, because it names everything.
"""

from __future__ import annotations

from PySide6.QtCore import QTimer

from app.assembly.attaching import Attaching
from app.assembly.exporting import Exporting
from app.engine import Engine
from app.ui.answer_notices import AnswerNotices
from app.ui.chat_menu import fill_chat_menu
from app.ui.chat_page import ChatPage
from app.ui.crowd_hint import CrowdHint
from app.ui.desktop_notice import DesktopNotices
from app.ui.following import Following
from app.ui.key_hint import KeyHint
from app.ui.library_watch import LibraryWatch
from app.ui.model_choice import ModelChoice
from app.ui.notices import Notice
from app.ui.shortcuts import keys_text
from app.ui.sidebar import Sidebar
from app.ui.theme import Theme
from app.ui.window import MainWindow

FURNISH_MS = 100


def fill(window: MainWindow, engine: Engine, theme: Theme) -> None:
    """Put everything into `window` that belongs to an opened `engine`."""
    config, library, services = engine.config, engine.library, engine.services
    attaching = Attaching(engine, theme, window)
    composer = attaching.composer()
    chat = library.open_or_new(window.state.open_chat)
    page = ChatPage(theme, chat, attaching.transcript, composer, services.lists.name, keys_text)
    page.header.menuOpened.connect(lambda menu: fill_chat_menu(menu, theme, window))
    notice = Notice(theme, page, composer)
    window.fill(library, Sidebar(theme, library, keys_text), page, notice)
    composer.heldBack.connect(notice.show_text)
    composer.letGo.connect(notice.withdraw)
    attaching.connect(page)
    Exporting(attaching.means, window)
    models = ModelChoice(theme, services, page)
    desktop_notices = DesktopNotices(window)
    desktop_notices.activated.connect(window.open_in_front)
    window.closed.connect(lambda: window.remember(dark=theme.dark))
    window.closed.connect(page.leave)
    notices = AnswerNotices(library, config, desktop_notices, window.has_in_sight)
    for part in (
        models,
        KeyHint(services, page),
        CrowdHint(services, page, notice),
        notices,
        LibraryWatch(library, window),
        Following(config, theme, window),
    ):
        window.closed.connect(part.close)
    window.filled.connect(
        lambda: QTimer.singleShot(
            FURNISH_MS, window, lambda: furnish(engine, theme, window, models)
        )
    )


def furnish(engine: Engine, theme: Theme, window: MainWindow, models: ModelChoice) -> None:
    """What the window needs a moment after everything is to be seen."""
    from app.ui.furnishing import furnish as furnish_window

    dialogs = furnish_window(
        theme,
        engine.config,
        engine.services,
        engine.library,
        engine.house(),
        engine.uploads,
        engine.updates,
        window,
    )
    models.setUpRequested.connect(lambda: dialogs.open_settings("services"))
    window.page.transcript.schedule()  # it is made by its first use
    theme.motion.ask()
    if engine.config.problem is not None:
        window.notice.show_text(engine.config.problem)
