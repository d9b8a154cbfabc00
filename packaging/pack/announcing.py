"""The signed list of releases that the program looks at for new versions, and the keys for it.

    ./dev package key FILE    makes a pair: FILE is the private key, the public one is printed
    ./dev package list        writes and signs dist/latest.json for what lies in dist/

The private key is the text in LINNET_SIGNING_KEY, or the file that LINNET_SIGNING_KEY_FILE names.
The page to open is LINNET_RELEASE_PAGE, or that of this version below the homepage.

Invariant: the private key is never printed, and nothing is written over an old one. What is signed
is read again as the program reads it, with the keys that the program carries.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import os
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from nacl.signing import SigningKey

from app.updates.announcement import (
    FORM,
    LARGEST_BYTES,
    LONGEST_NOTES,
    AnnouncementError,
    key_id,
    read,
    to_sign,
)
from pack import desktop
from pack.product import OUT, PackError, Product, say

KEY, KEY_FILE = "LINNET_SIGNING_KEY", "LINNET_SIGNING_KEY_FILE"
PAGE = "LINNET_RELEASE_PAGE"
NAME = "latest.json"
# The form that OpenSSL reads, too (RFC 8410): what stands before the key's own bytes.
_FIRST, _LAST = b"-----BEGIN PRIVATE KEY-----", b"-----END PRIVATE KEY-----"
_BEFORE = bytes.fromhex("302e020100300506032b657004220420")
_SEED_BYTES = 32


def print_key(made: Product, words: Sequence[str]) -> None:
    """Make a pair of keys; the public one is for app/build.py. Raises PackError."""
    if len(words) != 1:
        raise PackError("Which file shall hold the private key? ./dev package key FILE")
    say(make_keys(Path(words[0])))


def sign_list(made: Product, words: Sequence[str]) -> None:
    """Sign the list for what lies in dist/. Raises PackError."""
    if words:
        raise PackError("The list is for all that lies in dist/: ./dev package list")
    write_list(made)


def make_keys(file: Path) -> str:
    """Write a new private key to `file`, for its owner alone; the public one. Raises PackError."""
    key = SigningKey.generate()
    text = b"\n".join((_FIRST, base64.b64encode(_BEFORE + bytes(key)), _LAST, b""))
    try:
        with open(file, "xb", opener=lambda path, flags: os.open(path, flags, 0o600)) as opened:
            opened.write(text)
    except FileExistsError:
        raise PackError(f"{file} is there already. A key is not written over.") from None
    except OSError as error:
        raise PackError(f"{file} cannot be written: {error.strerror}.") from None
    return base64.b64encode(_public(key)).decode()


def private_key() -> SigningKey:
    """The key of the environment. Raises PackError."""
    text = os.environ.get(KEY, "").encode()
    if not text:
        place = os.environ.get(KEY_FILE, "")
        if not place:
            raise PackError(f"The list is signed with the key in {KEY} or {KEY_FILE}.")
        try:
            text = Path(place).read_bytes()
        except OSError as error:
            raise PackError(f"The key cannot be read: {error.strerror}.") from None
    inner = text.strip().removeprefix(_FIRST).removesuffix(_LAST)
    try:
        data = base64.b64decode(b"".join(inner.split()), validate=True)
    except binascii.Error:
        data = b""
    seed = data.removeprefix(_BEFORE)
    if not data.startswith(_BEFORE) or len(seed) != _SEED_BYTES:
        raise PackError("The key for signing is none of `./dev package key`.")
    return SigningKey(seed)


def write_list(made: Product, folder: Path = OUT) -> Path:
    """Write the signed list for the packages in `folder` into it. Raises PackError."""
    key = private_key()
    release = next((each for each in desktop.releases(made) if each.version == made.version), None)
    if release is None:
        raise PackError(f"CHANGELOG.md says nothing of {made.version}.")
    files = [file for file in sorted(folder.glob("*")) if file.is_file() and _is_package(file)]
    if not files:
        raise PackError(f"There is no package in {folder}.")
    page = os.environ.get(PAGE, "")
    if not page and made.homepage:
        page = f"{made.homepage}/releases/tag/v{made.version}"
    notes = "\n".join((*release.words, *(f"• {point}" for point in release.points)))
    text = json.dumps(
        {
            "form": FORM,
            "product": made.name,
            "version": made.version,
            "date": release.date,
            "issued": int(time.time()),
            "page": page,
            "notes": notes[:LONGEST_NOTES],
            "files": {file.name: _sum(file) for file in files},
        },
        ensure_ascii=False,
    )
    data = signed(text, key)
    _read_again(data, made, page)
    target = folder / NAME
    target.write_bytes(data)
    when = datetime.now(UTC).strftime("%Y-%m-%d %H:%M")
    say(f"{target.name}: {made.version}, {len(files)} packages, signed {when} UTC")
    return target


def signed(text: str, key: SigningKey) -> bytes:
    """The content of a list that says `text`."""
    signature = base64.b64encode(key.sign(to_sign(text)).signature).decode()
    envelope = {"key": key_id(_public(key)), "signature": signature, "signed": text}
    return json.dumps(envelope, ensure_ascii=False, indent=1).encode() + b"\n"


def _read_again(data: bytes, made: Product, page: str) -> None:
    keys = [base64.b64decode(key) for key in made.update_keys]
    if not keys:
        raise PackError("The program carries no key to check the list with (app/build.py).")
    if len(data) > LARGEST_BYTES:
        raise PackError(f"The list has {len(data)} bytes, and {LARGEST_BYTES} are read.")
    try:
        read(data, keys)
    except AnnouncementError as error:
        raise PackError(
            f"The program would not believe this list: {error} The page is “{page}”, and the key "
            "has to be one of those in app/build.py."
        ) from None


def _is_package(file: Path) -> bool:
    return file.suffix not in (".json", ".txt", ".asc", ".sig") and not file.name.startswith(".")


def _sum(file: Path) -> dict[str, str | int]:
    with file.open("rb") as opened:
        return {
            "size": file.stat().st_size,
            "sha256": hashlib.file_digest(opened, "sha256").hexdigest(),
        }


def _public(key: SigningKey) -> bytes:
    return bytes(key.verify_key)
