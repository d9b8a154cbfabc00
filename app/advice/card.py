"""What a notice says and offers, as a value: a tone, sentences and actions.

Invariant: data only. Widgets and the terminal draw it; nothing here knows how.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Tone(StrEnum):
    """Five different notices, and the one that goes away by itself."""

    STOPPED = "stopped"
    CUT_OFF = "cut_off"
    FILTERED = "filtered"
    FAILED = "failed"
    LIMIT = "limit"
    WAITING = "waiting"


class Action(StrEnum):
    """What a person can do about it, in the order in which the buttons stand."""

    CONTINUE = "continue"
    RETRY = "retry"
    LEAVE_OUT_OLD_TURNS = "leave_out_old_turns"
    GIVE_ADDRESS = "give_address"  # of the pictures and videos of the question
    SWITCH_SERVICE = "switch_service"
    SEND_AS_TEXT = "send_as_text"  # without them
    SWITCH_MODEL = "switch_model"
    ENTER_KEY = "enter_key"
    OPEN_SETTINGS = "open_settings"  # the service's page: key, address
    CHANGE_LIMIT = "change_limit"  # the chat's parameters: output limit, effort
    FIND_LOCAL_SERVERS = "find_local_servers"
    OPEN_BILLING = "open_billing"  # Advice.link
    RETRY_NOW = "retry_now"
    STOP = "stop"


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """`title` (bold) and `text` (what to do) are sentences; `note` is one muted line.

    `details` is for the fold-out and can be copied. `link` belongs to `OPEN_BILLING`.
    """

    tone: Tone
    title: str
    text: str = ""
    note: str = ""
    details: str = ""
    actions: tuple[Action, ...] = ()
    link: str = ""

    @property
    def sentence(self) -> str:
        """Title and text in one line, for the terminal and for assistive technology."""
        return f"{self.title} {self.text}".rstrip()
