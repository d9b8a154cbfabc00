"""What can go wrong between a question and its answer, as data.

A `Failure` is kept on the message it happened to (`Finish.failure`), drawn beside the text that
had arrived, and survives a restart. `ChatError` carries one through `Provider.stream`. The kinds
are those of the wire reference, section 2.2; which of them are worth a retry is decided here,
how often and when in the reply task (R40 to R42).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class ErrorKind(StrEnum):
    AUTH = "auth"
    PERMISSION = "permission"
    BILLING = "billing"
    RATE_LIMIT = "rate_limit"
    MODEL_NOT_FOUND = "model_not_found"
    NOT_FOUND = "not_found"
    CONTEXT_LENGTH = "context_length"
    TOO_LARGE = "too_large"
    BLOCKED = "blocked"
    BAD_REQUEST = "bad_request"
    SERVER = "server"
    OVERLOADED = "overloaded"
    TIMEOUT = "timeout"
    NETWORK = "network"
    TRUNCATED = "truncated"
    PROTOCOL = "protocol"
    CANCELLED = "cancelled"


NO_KEY = "no_key"
"""The code of a question that was not asked: its service takes none without a key."""

WANTS_ADDRESS = "wants_address"
"""The code of a refusal of pictures and videos inside a request: the service takes addresses."""


class Phase(StrEnum):
    """How far the request had come: no 2xx status yet, no visible delta yet, or after one."""

    HTTP = "http"
    FIRST_EVENT = "first_event"
    MID_STREAM = "mid_stream"


RETRYABLE_KINDS = frozenset(
    {
        ErrorKind.RATE_LIMIT,
        ErrorKind.SERVER,
        ErrorKind.OVERLOADED,
        ErrorKind.TIMEOUT,
        ErrorKind.NETWORK,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """One failed attempt, scrubbed of the key (R30).

    `message` is the provider's own sentence where there is one. `retryable` says whether an
    automatic retry may follow (kinds, R40, `x-should-retry`); a person may always retry.
    `max_retries` narrows the general limit of three (R40: network 2, own read timer 1, empty
    answer 1). `retry_after_s` is the server's wish in seconds (R41). `param` is the request
    member that the provider blames (R2). `detail` is the raw body, cut, for the fold-out.
    """

    kind: ErrorKind
    message: str
    phase: Phase = Phase.HTTP
    retryable: bool = False
    max_retries: int = 3
    http_status: int | None = None
    retry_after_s: float | None = None
    codes: tuple[str, ...] = ()
    trace_id: str | None = None
    param: str | None = None
    url: str | None = None
    detail: str = ""


class ChatError(Exception):
    """Raised by `Provider` methods for every expected failure; nothing else leaves them."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.message)
        self.failure = failure
