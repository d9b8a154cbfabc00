"""What a window gets a moment after all of it is to be seen: the windows beside it, and notices."""

from __future__ import annotations

from app.config import Config
from app.house import House
from app.library import Library
from app.services import Services
from app.services.uploads import UploadedFiles
from app.ui.dialogs import Dialogs
from app.ui.settings.door import SettingsDoor
from app.ui.theme import Theme
from app.ui.update_notices import UpdateNotices
from app.ui.window import MainWindow
from app.updates import Updates


def furnish(
    theme: Theme,
    config: Config,
    services: Services,
    library: Library,
    house: House,
    uploads: UploadedFiles,
    updates: Updates,
    window: MainWindow,
) -> Dialogs:
    """The dialogs of `window`, which open the settings, too."""
    settings = SettingsDoor(theme, config, services, library, house, uploads, updates, window)
    updates.start()
    UpdateNotices(updates, config, window, lambda: settings.open("about"))
    return Dialogs(theme, config, services, settings, window)
