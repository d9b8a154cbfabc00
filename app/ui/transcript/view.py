"""The transcript of a chat: messages from top to bottom, streaming, selectable, searchable.

Invariant: the view owns no chat and changes none; it reads what the chat shows and tells by
signals what the person wants. It draws at most once a frame, and lays out outside of painting.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt, QTimer, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QFocusEvent,
    QHelpEvent,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QToolTip, QWidget

from app.i18n import tr
from app.ui.theme import Theme
from app.ui.transcript.acts import Acts
from app.ui.transcript.folding import Folding
from app.ui.transcript.follower import Follower
from app.ui.transcript.gestures import Gestures
from app.ui.transcript.means import Means
from app.ui.transcript.menu import Menus
from app.ui.transcript.reading import Reading
from app.ui.transcript.shown import ShownChat
from app.ui.transcript.stage import Stage
from app.ui.transcript.wayfinding import JumpButton, MarkedScrollBar

FOCUS_RING_PX = 2
IDLE_MS = 8
"""So long after the last movement, colours and preparations go on."""


class TranscriptView(QAbstractScrollArea):
    """`set_chat` shows a chat and follows its changes. All ids are those of messages.

    `adviceTaken` carries an id, an `Action` and a link; `leaveOutRequested` an id, or "" to send
    everything again; `mediaLeftOut` an id, the number of an attachment and whether further
    questions go without it; `findChanged` the current hit, from 1, and how many there are;
    `linkHovered` the address under the pointer, or "".
    """

    regenerateRequested = Signal(str)
    editRequested = Signal(str)
    versionSelected = Signal(str)
    adviceTaken = Signal(str, object, str)
    linkActivated = Signal(str)
    linkHovered = Signal(str)
    quoteRequested = Signal(str)
    branchRequested = Signal(str)
    leaveOutRequested = Signal(str)
    mediaLeftOut = Signal(str, int, bool)
    findChanged = Signal(int, int)

    _is_built = False
    """Qt sends events to the viewport while it is being made."""

    def __init__(
        self,
        theme: Theme,
        *,
        means: Means | None = None,
        clock: Callable[[], float] = time.monotonic,
        parent: QWidget | None = None,
    ) -> None:
        """Without `means` there are no services and no stored files."""
        super().__init__(parent)
        self.setAccessibleName(tr("Transcript"))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        viewport = self.viewport()
        viewport.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        viewport.setMouseTracking(True)
        self._bar = MarkedScrollBar(theme, self)
        self.setVerticalScrollBar(self._bar)
        self.stage = Stage(theme, viewport, means or Means(), clock)
        self.gestures = Gestures(self.stage, self, viewport)
        self.folding = Folding(theme.duration_ms, self)
        self.follower = Follower(self.stage, self.folding)
        self.acts = Acts(self.stage.feed, self.stage.selection, self.folding, self)
        self.menus = Menus(self.stage, self.acts, self)
        self.jump_button = JumpButton(theme, viewport)
        self.reading = Reading(self.stage.feed, self, viewport, self._reveal)
        self.accessible_proxies = self.reading.proxies
        self._stale = True
        self._ringed = False
        """Whether a frame shows that the keyboard came here."""
        self._guard = False
        self._last_value = 0
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.timeout.connect(self.refresh)
        self._soon_again = QTimer(self, singleShot=True)
        self._soon_again.timeout.connect(self._go_on)
        self._idle = QTimer(self)
        self._idle.setSingleShot(True)
        self._idle.timeout.connect(self._on_idle)
        self._connect()
        self._is_built = True
        theme.changed.connect(self.schedule)

    def _connect(self) -> None:
        stage, acts, gestures = self.stage, self.acts, self.gestures
        stage.changed.connect(self.schedule)
        stage.remade.connect(self._soon_again.start)
        stage.overlay.activated.connect(self._on_control)
        stage.overlay.dragged.connect(self._on_dragged)
        stage.overlay.hidden.connect(gestures.move)
        stage.finder.changed.connect(self._on_find_changed)
        stage.finder.jumped.connect(stage.show_hit)
        gestures.moved.connect(self._go_on)
        gestures.selectionChanged.connect(self.viewport().update)
        gestures.keyboard.stepped.connect(self._on_stepped)
        gestures.keyboard.linkChosen.connect(acts.follow_link)
        gestures.pointer.moved.connect(stage.point_at)
        gestures.pointer.linkClicked.connect(acts.follow_link)
        gestures.pointer.linkHovered.connect(self._on_link_hovered)
        self.folding.stepped.connect(self.refresh)
        self.follower.due.connect(self._go_on)
        self.follower.ended.connect(self.reading.announce_end)
        self.jump_button.clicked.connect(lambda: self.scroll_to_end())
        self._bar.valueChanged.connect(self._on_bar_moved)
        acts.changed.connect(self.schedule)
        acts.menuRequested.connect(self.menus.open_for)
        acts.regenerateRequested.connect(self.regenerateRequested)
        acts.editRequested.connect(self.editRequested)
        acts.versionSelected.connect(self.versionSelected)
        acts.adviceTaken.connect(self.adviceTaken)
        acts.linkActivated.connect(self.linkActivated)
        acts.quoteRequested.connect(self.quoteRequested)
        acts.branchRequested.connect(self.branchRequested)
        acts.leaveOutRequested.connect(self.leaveOutRequested)
        acts.mediaLeftOut.connect(self.mediaLeftOut)

    # The chat ----------------------------------------------------------------------------

    def set_chat(self, chat: ShownChat | None) -> None:
        """Show another chat, where it was left; it is followed until the next call."""
        self.gestures.glide.stop()
        self.folding.finish()
        self.stage.clear()
        self.follower.set_chat(chat)
        self.schedule()

    def set_fold_reasoning(self, folds: bool) -> None:
        """Whether the reasoning of finished answers is folded unless the person opens it."""
        choices = self.stage.feed.around.choices
        if folds != choices.folds_reasoning:
            choices.folds_reasoning = folds
            self.stage.layout.forget_units()
            self.schedule()

    def scroll_to_end(self, *, soon: bool = False) -> None:
        """Go to the latest message and follow it; `soon`: with the next frame."""
        self.gestures.glide.stop()
        if soon:
            self.stage.layout.follow()
            self._soon_again.start()
            return
        self.follower.flush()
        self.stage.layout.follow()
        self.refresh()

    def show_message(self, message_id: str, words: str = "") -> bool:
        """Bring a message into sight, at the first of `words` in it; whether it is there."""
        self.follower.flush()
        number = self.stage.number_of(message_id)
        if number is None:
            return False
        self._reveal(number)
        if words:
            self.find_words(words)
        return True

    # Finding, selecting, copying -----------------------------------------------------------

    def find_words(self, words: str) -> None:
        """Mark all places of `words` and go to the next one; "" ends it."""
        placed = self.stage.layout.placed
        start = placed[0].item if placed else 0
        self.stage.finder.search(words, self.stage.feed.messages, start)

    def clear_finds(self) -> bool:
        """Take the marks away that a search has left; whether there were any."""
        marked = self.stage.finder.active
        if marked:
            self.find_words("")
        return marked

    def find_step(self, by: int) -> None:
        """Go to the next (+1) or previous (-1) hit."""
        self.stage.finder.step(by > 0)

    def selected_words(self) -> str:
        """The plain text of the selection."""
        return self.acts.selected_words()

    def copy_last_answer(self) -> bool:
        """Copy the last answer in all its forms; whether there is one."""
        return self.acts.copy_last_answer()

    def toggle_caret(self) -> None:
        """Give the keyboard a caret to select with, or take it away."""
        if not self.stage.layout.count:
            return
        had_focus = self.hasFocus()
        self.setFocus(Qt.FocusReason.ShortcutFocusReason)
        if had_focus or not self.gestures.keyboard.caret.shown:
            self.gestures.keyboard.toggle_caret()

    # Drawing -----------------------------------------------------------------------------

    def schedule(self) -> None:
        """Lay out and draw as soon as the events at hand are done."""
        self._stale = True
        self._soon.start()
        self.viewport().update()

    def refresh(self, *, whole: bool = True) -> None:
        """Lay out now; drawing follows, of the `whole` view or of what was placed otherwise."""
        self._soon.stop()
        self._soon_again.stop()
        whole = self.follower.flush() or self._ringed or whole
        self._arrange()
        self.stage.show_arranged(whole=whole or self.gestures.keyboard.caret.shown)
        self.follower.catch_up()
        self.stage.read_on()
        self.stage.place_buttons()
        self._place_jump_button()
        self._bar.set_marks(*self.stage.hit_shares())
        self._idle.start(IDLE_MS)

    def _go_on(self) -> None:
        """Another frame of an answer, or of a movement."""
        self.refresh(whole=False)

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._stale:
            self._arrange()
        painter = QPainter(self.viewport())
        self.stage.paint(painter, event.region())
        self.gestures.keyboard.caret.paint(painter, self.stage.geometry, self.stage.style)
        if self._ringed:
            painter.setPen(QPen(self.stage.style.color("accent"), FOCUS_RING_PX))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(self.viewport().rect().adjusted(1, 1, -1, -1))
        painter.end()

    def _arrange(self) -> None:
        self._stale = False
        self.stage.restyle()
        self.stage.arrange()
        layout, bar = self.stage.layout, self._bar
        self._guard = True
        bar.setPageStep(max(1, layout.viewport_px))
        bar.setSingleStep(self.stage.style.px(40))
        bar.setRange(0, max(0, layout.total_px - layout.viewport_px))
        bar.setValue(layout.value())
        self._last_value = bar.value()
        self._guard = False

    def _place_jump_button(self) -> None:
        layout, button = self.stage.layout, self.jump_button
        if layout.follows or not layout.placed:
            self.follower.new_messages = 0
            button.hide()
            return
        button.set_new(self.follower.new_messages)
        button.place(self.stage.geometry.left_px + layout.column_px // 2)
        button.show()
        button.raise_()

    # What happens ------------------------------------------------------------------------

    def _on_bar_moved(self, value: int) -> None:
        if self._guard:
            return
        layout = self.stage.layout
        moved, self._last_value = value - self._last_value, value
        if value >= self._bar.maximum():
            layout.follow()
        elif value <= 0:
            layout.show(0)
        elif abs(moved) <= 2 * layout.viewport_px:
            layout.scroll_by(moved)
        else:
            layout.jump_to(value)
        self.refresh()

    def _on_control(self, number: int, row: int, control: object, at: QPoint) -> None:
        self.gestures.glide.finish()
        self.acts.do(number, row, control, at)

    def _on_dragged(self, number: int, row: int, control: object) -> None:
        self.gestures.glide.finish()
        self.acts.drag(number, row, control)

    def _on_find_changed(self) -> None:
        finder = self.stage.finder
        self.findChanged.emit(finder.number, finder.total)
        self.schedule()

    def _on_link_hovered(self) -> None:
        link = self.gestures.pointer.link
        pointed = self.stage.pointed
        pointed.link = (link[0], link[1], link[2].start, link[2].end) if link else None
        self.linkHovered.emit(link[2].href if link is not None else "")
        self.viewport().update()

    def _on_stepped(self, by: int) -> None:
        """Walk to the next or previous message by keyboard."""
        number = self.stage.step_message(by)
        if number is not None:
            self._reveal(number)
            self.reading.set_current(number)

    def _on_idle(self) -> None:
        streaming = self.stage.feed.live_number is not None
        wait_ms = self.stage.idle.step(streaming=streaming)
        if wait_ms is not None:
            self._idle.start(wait_ms)

    def _reveal(self, number: int) -> None:
        self.gestures.glide.stop()
        self.stage.layout.show(number)
        self.refresh()

    # Qt ----------------------------------------------------------------------------------

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        """The bar follows the content here; Qt would paint everything."""

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._is_built:
            self.refresh()

    def viewportEvent(self, event: QEvent) -> bool:
        if not self._is_built:
            return super().viewportEvent(event)
        if self.gestures.touch(event):
            return True
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            link = self.gestures.pointer.link
            words = link[2].href if link is not None else ""
            QToolTip.showText(event.globalPos(), words, self.viewport())
            return True
        if event.type() == QEvent.Type.Leave:
            self.gestures.pointer.leave()
        return super().viewportEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        self.gestures.wheel(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._ringed = False
        self.gestures.glide.finish()
        self.gestures.pointer.press(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.gestures.pointer.press(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self.gestures.pointer.move(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self.gestures.pointer.release(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy) and self.acts.copy_selection():
            return
        if not self.gestures.key(event):
            event.ignore()

    def focusNextPrevChild(self, forward: bool) -> bool:
        overlay = self.stage.overlay
        if forward and overlay.enter(forward):
            return True
        return overlay.leave(forward)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self._ringed = event.reason() in (
            Qt.FocusReason.TabFocusReason,
            Qt.FocusReason.BacktabFocusReason,
        )
        self.gestures.keyboard.caret.light()
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._ringed = False
        self.viewport().update()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if event.reason() != QContextMenuEvent.Reason.Keyboard:
            at = self.viewport().mapFromGlobal(event.globalPos())
            self.menus.open_at(at.toPointF(), event.globalPos())
            return
        button = self.stage.overlay.focused
        if button is not None:
            place = button.geometry()
            below = self.viewport().mapToGlobal(place.bottomLeft())
            self.menus.open_at(place.center().toPointF(), below)
            return
        caret = self.gestures.keyboard.caret.rect(self.stage.geometry)
        at = caret.bottomLeft().toPoint() if caret is not None else self.viewport().rect().center()
        number = self.stage.pointed.message if caret is None else None
        above = QPointF(at.x() + 1, at.y() - 2)
        self.menus.open_at(above, self.viewport().mapToGlobal(at), number)
