"""The window in which the attachments of a chat are looked at, one after the other.

Invariant: it stands beside the chat and does not block it; everything is read off the window's
thread, and nothing is held when it is closed. Saving writes the original file.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QEvent, QLocale, QMimeData, QSize, Qt, QUrl
from PySide6.QtGui import QCloseEvent, QDesktopServices, QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QStackedWidget, QVBoxLayout, QWidget

from app.domain.kinds import Kind
from app.i18n import tr
from app.ui.buttons import IconButton, PillButton
from app.ui.saving import offer_to_save
from app.ui.theme import SPACE, Theme
from app.ui.viewing.background import Background
from app.ui.viewing.canvas import STEP
from app.ui.viewing.exhibit import Exhibit, keep_while_shown
from app.ui.viewing.facts_line import FactsLine
from app.ui.viewing.lending import Lending
from app.ui.viewing.pane import Pane
from app.ui.viewing.panes import pane_type

SHARE_OF_PARENT = 0.9
SMALLEST = QSize(420, 320)
ZOOM_ROOM_PX = 52
NARROW_PX = 700


Wish = tuple[Exhibit, Callable[[str], None]]
"""What is to be lent, and what is done with the copy."""


class Viewer(QDialog):
    """`exhibits` in order, beginning with the one at `at`. Shown with `show()`."""

    def __init__(
        self,
        theme: Theme,
        exhibits: Sequence[Exhibit],
        at: int,
        lending: Lending,
        parent: QWidget,
    ) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._theme = theme
        self._exhibits = tuple(exhibits)
        keep_while_shown(self._exhibits, self)
        self._at = at
        self._panes: dict[type[Pane], Pane] = {}
        self._lender = Background("lending", partial(_lent, lending), self._on_lent)
        self.stack = QStackedWidget()
        self.facts = FactsLine(theme)
        self.zoom = QLabel()
        self.zoom.setProperty("kind", "muted")
        self.zoom.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.zoom.setMinimumWidth(ZOOM_ROOM_PX)
        self._make_buttons(theme)
        self._lay_out()
        whole = parent.window().size()
        self.resize((whole * SHARE_OF_PARENT).expandedTo(SMALLEST))
        self.setMinimumSize(SMALLEST)
        self._show_exhibit()

    def _make_buttons(self, theme: Theme) -> None:
        def icon(name: str, words: str, keys: str) -> IconButton:
            native = QKeySequence(keys).toString(QKeySequence.SequenceFormat.NativeText)
            return IconButton(theme, name, words, native)

        self.previous = icon("chevron-left", tr("Previous"), "Ctrl+PgUp")
        self.next = icon("chevron-right", tr("Next"), "Ctrl+PgDown")
        self.smaller = icon("zoom-out", tr("Zoom out"), "-")
        self.larger = icon("zoom-in", tr("Zoom in"), "+")
        self.fit = icon("fit", tr("Fit into the window"), "0")
        self.copy = PillButton(theme, tr("Copy"), _native(QKeySequence.StandardKey.Copy))
        self.save = PillButton(theme, tr("Save as…"), _native(QKeySequence.StandardKey.Save))
        self.open_with = PillButton(
            theme, tr("Open with the system's program"), _native(QKeySequence.StandardKey.Open)
        )
        self.previous.clicked.connect(lambda: self.step(-1))
        self.next.clicked.connect(lambda: self.step(1))
        self.smaller.clicked.connect(lambda: self.pane.zoom_by(1 / STEP))
        self.larger.clicked.connect(lambda: self.pane.zoom_by(STEP))
        self.fit.clicked.connect(lambda: self.pane.fit())
        self.copy.clicked.connect(self.copy_shown)
        self.save.clicked.connect(self.ask_where_to_save)
        self.open_with.clicked.connect(self.open_outside)
        self._word_buttons(words=True)

    def _word_buttons(self, *, words: bool) -> None:
        """In a narrow window the icons stand alone."""
        for button, name, text in (
            (self.copy, "copy", tr("Copy")),
            (self.save, "save", tr("Save as…")),
            (self.open_with, "external", tr("Open with…")),
        ):
            button.set_look(icon_name=name, text=text if words else "")

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setContentsMargins(SPACE.m, SPACE.s, SPACE.m, SPACE.s)
        row.setSpacing(SPACE.xs)
        row.addWidget(self.previous)
        row.addWidget(self.next)
        row.addSpacing(SPACE.s)
        row.addWidget(self.facts, 1)
        for widget in (self.smaller, self.zoom, self.larger, self.fit):
            row.addWidget(widget)
        row.addSpacing(SPACE.s)
        for button in (self.copy, self.save, self.open_with):
            row.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(row)
        column.addWidget(self.stack, 1)
        several = len(self._exhibits) > 1
        self.previous.setVisible(several)
        self.next.setVisible(several)

    # What is shown -----------------------------------------------------------------------

    @property
    def exhibit(self) -> Exhibit:
        return self._exhibits[self._at]

    @property
    def pane(self) -> Pane:
        shown = self.stack.currentWidget()
        assert isinstance(shown, Pane)
        return shown

    def step(self, by: int) -> None:
        """The next or the previous exhibit; the ends hold."""
        at = min(max(0, self._at + by), len(self._exhibits) - 1)
        if at != self._at:
            self._at = at
            self._show_exhibit()

    def _show_exhibit(self) -> None:
        exhibit = self.exhibit
        self.setWindowTitle(exhibit.name or exhibit.kind.title)
        self.previous.setEnabled(self._at > 0)
        self.next.setEnabled(self._at + 1 < len(self._exhibits))
        pane = self._pane_for(exhibit.kind)
        if self.stack.count() and self.pane is not pane:
            self.pane.leave()
        self.stack.setCurrentWidget(pane)
        pane.show_exhibit(exhibit)
        pane.setFocus()
        self._show_facts()

    def _pane_for(self, kind: Kind) -> Pane:
        """The pane for a kind, made with the first exhibit of it."""
        made = pane_type(kind)
        if made not in self._panes:
            pane = self._panes[made] = made(self._theme)
            pane.changed.connect(self._show_facts)
            self.stack.addWidget(pane)
        return self._panes[made]

    def _show_facts(self) -> None:
        exhibit, pane = self.exhibit, self.pane
        size = exhibit.size_bytes
        si = QLocale.DataSizeFormat.DataSizeSIFormat
        facts = [exhibit.name, QLocale().formattedDataSize(size, 1, si) if size else "", pane.facts]
        if len(self._exhibits) > 1:
            count = len(self._exhibits)
            facts.append(tr("file {number} of {count}", number=self._at + 1, count=count))
        self.facts.setText(" · ".join(filter(None, facts)))
        self.copy.setEnabled(pane.can_copy)
        zoom = pane.zoom
        for part in (self.smaller, self.zoom, self.larger, self.fit):
            part.setVisible(pane.zooms)
        self.zoom.setText("" if zoom is None else tr("{percent} %", percent=round(zoom * 100)))
        for button in (self.smaller, self.larger, self.fit):
            button.setEnabled(zoom is not None)

    # What is done ------------------------------------------------------------------------

    def copy_shown(self) -> None:
        """The picture, the text, or the file."""
        if not self.pane.can_copy:
            return
        content = self.pane.copied()
        if content is not None:
            QGuiApplication.clipboard().setMimeData(content)
        else:
            self._lender.put((self.exhibit, _copy_file))

    def ask_where_to_save(self) -> None:
        offer_to_save_exhibit(self.exhibit, self)

    def open_outside(self) -> None:
        """Hand a copy to the program that the system has for it."""
        self._lender.put((self.exhibit, _open_file))

    def _on_lent(self, wish: Wish, path: str) -> None:
        if path:
            wish[1](path)
        else:
            self.facts.setText(tr("The file could not be read."))

    # Qt ----------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        keys = QKeySequence.StandardKey
        if event.matches(keys.Copy):
            self.copy_shown()
        elif event.matches(keys.Save):
            self.ask_where_to_save()
        elif event.matches(keys.Open):
            self.open_outside()
        elif not self._key(event):
            super().keyPressEvent(event)

    def _key(self, event: QKeyEvent) -> bool:
        key = Qt.Key(event.key())
        turned = {Qt.Key.Key_PageDown: 1, Qt.Key.Key_PageUp: -1}.get(key, 0)
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.step(turned)
            return bool(turned)
        if self.pane.press(key):
            return True
        self.step(turned or {Qt.Key.Key_Right: 1, Qt.Key.Key_Left: -1}.get(key, 0))
        return bool(turned)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self._word_buttons(words=self.width() >= NARROW_PX)
        return super().event(event)

    def done(self, result: int) -> None:
        """Closed by Esc."""
        self.pane.leave()
        super().done(result)

    def closeEvent(self, event: QCloseEvent) -> None:
        self.pane.leave()
        super().closeEvent(event)


def offer_to_save_exhibit(exhibit: Exhibit, parent: QWidget) -> None:
    """Ask for a file, its name proposed, and write the original there."""
    offer_to_save(tr("Save as"), exhibit.name or tr("attachment"), exhibit.save, parent)


def _lent(lending: Lending, wish: Wish) -> str:
    """The path of the copy; "" where there is none to make."""
    try:
        return str(lending.lend(wish[0]))
    except OSError:
        return ""


def _copy_file(path: str) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(path)])
    QGuiApplication.clipboard().setMimeData(data)


def _open_file(path: str) -> None:
    QDesktopServices.openUrl(QUrl.fromLocalFile(path))


def _native(key: QKeySequence.StandardKey) -> str:
    return QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText)
