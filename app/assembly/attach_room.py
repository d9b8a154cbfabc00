"""Everything that attaching needs in a window; imported by the first attachment.

Invariant: a constructor is given exactly what it uses; nothing happens here but making.
"""

from __future__ import annotations

from app.engine import Engine
from app.ui.attach_desk import AttachDesk
from app.ui.attach_dialogs import AttachDialogs
from app.ui.attach_door import AttachRoom
from app.ui.attach_limits import AttachLimits
from app.ui.attach_menu import AttachMenu
from app.ui.attach_pictures import AttachPictures
from app.ui.attach_remedies import AttachRemedies
from app.ui.drawings import draw_svg
from app.ui.readers import Readers
from app.ui.recording_look import RecordingLook
from app.ui.screenshot import Screenshots
from app.ui.theme import Theme
from app.ui.window import MainWindow


def furnish(engine: Engine, theme: Theme, window: MainWindow) -> AttachRoom:
    """The desk, its menu, and all that says and does something on the chips of `window`."""
    page = window.page
    attachments = engine.attachments(engine.blobs, draw_svg)
    can_convert = attachments.tools.ffmpeg is not None
    desk = AttachDesk(attachments, page)
    desk.noticed.connect(window.notice.show_text)
    look = RecordingLook(page)
    pictures = AttachPictures(attachments, look, page.composer.chips)
    dialogs = AttachDialogs(theme, desk, pictures.ask_thumbnail, page)
    remedies = AttachRemedies(desk, dialogs, page, can_convert=can_convert)
    readers = Readers(engine.services, engine.quirks, can_convert=can_convert)
    limits = AttachLimits(remedies, readers)
    screenshots = Screenshots(theme, window)
    menu = AttachMenu(theme, desk, dialogs, screenshots, page.composer.attach)
    for part in (limits, look):
        window.closed.connect(part.close)
    return AttachRoom(desk, pictures, menu)
