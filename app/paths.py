"""Where everything lies: the person's files, and what the program brings along.

Invariant: the only module that knows the system's folders. With a home (`--home`, `LINNET_HOME`)
all files of the person lie in that one folder. Looking up makes nothing; `make` does.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from platformdirs import PlatformDirs

from app.build import NAME
from app.i18n import tr

HOME_VARIABLE = "LINNET_HOME"
_OWN = ("linnet.db", "settings.toml", "window.ini", "blobs", "log", "cache", "updates")


class FolderError(OSError):
    """A folder that cannot be made. `str()` of it is a sentence for the person."""

    def __init__(self, folder: Path) -> None:
        super().__init__(
            tr(
                "The folder {folder} cannot be made or written. Allow it, or choose another one "
                "with --home.",
                folder=folder,
            )
        )
        self.folder = folder


@dataclass(frozen=True, slots=True, kw_only=True)
class Paths:
    """`data` holds what cannot be had again; `cache` may be emptied at any time."""

    data: Path
    settings: Path
    log: Path
    cache: Path

    @property
    def database(self) -> Path:
        return self.data / "linnet.db"

    @property
    def blobs(self) -> Path:
        return self.data / "blobs"

    @property
    def thumbnails(self) -> Path:
        return self.cache / "thumbnails"

    @property
    def lent(self) -> Path:
        """Copies of attachments for other programs, gone with the next start."""
        return self.cache / "lent"

    @property
    def scratch(self) -> Path:
        """Where files are made that nobody else sees."""
        return self.cache / "work"

    @property
    def updates(self) -> Path:
        """What is remembered of looking for new versions."""
        return self.data / "updates.json"

    @property
    def window(self) -> Path:
        """Where the window was left."""
        return self.data / "window.ini"

    def make(self) -> None:
        """Make the folders that are missing, for their owner alone. Raises FolderError."""
        for folder in (self.data, self.settings.parent, self.log.parent, self.cache):
            try:
                # The ones above get the system's usual mode.
                folder.parent.mkdir(parents=True, exist_ok=True)
                folder.mkdir(mode=0o700, exist_ok=True)
            except OSError as error:
                raise FolderError(folder) from error
        self._close_to_others()

    def _close_to_others(self) -> None:
        """Also a data folder that was there before, unless other things lie in it."""
        try:
            if all(entry.name.startswith(_OWN) for entry in self.data.iterdir()):
                self.data.chmod(0o700)
        except OSError as error:
            raise FolderError(self.data) from error


def find_paths(home: Path | None, environment: Mapping[str, str]) -> Paths:
    """`home`, else the folder that LINNET_HOME names, else the system's own places."""
    if home is None and (named := environment.get(HOME_VARIABLE)):
        home = Path(named)
    if home is not None:
        home = home.expanduser().absolute()
        return Paths(
            data=home,
            settings=home / "settings.toml",
            log=home / "log" / "linnet.log",
            cache=home / "cache",
        )
    system = PlatformDirs(NAME, appauthor=False, roaming=False)
    return Paths(
        data=Path(system.user_data_dir),
        settings=Path(system.user_config_dir) / "settings.toml",
        log=Path(system.user_log_dir) / "linnet.log",
        cache=Path(system.user_cache_dir),
    )


def resources() -> Path:
    return _brought_along("resources")


def icons() -> Path:
    return _brought_along("icons")


def _brought_along(name: str) -> Path:
    """In a bundle, in a wheel, in the source tree. Raises FileNotFoundError."""
    package = Path(__file__).resolve().parent
    places = [package / name, package.parent / name]
    if bundle := getattr(sys, "_MEIPASS", None):
        places.insert(0, Path(bundle) / name)
    for place in places:
        if place.is_dir():
            return place
    raise FileNotFoundError(f"{name} is in none of {[str(place) for place in places]}")
