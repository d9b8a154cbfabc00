"""The menu of a message, of the link and the picture in it, and of what is selected.

Invariant: an entry is there only where it does something; what it does is done elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPoint, QPointF
from PySide6.QtWidgets import QMenu, QWidget

from app.domain.kinds import PICTURE
from app.domain.message import Message, Role
from app.i18n import tr
from app.ui.transcript.acts import Acts
from app.ui.transcript.details import DetailsWindow
from app.ui.transcript.inlines import FOOTNOTE_SCHEME
from app.ui.transcript.stage import Stage
from app.ui.transcript.units.figures import FiguredUnit
from app.ui.transcript.units.media import MediaUnit
from app.ui.viewing.exhibit import Exhibit


@dataclass(frozen=True, slots=True)
class Under:
    """What the menu was opened at: selected words, a link, the number of an attachment in its
    message, its file."""

    selected: str = ""
    href: str = ""
    place: int | None = None
    exhibit: Exhibit | None = None


class Menus:
    """Menus over one transcript; each deletes itself when it is closed."""

    def __init__(self, stage: Stage, acts: Acts, view: QWidget) -> None:
        self._stage = stage
        self._acts = acts
        self._view = view

    def open_at(self, point: QPointF, on_screen: QPoint, number: int | None = None) -> None:
        """The menu of what is at a point of the viewport, or of message `number`."""
        stage = self._stage
        hit = stage.geometry.hit(point)
        if number is None and hit is not None:
            number = hit.placed.item
        if number is None:
            return
        message = stage.layout.item(number).message
        place = exhibit = None
        if hit is not None and isinstance(hit.unit, MediaUnit | FiguredUnit):
            at = hit.unit.number_at(hit.x, hit.y)
            exhibit = self._acts.gallery.exhibit(message, hit.unit, at)
            if isinstance(hit.unit, MediaUnit) and at is not None:
                place = _place(message, hit.unit, at)
        link = stage.geometry.link_at(point)
        href = link[1].href if link is not None else ""
        under = Under(self._acts.selected_words(), href, place, exhibit)
        self.menu(message, under).popup(on_screen)

    def open_for(self, message: Message, on_screen: QPoint) -> None:
        """The menu of a whole message."""
        self.menu(message).popup(on_screen)

    def menu(self, message: Message, under: Under = Under()) -> QMenu:
        """All that can be done with a message."""
        acts = self._acts
        menu = QMenu(self._view)
        self._add_what_is_under(menu, message, under)
        answer = message.role is not Role.USER
        if message.text:
            words = tr("Copy answer") if answer else tr("Copy message")
            menu.addAction(words, lambda: acts.copy_message(message))
            menu.addAction(tr("Copy as Markdown"), lambda: acts.copy_text(message.text))
            menu.addAction(tr("Quote"), lambda: acts.quoteRequested.emit(message.text))
            menu.addSeparator()
        if answer:
            menu.addAction(tr("Regenerate"), lambda: acts.regenerateRequested.emit(message.id))
            if message.finish is not None:
                words = tr("Branch from here")
                menu.addAction(words, lambda: acts.branchRequested.emit(message.id))
        else:
            menu.addAction(tr("Edit"), lambda: acts.editRequested.emit(message.id))
        words = tr("Leave out everything above")
        menu.addAction(words, lambda: acts.leaveOutRequested.emit(message.id))
        menu.addSeparator()
        menu.addAction(tr("Details"), lambda: self._show_details(message))
        menu.aboutToHide.connect(menu.deleteLater)
        return menu

    def _add_what_is_under(self, menu: QMenu, message: Message, under: Under) -> None:
        acts, selected, href = self._acts, under.selected, under.href
        place, exhibit = under.place, under.exhibit
        if href and not href.startswith(FOOTNOTE_SCHEME):
            menu.addAction(tr("Open link"), lambda: acts.linkActivated.emit(href))
            menu.addAction(tr("Copy link address"), lambda: acts.copy_text(href))
            menu.addSeparator()
        if exhibit is not None:
            gallery = acts.gallery
            menu.addAction(tr("Open"), lambda: gallery.open(exhibit))
            if exhibit.kind is PICTURE:
                menu.addAction(tr("Copy picture"), lambda: gallery.copier.copy(exhibit))
            menu.addAction(tr("Save as…"), lambda: gallery.offer_to_save(exhibit))
            menu.addSeparator()
        if place is not None:
            left_out = message.media[place].left_out
            words = tr("Send along again") if left_out else tr("Leave out of further questions")
            menu.addAction(words, lambda: acts.mediaLeftOut.emit(message.id, place, not left_out))
            menu.addSeparator()
        if selected:
            menu.addAction(tr("Copy selection"), acts.copy_selection)
            menu.addAction(tr("Quote selection"), lambda: acts.quoteRequested.emit(selected))
            menu.addSeparator()

    def _show_details(self, message: Message) -> None:
        DetailsWindow(self._stage.theme, message, self._view).show()


def _place(message: Message, unit: MediaUnit, at: int) -> int | None:
    """Where attachment `at` of a unit stands in its message, which may hold the same one twice."""
    if len(unit.media) == len(message.media):
        return at
    shown = unit.media[at]
    return next((n for n, each in enumerate(message.media) if each is shown), None)
