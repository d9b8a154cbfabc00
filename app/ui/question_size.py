"""How large the next question will be: the chat that goes along, and what is in the composer.

Invariant: the history is counted once for each conversation value, never for a key stroke. What
lies in earlier messages and goes along again is counted like what is new.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from PySide6.QtCore import QLocale

from app.domain.carrying import Load, load_of
from app.domain.conversation import Conversation
from app.domain.estimate import parts_tokens, sent_of
from app.domain.kinds import MB, media_tokens
from app.domain.message import Media, Part
from app.domain.settings import Form, Service
from app.i18n import tr, trn


@dataclass(frozen=True, slots=True, kw_only=True)
class Sized:
    """`words` for the line, `details` for who asks; `too_large` for the service."""

    words: str = ""
    details: str = ""
    too_large: bool = False


class QuestionSize:
    """Remembers the last history that it counted."""

    def __init__(self) -> None:
        self._counted: Conversation | None = None
        self._tokens = 0
        self._earlier: tuple[Media, ...] = ()

    def of(
        self, conversation: Conversation, parts: Iterable[Part], service: Service | None = None
    ) -> Sized:
        """The estimate; empty where there is nothing to send yet."""
        if conversation is not self._counted:
            self._counted = conversation
            sent = sent_of(conversation)
            self._tokens = sent.tokens
            self._earlier = tuple(media for media in sent.media if not media.left_out)
        parts = tuple(parts)
        own = parts_tokens(parts)
        total = self._tokens + own
        if not total:
            return Sized()
        words = tr("~{count} tokens", count=short_number(total))
        lines = [
            tr("Earlier in this chat: ~{count} tokens", count=short_number(self._tokens)),
            tr("This question: ~{count} tokens", count=short_number(own)),
        ]
        lines += self._about_earlier()
        if service is None or service.form is Form.DEMO:
            return Sized(words=words, details="\n".join(lines))
        media = [part for part in parts if isinstance(part, Media)]
        load = load_of(service, media, self._earlier)
        if load.request_bytes:
            words += f" · {data_words(load.request_bytes)}"
        lines += _about_load(load)
        limit = service.largest_request_mb * MB
        too_large = bool(limit) and load.request_bytes > limit
        if too_large:
            most = data_words(limit)
            lines.append(tr("{service} takes {limit}.", service=service.name, limit=most))
        return Sized(words=words, details="\n".join(lines), too_large=too_large)

    def _about_earlier(self) -> Iterable[str]:
        if not self._earlier:
            return
        tokens = sum(media_tokens(media) or 0 for media in self._earlier)
        yield trn(
            "{count} attachment from earlier is read again: ~{tokens} tokens",
            "{count} attachments from earlier are read again: ~{tokens} tokens",
            len(self._earlier),
            tokens=short_number(tokens),
        )


def _about_load(load: Load) -> Iterable[str]:
    if load.request_bytes:
        size = data_words(load.request_bytes)
        yield tr("Attachments in the request: {size}", size=size)
    if load.earlier_bytes:
        again = data_words(load.earlier_bytes)
        yield tr("Of it sent again from earlier: {size}", size=again)
    if load.uploads:
        yield trn(
            "{count} file is uploaded, and not sent again",
            "{count} files are uploaded, and not sent again",
            len(load.uploads),
        )


def data_words(size_bytes: int) -> str:
    """5.0 MB, as the locale writes it."""
    powers_of_1000 = QLocale.DataSizeFormat.DataSizeSIFormat
    return QLocale().formattedDataSize(size_bytes, 1, powers_of_1000)


def short_number(number: int) -> str:
    """850, 1.1 K, 23 K, 1.2 M: as exact as an estimate is."""
    locale = QLocale()
    for size, unit in ((1_000_000, "M"), (1000, "K")):
        if number >= size:
            value = number / size
            digits = 1 if value < 10 else 0
            return f"{locale.toString(value, 'f', digits)} {unit}"
    return locale.toString(number)
