"""Says above the message that the chat has grown larger than what is asked takes, and what helps.

Invariant: nothing is left out unless the person says so; what is left out stays in its place,
marked, and can be sent along again. A chat is counted once, not for every key.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from PySide6.QtCore import QObject

from app.chat import Chat
from app.domain.crowding import Crowd, Place, TooLong, TooMuch
from app.domain.estimate import parts_tokens
from app.i18n import tr, trn
from app.reply import Change
from app.services import Services
from app.ui.chat_page import ChatPage
from app.ui.notices import Notice
from app.ui.question_size import data_words, short_number


@dataclass(frozen=True, slots=True)
class Hint:
    """`help` does what `action` says."""

    words: str
    action: str
    help: Callable[[], None]


class CrowdHint(QObject):
    """For the chat that is shown on `page`."""

    def __init__(self, services: Services, page: ChatPage, notice: Notice) -> None:
        super().__init__(page)
        self._services = services
        self._page = page
        self._notice = notice
        self._crowd: Crowd | None = None
        self._hint: Hint | None = None
        self._closed: set[str] = set()
        self._strip = page.composer.crowded
        self._unsubscribe = services.lists.subscribe(self._on_list_changed)
        page.metaShown.connect(self.refresh)
        page.composer.changed.connect(self.refresh)
        self._strip.closed.connect(self._on_closed)
        self._strip.action.clicked.connect(self._on_help)
        self._strip.action.show()

    def close(self) -> None:
        self._unsubscribe()

    def refresh(self) -> None:
        """Look again whether it fits."""
        chat = self._page.chat
        self._hint = None if chat.id in self._closed else self._found(chat)
        if self._hint is not None:
            self._strip.action.setText(self._hint.action)
        self._strip.say(self._hint.words if self._hint is not None else None)

    def _found(self, chat: Chat) -> Hint | None:
        service, composer, crowd = chat.service, self._page.composer, self._crowd
        if crowd is None or not crowd.is_of(chat.conversation, service):
            crowd = self._crowd = Crowd(chat.conversation, service)
        much = crowd.too_much(composer.media)
        if much is not None:
            return self._of_attachments(chat, much)
        model = self._services.lists.get(service).model(chat.sampling.model or "")
        context = model.context if model is not None else None
        long = crowd.too_long(parts_tokens(composer.parts()), context)
        return None if long is None else self._of_messages(chat, crowd, long)

    def _of_attachments(self, chat: Chat, much: TooMuch) -> Hint:
        words = tr(
            "{size} with earlier attachments; {service} takes {limit}.",
            size=data_words(much.size_bytes),
            service=chat.service.name,
            limit=data_words(much.limit_bytes),
        )
        count = len(much.places)
        action = trn("Leave out the oldest", "Leave out the oldest {count}", count)
        return Hint(words, action, lambda: self._leave_out_media(chat, much.places))

    def _of_messages(self, chat: Chat, crowd: Crowd, long: TooLong) -> Hint:
        words = tr(
            "This chat has about {tokens} tokens; the model reads {limit}.",
            tokens=short_number(long.tokens),
            limit=short_number(long.limit_tokens),
        )
        action = tr("Leave out old messages")
        return Hint(
            words, action, lambda: self._leave_out_messages(chat, crowd.first_that_fits(long))
        )

    def _leave_out_media(self, chat: Chat, places: tuple[Place, ...]) -> None:
        set_left_out(chat, places, left_out=True)
        self._notice.show_text(
            trn(
                "{count} attachment is left out of further questions. It stays in the chat.",
                "{count} attachments are left out of further questions. They stay in the chat.",
                len(places),
            ),
            tr("Undo"),
            lambda: set_left_out(chat, places, left_out=False),
        )

    def _leave_out_messages(self, chat: Chat, first_id: str) -> None:
        before = chat.conversation.context_start_id
        chat.leave_out_before(first_id)
        self._notice.show_text(
            tr("Older messages are left out of further questions. They stay in the chat."),
            tr("Undo"),
            lambda: chat.leave_out_before(before),
        )

    def _on_help(self) -> None:
        if self._hint is not None:
            self._hint.help()
            self._page.focus_composer()

    def _on_closed(self) -> None:
        self._closed.add(self._page.chat.id)
        self.refresh()
        self._page.focus_composer()

    def _on_list_changed(self, service_id: str) -> None:
        if service_id == self._page.chat.service.id:
            self.refresh()


def set_left_out(chat: Chat, places: Iterable[Place], *, left_out: bool) -> None:
    """Leave attachments of messages out of further questions, or send them along again."""
    said = chat.conversation
    for message_id, place in places:
        if message_id in said.messages:
            said = said.with_media_left_out(message_id, place, left_out)
    chat.revise(said, Change.TREE)
