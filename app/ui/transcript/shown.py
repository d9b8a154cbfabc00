"""What the transcript reads of a chat. A `Chat` is one; so is what a test makes by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from app.domain.conversation import Conversation
from app.domain.message import Timing
from app.domain.stream import Draft
from app.domain.upload import Uploading
from app.reply import Change, Countdown, ReplyState


class LiveReply(Protocol):
    @property
    def timing(self) -> Timing: ...
    @property
    def upload(self) -> Uploading | None: ...


class ShownChat(Protocol):
    """What the transcript reads of a `Chat`."""

    @property
    def id(self) -> str: ...
    @property
    def conversation(self) -> Conversation: ...
    @property
    def draft(self) -> Draft | None: ...
    @property
    def state(self) -> ReplyState: ...
    @property
    def countdown(self) -> Countdown | None: ...
    @property
    def reply(self) -> LiveReply | None: ...
    def subscribe(self, listener: Callable[[Change], None]) -> Callable[[], None]: ...
