"""The units of words and of attachments, with frames for the pictures that lie somewhere else.

Invariant: a unit is made again only where its kind changed.
"""

from __future__ import annotations

from collections.abc import Sequence

from app.domain.kinds import PICTURE, is_address, kind_of
from app.domain.message import Media
from app.ui.transcript.style import Face
from app.ui.transcript.surroundings import Surroundings
from app.ui.transcript.units.base import Unit
from app.ui.transcript.units.figures import Figure, FiguredUnit
from app.ui.transcript.units.media import MediaUnit
from app.ui.transcript.units.text import TextUnit


def prose_unit(
    around: Surroundings, face: Face, figures: Sequence[Figure], old: Unit | None
) -> TextUnit:
    """For words, with these pictures below them."""
    if not figures:
        if isinstance(old, TextUnit) and type(old) is TextUnit and old.face is face:
            return old
        return TextUnit(around.style, face)
    unit = old if isinstance(old, FiguredUnit) and old.face is face else None
    if unit is None:
        unit = FiguredUnit(around.style, face, around.remote, around.pictures)
    unit.figures = tuple(figures)
    return unit


def media_unit(
    around: Surroundings, media: Sequence[Media], *, from_right: bool, old: Unit | None
) -> Unit:
    """For what is attached. A picture that a model gave by its address is not fetched by itself."""
    elsewhere = [
        Figure(each.url, each.name)
        for each in media
        if each.url is not None and is_address(each) and kind_of(each) is PICTURE
    ]
    if elsewhere and not from_right:
        return prose_unit(around, around.style.body, elsewhere, old)
    return old or MediaUnit(around.style, media, around.pictures, from_right=from_right)
