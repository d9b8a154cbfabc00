"""What PyInstaller does not find by itself, and what it must not take along.

Invariant: imported by linnet.spec within PyInstaller, and by tests without it.
"""

from __future__ import annotations

from pathlib import Path

from pack.product import ROOT

# Chosen by name at run time.
_EVERYWHERE = ["PySide6.QtMultimedia"]
HIDDEN = {
    "linux": [*_EVERYWHERE, "keyring.backends.SecretService", "keyring.backends.kwallet"],
    "win32": [*_EVERYWHERE, "keyring.backends.Windows", "win32ctypes.pywin32.win32cred"],
    "darwin": [*_EVERYWHERE, "keyring.backends.macOS"],
}
# Tools for developers, doors to other event loops and toolkits, and readline, which is GPL.
EXCLUDED = """
    tkinter PIL.ImageTk PIL.ImageQt PIL._imagingft PIL._imagingtk PIL._imagingmath
    PIL.FpxImagePlugin PIL.MicImagePlugin numpy unittest doctest pydoc pdb test lib2to3
    distutils setuptools pkg_resources pip readline rlcompleter curses _curses _gdbm _dbm nis
    spwd crypt _crypt _uuid xmlrpc smtplib trio uvloop anyio._backends._trio anyio.pytest_plugin
    httpx._main rich click PySide6.QtQml PySide6.QtQuick PySide6.QtOpenGL PySide6.QtDBus
    PySide6.QtTest PySide6.QtMultimediaWidgets IPython pypdfium2._cli charset_normalizer.cli
    keyring.cli keyring.completion shtab PIL.ImageCms PIL._imagingcms multiprocessing _pydecimal
    pygments.formatters pygments.styles
""".split()

# What PyInstaller runs before a program: sources for `inspect`, names for `pkgutil`, processes by
# `multiprocessing`, of which Linnet asks nothing and which cost a tenth of a start; and the way to
# Qt's plugins, which Qt knows, and which programs that Linnet starts would get to know as well.
IDLE_HOOKS = (
    "pyi_rth_inspect",
    "pyi_rth_multiprocessing",
    "pyi_rth_pkgutil",
    "pyi_rth_pyside6",
)


def runs_first(script: str, system: str) -> bool:
    """Whether a script of PyInstaller's runs in the program. Tried on Linux alone."""
    return system != "linux" or script not in IDLE_HOOKS


def modules() -> list[str]:
    """All modules of the program: those that it imports late, too."""
    found = (path.relative_to(ROOT) for path in (ROOT / "app").rglob("*.py"))
    names = (".".join(path.with_suffix("").parts) for path in found)
    return sorted(name.removesuffix(".__init__") for name in names)


def datas() -> list[tuple[str, str]]:
    """Files beside the code: (where it lies, folder in the bundle)."""
    from PyInstaller.utils.hooks import collect_data_files  # noqa: PLC0415 - there only then

    found = [(str(ROOT / "resources"), "resources"), (str(ROOT / "icons"), "icons")]
    if (ROOT / "app" / "locale").is_dir():
        found.append((str(ROOT / "app" / "locale"), "app/locale"))
    for package in ("ziafont", "ziamath", "latex2mathml"):
        found += collect_data_files(package)
    return found


def icon(work: str, system: str) -> str | None:
    endings = {"win32": "ico", "darwin": "icns"}
    return str(Path(work, f"linnet.{endings[system]}")) if system in endings else None
