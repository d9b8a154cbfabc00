"""The .msi, for administrators: Linnet for everybody on a machine, rolled out from afar.

Invariant: every GUID is made of names (pack/windows.py), that of the product of its version too, so
the same commit gives the same package; a file keeps its GUID in all versions. It is made by wixl on
Linux, or by WiX 3 on Windows from the same source.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import struct
import subprocess
import sys
import uuid
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as Xml

from pack import cabinet, icons, nsis, windows
from pack.product import OUT, PackError, Product, reproducible, run, say

NAMESPACE = "http://schemas.microsoft.com/wix/2006/wi"
_SUMMARY = uuid.UUID("f29f85e0-4ff9-1068-ab91-08002b27b3d9").bytes_le
_LONGEST_SUMMARY = 4096
_FILETIME = 0x40
_UNIX_FROM_1601_S, _TICKS_PER_S = 11_644_473_600, 10_000_000
# What wixl has no words for, put in afterwards: PATH, and the identity on the task bar.
_TABLES = (
    "CREATE TABLE `Environment` (`Environment` CHAR(72) NOT NULL, `Name` CHAR(255) NOT NULL "
    "LOCALIZABLE, `Value` CHAR(255) LOCALIZABLE, `Component_` CHAR(72) NOT NULL "
    "PRIMARY KEY `Environment`)",
    "INSERT INTO `Environment` (`Environment`, `Name`, `Value`, `Component_`) "
    "VALUES ('Path', '=-*PATH', '[~];[INSTALLDIR]', '{component}')",
    "CREATE TABLE `MsiShortcutProperty` (`MsiShortcutProperty` CHAR(72) NOT NULL, `Shortcut_` "
    "CHAR(72) NOT NULL, `PropertyKey` CHAR(255) NOT NULL, `PropVariantValue` CHAR(255) NOT NULL "
    "PRIMARY KEY `MsiShortcutProperty`)",
    "INSERT INTO `MsiShortcutProperty` (`MsiShortcutProperty`, `Shortcut_`, `PropertyKey`, "
    "`PropVariantValue`) VALUES ('Identity', 'StartMenu', 'System.AppUserModel.ID', '{id}')",
    "INSERT INTO `InstallExecuteSequence` (`Action`, `Sequence`) "
    "VALUES ('RemoveEnvironmentStrings', 3300)",
    "INSERT INTO `InstallExecuteSequence` (`Action`, `Sequence`) "
    "VALUES ('WriteEnvironmentStrings', 5200)",
)
_MAIN = "Program"
CABINET = "linnet.cab"


def build(bundle: Path, made: Product, folder: Path = OUT) -> Path:
    """Write the package for a frozen Windows bundle. Raises PackError."""
    made = replace(made, machine=windows.machine_of(bundle))
    if made.machine != "x86_64" and sys.platform != "win32":
        raise PackError("wixl makes no package for ARM64; WiX on Windows does.")
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / windows.file_name(made, ".msi")
    work = folder / "msi"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir()
    # wixl wants what it packs below its own folder.
    payload = windows.copy_of(bundle, "msi", made, work / "payload")
    icons.write_ico(work / "linnet.ico")
    (work / "linnet.wxs").write_bytes(source(payload, made))
    made_by = _with_wix if sys.platform == "win32" else _with_wixl
    made_by(work, made)
    shutil.move(work / "linnet.msi", file)
    shutil.rmtree(work)
    nsis.sign(file)
    say(f"{file.name}: {file.stat().st_size / 1e6:.1f} MB")
    return file


def source(bundle: Path, made: Product) -> bytes:
    """The source for wixl and WiX 3, with the files in `payload`."""
    root = Xml.Element("Wix", xmlns=NAMESPACE)
    machine = windows.ARCHITECTURES[made.machine]
    version = ".".join(map(str, windows.version_numbers(made.version)[:3]))
    product = Xml.SubElement(root, "Product", Id=windows.identity(f"{made.version} {machine}"),
                             Name=made.title, Language="1033", Codepage="65001", Version=version,
                             Manufacturer=made.maker,
                             UpgradeCode=windows.identity(f"{made.id} {machine}"))  # fmt: skip
    Xml.SubElement(product, "Package", InstallerVersion="500", Compressed="yes",
                   InstallScope="perMachine", Comments=made.summary)  # fmt: skip
    words = f"A newer version of {made.title} is installed already."
    Xml.SubElement(product, "MajorUpgrade", DowngradeErrorMessage=words)
    Xml.SubElement(product, "Media", Id="1", Cabinet=CABINET, EmbedCab="yes")
    Xml.SubElement(product, "Icon", Id="linnet.ico", SourceFile="linnet.ico")
    stays = f"Chats and settings stay in everyone's %LOCALAPPDATA%\\{made.name} when it is removed."
    facts = {"ARPPRODUCTICON": "linnet.ico", "ARPNOMODIFY": "1", "ARPCOMMENTS": stays}
    if made.homepage:
        facts["ARPURLINFOABOUT"] = made.homepage
    for name, value in facts.items():
        Xml.SubElement(product, "Property", Id=name, Value=value)
    # An older version, and the removal, are where it was put.
    before = Xml.SubElement(product, "Property", Id="INSTALLDIR", Secure="yes")
    Xml.SubElement(before, "RegistrySearch", Id="Before", Root="HKLM", Type="raw", Win64="yes",
                   Key=f"Software\\{made.title}", Name="Folder")  # fmt: skip
    top = Xml.SubElement(product, "Directory", Id="TARGETDIR", Name="SourceDir")
    programs = Xml.SubElement(top, "Directory", Id="ProgramFiles64Folder")
    place = Xml.SubElement(programs, "Directory", Id="INSTALLDIR", Name=made.title)
    Xml.SubElement(top, "Directory", Id="ProgramMenuFolder")
    components = _add_folder(place, bundle, "", made)
    feature = Xml.SubElement(product, "Feature", Id="Everything", Level="1", Title=made.title)
    for component in components:
        Xml.SubElement(feature, "ComponentRef", Id=component)
    Xml.indent(root)
    text: str = Xml.tostring(root, "unicode")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{text}\n'.encode()


def _add_folder(parent: Xml.Element, bundle: Path, place: str, made: Product) -> list[str]:
    """The files below `place`, a path within the bundle; returns the components they are in."""
    found: list[str] = []
    for path in sorted((bundle / place).iterdir()):
        name = path.relative_to(bundle).as_posix()
        if path.is_dir():
            inner = Xml.SubElement(parent, "Directory", Id=_id("d", name), Name=path.name)
            found += _add_folder(inner, bundle, name, made)
            continue
        main = name == windows.PROGRAM
        guid = windows.identity(f"{made.id} {windows.ARCHITECTURES[made.machine]} {name}")
        component = Xml.SubElement(parent, "Component", Id=_id("c", name), Guid=guid, Win64="yes")
        file = Xml.SubElement(component, "File", Id=_MAIN if main else _id("f", name),
                              Name=path.name, Source=f"payload/{name}", KeyPath="yes")  # fmt: skip
        found.append(_id("c", name))
        if main:
            Xml.SubElement(file, "Shortcut", Id="StartMenu", Directory="ProgramMenuFolder",
                           Name=made.title, Description=made.summary, Icon="linnet.ico",
                           WorkingDirectory="INSTALLDIR")  # fmt: skip
            _register(component, made)
    return found


def _register(component: Xml.Element, made: Product) -> None:
    where = windows.Entry(made.title, "Folder", "[INSTALLDIR]")
    for entry in (where, *windows.entries(made, f"[#{_MAIN}]")):
        name = {"Name": entry.name} if entry.name else {}
        key = f"Software\\{entry.key}"
        what = {"Root": "HKLM", "Key": key, "Type": "string", "Value": entry.value, **name}
        Xml.SubElement(component, "RegistryValue", what)


def _id(kind: str, name: str) -> str:
    return kind + hashlib.sha256(name.encode()).hexdigest()[:20]


def _with_wixl(work: Path, made: Product) -> None:
    command = ["wixl", "-a", "x64", "-D", "Win64=yes", "-o", "linnet.msi", "linnet.wxs"]
    run(*command, cwd=work, env=reproducible())
    _repack(work)
    component = _id("c", windows.PROGRAM)
    for statement in _TABLES:
        words = statement.format(component=component, id=made.id)
        run("msibuild", "linnet.msi", "-q", words, cwd=work)
    # The package's own code: another one for every content.
    code = windows.identity(hashlib.sha256((work / "linnet.wxs").read_bytes()).hexdigest())
    run("msibuild", "linnet.msi", "-s", made.title, made.maker, "x64;1033", code, cwd=work)
    package = work / "linnet.msi"
    package.write_bytes(with_date(package.read_bytes(), made.epoch_s))


def _repack(work: Path) -> None:
    """Put the cabinet that wixl made into fewer bytes (pack/cabinet.py)."""
    found = subprocess.run(
        ["msiinfo", "extract", "linnet.msi", CABINET], cwd=work, capture_output=True, check=False
    )
    if found.returncode:
        raise PackError("The cabinet is not in the package.")
    (work / CABINET).write_bytes(cabinet.repacked(found.stdout))
    run("msibuild", "linnet.msi", "-a", CABINET, CABINET, cwd=work)


def with_date(data: bytes, epoch_s: int) -> bytes:
    """A package as if it had been made then: its summary bears two dates (VT_FILETIME)."""
    then = struct.pack("<IQ", _FILETIME, (epoch_s + _UNIX_FROM_1601_S) * _TICKS_PER_S)
    start = data.index(_SUMMARY)
    end = start + _LONGEST_SUMMARY
    pattern = re.compile(struct.pack("<I", _FILETIME) + rb".{6}[\xd0-\xef]\x01", re.DOTALL)
    return data[:start] + pattern.sub(then, data[start:end]) + data[end:]


def _with_wix(work: Path, made: Product) -> None:
    """WiX 3, whose folder its setup leaves in the variable WIX."""
    folder = Path(os.environ.get("WIX", ""), "bin")
    if not (folder / "candle.exe").is_file():
        raise PackError("The .msi is made by WiX 3 on Windows, which is not here; or on Linux.")
    root = Xml.fromstring((work / "linnet.wxs").read_bytes())
    add_for_wix(root, made)
    Xml.register_namespace("", NAMESPACE)
    Xml.ElementTree(root).write(work / "linnet.wxs", encoding="utf-8", xml_declaration=True)
    machine = windows.ARCHITECTURES[made.machine]
    for words in (
        ["candle.exe", "-nologo", "-arch", machine, "linnet.wxs"],
        ["light.exe", "-nologo", "-sval", "-spdb", "-out", "linnet.msi", "linnet.wixobj"],
    ):
        done = subprocess.run([folder / words[0], *words[1:]], cwd=work, capture_output=True)
        if done.returncode:
            raise PackError(
                f"WiX could not make the package.\n{done.stdout.decode('utf-8', 'replace')}"
            )


def add_for_wix(root: Xml.Element, made: Product) -> None:
    """In WiX's own words what wixl has none for."""
    named = f"{{{NAMESPACE}}}"
    shortcut = next(root.iter(f"{named}Shortcut"))
    Xml.SubElement(
        shortcut, f"{named}ShortcutProperty", Key="System.AppUserModel.ID", Value=made.id
    )
    main = _id("c", windows.PROGRAM)
    component = next(each for each in root.iter(f"{named}Component") if each.get("Id") == main)
    Xml.SubElement(component, f"{named}Environment", Id="Path", Name="PATH", Value="[INSTALLDIR]",
                   Action="set", Part="last", System="yes", Permanent="no")  # fmt: skip
