"""From a conversation to a question for a service: the unfinished answer, the request, the draft.

Invariant: nothing is sent or stored here, and the history is not read yet. An answer that goes on
keeps its id and parts, and asks with the service's own token where the last request ended with one
(R54), else in words.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from app.domain.conversation import Conversation
from app.domain.history import continuation_token, opened, request_messages
from app.domain.message import Message, Role, Text
from app.domain.settings import Sampling, Service
from app.domain.stream import Draft
from app.providers.base import GO_ON_ID, ChatRequest, Files, Quirks
from app.reply import History

# Said to the model, not to the person.
GO_ON = (
    "Your last answer was cut off. Go on exactly where it stops, even within a word. Repeat "
    "nothing, add no introduction, and take open lists, tables and code blocks as still open."
)
READ_AT_ONCE = 60
"""Stored messages that are read in well under a frame."""


@dataclass(frozen=True, slots=True)
class Asked:
    """`conversation` holds the unfinished answer, which `draft` begins with.

    `request` has no messages yet: they are those of `history`.
    """

    conversation: Conversation
    request: ChatRequest
    draft: Draft
    history: History


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """Whom a question goes to, and how."""

    service: Service
    sampling: Sampling
    quirks: Quirks
    files: Files

    def for_answer(self, conversation: Conversation, answer: Message) -> Asked:
        """Ask for `answer`, which is new, or takes the place of the one with its id."""
        question_id = _question_of(answer)
        history = self._history(conversation, question_id)
        if (old := conversation.messages.get(answer.id)) is not None:
            answer = replace(answer, created_at=old.created_at)
            begun = conversation.replace_message(answer).showing(answer.id)
        else:
            begun = conversation.append(answer)
        return Asked(begun, self._request(), Draft(answer), history)

    def for_rest(self, conversation: Conversation, answer: Message) -> Asked:
        """Ask for the rest of the message with the id of `answer`, which says who gives it."""
        old = opened(conversation.messages[answer.id], self.service)
        token = None
        if old.service_id == self.service.id and old.finish is not None:
            token = continuation_token(old.finish.native, old.extras)
        going_on = replace(
            answer,
            created_at=old.created_at,
            parts=old.parts,
            timing=old.timing,
            usage=old.usage,
            extras=old.extras,
            provider_state=old.provider_state,
        )
        # Held as it is: what is stored of it is soon the answer that goes on.
        held = conversation.replace_message(conversation.messages[answer.id])
        if token is None and old.text:
            wish = replace(
                answer, id=GO_ON_ID, role=Role.USER, parts=(Text(GO_ON),), parent_id=old.id
            )
            history = self._history(held, old.id, wish)
        else:
            history = self._history(held, _question_of(old))
        begun = conversation.replace_message(going_on).showing(old.id)
        return Asked(begun, self._request(token), Draft(going_on), history)

    def _history(
        self, conversation: Conversation, leaf_id: str, wish: Message | None = None
    ) -> History:
        """What was said up to a message, and a wish of our own after it."""
        wishes = () if wish is None else (wish,)

        def read() -> tuple[Message, ...]:
            return (*request_messages(conversation, leaf_id, self.service), *wishes)

        stored = conversation.path(leaf_id).kept_count
        return History(read, is_long=stored > READ_AT_ONCE)

    def _request(self, token: str | None = None) -> ChatRequest:
        stream = self.service.stream if self.quirks.stream is None else self.quirks.stream
        return ChatRequest(
            messages=(),
            sampling=self.sampling,
            stream=stream,
            quirks=self.quirks,
            continuation_token=token,
            files=self.files,
        )


def _question_of(answer: Message) -> str:
    if answer.parent_id is None:
        raise ValueError("an answer has a question")
    return answer.parent_id
