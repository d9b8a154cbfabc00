"""What is said of an answer that is being written: what it waits for, or when it is tried again.

Invariant: made from what the chat shows at this moment; keeps nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

from app import advice
from app.advice import Advice
from app.domain.message import Timing
from app.domain.settings import Service
from app.domain.upload import Uploading
from app.i18n import tr
from app.reply import Countdown, ReplyState
from app.ui.transcript import wording


@dataclass(frozen=True, slots=True)
class GoingOn:
    """`status` is what it waits for, in words, `countdown` the card of a retry, `upload` how far
    an attachment is; `None` for what is not the case."""

    status: str | None = None
    countdown: Advice | None = None
    upload: Uploading | None = None


QUIET_S = 1.5
"""How long an answer may wait before it is said that it is waited for."""


def status_words(state: ReplyState, timing: Timing) -> str | None:
    """The words beside the caret; `None` once something has arrived."""
    if state is ReplyState.KEYRING:
        return tr("Waiting for the keyring…")
    if state is not ReplyState.WAITING:
        return None
    waited_s = timing.total_s or 0.0
    return "" if waited_s < QUIET_S else tr("Waiting… {time}", time=wording.whole_seconds(waited_s))


def countdown_card(
    state: ReplyState, countdown: Countdown | None, now_s: float, service: Service | None
) -> Advice | None:
    """The card while a retry waits; `now_s` on the clock of the countdown."""
    if state is not ReplyState.COUNTDOWN or countdown is None:
        return None
    left_s = countdown.due_at - now_s
    return advice.for_countdown(countdown.failure, left_s, countdown.attempt, countdown.of, service)
