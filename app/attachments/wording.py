"""The words of a text file, a document or a notebook, with the type that they have then.

Invariant: for a thread; what is no text is a `RefusedError`. The ending of a name only chooses
among kinds of text.
"""

from __future__ import annotations

from collections.abc import Mapping

from app.attachments import documents, texts
from app.attachments.refusal import RefusedError
from app.attachments.sources import Content
from app.domain.kinds import MB, TEXT
from app.i18n import tr

MARKDOWN = "text/markdown"
LARGEST_ARCHIVE_BYTES = 100 * MB
"""A document may be large for its pictures, which are not read."""
_OLD_OFFICE = bytes.fromhex("d0cf11e0a1b11ae1")
_TYPES: Mapping[str, str] = {"csv": "text/csv", "json": "application/json", "md": MARKDOWN}


def words_of(content: Content) -> tuple[str, str]:
    """The text and its type. Raises RefusedError."""
    head = content.head()
    if head.startswith(_OLD_OFFICE):
        words = tr("{name} is an old or a locked Office document.", name=content.name)
        raise RefusedError(f"{words} {tr('Save it as docx, PDF or text.')}")
    if b"\0" not in head and not texts.looks_like_text(head):
        raise RefusedError(texts.unknown_words(content.name))
    return words_in(content.whole(TEXT.largest_bytes), content.name)


def words_in(data: bytes, name: str) -> tuple[str, str]:
    """The text of `data` and its type. Raises RefusedError."""
    text = texts.read_text(data, name)
    if documents.is_notebook(text):
        return documents.notebook_text(text, name), MARKDOWN
    return text, _TYPES.get(name.rpartition(".")[2].lower(), "text/plain")


def words_of_archive(content: Content) -> tuple[str, str]:
    """The text of a Word document. Raises RefusedError for every other archive."""
    data = content.whole(LARGEST_ARCHIVE_BYTES)
    return documents.archive_text(data, content.name), MARKDOWN
