"""The words of the transcript that are made of numbers: times, tokens, sizes, days.

Invariant: numbers and dates go through the person's locale; a value that is not known is left
out, never shown as 0.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from PySide6.QtCore import QDate, QDateTime, QLocale

from app.domain.message import Media, Message, Role, Timing, Usage
from app.domain.upload import Uploading
from app.i18n import tr, trn


def whole(number: int) -> str:
    return QLocale().toString(number)


def seconds(value: float) -> str:
    """'9 s', '11.2 s' for what matters in tenths, '2 min 5 s' for what is long."""
    if value >= 60:
        return tr("{minutes} min {seconds} s", minutes=int(value // 60), seconds=int(value % 60))
    return tr("{seconds} s", seconds=QLocale().toString(float(value), "f", 1))


def whole_seconds(value: float) -> str:
    if value >= 60:
        return seconds(value)
    return tr("{seconds} s", seconds=whole(int(value)))


def thinking(so_far_s: float | None) -> str:
    if so_far_s is None or so_far_s < 1:
        return tr("Thinking…")
    return tr("Thinking… {time}", time=whole_seconds(so_far_s))


def thought(took_s: float | None) -> str:
    if took_s is None:
        return tr("Thoughts")
    return tr("Thought for {time}", time=whole_seconds(max(1.0, round(took_s))))


def tokens(count: int | None) -> str:
    if not count:
        return ""
    return trn("{number} token", "{number} tokens", count, number=whole(count))


def usage_line(usage: Usage | None, timing: Timing) -> str:
    """'915 in · 1,423 out · 5 credits · 11.2 s'."""
    facts: list[str] = []
    if usage is not None:
        if usage.prompt is not None:
            facts.append(tr("{tokens} in", tokens=whole(usage.prompt)))
        if usage.completion is not None:
            facts.append(tr("{tokens} out", tokens=whole(usage.completion)))
        if usage.credits is not None:
            number = QLocale().toString(float(usage.credits), "g", 6)
            count = 1 if usage.credits == 1 else 2
            facts.append(trn("{number} credit", "{number} credits", count, number=number))
        elif usage.cost is not None:
            facts.append(tr("${cost}", cost=QLocale().toString(float(usage.cost), "g", 3)))
    if timing.total_s is not None:
        facts.append(seconds(timing.total_s))
    return " · ".join(facts)


def size(size_bytes: int) -> str:
    return QLocale().formattedDataSize(size_bytes, 1, QLocale.DataSizeFormat.DataSizeSIFormat)


def media_facts(media: Media) -> str:
    """'1.8 MB · 4032×3024' as far as it is known."""
    facts = [size(media.size_bytes)] if media.size_bytes is not None else []
    if media.width_px and media.height_px:
        facts.append(f"{media.width_px}×{media.height_px}")
    if media.duration_s is not None:
        facts.append(duration(media.duration_s))
    if media.pages is not None:
        facts.append(trn("{count} page", "{count} pages", media.pages))
    return " · ".join(facts)


def upload(uploading: Uploading) -> str:
    """How far a file is, and what it waits for."""
    name = uploading.name or tr("the attachment")
    sent, whole_size = size(uploading.sent_bytes), size(uploading.size_bytes)
    if uploading.processing:
        return tr("{name} has arrived. The service is preparing it…", name=name)
    if uploading.waiting:
        words = tr("The connection is lost. {name} goes on when it is back", name=name)
        return f"{words} · {tr('{sent} of {size}', sent=sent, size=whole_size)}"
    share = whole(round(100 * uploading.share))
    return tr(
        "Uploading {name} · {sent} of {size} · {percent} %",
        name=name,
        sent=sent,
        size=whole_size,
        percent=share,
    )


def duration(length_s: float) -> str:
    """'0:12', '1:02:03'."""
    minutes, seconds = divmod(int(length_s), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{seconds:02d}" if hours else f"{minutes}:{seconds:02d}"


def day(created_at: float, today: date) -> str:
    """'Today', 'Yesterday', or the date."""
    at = local_day(created_at)
    if at == today:
        return tr("Today")
    if at == today - timedelta(days=1):
        return tr("Yesterday")
    format_ = QLocale.FormatType.LongFormat
    return QLocale().toString(QDate(at.year, at.month, at.day), format_)


def local_day(created_at: float) -> date:
    """The day of a Unix time where the person is; odd clocks do not break it."""
    try:
        return datetime.fromtimestamp(created_at).date()
    except (OverflowError, OSError, ValueError):
        return date(1970, 1, 1)


def clock_time(created_at: float) -> str:
    try:
        at = datetime.fromtimestamp(created_at).time()
    except (OverflowError, OSError, ValueError):
        return ""
    return at.strftime("%H:%M")


def author(message: Message) -> str:
    """Who says a message: 'You', or the model."""
    if message.role is Role.USER:
        return tr("You")
    return message.model or message.service_name or tr("Answer")


def date_time(created_at: float) -> str:
    """The whole moment in the person's way of writing it."""
    moment = QDateTime.fromMSecsSinceEpoch(int(created_at * 1000))
    return QLocale().toString(moment, QLocale.FormatType.LongFormat)
