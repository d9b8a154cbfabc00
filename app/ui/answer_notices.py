"""Tells of answers that end while the person looks elsewhere: on the desktop, as the title says.

Invariant: nothing is told of a chat that is in sight, nor where the person switched it off.
"""

from __future__ import annotations

from collections.abc import Callable

from app import advice
from app.chat import Chat
from app.config import Config
from app.domain.message import Message, Role
from app.i18n import tr
from app.library import Library, LibraryChange, LibraryEvent
from app.ui.desktop_notice import DesktopNotices


class AnswerNotices:
    """`in_sight(chat_id)` says whether the person sees that chat now."""

    def __init__(
        self,
        library: Library,
        config: Config,
        notices: DesktopNotices,
        in_sight: Callable[[str], bool],
    ) -> None:
        self._library = library
        self._config = config
        self._notices = notices
        self._in_sight = in_sight
        self._unsubscribe = library.subscribe(self._on_library_changed)

    def close(self) -> None:
        self._unsubscribe()
        self._notices.close()

    def _on_library_changed(self, change: LibraryChange) -> None:
        if change.kind is not LibraryEvent.ENDED or change.chat_id is None:
            return
        if self._config.settings.notify and not self._in_sight(change.chat_id):
            chat = self._library.open(change.chat_id)
            self._notices.show(chat.id, chat.conversation.title or tr("New chat"), words(chat))


def words(chat: Chat) -> str:
    """How the last answer begins, or why it failed."""
    answer = last_answer(chat)
    if answer is None:
        return tr("The answer is finished.")
    problem = advice.for_message(answer, chat.service)
    if problem is not None:
        return problem.sentence
    return answer.text or tr("The answer is finished.")


def last_answer(chat: Chat) -> Message | None:
    path = chat.conversation.path()
    return next((message for message in reversed(path) if message.role is Role.ASSISTANT), None)
