"""What whoever looks for a mistake wants to know of a program and its desktop, to be copied.

Invariant: no key, no name, no address of a person or a service, nothing that was said; the folder
of the person stands as ~. In English, because those who read it may not know the person's language.
"""

from __future__ import annotations

import os
import platform
import sys
from collections import Counter
from pathlib import Path

import PySide6
from PySide6.QtCore import QLocale, QSysInfo, qVersion
from PySide6.QtGui import QGuiApplication

from app import __version__
from app.build import TITLE
from app.domain.settings import Settings
from app.house import House, Sizes

ASKED = ("XDG_SESSION_TYPE", "XDG_CURRENT_DESKTOP", "QT_IM_MODULE", "QT_QPA_PLATFORM")
"""Variables whose values are names of programs."""


def diagnostics(house: House, package: str, settings: Settings, sizes: Sizes | None) -> str:
    """One fact a line."""
    facts = {
        TITLE: f"{__version__} ({package or 'source tree'})",
        "Python": f"{platform.python_version()} {platform.machine()}",
        "Qt": f"{qVersion()}, PySide {PySide6.__version__}",
        "System": f"{QSysInfo.prettyProductName()}, {platform.release()}",
        "Platform": QGuiApplication.platformName(),
        "Screens": ", ".join(_screens()),
        "Locale": QLocale().name(),
        **{name: os.environ[name] for name in ASKED if name in os.environ},
        "Services": _services(settings),
        "Settings": f"palette {settings.palette}, text {settings.text_px} px",
        "Data": _short(house.data),
        "Log": _short(house.log),
    }
    if sizes is not None:
        facts["Sizes"] = (
            f"chats {_mb(sizes.chats_bytes)}, {sizes.attachments} attachments "
            f"{_mb(sizes.attachments_bytes)}, cache {_mb(sizes.cache_bytes)}"
        )
    text = "\n".join(f"{name}: {value}" for name, value in facts.items())
    return house.without_keys(text) + "\n"


def _screens() -> list[str]:
    return [
        f"{screen.size().width()}×{screen.size().height()} at {screen.devicePixelRatio():g}"
        for screen in QGuiApplication.screens()
    ]


def _services(settings: Settings) -> str:
    """Which presets they are made from; an own one is only counted."""
    kinds = Counter(each.preset or f"own ({each.form})" for each in settings.services)
    return ", ".join(f"{count} × {kind}" for kind, count in sorted(kinds.items())) or "none"


def _short(path: Path) -> str:
    home = str(Path.home())
    text = str(path)
    return f"~{text[len(home) :]}" if text.startswith(home + os.sep) else _anonymous(text)


def _anonymous(text: str) -> str:
    """A folder elsewhere can have a name in it: only its last part is told."""
    return f"…{os.sep}{Path(text).name}" if sys.platform != "win32" else f"…\\{Path(text).name}"


def _mb(size_bytes: int) -> str:
    return f"{size_bytes / 1e6:.1f} MB"
