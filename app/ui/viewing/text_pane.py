"""Shows text and code: fixed letters, coloured, to be selected and copied.

Invariant: read and coloured off the window's thread; a line gets its colours when it is first
seen, so that a long file costs what is seen of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QLocale, QMimeData, Qt
from PySide6.QtGui import QFont, QTextCharFormat, QTextLayout
from PySide6.QtWidgets import QPlainTextEdit, QVBoxLayout

from app.i18n import tr, trn
from app.markdown.colours import Colour, Span
from app.markdown.highlight import highlighter_for
from app.ui.theme import TYPE, Theme
from app.ui.viewing.background import Background
from app.ui.viewing.exhibit import Exhibit
from app.ui.viewing.pane import Pane

MOST_CHARS = 2_000_000
MOST_COLOURED_LINES = 20_000
STEP = 1.25
LEAST, MOST = 0.6, 4.0


@dataclass(frozen=True, slots=True)
class ReadText:
    """`spans` are the colours of its first lines; `cut`: there is more in the file."""

    text: str
    spans: Sequence[tuple[Span, ...]]
    cut: bool


class TextPane(Pane):
    """`field` holds the text."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self._zoom = 1.0
        self._exhibit: Exhibit | None = None
        self._shown: ReadText | None = None
        self._coloured: set[int] = set()
        self._colouring = False
        self.field = QPlainTextEdit()
        self.field.setReadOnly(True)
        self.field.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.field.setFrameShape(QPlainTextEdit.Shape.NoFrame)
        self.field.setProperty("kind", "plain")
        self.field.document().setDocumentMargin(16)
        self.field.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.field.verticalScrollBar().valueChanged.connect(self._colour_what_is_seen)
        self.field.updateRequest.connect(self._colour_what_is_seen)
        self.setFocusProxy(self.field)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.field)
        self._reading = Background("text viewer", _read_text, self._on_read)
        theme.changed.connect(self._dress)
        self._dress()

    def show_exhibit(self, exhibit: Exhibit) -> None:
        self.leave()
        self._exhibit = exhibit
        self.field.setAccessibleName(exhibit.name or tr("Text"))
        self._reading.put(exhibit)

    def leave(self) -> None:
        self._exhibit = self._shown = None
        self._coloured.clear()
        self.field.clear()

    @property
    def facts(self) -> str:
        if self._shown is None:
            return ""
        count = self.field.blockCount()
        number = QLocale().toString(count)
        lines = trn("{number} line", "{number} lines", count, number=number)
        return f"{lines} · {tr('only the beginning is shown')}" if self._shown.cut else lines

    @property
    def zoom(self) -> float | None:
        return self._zoom if self._shown is not None else None

    def zoom_by(self, factor: float) -> None:
        self._zoom = min(max(self._zoom * factor, LEAST), MOST)
        self._dress()
        self.changed.emit()

    def fit(self) -> None:
        self.zoom_by(1 / self._zoom)

    @property
    def can_copy(self) -> bool:
        return self._shown is not None

    def copied(self) -> QMimeData | None:
        """What is selected, else all that is shown."""
        selected = self.field.textCursor().selectedText().replace("\u2029", "\n")
        data = QMimeData()
        data.setText(selected or (self._shown.text if self._shown is not None else ""))
        return data

    def press(self, key: Qt.Key) -> bool:
        keys = Qt.Key
        if key in (keys.Key_Plus, keys.Key_Equal):
            self.zoom_by(STEP)
        elif key == keys.Key_Minus:
            self.zoom_by(1 / STEP)
        elif key in (keys.Key_0, keys.Key_1):
            self.fit()
        else:
            return False
        return True

    def _dress(self) -> None:
        font = QFont(self.theme.font(TYPE.body * self._zoom, mono=True))
        self.field.setFont(font)
        self.field.setTabStopDistance(4 * self.field.fontMetrics().horizontalAdvance(" "))
        self._coloured.clear()
        self._colour_what_is_seen()

    def _on_read(self, exhibit: Exhibit, found: ReadText | None) -> None:
        if exhibit is not self._exhibit:
            return
        if found is None:
            self.field.setPlainText(tr("This file cannot be read any more."))
        else:
            self._shown = found
            self.field.setPlainText(found.text)
            self._colour_what_is_seen()
        self.changed.emit()

    def _colour_what_is_seen(self) -> None:
        shown = self._shown
        if shown is None or self._colouring:
            return
        self._colouring = True  # what is coloured is drawn anew, which is told here too
        block = self.field.firstVisibleBlock()
        bottom = self.field.viewport().height()
        top = self.field.blockBoundingGeometry(block).translated(self.field.contentOffset()).top()
        while block.isValid() and top <= bottom and block.blockNumber() < len(shown.spans):
            number = block.blockNumber()
            if number not in self._coloured and shown.spans[number]:
                block.layout().setFormats(self._formats(block.text(), shown.spans[number]))
                self.field.document().markContentsDirty(block.position(), block.length())
            self._coloured.add(number)
            top += self.field.blockBoundingRect(block).height()
            block = block.next()
        self._colouring = False

    def _formats(self, text: str, spans: Sequence[Span]) -> list[QTextLayout.FormatRange]:
        """Qt counts in UTF-16."""
        plain = text.isascii()
        found = []
        for span in spans:
            made = QTextLayout.FormatRange()
            start, length = span.start, span.length
            if not plain:
                start = len(text[:start].encode("utf-16-le")) // 2
                part = text[span.start : span.start + length]
                length = len(part.encode("utf-16-le")) // 2
            made.start, made.length = start, length
            look = QTextCharFormat()
            look.setForeground(self.theme.color(span.colour.value))
            look.setFontItalic(span.colour is Colour.COMMENT)
            made.format = look
            found.append(made)
        return found


def _read_text(exhibit: Exhibit) -> ReadText | None:
    """The text with its colours; `None` when it cannot be read."""
    try:
        if exhibit.path is not None:
            with exhibit.path.open("rb") as file:
                data = file.read(4 * MOST_CHARS)
        else:
            data = exhibit.data
    except OSError:
        return None
    text = data.decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n")
    cut = len(text) > MOST_CHARS
    text = text[:MOST_CHARS]
    highlighter = highlighter_for(exhibit.name.rpartition(".")[2])
    spans: list[tuple[Span, ...]] = []
    if highlighter is not None:
        lines = text.split("\n")[:MOST_COLOURED_LINES]
        spans = [highlighter.line(line) for line in lines]
    return ReadText(text, spans, cut)
