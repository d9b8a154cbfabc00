"""What every unit is, what it is given to paint with, and the buttons that it asks for.

Invariant: `lay_out` returns whole pixels and is cheap when neither width nor content changed.
Offsets are Qt's (UTF-16) into `text`; a unit without selectable text has the empty text.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from PySide6.QtCore import QRect, QRectF
from PySide6.QtGui import QColor, QPainter

from app.ui.transcript.flow import utf16_slice
from app.ui.transcript.style import Style


class Act(StrEnum):
    """What a control of the transcript does; the view carries it out."""

    COPY_CODE = "copy_code"
    SAVE_CODE = "save_code"
    WRAP = "wrap"
    TOGGLE = "toggle"
    COPY = "copy"
    REGENERATE = "regenerate"
    OLDER = "older"
    NEWER = "newer"
    EDIT = "edit"
    MORE = "more"
    DETAILS = "details"
    ADVICE = "advice"
    LINK = "link"
    SEND_AGAIN = "send_again"
    MEDIA = "media"
    LOAD = "load"
    DRAW = "draw"
    OPEN_DRAWING = "open_drawing"


class Look(StrEnum):
    """How a control is drawn: `COVER` paints nothing but its focus ring over what the unit drew."""

    ICON = "icon"
    WORDS = "words"
    BUTTON = "button"
    LABEL = "label"
    LINK = "link"
    COVER = "cover"


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """A button over the unit, made real while it is visible. `rect` is in the unit's place.

    `key` tells it from the other controls of its unit. `checked` is `None` where it is no switch.
    `hover_only` hides it until the pointer or the keyboard is at its row; `sticky` keeps it in
    sight while any of its unit is.
    """

    act: Act
    name: str
    rect: QRect
    key: str = ""
    look: Look = Look.ICON
    icon: str = ""
    text: str = ""
    tip: str = ""
    description: str = ""
    value: str = ""
    link: str = ""
    checked: bool | None = None
    enabled: bool = True
    hover_only: bool = False
    sticky: bool = False


@dataclass(slots=True)
class Scene:
    """What a unit may need to paint. `top` and `bottom` bound what is visible of it.

    `marks` are ranges of its text with a ground colour, later ones on top.
    """

    style: Style
    top: float
    bottom: float
    width: int
    marks: Sequence[tuple[int, int, QColor]] = ()
    underlined: tuple[int, int] | None = None
    hovered: bool = False

    def clip(self, width: float) -> QRectF:
        return QRectF(-4, self.top, width + 8, self.bottom - self.top)


@dataclass(frozen=True, slots=True)
class LinkSpot:
    """A link of a unit: where it leads, its words, its range and its first rectangle."""

    href: str
    text: str
    start: int
    end: int
    rect: QRectF = field(default_factory=QRectF)


class Unit(ABC):
    """One row's content. `height` is that of the last `lay_out`.

    `kept_px`: from the top so far it looks as it did before the last `lay_out`; 0 is always right.
    """

    __slots__ = ("height", "kept_px", "style")

    def __init__(self, style: Style) -> None:
        self.style = style
        self.height = 0
        self.kept_px = 0

    @abstractmethod
    def lay_out(self, width: int) -> int:
        """Fit into `width` logical pixels and return the height."""

    @abstractmethod
    def paint(self, painter: QPainter, scene: Scene) -> None:
        """Paint with the painter's origin at the top left corner of the unit."""

    @property
    def text(self) -> str:
        return ""

    @property
    def right_to_left(self) -> bool:
        return False

    @property
    def heads(self) -> bool:
        """Whether it belongs to what stands below it."""
        return False

    def length(self) -> int:
        """The length of `text` in Qt's units."""
        return 0

    def copied(self, start: int, end: int) -> str:
        """What copying the range gives as plain text."""
        return utf16_slice(self.text, start, end)

    def whole(self) -> str:
        """What its own copy button copies."""
        return self.text

    def offset_at(self, x: float, y: float) -> int:
        return 0

    def caret(self, offset: int) -> QRectF:
        return QRectF(0, 0, 1, self.height)

    def break_above(self, y: float) -> float:
        """Where a page may end, at `y` or above: at the top of a line; 0 for nowhere."""
        if not self.length():
            return 0.0
        top = self.caret(self.offset_at(0, y)).top()
        return float(top) if top <= y else 0.0

    def baseline(self) -> float | None:
        """What its first line of words stands on; `None` where that is no text."""
        return None

    def link_at(self, x: float, y: float) -> LinkSpot | None:
        return None

    def links(self) -> Iterable[LinkSpot]:
        return ()

    def controls(self) -> Sequence[Control]:
        return ()

    # Only units that scroll sideways override these.

    def scroll_range(self) -> int:
        """How far the content reaches beyond the width, in pixels."""
        return 0

    def scroll_x(self) -> int:
        return 0

    def set_scroll_x(self, x: int) -> None:
        return None

    def handle_rect(self) -> QRectF:
        """The handle of the sideways scroll bar; empty where there is none."""
        return QRectF()
