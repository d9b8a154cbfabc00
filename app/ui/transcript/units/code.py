"""A block of code: its language and buttons above, lines of one height below.

Invariant: only visible lines are laid out, and their height is fixed, so a block of any length
costs what is seen of it; its height does not change when its fence closes or colours arrive.
Offsets are those of the lines joined by line ends; tabs and odd characters are copied as written.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum, auto
from types import MappingProxyType

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen

from app.i18n import tr
from app.markdown.fence_info import language_of, title_of
from app.ui.theme import RADIUS
from app.ui.transcript.choices import Key
from app.ui.transcript.lexers import Lexers
from app.ui.transcript.style import Style
from app.ui.transcript.units.base import Act, Control, Look, Scene, Unit
from app.ui.transcript.units.code_lines import CodeLines

PAD_X_PX = 14
HANDLE_PX = 6
EXTENSIONS: Mapping[str, str] = MappingProxyType(
    {
        "bash": "sh",
        "c#": "cs",
        "c++": "cpp",
        "csharp": "cs",
        "dockerfile": "dockerfile",
        "javascript": "js",
        "jsx": "jsx",
        "kotlin": "kt",
        "markdown": "md",
        "plaintext": "txt",
        "powershell": "ps1",
        "python": "py",
        "ruby": "rb",
        "rust": "rs",
        "shell": "sh",
        "text": "txt",
        "typescript": "ts",
        "zsh": "sh",
    }
)
"""File name endings where they are not the language's own name."""


class Drawable(Enum):
    """Whether code is a drawing that can be shown as a picture."""

    NO = auto()
    OFFERED = auto()
    SHOWN = auto()
    REFUSED = auto()


class CodeUnit(Unit):
    """`set_code` may be called as often as the block grows; what is unchanged is kept."""

    __slots__ = (
        "_controls",
        "_controls_for",
        "_kept_lines",
        "_scroll_x",
        "_width",
        "drawable",
        "key",
        "language",
        "lines",
        "title",
        "wants_formulas",
        "wrap",
    )

    def __init__(self, style: Style, lexers: Lexers, key: Key) -> None:
        """`key` is the place under which the person's choice to wrap is kept."""
        super().__init__(style)
        self.key = key
        self.lines = CodeLines(style, lexers)
        self.language = self.title = ""
        self.wrap = False
        self.drawable = Drawable.NO
        self.wants_formulas = False
        self._scroll_x = 0
        self._width = 0
        self._kept_lines = 0
        self._controls: Sequence[Control] = ()
        self._controls_for: tuple[object, ...] = ()

    def set_code(self, lines: Sequence[str], info: str, final: int, *, closed: bool) -> None:
        """`info` is what the fence says; `final` lines from the start will not change any more."""
        self.language = language_of(info)
        title = title_of(info) or self.language
        kept = self.lines.set_lines(lines, self.lexed_as, final, closed=closed)
        self._kept_lines = min(self._kept_lines, kept) if title == self.title else 0
        self.title = title

    @property
    def lexed_as(self) -> str:
        """The language whose colours its lines have."""
        return self.language

    def file_name(self) -> str:
        """A name to save it under: its title where that is one, else by its language."""
        if "." in self.title:
            return self.title.replace("\\", "/").rpartition("/")[2]
        return f"code.{EXTENSIONS.get(self.title, self.title) or 'txt'}"

    # Measures ----------------------------------------------------------------------------

    @property
    def _head_px(self) -> int:
        return self.style.px(34)

    @property
    def _pad_y_px(self) -> int:
        return self.style.px(10)

    def lay_out(self, width: int) -> int:
        before = (self._width, self._scroll_x)
        self._width = width
        inner = width - 2 * PAD_X_PX
        self.lines.set_columns(int(inner / self.style.code.advance_px) if self.wrap else 0)
        rows = max(1, self.lines.row_count)
        self._scroll_x = min(self._scroll_x, self.scroll_range())
        body = rows * self.style.code.line_px + 2 * self._pad_y_px + 1
        self.height = self._head_px + body
        same = before == (width, self._scroll_x) and not self.wrap and self._kept_lines
        above = self._head_px + self._pad_y_px
        self.kept_px = above + self._kept_lines * self.style.code.line_px if same else 0
        self._kept_lines = len(self.lines)
        return self.height

    def colour_more(self, budget_s: float) -> tuple[int, int]:
        """Colour lines for about so long; from where to where the unit looks otherwise."""
        first, after = self.lines.colour_more(budget_s)
        above = self._head_px + self._pad_y_px
        line_px = self.style.code.line_px
        return above + first * line_px, above + after * line_px

    @property
    def text(self) -> str:
        return self.lines.text

    def length(self) -> int:
        return self.lines.length

    def offset_at(self, x: float, y: float) -> int:
        row = int((y - self._head_px - self._pad_y_px) // self.style.code.line_px)
        return self.lines.offset_at(row, x - PAD_X_PX + self._scroll_x)

    def caret(self, offset: int) -> QRectF:
        row, x = self.lines.place_of(offset)
        line = self.style.code.line_px
        top = self._head_px + self._pad_y_px + row * line
        return QRectF(PAD_X_PX + x - self._scroll_x, top, 1, line)

    # Scrolling sideways ------------------------------------------------------------------

    def scroll_range(self) -> int:
        if self.wrap:
            return 0
        return max(0, int(self.lines.width_px) + 2 * PAD_X_PX + 2 - self._width)

    def scroll_x(self) -> int:
        return self._scroll_x

    def set_scroll_x(self, x: int) -> None:
        self._scroll_x = min(max(0, x), self.scroll_range())

    def handle_rect(self) -> QRectF:
        beyond = self.scroll_range()
        if not beyond:
            return QRectF()
        room = self._width - 2 * RADIUS.m
        wide = max(32.0, room * self._width / (self._width + beyond))
        x = RADIUS.m + (room - wide) * self._scroll_x / beyond
        return QRectF(x, self.height - HANDLE_PX - 3, wide, HANDLE_PX)

    # Painting ----------------------------------------------------------------------------

    def paint(self, painter: QPainter, scene: Scene) -> None:
        self._paint_box(painter, scene)
        style = self.style
        painter.save()
        painter.setClipRect(
            QRectF(1, max(self._head_px, scene.top), self._width - 2, scene.bottom - scene.top),
            Qt.ClipOperation.IntersectClip,
        )
        painter.translate(PAD_X_PX - self._scroll_x, self._head_px + self._pad_y_px)
        above = self._head_px + self._pad_y_px
        line_px = style.code.line_px
        first = max(0, int((scene.top - above) // line_px))
        last = min(self.lines.row_count, int((scene.bottom - above) // line_px) + 1)
        seen = (float(self._scroll_x - PAD_X_PX), float(self._scroll_x + self._width))
        plain = [(start, end) for start, end, _ in scene.marks]
        for row in range(first, last):
            top = row * line_px
            for start, end, color in scene.marks:
                self._paint_mark(painter, row, top, start, end, color)
            self.lines.paint_row(painter, row, QPointF(0, top), seen, plain)
        painter.restore()
        handle = self.handle_rect()
        if not handle.isEmpty():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(style.color("scroll_handle"))
            painter.drawRoundedRect(handle, HANDLE_PX / 2, HANDLE_PX / 2)

    def _paint_mark(
        self, painter: QPainter, row: int, top: int, start: int, end: int, color: QColor
    ) -> None:
        extent = self.lines.extent(row, start, end)
        if extent is not None:
            left, right = extent
            painter.fillRect(QRectF(left, top, right - left, self.style.code.line_px), color)

    def _paint_box(self, painter: QPainter, scene: Scene) -> None:
        style = self.style
        # A box of a hundred thousand lines is painted only where it is seen.
        top = max(0.0, scene.top - 2 * RADIUS.m)
        bottom = min(float(self.height), scene.bottom + 2 * RADIUS.m)
        box = QRectF(0.5, top + 0.5, self._width - 1, bottom - top - 1)
        painter.setPen(QPen(style.color("line"), 1))
        painter.setBrush(style.color("code"))
        painter.drawRoundedRect(box, RADIUS.m, RADIUS.m)
        if scene.top < self._head_px:
            painter.fillRect(QRectF(1, self._head_px - 1, self._width - 2, 1), style.color("line"))
            self._paint_title(painter)

    def _paint_title(self, painter: QPainter) -> None:
        """The file's name where the fence gives one, and the language."""
        style = self.style
        font = style.small_muted.font
        metrics = QFontMetricsF(font)
        end = min(control.rect.left() for control in self.controls()) - style.px(8)
        room = QRectF(PAD_X_PX, 0, max(0, end - PAD_X_PX), self._head_px)
        painter.setFont(font)
        named = self.title != self.language
        painter.setPen(style.color("text" if named else "muted"))
        elide = Qt.TextElideMode.ElideRight
        title = metrics.elidedText(self.title, elide, room.width())
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, title)
        room.setLeft(room.left() + metrics.horizontalAdvance(title) + style.px(10))
        if named and room.width() > metrics.horizontalAdvance(self.language):
            painter.setPen(style.color("muted"))
            painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, self.language)

    # Buttons -----------------------------------------------------------------------------

    def controls(self) -> Sequence[Control]:
        """Made once for a look: they are asked for at each painting."""
        look = (self._width, self.wrap, self.drawable, self.title)
        if look != self._controls_for:
            self._controls_for, self._controls = look, self._placed_controls()
        return self._controls

    def _placed_controls(self) -> Sequence[Control]:
        style = self.style
        side = style.px(26)
        copy_wide = style.words_px(tr("Copy")) + style.px(36)
        y = (self._head_px - side) // 2
        copy_x = self._width - copy_wide - 5
        picture = self._picture_controls(copy_x - 2, y, side)
        wrap_x = (picture[0].rect.left() if picture else copy_x) - side - 2
        save_x = wrap_x - side - 2
        return (
            *picture,
            Control(
                act=Act.SAVE_CODE,
                name=tr("Save code"),
                tip=tr("Save as a file"),
                rect=QRect(save_x, y, side, side),
                icon="save",
                value=self.file_name(),
                hover_only=True,
                sticky=True,
            ),
            Control(
                act=Act.WRAP,
                name=tr("Wrap lines"),
                rect=QRect(wrap_x, y, side, side),
                icon="wrap",
                checked=self.wrap,
                hover_only=True,
                sticky=True,
            ),
            Control(
                act=Act.COPY_CODE,
                name=tr("Copy"),
                tip=tr("Copy the code"),
                description=tr("Copies this code"),
                rect=QRect(copy_x, y, copy_wide, side),
                icon="copy",
                text=tr("Copy"),
                look=Look.WORDS,
                sticky=True,
            ),
        )

    def _picture_controls(self, right: int, y: int, tall: int) -> Sequence[Control]:
        """Show the drawing that the code is, or the code again."""
        if self.drawable is Drawable.NO:
            return ()
        style = self.style
        shown = self.drawable is Drawable.SHOWN
        words = tr("Show code") if shown else tr("Show picture")
        refused = self.drawable is Drawable.REFUSED
        wide = style.words_px(words) + style.px(36)
        return (
            Control(
                act=Act.DRAW,
                name=words,
                tip=tr("This drawing cannot be shown safely") if refused else "",
                text=words,
                icon="code" if shown else "image",
                rect=QRect(right - wide, y, wide, tall),
                look=Look.WORDS,
                enabled=not refused,
                sticky=True,
            ),
        )
