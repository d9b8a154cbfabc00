"""Which chats stand under which heading of the sidebar: Pinned, Today, Yesterday, then by age.

Invariant: the order of the chats is the library's (pinned first, then newest); only headings are
put between them. Pure: the time of day comes in. O(chats), a comparison each.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.domain.conversation import ChatSummary
from app.i18n import tr

MonthName = Callable[[int, int], str]


@dataclass(frozen=True, slots=True)
class Heading:
    """A line between chats; it cannot be chosen."""

    text: str


Row = Heading | ChatSummary


def rows_by_age(
    chats: Iterable[ChatSummary], now: datetime, month_name: MonthName
) -> tuple[Row, ...]:
    """The chats with their headings. `month_name(year, month)` is the locale's word for one.

    `now` is local time. A chat from the future (the clock went backwards) counts as today's.
    """
    rows: list[Row] = []
    since = float("inf")  # the current heading holds chats down to this Unix time
    pinned = False
    for chat in chats:
        if chat.pinned:
            if not pinned:
                rows.append(Heading(tr("Pinned")))
                pinned = True
        elif chat.updated_at < since:
            text, since = _heading_at(chat.updated_at, now, month_name)
            rows.append(Heading(text))
        rows.append(chat)
    return tuple(rows)


def next_midnight(now: datetime) -> datetime:
    """When today becomes yesterday."""
    return datetime(now.year, now.month, now.day) + timedelta(days=1)


def _heading_at(updated_at: float, now: datetime, month_name: MonthName) -> tuple[str, float]:
    today = datetime(now.year, now.month, now.day)
    for days, text in ((0, tr("Today")), (1, tr("Yesterday")), (7, tr("Previous 7 days"))):
        start = (today - timedelta(days=days)).timestamp()
        if updated_at >= start:
            return text, start
    day = datetime.fromtimestamp(updated_at)
    first = datetime(day.year, day.month, 1)
    return month_name(day.year, day.month), first.timestamp()
