"""The unit of a block of code: its lines, or the picture that they draw where that was chosen.

Invariant: a block that is still being written is shown as lines; a picture that is not drawn yet,
or cannot be, leaves the lines as they are.
"""

from __future__ import annotations

from app.markdown.tree import Leaf
from app.ui.transcript.choices import Key
from app.ui.transcript.surroundings import Surroundings
from app.ui.transcript.units.base import Unit
from app.ui.transcript.units.code import CodeUnit, Drawable
from app.ui.transcript.units.drawn import DrawnUnit
from app.ui.transcript.vectors import Vector, is_drawing


def code_unit(around: Surroundings, leaf: Leaf, key: Key, old: Unit | None) -> CodeUnit:
    """Made, or `old` brought up to date. `key`: the place for what the person chose for it."""
    drawable, vector = _drawing(around, leaf, key)
    unit: CodeUnit
    if vector is not None:
        unit = DrawnUnit(around.style, around.lexers, key, vector)
    else:
        unit = old if type(old) is CodeUnit else CodeUnit(around.style, around.lexers, key)
    unit.drawable = drawable
    unit.wants_formulas = drawable is Drawable.SHOWN and vector is None
    unit.wrap = around.choices.wrapped(key)
    final = len(leaf.lines) - (1 if leaf.partial else 0)
    unit.set_code(leaf.lines, leaf.info, final, closed=not leaf.open)
    return unit


def _drawing(around: Surroundings, leaf: Leaf, key: Key) -> tuple[Drawable, Vector | None]:
    """Whether code can be shown as a picture, and the picture where it is to be shown."""
    if leaf.open or not leaf.closed or not is_drawing(leaf.language, leaf.lines):
        return Drawable.NO, None
    if around.vectors.is_refused(leaf.text):
        return Drawable.REFUSED, None
    if not around.choices.drawn(key):
        return Drawable.OFFERED, None
    return Drawable.SHOWN, around.vectors.get(leaf.text)
