"""What a bundle consists of: every file belongs to one part, and every part has a licence.

Invariant: a file that belongs to nobody, a licence that is not accepted, and the trace of a GPL
library within a binary are errors: what is not known does not ship.
"""

from __future__ import annotations

import json
import platform
import re
import sqlite3
import ssl
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import Any

from pack.licences import NAMED, accepted, chosen
from pack.product import PACKAGING, ROOT, PackError, Product


@dataclass(frozen=True)
class Part:
    """`distribution`: as the package index knows it. `files` are paths within the bundle."""

    name: str
    version: str
    licence: str
    distribution: bool = False
    texts: tuple[str, ...] = ()
    files: tuple[str, ...] = ()


@dataclass(frozen=True)
class Native:
    """A row of natives.toml."""

    name: str
    licence: str
    files: str
    texts: tuple[str, ...] = ()
    version: str = ""


NOTICES = "resources/notices.json"
"""Written from the parts, so that it is none of them."""
# Within a binary: what a build with a GPL library would contain.
TRACES: Mapping[str, tuple[bytes, ...]] = {
    r"avcodec|avformat|avutil|swscale|swresample": (b"--enable-gpl", b"--enable-nonfree"),
    r"_imaging\.": (b"liq_attr_create", b"liq_image_quantize"),
    r"libheif": (b"x265_encoder_open", b"x265_param_alloc"),
    r"": (b"rl_readline_name", b"gdbm_open"),
}
# What a distribution's own bill names, and no bundle holds: an option that its wheels are built
# without (see TRACES), and what belongs to the drawing of text, which stays out.
NOT_HERE = {"libimagequant", "freetype", "harfbuzz", "fribidi", "fribidi-shim", "raqm"}


def parts_of(bundle: Path, modules: Iterable[str], made: Product) -> tuple[Part, ...]:
    """The parts of a frozen folder whose archive holds `modules`. Raises PackError."""
    natives = read_natives()
    by_name = {_plain(each.name): each for each in distributions()}
    listed = _distribution_files()
    found: dict[str, list[str]] = {}
    strange: list[str] = []
    for file, path in files_in(bundle):
        refuse_traces(file)
        owner = owner_of(path, natives, listed)
        if owner is None:
            strange.append(path)
        else:
            found.setdefault(owner, []).append(path)
    if strange:
        raise PackError(f"These files belong to no part (natives.toml): {', '.join(strange)}")
    for module in modules:
        path = module.replace(".", "/")
        owner = listed.get(f"{path}.py") or listed.get(f"{path}/__init__.py")
        if owner is not None:
            found.setdefault(owner, [])
    notice, own = (_read(ROOT / "LICENSE"),), tuple(found.get(made.title, ()))
    parts = [Part(made.title, made.version, "MIT", texts=notice, files=own)]
    parts.append(_loader(by_name["pyinstaller"]))
    for native in natives:
        if native.name in found and native.name != made.title:
            parts.append(_native(native, tuple(found[native.name])))
    for name in sorted(found.keys() & by_name.keys()):
        parts.append(_distribution(by_name[name], tuple(found[name])))
        parts += _within(by_name[name])
    refused = [f"{part.name} ({part.licence})" for part in parts if not accepted(part.licence)]
    if refused:
        raise PackError(f"These parts cannot travel (pack/licences.py): {', '.join(refused)}")
    return tuple(parts)


def read_natives() -> tuple[Native, ...]:
    rows = tomllib.loads((PACKAGING / "natives.toml").read_text(encoding="utf-8"))["native"]
    return tuple(Native(**{**row, "texts": tuple(row.get("texts", ()))}) for row in rows)


def owner_of(path: str, natives: Iterable[Native], listed: Mapping[str, str]) -> str | None:
    """The part that the file at `path` within a bundle belongs to; None for nobody."""
    known = listed.get(path)
    # An extension module of a distribution may look like one of Python's own.
    if known is not None and re.fullmatch(r"[\w.-]+\.pyd", path):
        return known
    native = next((each.name for each in natives if re.match(each.files, path)), None)
    # Any file of a distribution's metadata names it.
    return native or known or listed.get(path.partition("/")[0] + "/METADATA")


def refuse_traces(file: Path) -> None:
    """Look for what a GPL library leaves in a binary. Raises PackError."""
    if file.suffix in (".zip", ".json", ".qm", ".ttf", ".pem", ".txt", ".svg"):
        return
    refuse_traces_in(file.name, file.read_bytes())


def refuse_traces_in(name: str, data: bytes) -> None:
    """The same of a binary that is no file yet. Raises PackError."""
    for pattern, marks in TRACES.items():
        found = [mark.decode() for mark in marks if re.search(pattern, name) and mark in data]
        if found:
            raise PackError(f"{name} holds {', '.join(found)}: it is built with GPL code.")


def write_notices(parts: Iterable[Part], file: Path) -> None:
    """What the program shows as the licences of its parts."""
    rows = [
        {"name": p.name, "version": p.version, "licence": p.licence, "text": "\n\n".join(p.texts)}
        for p in sorted(parts, key=lambda part: part.name.lower())
    ]
    file.write_text(json.dumps(rows, ensure_ascii=False, indent=1), encoding="utf-8")


def files_in(bundle: Path) -> Iterator[tuple[Path, str]]:
    """Files, and their paths within the folder that PyInstaller calls `_internal`; no links."""
    inside = next(
        (each for each in (bundle / "_internal", bundle / "Contents") if each.is_dir()), bundle
    )
    for path in sorted(inside.rglob("*")):
        if path.is_file() and not path.is_symlink():
            # In an .app a folder must have no dot in its name.
            place = path.relative_to(inside).as_posix().replace("__dot__", ".")
            yield path, re.sub(r"^(Frameworks|Resources)/", "", place)


def _distribution_files() -> dict[str, str]:
    """Path within site-packages -> the distribution that it came with."""
    return {
        path.as_posix(): _plain(each.name)
        for each in distributions()
        for path in each.files or ()
        if not path.as_posix().startswith("..")
    }


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def licence_text(name: str) -> str:
    """The program shows those of GNU, too, so they lie with its resources."""
    places = (PACKAGING / "licences", ROOT / "resources" / "licences")
    return _read(next(place for folder in places if (place := folder / f"{name}.txt").is_file()))


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace").strip()


# One part each


def _native(native: Native, files: tuple[str, ...]) -> Part:
    facts = {
        "python": platform.python_version(),
        "openssl": ssl.OPENSSL_VERSION.split()[1],
        "sqlite": sqlite3.sqlite_version,
        "qt": next((d.version for d in distributions() if _plain(d.name) == "pyside6"), ""),
    }
    version = facts.get(native.version, "")
    if native.version == "file":
        numbers = (re.search(r"\.so\.(\d+(?:\.\d+)*)", file) for file in files)
        version = next((match.group(1) for match in numbers if match), "")
    texts = tuple(licence_text(name) for name in native.texts)
    return Part(native.name, version, native.licence, False, texts, files)


def _loader(found: Distribution) -> Part:
    """The program that starts the bundle; PyInstaller itself stays at home."""
    return Part("PyInstaller's loader", found.version, NAMED["pyinstaller"], texts=_texts(found))


def _distribution(found: Distribution, files: tuple[str, ...]) -> Part:
    fields: Any = found.metadata
    licence = NAMED.get(_plain(found.name)) or fields.get("License-Expression")
    licence = licence or fields.get("License") or "NOASSERTION"
    return Part(found.name, found.version, chosen(licence), True, _texts(found), files)


def _texts(found: Distribution) -> tuple[str, ...]:
    """The licences and notices that a distribution brings along."""
    if _plain(found.name).startswith(("pyside6", "shiboken6")):
        return (licence_text("LGPL-3.0"),)
    named = re.compile(r"dist-info/.*(licen[cs]e|copying|notice|authors)", re.IGNORECASE)
    elsewhere = re.compile(r"android|musl|v8_xfa")
    texts = [
        _read(Path(str(path.locate())))
        for path in found.files or ()
        if named.search(path.as_posix()) and not elsewhere.search(path.as_posix())
    ]
    return tuple(dict.fromkeys(texts))


def _within(found: Distribution) -> Iterator[Part]:
    """What the bills of materials in a wheel say is compiled into it."""
    for path in found.files or ():
        if "/sboms/" not in path.as_posix() or path.suffix != ".json":
            continue
        for row in json.loads(_read(Path(str(path.locate())))).get("components", ()):
            name, own = str(row["name"]), _plain(found.name)
            inner = _plain(name).startswith(own) or name.startswith("PIL.")
            if not inner and _plain(name) not in NOT_HERE and row.get("scope") != "excluded":
                title = f"{name} (in {found.name})"
                yield Part(title, str(row.get("version", "")), chosen(_licence_of(row)))


def _licence_of(row: Mapping[str, Any]) -> str:
    rows = row.get("licenses") or ()
    named = [each.get("expression") or each.get("license", {}).get("id") for each in rows]
    words = [str(each) for each in named if each]
    several = [f"({each})" if " " in each and len(words) > 1 else each for each in words]
    return " AND ".join(several) or NAMED.get(_plain(str(row["name"])), "NOASSERTION")
