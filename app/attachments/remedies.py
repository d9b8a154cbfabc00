"""What can be done with an attachment that cannot go out as it is, as data, and in words.

Invariant: values only. A `Change` is done by `Attachments.change` and gives the attachments that
take the place of the old one; a `Choice` is for the person to make.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never

from app.attachments.sizes import length_words, size_words
from app.i18n import tr, trn


@dataclass(frozen=True, slots=True)
class ShrinkPicture:
    """`longest_px` is the longer side afterwards, `quality` that of a JPEG, 1 to 95."""

    longest_px: int = 2048
    quality: int = 85


@dataclass(frozen=True, slots=True)
class ConvertPicture:
    """Into a JPEG (PNG where something shows through) that every service reads."""


@dataclass(frozen=True, slots=True)
class CompressVideo:
    """To about `size_bytes` at most."""

    size_bytes: int


@dataclass(frozen=True, slots=True)
class Trim:
    """Only the part between two times, in seconds."""

    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class SoundOnly:
    """Of a video, or of a recording in another form: an mp3 (a wav where there is no encoder)."""


@dataclass(frozen=True, slots=True)
class PagesAsPictures:
    """Pages `first` to `last` of a PDF, from 1, each as a picture."""

    first: int
    last: int


@dataclass(frozen=True, slots=True)
class TextOnly:
    """The text of a PDF."""


Change = (
    ShrinkPicture | ConvertPicture | CompressVideo | Trim | SoundOnly | PagesAsPictures | TextOnly
)


class Choice(StrEnum):
    SWITCH_MODEL = "switch_model"
    SWITCH_SERVICE = "switch_service"
    GIVE_ADDRESS = "give_address"
    DOWNLOAD = "download"  # take what lies at the address
    LEAVE_OUT = "leave_out"


Remedy = Change | Choice


def words(remedy: Remedy) -> str:
    """What stands on its button."""
    match remedy:
        case ShrinkPicture(longest_px):
            return tr("Shrink to {count} pixels", count=longest_px)
        case ConvertPicture():
            return tr("Convert to JPEG")
        case CompressVideo(size_bytes):
            return tr("Compress to {size}", size=size_words(size_bytes))
        case Trim(start_s, end_s):
            first, last = length_words(start_s), length_words(end_s)
            return tr("Only {first} to {last}", first=first, last=last)
        case SoundOnly():
            return tr("Send the sound only")
        case PagesAsPictures(first, last):
            count = last - first + 1
            return trn("Send {count} page as a picture", "Send {count} pages as pictures", count)
        case TextOnly():
            return tr("Send its text")
        case Choice.SWITCH_MODEL:
            return tr("Choose another model")
        case Choice.SWITCH_SERVICE:
            return tr("Choose another service")
        case Choice.GIVE_ADDRESS:
            return tr("Give an address")
        case Choice.DOWNLOAD:
            return tr("Download it")
        case Choice.LEAVE_OUT:
            return tr("Leave it out")
        case _:
            assert_never(remedy)


def done_words(change: Change) -> str:
    """What was done, as a sentence."""
    match change:
        case ShrinkPicture():
            return tr("It was made smaller.")
        case ConvertPicture():
            return tr("It was converted to JPEG.")
        case CompressVideo():
            return tr("It was compressed.")
        case Trim():
            return tr("It was cut.")
        case SoundOnly():
            return tr("Its sound was converted.")
        case PagesAsPictures():
            return tr("Its pages were made into pictures.")
        case TextOnly():
            return tr("Its text was taken.")
        case _:
            assert_never(change)
