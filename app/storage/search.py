"""Finding chats and messages by words, in titles, in what was said and in the reasoning.

Invariant: nothing that a person types is a query language: every word is quoted. A word finds
what begins with it; words in double quotes find just that phrase. Runs on a `reader` connection
in a thread of its own, and can be interrupted there.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from app.domain.conversation import SearchHit
from app.domain.stream import mend_surrogates
from app.storage.database import Database
from app.storage.index import MARK_END, MARK_START, SEPARATOR, cut_words

MAX_HITS = 200
MAX_TITLES = 50

_SNIPPET_WORDS = 40
# The row in the window is short: the first hit has to lie near the start of the snippet.
_LEAD_CHARACTERS = 40
_SNIPPET_CHARACTERS = 240

_WORD = re.compile(r'"([^"]+)"|(\S+)')
_MARKED = re.compile(f"{MARK_START}([^{MARK_END}]*){MARK_END}")

_TITLES = """
SELECT chat.id, chat.title, highlight(chat_index, 0, ?, ?), chat.updated_at
FROM chat_index CROSS JOIN chat ON chat.number = chat_index.rowid
WHERE chat_index MATCH ? AND chat.binned_at IS NULL
ORDER BY chat.updated_at DESC LIMIT ?
"""
_MESSAGES = f"""
SELECT chat.id, chat.title, message.id, message.created_at,
    snippet(message_index, 0, ?1, ?2, '…', {_SNIPPET_WORDS}),
    snippet(message_index, 1, ?1, ?2, '…', {_SNIPPET_WORDS})
FROM message_index
    CROSS JOIN message ON message.number = message_index.rowid
    CROSS JOIN chat ON chat.number = message.chat
WHERE message_index MATCH ?3 AND chat.binned_at IS NULL
ORDER BY message_index.rowid DESC LIMIT ?4
"""
_SIGNS = """
SELECT chat.id, chat.title, message.id, message.created_at,
    message_index.said, message_index.thought
FROM message_index
    CROSS JOIN message ON message.number = message_index.rowid
    CROSS JOIN chat ON chat.number = message.chat
WHERE chat.binned_at IS NULL
    AND (instr(message_index.said, ?1) OR instr(message_index.thought, ?1))
ORDER BY message_index.rowid DESC LIMIT ?2
"""


@dataclass(frozen=True, slots=True)
class Query:
    """What to look for: an FTS5 expression, or else a run of signs that holds no word."""

    expression: str
    signs: str


def parse(words: str) -> Query:
    """Signs such as `->` are looked for as written when there is no word beside them."""
    terms, signs = [], []
    for phrase, word in _WORD.findall(mend_surrogates(words)):
        if any(map(_in_words, phrase or word)):
            quoted = cut_words(phrase or word).replace('"', '""')
            terms.append(f'"{quoted}"' if phrase else f'"{quoted}"*')
        else:
            signs.append(phrase or word)
    return Query(" ".join(terms), "" if terms else " ".join(signs))


def search(database: Database, words: str, limit: int = MAX_HITS) -> tuple[SearchHit, ...]:
    """Titles first, then messages, newest first. Chats in the bin are left out.

    Raises StorageError (INTERRUPTED after `Database.interrupt`).
    """
    query = parse(words)
    if query.signs:
        rows = database.rows(_SIGNS, (query.signs, limit))
        return tuple(_message_hit(row, query.signs) for row in rows)
    if not query.expression:
        return ()
    marks = (MARK_START, MARK_END)
    titles = database.rows(_TITLES, (*marks, query.expression, min(limit, MAX_TITLES)))
    messages = database.rows(_MESSAGES, (*marks, query.expression, limit - len(titles)))
    return (*map(_title_hit, titles), *map(_message_hit, messages))


def _in_words(character: str) -> bool:
    # What unicode61 takes for part of a word: https://www.sqlite.org/fts5.html#unicode61_tokenizer
    category = unicodedata.category(character)
    return category[0] in "LN" or category == "Co"


def _title_hit(row: Sequence[Any]) -> SearchHit:
    snippet, marks = _plain_and_marks(row[2])
    return SearchHit(
        chat_id=row[0],
        chat_title=row[1],
        message_id=None,
        snippet=snippet,
        marks=marks,
        updated_at=row[3],
    )


def _message_hit(row: Sequence[Any], signs: str = "") -> SearchHit:
    said, thought = (_mark_signs(text, signs) if signs else text for text in row[4:6])
    in_reasoning = MARK_START not in said
    snippet, marks = _plain_and_marks(thought if in_reasoning else said)
    return SearchHit(
        chat_id=row[0],
        chat_title=row[1],
        message_id=row[2],
        snippet=snippet,
        marks=marks,
        in_reasoning=in_reasoning,
        updated_at=row[3],
    )


def _mark_signs(text: str, signs: str) -> str:
    at = text.find(signs)
    if at < 0:
        return text[:_SNIPPET_CHARACTERS]
    start, end = max(0, at - _LEAD_CHARACTERS), at + len(signs)
    head = "…" if start else ""
    tail = text[end : end + _SNIPPET_CHARACTERS]
    return f"{head}{text[start:at]}{MARK_START}{signs}{MARK_END}{tail}"


def _plain_and_marks(text: str) -> tuple[str, tuple[tuple[int, int], ...]]:
    """`text` on one line without marks, and where they were."""
    text = " ".join(text.replace(SEPARATOR, "").split())
    first = text.find(MARK_START)
    if first > _LEAD_CHARACTERS:
        text = "…" + text[first - _LEAD_CHARACTERS :].lstrip()
    plain, marks, at = "", [], 0
    for found in _MARKED.finditer(text):
        plain += text[at : found.start()]
        marks.append((len(plain), len(plain) + len(found[1])))
        plain += found[1]
        at = found.end()
    return plain + text[at:], tuple(marks)
