"""What assistive technology is told of the messages: names, texts, places.

Invariant: texts are made when they are asked for and kept only while the message is the same.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPoint, QRect
from PySide6.QtWidgets import QApplication, QWidget

from app import advice
from app.domain.message import Media, Message, Role
from app.i18n import tr
from app.markdown.stream import parse
from app.markdown.words import plain_text
from app.ui.transcript import accessible, wording
from app.ui.transcript.feed import Feed
from app.ui.transcript.units.sources import sources_of

MAX_TEXT_CHARS = 100_000


class Reading:
    """The `Reader` of one view. `reveal_message` scrolls a message into sight."""

    def __init__(
        self,
        feed: Feed,
        view: QWidget,
        viewport: QWidget,
        reveal_message: Callable[[int], None],
    ) -> None:
        self.proxies = accessible.TranscriptProxies(view, self)
        app = QApplication.instance()
        if isinstance(app, QApplication):
            accessible.install(app)
        self._feed = feed
        self._viewport = viewport
        self._reveal = reveal_message
        self._texts: dict[int, tuple[Message, str]] = {}
        self.current_number = -1

    def count(self) -> int:
        return len(self._feed.messages)

    def name(self, number: int) -> str:
        if not 0 <= number < self.count():
            return ""
        message = self._feed.messages[number]
        who = wording.author(message)
        return ", ".join(filter(None, (who, wording.clock_time(message.created_at))))

    def text(self, number: int) -> str:
        """The words of a message, without markup; what it failed of; what was attached."""
        if not 0 <= number < self.count():
            return ""
        message = self._feed.messages[number]
        if number == self._feed.live_number:
            return _words(self._feed.layout.item(number).source, Role.ASSISTANT)
        kept = self._texts.get(number)
        if kept is not None and kept[0] is message:
            return kept[1]
        parts = [_words(message.text, message.role)]
        parts += [_attachment(media) for media in message.media]
        for source in sources_of(message.extras):
            parts.append(tr("Source: {name}", name=source.name))
        service = self._feed.around.service_of(message.service_id)
        notice = advice.for_message(message, service)
        if notice is not None:
            parts.append(notice.sentence)
        found = "\n".join(filter(None, parts))
        if len(self._texts) > 500:
            self._texts.clear()
        self._texts[number] = (message, found)
        return found

    def rect(self, number: int) -> QRect:
        """Where the message is on the screen; empty when it is scrolled away."""
        placed = [place for place in self._feed.layout.placed if place.item == number]
        if not placed:
            return QRect()
        top = max(0, placed[0].y)
        bottom = min(self._viewport.height(), placed[-1].y + placed[-1].height)
        corner = self._viewport.mapToGlobal(QPoint(0, top))
        return QRect(corner.x(), corner.y(), self._viewport.width(), max(0, bottom - top))

    def number_at(self, point: QPoint) -> int:
        y = self._viewport.mapFromGlobal(point).y()
        for place in self._feed.layout.placed:
            if place.y <= y < place.y + place.height:
                return place.item
        return -1

    def reveal(self, number: int) -> None:
        self._reveal(number)

    def current(self) -> int:
        return self.current_number

    def set_current(self, number: int) -> None:
        """The keyboard is at this message now."""
        self.current_number = number
        self.proxies.tell_focus(number)

    def announce_end(self, message: Message) -> None:
        """Say that an answer is over, and how."""
        self.proxies.announce(self.ending(message))

    def ending(self, message: Message) -> str:
        """What is said when an answer is over."""
        service = self._feed.around.service_of(message.service_id)
        notice = advice.for_message(message, service)
        if notice is not None:
            return notice.sentence
        return tr("{author} has answered.", author=wording.author(message))


def _words(text: str, role: Role) -> str:
    if role is Role.USER or len(text) > MAX_TEXT_CHARS:
        return text
    document = parse(text)
    found: list[str] = []
    for leaf in document.leaves:
        marker = next((c.marker for c in leaf.context if hasattr(c, "marker") and c.marker), "")
        if leaf.rows or leaf.head:
            rows = [leaf.head, *leaf.rows]
            found += [", ".join(plain_text(document.inlines(cell)) for cell in row) for row in rows]
        elif leaf.kind.value in ("code", "math"):
            found.append(leaf.text)
        else:
            found.append(f"{marker} {plain_text(document.leaf_inlines(leaf))}".strip())
    return "\n".join(found)


def _attachment(media: Media) -> str:
    words = tr("Attachment: {name}", name=media.name or media.url or media.mime)
    return f"{words}. {tr('Left out')}" if media.left_out else words
