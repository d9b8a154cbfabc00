"""What a service and its model cannot take of some attachments, said before anything is sent.

Invariant: pure; agrees with what the encoders do, because both read `app.domain.kinds`. A problem
that blocks would be refused or left out for certain; a warning may still go well. Each offers what
helps, as data.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from app.attachments.recordings import video_plan
from app.attachments.remedies import (
    Change,
    Choice,
    CompressVideo,
    ConvertPicture,
    PagesAsPictures,
    Remedy,
    ShrinkPicture,
    SoundOnly,
    TextOnly,
    Trim,
)
from app.attachments.sizes import length_words, size_words
from app.domain.carrying import GATEWAY_WARNING_BYTES, Load, load_of
from app.domain.kinds import (
    GB,
    MB,
    PDF,
    PICTURE,
    SOUND,
    TEXT,
    VIDEO,
    Carrier,
    carrier_of,
    is_address,
    kind_of,
    media_tokens,
    shown_seconds,
)
from app.domain.message import Media
from app.domain.settings import Form, Service
from app.i18n import tr, trn

LARGEST_UPLOAD_BYTES = 2 * GB
LARGEST_PDF_BYTES = 50 * MB
MOST_PDF_PAGES = 1000
LONGEST_SOUND_S = 9.5 * 3600
SHRUNK_PX = (2048, 1024)
MOST_PAGE_PICTURES = 20


class Weight(StrEnum):
    BLOCKS = "blocks"
    WARNS = "warns"


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """`at` is the place of the attachment; `None` where it is about all of them.

    `by_itself` is a change that loses nothing, and that may be made without asking.
    """

    weight: Weight
    sentence: str
    at: int | None = None
    remedies: tuple[Remedy, ...] = ()
    by_itself: Change | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Who is to read it: a service and what is known of its model (`None` is unknown).

    `sees` says whether the model reads pictures, `inputs` all that it reads, in the words of a
    model list. `data_urls` is False where it was learned that the service takes addresses only.
    `can_convert` says whether this computer has an ffmpeg.
    """

    service: Service
    model: str = ""
    sees: bool | None = None
    inputs: frozenset[str] | None = None
    context_tokens: int | None = None
    data_urls: bool = True
    can_convert: bool = True


def problems(
    media: Sequence[Media], reader: Reader, earlier: Sequence[Media] = (), text_tokens: int = 0
) -> tuple[Problem, ...]:
    """What is wrong with sending `media` now, behind what goes along again (`earlier`)."""
    found = [each for at, one in enumerate(media) for each in _of_one(at, one, reader)]
    if reader.service.form is not Form.DEMO:
        found += _of_all(media, reader, earlier)
        found += _of_tokens((*earlier, *media), reader, text_tokens)
    return tuple(found)


# One attachment


def _of_one(at: int, media: Media, reader: Reader) -> Iterator[Problem]:
    if media.left_out:
        return
    carrier = carrier_of(reader.service, media)
    if carrier is None:
        yield _not_taken(at, media, reader)
        return
    if _wants_address(media, carrier, reader):
        yield Problem(
            weight=Weight.WARNS,  # it was so once; it may be tried again
            sentence=tr(
                "{service} takes pictures and videos by their address only.",
                service=_name(reader.service),
            ),
            at=at,
            remedies=(Choice.GIVE_ADDRESS, *_as_text(media), Choice.SWITCH_SERVICE),
        )
    if not _is_read(media, reader):
        yield Problem(
            weight=Weight.BLOCKS,
            sentence=_unread(media, reader.model or tr("This model")),
            at=at,
            remedies=(*_as_text(media), *_as_sound(media, reader), Choice.SWITCH_MODEL),
        )
    if _is_part(media) and reader.service.form is Form.OPENAI:
        yield _untold_part(at, media, reader)
    if reader.service.takes_uploads:
        yield from _of_upload(at, media, reader)


def _is_read(media: Media, reader: Reader) -> bool:
    """Whether the model can read it, as far as is known. A PDF may reach it as text."""
    kind = kind_of(media)
    word = {PICTURE.name: "image", VIDEO.name: "video", SOUND.name: "audio"}.get(kind.name)
    if reader.inputs is not None and word is not None:
        return word in reader.inputs
    return reader.sees is not False or kind not in (PICTURE, VIDEO, PDF)


def _unread(media: Media, model: str) -> str:
    kind = kind_of(media)
    if kind is SOUND:
        return tr("{model} cannot hear.", model=model)
    if kind is VIDEO:
        return tr("{model} cannot watch videos.", model=model)
    return tr("{model} cannot see.", model=model)


def _is_part(media: Media) -> bool:
    return any(each is not None for each in (media.start_s, media.end_s, media.frames_per_s))


def _untold_part(at: int, media: Media, reader: Reader) -> Problem:
    """Only Google's own form can be told which part of a video to read."""
    end = media.end_s or media.duration_s
    can_cut = reader.can_convert and media.sha256 is not None and end is not None
    return Problem(
        weight=Weight.WARNS,
        sentence=tr(
            "{service} gets the whole recording, not a part.", service=_name(reader.service)
        ),
        at=at,
        remedies=(Trim(media.start_s or 0.0, end),) if can_cut and end else (),
    )


def _wants_address(media: Media, carrier: Carrier, reader: Reader) -> bool:
    by_url = carrier in (Carrier.PICTURE, Carrier.VIDEO)
    return by_url and not reader.data_urls and not is_address(media)


def _not_taken(at: int, media: Media, reader: Reader) -> Problem:
    service, kind = reader.service, kind_of(media)
    by_itself: Change | None = None
    remedies: tuple[Remedy, ...] = (Choice.SWITCH_SERVICE,)
    if is_address(media):
        sentence = tr("{service} takes no addresses of this kind.", service=_name(service))
        own = Media(mime=media.mime or "image/jpeg", sha256="")
        if carrier_of(service, own) is not None:
            remedies = (Choice.DOWNLOAD, *remedies)
    elif kind is PICTURE and service.takes_image_data:
        sentence = tr("{service} cannot read HEIC pictures.", service=_name(service))
        by_itself = ConvertPicture()
    elif kind is SOUND and service.takes_audio:
        sentence = tr("{service} takes sound as wav and mp3 only.", service=_name(service))
        by_itself = SoundOnly() if reader.can_convert else None
        if by_itself is None:
            sentence += " " + tr("To convert it, install ffmpeg.")
    else:
        sentence = _no_such_kind(media, service)
        remedies = (*_instead(media, reader), *remedies)
    if by_itself is not None:
        remedies = (by_itself, *remedies)
    return Problem(
        weight=Weight.BLOCKS, sentence=sentence, at=at, remedies=remedies, by_itself=by_itself
    )


def _no_such_kind(media: Media, service: Service) -> str:
    name = _name(service)
    kind = kind_of(media)
    if kind is PICTURE:
        if service.takes_image_url:
            return tr("{service} takes pictures by their address only.", service=name)
        return tr("{service} takes no pictures.", service=name)
    if kind is VIDEO:
        return tr("{service} takes no videos.", service=name)
    if kind is SOUND:
        return tr("{service} takes no sound.", service=name)
    if kind is PDF:
        return tr("{service} takes no PDF files.", service=name)
    return tr("{service} takes no files of this kind.", service=name)


def _instead(media: Media, reader: Reader) -> tuple[Remedy, ...]:
    """What the service does take of an attachment that it does not take."""
    kind, service = kind_of(media), reader.service
    if kind is PICTURE and service.takes_image_url:
        return (Choice.GIVE_ADDRESS,)
    if kind is VIDEO and service.takes_audio:
        return _as_sound(media, reader)
    if kind is PDF:
        return (*_as_text(media), *_as_pages(media, reader))
    return ()


def _as_text(media: Media) -> tuple[Remedy, ...]:
    return (TextOnly(),) if kind_of(media) is PDF and media.sha256 is not None else ()


def _as_sound(media: Media, reader: Reader) -> tuple[Remedy, ...]:
    is_video = kind_of(media) is VIDEO and media.sha256 is not None
    return (SoundOnly(),) if is_video and reader.can_convert else ()


def _as_pages(media: Media, reader: Reader) -> tuple[Remedy, ...]:
    if not (reader.service.takes_image_data and media.pages):
        return ()
    return (PagesAsPictures(1, min(media.pages, MOST_PAGE_PICTURES)),)


def _of_upload(at: int, media: Media, reader: Reader) -> Iterator[Problem]:
    """What Google's own form takes of one file (wire reference 3.9)."""
    size, kind = media.size_bytes or 0, kind_of(media)
    largest = LARGEST_PDF_BYTES if kind is PDF else LARGEST_UPLOAD_BYTES
    if size > largest and kind is not TEXT:
        yield Problem(
            weight=Weight.BLOCKS,
            sentence=tr(
                "{name} has {size}, and at most {limit} are taken.",
                name=media.name,
                size=size_words(size),
                limit=size_words(largest),
            ),
            at=at,
            remedies=_smaller(media, reader, largest),
        )
    if kind is PDF and (media.pages or 0) > MOST_PDF_PAGES:
        yield Problem(
            weight=Weight.BLOCKS,
            sentence=tr(
                "{name} has {pages} pages, and at most {limit} are taken.",
                name=media.name,
                pages=media.pages,
                limit=MOST_PDF_PAGES,
            ),
            at=at,
            remedies=(*_as_text(media), *_as_pages(media, reader)),
        )
    if kind is SOUND and (shown_seconds(media) or 0) > LONGEST_SOUND_S:
        yield Problem(
            weight=Weight.BLOCKS,
            sentence=tr(
                "{name} lasts {length}, and at most {limit} are taken.",
                name=media.name,
                length=length_words(media.duration_s or 0),
                limit=length_words(LONGEST_SOUND_S),
            ),
            at=at,
            remedies=(Trim(0.0, LONGEST_SOUND_S),) if reader.can_convert else (),
        )


# All of them together


def _of_all(media: Sequence[Media], reader: Reader, earlier: Sequence[Media]) -> Iterator[Problem]:
    service = reader.service
    load = load_of(service, media, earlier)
    limit = service.largest_request_mb * MB
    if limit and load.request_bytes > limit:
        yield _too_much(media, reader, load, limit)
    elif not service.takes_uploads and load.request_bytes > GATEWAY_WARNING_BYTES:
        yield Problem(
            weight=Weight.WARNS,
            sentence=tr(
                "The attachments make {size} in the request; many services take less.",
                size=size_words(load.request_bytes),
            ),
            remedies=_for_largest(media, reader, load.request_bytes - GATEWAY_WARNING_BYTES),
        )
    if service.most_pictures and load.pictures > service.most_pictures:
        yield Problem(
            weight=Weight.BLOCKS,
            sentence=trn(
                "{service} takes {count} picture in a question, and these are {given}.",
                "{service} takes {count} pictures in a question, and these are {given}.",
                service.most_pictures,
                service=_name(service),
                given=load.pictures,
            ),
            remedies=(Choice.LEAVE_OUT, Choice.SWITCH_SERVICE),
        )


def _too_much(media: Sequence[Media], reader: Reader, load: Load, limit: int) -> Problem:
    words = tr(
        "The attachments make {size} in the request, and {service} takes {limit}.",
        size=size_words(load.request_bytes),
        service=_name(reader.service),
        limit=size_words(limit),
    )
    if load.earlier_bytes:
        again = size_words(load.earlier_bytes)
        words += " " + tr("{size} of it are from earlier in this chat.", size=again)
    helps = _for_largest(media, reader, load.request_bytes - limit)
    remedies = (*helps, Choice.LEAVE_OUT, Choice.SWITCH_SERVICE)
    return Problem(weight=Weight.BLOCKS, sentence=words, remedies=remedies)


def _for_largest(media: Sequence[Media], reader: Reader, over_bytes: int) -> tuple[Remedy, ...]:
    """What makes the largest attachment so much smaller that the rest fits (base64 counted)."""
    own = [each for each in media if each.sha256 is not None and not each.left_out]
    if not own:
        return ()
    largest = max(own, key=lambda each: each.size_bytes or 0)
    wished = (largest.size_bytes or 0) - over_bytes * 3 // 4
    return _smaller(largest, reader, wished)


def _smaller(media: Media, reader: Reader, size_bytes: int) -> tuple[Remedy, ...]:
    """What brings an attachment to about `size_bytes`."""
    kind = kind_of(media)
    if kind is PICTURE:
        longest = max(media.width_px or 0, media.height_px or 0)
        return tuple(ShrinkPicture(px) for px in SHRUNK_PX if px < longest)
    if kind is PDF:
        return (*_as_text(media), *_as_pages(media, reader))
    if kind not in (VIDEO, SOUND) or not reader.can_convert or size_bytes <= 0:
        return ()
    length_s, found = media.duration_s, list[Remedy]()
    if kind is VIDEO and length_s and video_plan(length_s, size_bytes) is not None:
        found.append(CompressVideo(size_bytes))
    if length_s and media.size_bytes:
        found.append(Trim(0.0, round(length_s * min(1.0, size_bytes / media.size_bytes), 1)))
    return (*found, *_as_sound(media, reader))


def _of_tokens(media: Sequence[Media], reader: Reader, text_tokens: int) -> Iterator[Problem]:
    total = text_tokens + sum(media_tokens(each) or 0 for each in media)
    if reader.context_tokens is not None and total > reader.context_tokens:
        yield Problem(
            weight=Weight.WARNS,
            sentence=tr(
                "These are about {tokens} tokens, and {model} reads {limit}.",
                tokens=f"{total:,}",
                model=reader.model or tr("this model"),
                limit=f"{reader.context_tokens:,}",
            ),
            remedies=(Choice.LEAVE_OUT, Choice.SWITCH_MODEL),
        )


def _name(service: Service) -> str:
    return service.name or service.base_url
