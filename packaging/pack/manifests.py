"""What package managers are told of a release, winget, Homebrew and Flatpak; and its notes.

    ./dev package manifests [ADDRESS]     writes them into dist/manifests/, for what lies in dist/

Invariant: they hold addresses and sums, so they are made for a release and never committed. ADDRESS
is where the files of this version will lie; without it, below the homepage. Of what does not lie in
dist/ nothing is said.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from pack import desktop, image, macos, marker, windows
from pack.product import OUT, PackError, Product, say

WINGET_FORM = "1.10.0"
RUNTIME = "25.08"
DESCRIPTION = (
    "A native desktop chat for Gemini and every model behind an OpenAI-compatible address: "
    "gateways, and the servers on your own computer. Chats stay on your own disk, keys in the "
    "system's keyring."
)
TAGS = ("ai", "assistant", "chat", "gemini", "llm", "ollama", "openai", "qt")
# What the setup ends with (windows/linnet.nsi), in winget's words.
SETUP_CODES = {
    2: "cancelledByUser",
    3: "packageInUse",
    4: "systemNotSupported",
    5: "downgrade",
    6: "invalidParameter",
    7: "diskFull",
}
_MACOS_NAMES = {13: "ventura", 14: "sonoma", 15: "sequoia"}
_HOLES = "--share=network --share=ipc --socket=wayland --socket=fallback-x11 --socket=pulseaudio "
_HOLES += "--device=dri --talk-name=org.freedesktop.secrets --talk-name=org.kde.kwalletd6 "
_HOLES += "--talk-name=org.freedesktop.Notifications"


def write(made: Product, words: Sequence[str]) -> None:
    """All three, into dist/manifests/. Raises PackError."""
    if len(words) > 1:
        raise PackError("Where will the files lie? ./dev package manifests ADDRESS")
    below = f"{made.homepage}/releases/download/v{made.version}" if made.homepage else ""
    address = (words[0] if words else below).rstrip("/")
    if not address:
        raise PackError("Nobody knows where the files will lie: ./dev package manifests ADDRESS")
    written = list(texts(made, address, OUT))
    if not written:
        raise PackError(f"There is no package in {OUT} that a manager could bring.")
    written.append(("notes.md", notes(made)))
    for name, text in written:
        file = OUT / "manifests" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        say(str(file.relative_to(OUT.parent)))


def texts(made: Product, address: str, folder: Path) -> Iterator[tuple[str, str]]:
    """File names and contents of the manifests for the packages in `folder`."""
    for name, content in winget(made, address, folder).items():
        yield f"winget/{name}", "".join(_yaml(content))
    if text := cask(made, address, folder):
        yield f"homebrew/{made.name}.rb", text
    if content := flatpak(made, address, folder):
        yield f"flatpak/{made.id}.json", json.dumps(content, indent=2) + "\n"


def notes(made: Product) -> str:
    """What the change log says of this version."""
    for release in desktop.releases(made):
        if release.version == made.version:
            points = "\n".join(f"- {point}" for point in release.points)
            return "\n\n".join([*release.words, points]).strip() + "\n"
    raise PackError(f"CHANGELOG.md says nothing of {made.version}.")


# winget


def winget(made: Product, address: str, folder: Path) -> dict[str, dict[str, Any]]:
    """File name -> content, of the three that winget wants; empty without a setup."""
    installers = list(_winget_installers(made, address, folder))
    if not installers:
        return {}
    own = f"{made.title}.{made.title}"
    common = {"PackageIdentifier": own, "PackageVersion": made.version}
    about: dict[str, Any] = {
        "PackageLocale": "en-US",
        "Publisher": made.maker,
        "PackageName": made.title,
        "License": "MIT",
        "ShortDescription": made.summary,
        "Description": DESCRIPTION,
        "Moniker": made.name,
        "Tags": list(TAGS),
    }
    if made.homepage:
        about["PackageUrl"] = made.homepage
        about["ReleaseNotesUrl"] = f"{made.homepage}/releases/tag/v{made.version}"
    install: dict[str, Any] = {
        "MinimumOSVersion": "10.0.17763.0",
        "InstallModes": ["interactive", "silent"],
        "UpgradeBehavior": "install",
        "Commands": [made.name],
        "Protocols": [made.name],
        "FileExtensions": sorted(ending.lstrip(".") for ending in windows.endings()),
        "Installers": installers,
    }
    return {
        f"{own}.yaml": {**common, "DefaultLocale": "en-US", **_kind("version")},
        f"{own}.locale.en-US.yaml": {**common, **about, **_kind("defaultLocale")},
        f"{own}.installer.yaml": {**common, **install, **_kind("installer")},
    }


def _winget_installers(made: Product, address: str, folder: Path) -> Iterator[dict[str, Any]]:
    codes = [{"InstallerReturnCode": n, "ReturnResponse": word} for n, word in SETUP_CODES.items()]
    for machine, name in windows.ARCHITECTURES.items():
        it = replace(made, machine=machine)
        setup, package = (folder / windows.file_name(it, end) for end in ("-setup.exe", ".msi"))
        if setup.exists():
            yield {
                "Architecture": name,
                "InstallerType": "nullsoft",
                "Scope": "user",
                **_found(address, setup),
                "InstallerSwitches": {"Custom": "/WINGET"},
                "ExpectedReturnCodes": codes,
                "ProductCode": made.title,
            }
        if package.exists():
            code = windows.identity(f"{made.version} {name}")
            family = {"UpgradeCode": windows.identity(f"{made.id} {name}")}
            yield {
                "Architecture": name,
                "InstallerType": "wix",
                "Scope": "machine",
                **_found(address, package),
                "ProductCode": code,
                "AppsAndFeaturesEntries": [{"ProductCode": code, **family}],
            }


def _found(address: str, file: Path) -> dict[str, str]:
    return {"InstallerUrl": f"{address}/{file.name}", "InstallerSha256": _sum(file).upper()}


def _kind(name: str) -> dict[str, str]:
    return {"ManifestType": name, "ManifestVersion": WINGET_FORM}


# Homebrew


def cask(made: Product, address: str, folder: Path) -> str:
    """The cask for both architectures, or for the one that there is; empty without an image."""
    files = {
        name: file
        for machine, name in image.ARCHITECTURES.items()
        if (file := folder / image.file_name(replace(made, machine=machine))).exists()
    }
    if not files:
        return ""
    sums = {{"arm64": "arm", "intel": "intel"}[name]: _sum(file) for name, file in files.items()}
    lines = [f'version "{made.version}"']
    if len(files) == 2:
        lines.insert(0, 'arch arm: "arm64", intel: "intel"')
        lines += [f'sha256 arm:   "{sums["arm"]}",', f'       intel: "{sums["intel"]}"']
        end = "#{arch}"
    else:
        lines.append(f'sha256 "{next(iter(sums.values()))}"')
        end = next(iter(files))
    lines += [
        "",
        f'url "{address}/{made.title}-#{{version}}-macos-{end}.dmg"',
        f'name "{made.title}"',
        f'desc "{made.summary}"',
        *([f'homepage "{made.homepage}"'] if made.homepage else []),
        "",
        f'depends_on macos: ">= :{_MACOS_NAMES[int(macos.OLDEST.partition(".")[0])]}"',
        *([f"depends_on arch: :{end if end == 'arm64' else 'x86_64'}"] if len(files) == 1 else []),
        "",
        f'app "{made.title}.app"',
        f'binary "#{{appdir}}/{made.title}.app/Contents/MacOS/{made.name}"',
        "",
        "zap trash: [",
        *(f'  "~/Library/{place}/{made.name}",' for place in
          ("Application Support", "Caches", "Logs")),
        "]",
    ]  # fmt: skip
    body = "".join(f"  {line}".rstrip() + "\n" for line in lines)
    return f'cask "{made.name}" do\n{body}end\n'


# Flatpak


def flatpak(made: Product, address: str, folder: Path) -> dict[str, Any]:
    """The bundle of the tar.xz on the plain runtime: the same Qt that everything was tried with."""
    archives = {
        machine: file
        for machine in ("x86_64", "aarch64")
        if (file := folder / f"{made.name}-{made.version}-{machine}.tar.xz").exists()
    }
    if not archives:
        return {}
    own = f"lib/{made.name}/_internal/{marker.PLACE}"
    commands = [
        f"sed -i 's/^kind = .*/kind = \"flatpak\"/' {own}",
        "mkdir -p ${FLATPAK_DEST}",
        "cp -a bin lib share ${FLATPAK_DEST}/",
        f"rm ${{FLATPAK_DEST}}/lib/{made.name}/setup ${{FLATPAK_DEST}}/lib/{made.name}/files",
    ]
    sources = [
        {
            "type": "archive",
            "url": f"{address}/{file.name}",
            "sha256": _sum(file),
            "only-arches": [machine],
        }
        for machine, file in archives.items()
    ]
    module = {
        "name": made.name,
        "buildsystem": "simple",
        "build-commands": commands,
        "sources": sources,
    }
    return {
        "id": made.id,
        "runtime": "org.freedesktop.Platform",
        "runtime-version": RUNTIME,
        "sdk": "org.freedesktop.Sdk",
        "command": made.name,
        "finish-args": _HOLES.split(),
        "build-options": {"strip": False, "no-debuginfo": True},
        "modules": [module],
    }


# Texts


def _sum(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _yaml(content: Mapping[str, Any], indent: str = "") -> Iterator[str]:
    """Mappings, lists and plain values; texts in quotes, as JSON and YAML both read them."""
    for name, value in content.items():
        if isinstance(value, Mapping):
            yield f"{indent}{name}:\n"
            yield from _yaml(value, indent + "  ")
        elif isinstance(value, list):
            yield f"{indent}{name}:\n"
            for row in value:
                if isinstance(row, Mapping):
                    first, *others = "".join(_yaml(row, indent + "  ")).splitlines(keepends=True)
                    yield f"{indent}- {first.lstrip()}"
                    yield from others
                else:
                    yield f"{indent}- {json.dumps(row, ensure_ascii=False)}\n"
        else:
            yield f"{indent}{name}: {json.dumps(value, ensure_ascii=False)}\n"
