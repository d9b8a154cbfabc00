"""How much attachments make of a request, and which of them are uploaded before it (R60).

Invariant: pure. Sizes of requests count base64, which adds a third; the policy counts files as
they are. What is left out counts nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from app.domain.kinds import MB, PICTURE, Carrier, carrier_of, kind_of
from app.domain.message import Media
from app.domain.settings import Service

INLINE_BYTES = 15 * MB
GATEWAY_WARNING_BYTES = 10 * MB
LEAST_UPLOAD_BYTES = 256 * 1024
"""A smaller file is sent again sooner than it is uploaded and asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """`request_bytes` is what goes in one request, `earlier_bytes` what of it went before.

    `pictures` counts those by address too. `uploads` are the places of the files (first those of
    `earlier`, then the new ones) that are uploaded, or were, and only referred to.
    """

    request_bytes: int
    earlier_bytes: int
    pictures: int
    uploads: frozenset[int] = frozenset()


def base64_bytes(size_bytes: int) -> int:
    return -(-size_bytes // 3) * 4


def load_of(service: Service, media: Sequence[Media], earlier: Sequence[Media] = ()) -> Load:
    """What `media` make of a request, behind `earlier`, which go along again."""
    together = (*earlier, *media)
    uploads = uploaded(service, together, len(earlier)) if service.takes_uploads else frozenset()
    sizes = [
        0 if at in uploads else request_bytes(service, each) for at, each in enumerate(together)
    ]
    shown = [each for each in together if not each.left_out]
    return Load(
        request_bytes=sum(sizes),
        earlier_bytes=sum(sizes[: len(earlier)]),
        pictures=sum(kind_of(each) is PICTURE for each in shown),
        uploads=uploads,
    )


def request_bytes(service: Service, media: Media) -> int:
    """How many bytes of a request an attachment takes; 0 for one that lies elsewhere."""
    if media.left_out or media.sha256 is None:
        return 0
    size = media.size_bytes or 0
    match carrier_of(service, media):
        case None | Carrier.REFERENCE:
            return 0
        case Carrier.TEXT:
            return size
        case _:
            return base64_bytes(size)


def uploaded(
    service: Service,
    media: Sequence[Media],
    earlier: int,
    known: Callable[[Media], bool] = lambda media: False,
) -> frozenset[int]:
    """The places of the files that are referred to, not sent along (R60).

    Those that are `known` to be uploaded, those that are used again (the first `earlier`), and
    of the rest the largest until what is left fits in 15 MB.
    """
    inline = {
        at: each.size_bytes or 0
        for at, each in enumerate(media)
        if each.sha256 is not None
        and not each.left_out
        and carrier_of(service, each) is Carrier.INLINE
    }
    found = {
        at
        for at, size in inline.items()
        if known(media[at]) or (at < earlier and size >= LEAST_UPLOAD_BYTES)
    }
    rest = sum(size for at, size in inline.items() if at not in found)
    for at in sorted(inline, key=lambda at: -inline[at]):
        if rest <= INLINE_BYTES:
            break
        if at not in found:
            found.add(at)
            rest -= inline[at]
    return frozenset(found)
