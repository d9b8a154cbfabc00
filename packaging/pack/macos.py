"""What macOS is told about the program, and how it is signed and put into an image.

Invariant: the facts need no Mac and are tried everywhere; signing and images need Apple's tools.
"""

from __future__ import annotations

import os
import plistlib
from pathlib import Path
from typing import Any

from pack.product import Product, run, say

IDENTITY = "CODESIGN_IDENTITY"
NOTARY = {"--key": "NOTARY_KEY_FILE", "--key-id": "NOTARY_KEY_ID", "--issuer": "NOTARY_ISSUER"}
"""Variables with the words for Apple's notary: a file with the key, its name, and who gave it."""

OLDEST = "13.0"
"""What the wheels of Qt are tagged for."""
OPENED = ("public.image", "public.movie", "public.audio", "com.adobe.pdf", "public.text")


def facts(made: Product) -> dict[str, Any]:
    """The content of Info.plist."""
    return {
        "CFBundleName": made.title,
        "CFBundleDisplayName": made.title,
        "CFBundleIdentifier": made.id,
        "CFBundleExecutable": made.name,
        "CFBundleIconFile": f"{made.name}.icns",
        "CFBundlePackageType": "APPL",
        "CFBundleShortVersionString": made.version,
        "CFBundleVersion": made.version,
        "CFBundleDevelopmentRegion": "en",
        "CFBundleLocalizations": ["en"],
        "CFBundleURLTypes": [
            {"CFBundleURLName": made.id, "CFBundleURLSchemes": [made.name]},
        ],
        "CFBundleDocumentTypes": [
            {
                "CFBundleTypeName": "Files to ask about",
                "CFBundleTypeRole": "Viewer",
                "LSHandlerRank": "Alternate",
                "LSItemContentTypes": list(OPENED),
            },
        ],
        "LSApplicationCategoryType": "public.app-category.productivity",
        "LSMinimumSystemVersion": OLDEST,
        "NSHighResolutionCapable": True,
        "NSSupportsAutomaticGraphicsSwitching": True,
        "NSRequiresAquaSystemAppearance": False,
        "NSAppTransportSecurity": {"NSAllowsLocalNetworking": True},
        "NSHumanReadableCopyright": f"{made.maker}. MIT licence.",
    }


def entitlements() -> dict[str, Any]:
    """None beyond the hardened runtime: nothing is compiled or loaded unsigned at run time."""
    return {}


def write_facts(folder: Path, made: Product) -> None:
    (folder / "Info.plist").write_bytes(plistlib.dumps(facts(made)))
    (folder / "entitlements.plist").write_bytes(plistlib.dumps(entitlements()))


def forget_links(bundle: Path) -> None:
    """Take out the links to files that stayed at home: codesign takes them for damage."""
    for path in sorted(bundle.rglob("*")):
        if path.is_symlink() and not path.exists():
            path.unlink()


def sign(bundle: Path) -> None:
    """Seal the bundle: with CODESIGN_IDENTITY where there is one, else for this machine alone."""
    command = _codesign()
    inside = bundle / "Contents"
    libraries = sorted(
        path
        for path in inside.rglob("*")
        if path.suffix in (".so", ".dylib") and not path.is_symlink()
    )
    for library in libraries:
        run(*command, library)
    for framework in sorted(inside.rglob("*.framework")):
        run(*command, framework)
    own = bundle.parent.parent / "entitlements.plist"
    run(*command, "--entitlements", own, bundle)
    run("codesign", "--verify", "--deep", "--strict", bundle)


def sign_image(file: Path) -> None:
    """Sign a .dmg; without an identity there is nothing to sign it with."""
    if os.environ.get(IDENTITY):
        run(*_codesign(), file)
    else:
        say("It is not signed, because there is no identity for that.")


def _codesign() -> list[str]:
    identity = os.environ.get(IDENTITY, "")
    hard = ["--options", "runtime", "--timestamp"] if identity else []
    return ["codesign", "--force", *hard, "--sign", identity or "-"]


def can_notarise() -> bool:
    """Only what is signed is notarised."""
    return all(os.environ.get(name) for name in (IDENTITY, *NOTARY.values()))


def notarise(file: Path) -> None:
    """Show a zip or an image to Apple's notary and wait for its word. Raises PackError."""
    words = [word for option, name in NOTARY.items() for word in (option, os.environ[name])]
    run("xcrun", "notarytool", "submit", file, *words, "--wait", "--timeout", "30m")
