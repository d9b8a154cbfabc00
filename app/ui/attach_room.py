"""Puts together everything that attaching needs in a window; loaded by the first attachment.

Invariant: a constructor is given exactly what it uses; nothing happens here but making.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtWidgets import QWidget

from app.attachments import Attachments
from app.reply import LearnedQuirks
from app.services import Services
from app.ui.attach_desk import AttachDesk
from app.ui.attach_dialogs import AttachDialogs
from app.ui.attach_limits import AttachLimits
from app.ui.attach_menu import AttachMenu
from app.ui.attach_remedies import AttachRemedies
from app.ui.chat_page import ChatPage
from app.ui.readers import Readers
from app.ui.screenshot import Screenshots
from app.ui.theme import Theme


@dataclass(frozen=True, slots=True)
class AttachRoom:
    """`close` ends what listens to the services."""

    desk: AttachDesk
    menu: AttachMenu
    close: Callable[[], None]


def furnish(
    theme: Theme,
    page: ChatPage,
    window: QWidget,
    attachments: Attachments,
    services: Services,
    quirks: LearnedQuirks,
) -> AttachRoom:
    """The desk, its menu, and all that says and does something on its chips."""
    can_convert = attachments.tools.ffmpeg is not None
    desk = AttachDesk(attachments, page)
    dialogs = AttachDialogs(theme, desk, page)
    remedies = AttachRemedies(desk, dialogs, page, can_convert=can_convert)
    readers = Readers(services, quirks, can_convert=can_convert)
    limits = AttachLimits(remedies, readers)
    screenshots = Screenshots(theme, window)
    menu = AttachMenu(theme, desk, dialogs, screenshots, page.composer.attach)
    return AttachRoom(desk, menu, limits.close)
