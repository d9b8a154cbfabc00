"""The full-text index: what is put into it, and how words are cut.

Invariant: a row of `message_index` has the number of its message, one of `chat_index` that of its
chat. SQLite's unicode61 cuts at spaces, which Chinese, Japanese, Korean and Thai do without, so
each of their characters is made a word of its own (with U+200B beside it) here and in the query:
any run of them is then found as a phrase.
"""

from __future__ import annotations

import re
import sqlite3

from app.domain.message import Media, Part, Reasoning, Text
from app.domain.stream import mend_surrogates

# Invisible, and a separator for unicode61; taken out again from what is shown.
SEPARATOR = "\u200b"
MARK_START, MARK_END = "\x02", "\x03"

_UNSPACED = re.compile(
    "(["
    "\u0e00-\u0eff"  # Thai, Lao
    "\u1000-\u109f"  # Myanmar
    "\u1780-\u17ff"  # Khmer
    "\u2e80-\u2fdf\u3005-\u3007\u3021-\u30ff\u3105-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
    "\ua960-\ua97f\uac00-\ud7ff"  # Hangul
    "\uf900-\ufaff\uff66-\uffdc"
    "\U00020000-\U0003ffff"
    "])"
)
_UNWANTED = re.compile(f"[\x00{MARK_START}{MARK_END}{SEPARATOR}]")


def cut_words(text: str) -> str:
    """`text` as unicode61 has to see it. O(length)."""
    text = _UNWANTED.sub("", mend_surrogates(text))
    if text.isascii():
        return text
    return _UNSPACED.sub(f"{SEPARATOR}\\1{SEPARATOR}", text)


def index_message(connection: sqlite3.Connection, number: int, parts: tuple[Part, ...]) -> None:
    """Make what message `number` says findable; replaces what was indexed of it before."""
    said = [part.text for part in parts if isinstance(part, Text)]
    said += [part.name for part in parts if isinstance(part, Media) and part.name]
    thought = [part.text for part in parts if isinstance(part, Reasoning)]
    connection.execute("DELETE FROM message_index WHERE rowid = ?", (number,))
    connection.execute(
        "INSERT INTO message_index (rowid, said, thought) VALUES (?, ?, ?)",
        (number, cut_words("\n".join(said)), cut_words("\n".join(thought))),
    )


def index_title(connection: sqlite3.Connection, number: int, title: str) -> None:
    """Make chat `number` findable by `title`; replaces its title before."""
    connection.execute("DELETE FROM chat_index WHERE rowid = ?", (number,))
    connection.execute(
        "INSERT INTO chat_index (rowid, title) VALUES (?, ?)", (number, cut_words(title))
    )


def forget_chat(connection: sqlite3.Connection, number: int) -> None:
    """Take chat `number` and its messages out of the index, before their rows go."""
    connection.execute("DELETE FROM chat_index WHERE rowid = ?", (number,))
    connection.execute(
        "DELETE FROM message_index WHERE rowid IN (SELECT number FROM message WHERE chat = ?)",
        (number,),
    )


def forget_message(connection: sqlite3.Connection, number: int) -> None:
    """Take a message out of the index, before its row goes."""
    connection.execute("DELETE FROM message_index WHERE rowid = ?", (number,))
