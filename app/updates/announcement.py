"""The signed list of releases, `latest.json`: its form, and what makes it worth believing.

    {"key": "…", "signature": "…", "signed": "{\"form\": 1, \"version\": …}"}

Invariant: what is signed is a text within the file, byte by byte, so that nothing has to be
written in one way only; nothing of it is read before its signature was found to be good. Pure: no
clock, no file, no network.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from app.build import NAME, TITLE
from app.i18n import tr
from app.updates.package import may_be_asked
from app.updates.version import order

FORM = 1
LARGEST_BYTES = 64 * 1024
LONGEST_NOTES = 4000
_PURPOSE = b"releases of linnet\n"
"""Signed before the text: a signature for anything else is none for this."""


class AnnouncementError(Exception):
    """A list that is damaged, not ours or out of order. `str()` is a sentence for the person."""


@dataclass(frozen=True, slots=True)
class Announcement:
    """The newest release. `issued` is the second of signing, in Unix time."""

    version: str
    date: date
    issued: int
    page: str
    notes: str = ""


def key_id(public: bytes) -> str:
    """A short name for a public key."""
    return hashlib.sha256(public).hexdigest()[:16]


def to_sign(text: str) -> bytes:
    """The bytes under the signature of a list that says `text`."""
    return _PURPOSE + text.encode()


def read(data: bytes, keys: Iterable[bytes]) -> Announcement:
    """What `data` announces, where one of the public `keys` has signed it.

    Raises AnnouncementError.
    """
    envelope = _object(data)
    name, text, signature = (envelope.get(each) for each in ("key", "signed", "signature"))
    if not (isinstance(name, str) and isinstance(text, str) and isinstance(signature, str)):
        raise _damaged()
    public = next((key for key in keys if key_id(key) == name), None)
    if public is None or not _is_signed(text, signature, public):
        raise AnnouncementError(
            tr("The list of releases is not signed by those who make {title}.", title=TITLE)
        )
    return _announced(_object(text.encode()))


def _object(data: bytes) -> Mapping[str, Any]:
    if len(data) > LARGEST_BYTES:
        raise AnnouncementError(tr("The list of releases is far too large."))
    try:
        found = json.loads(data.decode())  # no other encoding, which json would guess
    except (ValueError, RecursionError):
        raise _damaged() from None
    if not isinstance(found, dict):
        raise _damaged()
    return found


def _is_signed(text: str, signature: str, public: bytes) -> bool:
    from nacl.exceptions import CryptoError
    from nacl.signing import VerifyKey

    try:
        VerifyKey(public).verify(to_sign(text), base64.b64decode(signature, validate=True))
    except (CryptoError, ValueError):
        return False
    return True


def _announced(found: Mapping[str, Any]) -> Announcement:
    """The content of a list with a good signature: it can still be another program's or older."""
    if found.get("form") != FORM or found.get("product") != NAME:
        raise AnnouncementError(
            tr("The list of releases has a form that this version does not know.")
        )
    try:
        announcement = Announcement(
            version=str(found["version"]),
            date=date.fromisoformat(str(found["date"])),
            issued=int(found["issued"]),
            page=str(found["page"]),
            notes=str(found.get("notes", ""))[:LONGEST_NOTES],
        )
        order(announcement.version)
    except (KeyError, TypeError, ValueError, OverflowError):
        raise _damaged() from None
    if not may_be_asked(announcement.page):
        raise _damaged()
    return announcement


def _damaged() -> AnnouncementError:
    return AnnouncementError(tr("The list of releases is damaged."))
