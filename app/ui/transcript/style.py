"""Fonts, line heights and character formats of the transcript, for one state of the theme.

Invariant: made anew when the theme's generation changes, never changed itself apart from its
caches. Every measure is the design's, times the person's text size.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from PySide6.QtGui import QColor, QFont, QFontMetrics, QFontMetricsF, QTextCharFormat

from app.ui.theme import TYPE, Theme

CODE_PAD_PX = 4
"""Room before and after inline code, three pixels of it within its pill."""


class Mark:
    """How a run of text looks, as bits of a number. A link is a run with an address."""

    PLAIN = 0
    BOLD = 1
    ITALIC = 2
    STRIKE = 4
    CODE = 8
    MATH = 16
    RAISED = 32
    IMAGE = 64


class Run(NamedTuple):
    """Neighbouring characters that look alike. `source` is what copying gives for an object.

    `text` of a formula that is drawn as a picture is one no-break space of the picture's width.
    """

    text: str
    marks: int = Mark.PLAIN
    href: str = ""
    source: str = ""
    width_px: float = 0.0


class Face:
    """A font with its colour, line height and formats. `line_px` is whole logical pixels."""

    __slots__ = (
        "_formats",
        "_style",
        "ascent",
        "baseline",
        "code_ground",
        "code_line",
        "code_pad_px",
        "code_padding",
        "color",
        "descent",
        "font",
        "line_px",
        "plain_color",
        "space_px",
    )

    def __init__(self, style: Style, font: QFont, line_px: int, color: str) -> None:
        self.font = font
        self.line_px = line_px
        self.color = style.theme.color(color)
        self.plain_color = style.theme.color("text")
        self.code_ground = style.theme.color("code")
        self.code_line = style.theme.color("line")
        self.code_pad_px = style.px(CODE_PAD_PX)
        self.code_padding = QTextCharFormat()
        self.code_padding.setFontLetterSpacingType(QFont.SpacingType.AbsoluteSpacing)
        self.code_padding.setFontLetterSpacing(self.code_pad_px)
        metrics = QFontMetricsF(font)
        self.ascent = metrics.ascent()
        self.descent = metrics.descent()
        self.baseline = round((line_px - self.ascent - self.descent) / 2 + self.ascent)
        """Where words stand in a line of their own."""
        self.space_px = metrics.horizontalAdvance("\u00a0")
        self._style = style
        self._formats: dict[tuple[int, bool, float], QTextCharFormat] = {}

    def char_format(self, run: Run) -> QTextCharFormat | None:
        """The format of a run; `None` for plain text. Shared: do not change it."""
        key = (run.marks, bool(run.href), run.width_px)
        if key == (Mark.PLAIN, False, 0.0):
            return None
        found = self._formats.get(key)
        if found is None:
            found = self._formats[key] = self._made(*key)
        return found

    def _made(self, marks: int, linked: bool, width_px: float) -> QTextCharFormat:
        made = QTextCharFormat()
        theme = self._style.theme
        if width_px:
            made.setFontLetterSpacingType(QFont.SpacingType.AbsoluteSpacing)
            made.setFontLetterSpacing(width_px - self.space_px)
            return made
        if marks & Mark.BOLD:
            made.setFontWeight(QFont.Weight.Bold)
        if marks & (Mark.ITALIC | Mark.MATH):
            made.setFontItalic(True)
        if marks & Mark.STRIKE:
            made.setFontStrikeOut(True)
        if marks & (Mark.CODE | Mark.MATH):
            mono = theme.font(self.font.pixelSize(), mono=True)
            made.setFontFamilies(mono.families())
            made.setProperty(QTextCharFormat.Property.FontPixelSize, mono.pixelSize())
        if marks & Mark.RAISED:
            made.setVerticalAlignment(QTextCharFormat.VerticalAlignment.AlignSuperScript)
        if linked:
            made.setForeground(theme.color("accent"))
        return made


@dataclass(frozen=True, slots=True)
class CodeMetrics:
    """The fixed font of code blocks; all lines are `line_px` high."""

    font: QFont
    advance_px: float
    ascent: float
    line_px: int


class Style:
    """All faces of the transcript at one theme generation and text size."""

    def __init__(self, theme: Theme, *, paged: bool = False) -> None:
        """`paged`: for paper, on which nothing can be scrolled or clicked."""
        self.theme = theme
        self.paged = paged
        self.generation = theme.generation
        self.scale = theme.scale
        bold = QFont.Weight.Bold
        semi = QFont.Weight.DemiBold
        self.body = self._face(TYPE.body, 24)
        self.bubble = self._face(TYPE.body, 22)
        self.muted = self._face(TYPE.small, 20, color="muted")
        self.small = self._face(TYPE.small, 18)
        self.small_muted = self._face(TYPE.small, 18, color="muted")
        self.caption = self._face(TYPE.caption, 16, color="muted")
        self.name = self._face(TYPE.small, 20, weight=semi)
        self.cell = self._face(TYPE.body, 24)
        self.details = self._face(TYPE.small, 18, mono=True)
        self.headings: Mapping[int, Face] = {
            1: self._face(22, 30, weight=bold),
            2: self._face(18, 26, weight=bold),
            3: self._face(16, 24, weight=bold),
            4: self._face(TYPE.body, 24, weight=bold),
            5: self._face(TYPE.body, 24, weight=semi),
            6: self._face(TYPE.small, 22, weight=semi, color="muted"),
        }
        self.muted_headings = self._face(TYPE.small, 20, weight=semi, color="muted")
        mono = theme.font(TYPE.body * self.scale, mono=True)
        metrics = QFontMetricsF(mono)
        self.code = CodeMetrics(
            font=mono,
            advance_px=metrics.horizontalAdvance("0"),
            ascent=metrics.ascent(),
            line_px=self.px(20),
        )
        self._words = QFontMetrics(self.small.font)
        self._code_formats: dict[str, QTextCharFormat] = {}

    def px(self, length: float) -> int:
        """A length of the design at the person's text size."""
        return max(1, round(length * self.scale))

    def color(self, name: str) -> QColor:
        return self.theme.color(name)

    def words_px(self, words: str) -> int:
        """The width of `words` on a small button."""
        return self._words.horizontalAdvance(words)

    def code_format(self, token: str) -> QTextCharFormat:
        """The format of a part of code; `token` is a colour of the palette."""
        found = self._code_formats.get(token)
        if found is None:
            found = self._code_formats[token] = QTextCharFormat()
            found.setForeground(self.color(token))
        return found

    def heading(self, level: int) -> Face:
        return self.headings[min(max(level, 1), 6)]

    def _face(
        self,
        size: int,
        line: int,
        *,
        weight: QFont.Weight = QFont.Weight.Normal,
        color: str = "text",
        mono: bool = False,
    ) -> Face:
        font = self.theme.font(size * self.scale, weight, mono=mono)
        return Face(self, font, self.px(line), color)
