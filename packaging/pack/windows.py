"""What Windows is told about the program: its names, what it opens, and where that is registered.

Invariant: the same facts for the setup of one person, for the package of administrators and for the
trial under wine. Linnet offers itself for files, and is never made what opens them; only
`linnet:` links are its own.
"""

from __future__ import annotations

import shutil
import struct
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from app.domain.kinds import KINDS
from pack import libraries, marker
from pack.product import WORK, PackError, Product

# Windows tells small from capital letters nowhere, so the two programs are named as Python's are:
# `linnet` in a terminal finds the one that prints.
PROGRAM = "linnetw.exe"
CONSOLE = "linnet.exe"
MACHINES = {0x8664: "x86_64", 0xAA64: "aarch64"}
ARCHITECTURES = {"x86_64": "x64", "aarch64": "arm64"}
# Whatever a new version is called, these stay; each is made of its name.
_SPACE = uuid.UUID("0f0b8d1e-6a0c-5f5e-9a0e-5d6a3c2b7a41")

_RESOURCE = """VSVersionInfo(
  ffi=FixedFileInfo(filevers={numbers}, prodvers={numbers}, mask=0x3f, flags=0x0, OS=0x40004,
                    fileType=0x1, subtype=0x0, date=(0, 0)),
  kids=[
    StringFileInfo([StringTable('040904B0', [{strings}])]),
    VarFileInfo([VarStruct('Translation', [1033, 1200])])
  ]
)
"""


@dataclass(frozen=True)
class Entry:
    """A text below `Software`; without a name it is that of the key itself.

    `own`: the key is nobody else's, and goes as a whole when the program is removed.
    """

    key: str
    name: str
    value: str
    own: bool = True


def endings() -> tuple[str, ...]:
    """The files that can be opened with it, with their dots."""
    return tuple(dict.fromkeys(f".{end}" for kind in KINDS for end in kind.endings.split()))


def entries(made: Product, program: str) -> Iterator[Entry]:
    """All that is registered; `program` is the windowed one, as the installer writes its path."""
    command = f'"{program}" "%1"'
    icon = f"{program},0"
    link, file = f"Classes\\{made.name}", f"Classes\\{made.title}.File"
    application = f"Classes\\Applications\\{PROGRAM}"
    abilities = f"{made.title}\\Capabilities"
    yield Entry(link, "", f"URL:{made.title}")
    yield Entry(link, "URL Protocol", "")
    yield Entry(f"{link}\\DefaultIcon", "", icon)
    yield Entry(f"{link}\\shell\\open\\command", "", command)
    yield Entry(f"{file}\\DefaultIcon", "", icon)
    yield Entry(f"{file}\\Application", "ApplicationName", made.title)
    yield Entry(f"{file}\\Application", "AppUserModelID", made.id)
    yield Entry(f"{file}\\shell\\open", "FriendlyAppName", made.title)
    yield Entry(f"{file}\\shell\\open\\command", "", command)
    yield Entry(application, "FriendlyAppName", made.title)
    yield Entry(application, "AppUserModelID", made.id)
    yield Entry(f"{application}\\shell\\open\\command", "", command)
    for ending in endings():
        yield Entry(f"{application}\\SupportedTypes", ending, "")
    for ending in endings():
        yield Entry(f"Classes\\{ending}\\OpenWithProgids", f"{made.title}.File", "", own=False)
    yield Entry(abilities, "ApplicationName", made.title)
    yield Entry(abilities, "ApplicationDescription", made.summary)
    yield Entry(f"{abilities}\\UrlAssociations", made.name, made.name)
    yield Entry("RegisteredApplications", made.title, f"Software\\{abilities}", own=False)
    yield Entry(
        f"Microsoft\\Windows\\CurrentVersion\\App Paths\\{CONSOLE}", "", program
    )  # for Start > Run, where nobody wants a terminal


def own_keys(made: Product) -> tuple[str, ...]:
    """The keys that go as a whole: none lies below another."""
    keys = sorted({entry.key for entry in entries(made, "") if entry.own})
    return tuple(
        key for key in dict.fromkeys(map(_top, keys)) if not key.startswith(f"{made.title}\\")
    )


def _top(key: str) -> str:
    """`Classes\\linnet\\shell\\open` lies in `Classes\\linnet`, which is ours."""
    parts = key.split("\\")
    deep = {"Classes": 3 if "Applications" in parts else 2, "Microsoft": 5}
    return "\\".join(parts[: deep.get(parts[0], len(parts))])


def identity(name: str) -> str:
    """A GUID for what `name` says, always the same one."""
    return "{" + str(uuid.uuid5(_SPACE, name)).upper() + "}"


def machine_of(bundle: Path) -> str:
    """What a Windows bundle was frozen for, as the head of its program says. Raises PackError."""
    try:
        data = (bundle / PROGRAM).read_bytes()[:4096]
        (offset,) = struct.unpack_from("<I", data, 0x3C)
        signature, machine = struct.unpack_from("<4sH", data, offset)
    except (OSError, struct.error) as error:
        raise PackError(f"{bundle} is no bundle for Windows: {error}") from error
    if data[:2] != b"MZ" or signature != b"PE\0\0" or machine not in MACHINES:
        raise PackError(f"{bundle / PROGRAM} is no program for a Windows with 64 bits.")
    return MACHINES[machine]


def copy_of(bundle: Path, kind: str, made: Product, folder: Path | None = None) -> Path:
    """The bundle as it lies in a package of this kind: it knows what it is, and has no dates."""
    folder = WORK / "windows" / kind if folder is None else folder
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(bundle, folder)
    marker.write(folder / "_internal" / "resources", made, kind)
    libraries.tidy_dates(folder, made.epoch_s)
    return folder


def file_name(made: Product, ending: str) -> str:
    """`Linnet-1.2.3-windows-x64` and how it goes on."""
    return f"{made.title}-{made.version}-windows-{ARCHITECTURES[made.machine]}{ending}"


def version_numbers(version: str) -> tuple[int, int, int, int]:
    """`1.2.3`, also with a suffix, as the four numbers that Windows compares."""
    numbers = [int(digits) for digits in version.split("-")[0].split("+")[0].split(".")[:3]]
    major, minor, patch = [*numbers, 0, 0, 0][:3]
    return major, minor, patch, 0


def version_resource(made: Product, name: str) -> str:
    """What Explorer shows of the program `name`, in the form that PyInstaller reads."""
    facts = {
        "CompanyName": made.maker,
        "FileDescription": made.title,
        "FileVersion": made.version,
        "InternalName": made.name,
        "LegalCopyright": f"{made.maker}. MIT licence.",
        "OriginalFilename": name,
        "ProductName": made.title,
        "ProductVersion": made.version,
    }
    strings = ", ".join(f"StringStruct({name!r}, {value!r})" for name, value in facts.items())
    return _RESOURCE.format(numbers=version_numbers(made.version), strings=strings)
