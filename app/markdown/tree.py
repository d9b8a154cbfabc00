"""The render tree: leaf blocks in reading order, each with the containers that it stands in.

A document is a flat list of leaves. Nesting lives in `Leaf.context`, so the view can build one
unit per leaf, a selection is a range of leaves, and HTML is written from any slice of them.
Inline nodes and containers are frozen. A leaf changes only while it is the last one (`open`);
its `lines` and `rows` only grow, apart from a last line that is still being written (`partial`).
Knows nothing of Qt, HTML or Python-Markdown.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TypeAlias

from app.markdown.fence_info import language_of, title_of

# ---------------------------------------------------------------------------------------- inline


@dataclass(frozen=True, slots=True)
class Text:
    text: str


@dataclass(frozen=True, slots=True)
class SoftBreak:
    """A line end in the source; drawn as a space."""


@dataclass(frozen=True, slots=True)
class HardBreak:
    """A line end that must be drawn: two spaces, a backslash, or `<br>`."""


@dataclass(frozen=True, slots=True)
class Code:
    text: str


@dataclass(frozen=True, slots=True)
class Math:
    """TeX within text. `closed` is false while it is still being written: show its source."""

    tex: str
    display: bool = False
    closed: bool = True


@dataclass(frozen=True, slots=True)
class Strong:
    children: tuple[Inline, ...]


@dataclass(frozen=True, slots=True)
class Emphasis:
    children: tuple[Inline, ...]


@dataclass(frozen=True, slots=True)
class Strike:
    children: tuple[Inline, ...]


@dataclass(frozen=True, slots=True)
class Link:
    """`href` is empty while the address is still being written."""

    href: str
    title: str
    children: tuple[Inline, ...]


@dataclass(frozen=True, slots=True)
class Image:
    """`src` is empty while the address is still being written."""

    src: str
    title: str
    alt: str


@dataclass(frozen=True, slots=True)
class FootnoteRef:
    label: str
    number: int


Inline: TypeAlias = (
    Text
    | SoftBreak
    | HardBreak
    | Code
    | Math
    | Strong
    | Emphasis
    | Strike
    | Link
    | Image
    | FootnoteRef
)

# ------------------------------------------------------------------------------------ containers


@dataclass(frozen=True, slots=True)
class Quote:
    """A block quotation. Neighbouring leaves with the same `id` stand in the same one."""

    id: int


@dataclass(frozen=True, slots=True)
class Item:
    """A list item. `marker` is what to draw ("•", "3.") at its first leaf, `None` at the others.

    `task` is `None` for an ordinary item, else whether the box is ticked.
    """

    id: int
    list_id: int
    marker: str | None
    ordered: bool
    number: int = 0
    task: bool | None = None


@dataclass(frozen=True, slots=True)
class Footnote:
    """The text of a footnote. `number` is 0 while nothing refers to it."""

    id: int
    label: str
    number: int


Container: TypeAlias = Quote | Item | Footnote

# ---------------------------------------------------------------------------------------- leaves


class Kind(Enum):
    PARAGRAPH = "paragraph"
    HEADING = "heading"
    CODE = "code"
    TABLE = "table"
    MATH = "math"
    RULE = "rule"


class Align(Enum):
    NONE = ""
    LEFT = "left"
    CENTER = "center"
    RIGHT = "right"


@dataclass(slots=True, eq=False)
class Leaf:
    """One block without blocks inside: the unit of rendering.

    `lines`: paragraph and heading: source lines without container marks; code and math: their
    content. An empty paragraph stands for an empty item or quote. `start` and `end` are source
    lines, counted from 0, `end` exclusive.
    `tight`: in a list, and no blank line lies between this leaf and the one before.
    `glue`: not `None` when this leaf goes on a paragraph or heading that was cut because it is
    very long; it holds the white space that stood at the cut. Draw it without a gap.
    """

    kind: Kind
    context: tuple[Container, ...]
    start: int
    end: int
    lines: list[str] = field(default_factory=list)
    tight: bool = False
    open: bool = True
    partial: bool = False
    glue: str | None = None
    # headings
    level: int = 0
    # code: `fenced` is false for code by indentation; `closed` also serves math
    info: str = ""
    fenced: bool = False
    closed: bool = False
    # tables: cells are inline source; every row has as many cells as `align`
    align: tuple[Align, ...] = ()
    head: tuple[str, ...] = ()
    rows: list[tuple[str, ...]] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The inline source of a paragraph or heading; the content of code and math."""
        return self.lines[0] if len(self.lines) == 1 else "\n".join(self.lines)

    @property
    def language(self) -> str:
        """The language that a fence names, lower case; empty when it names none."""
        return language_of(self.info)

    @property
    def title(self) -> str:
        """The file name or title that a fence names; empty when it names none."""
        return title_of(self.info)
