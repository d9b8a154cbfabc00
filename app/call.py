"""What a start asks of the window: a chat to open, a new one, a question to fill in, files to add.

Invariant: a link of another program can open a chat and fill in a question; it never sends one and
names no file, nor does what follows it: a quotation mark in a link may have ended it on the way
here. What cannot be understood asks for nothing. Knows no Qt.
"""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, quote, unquote, urlsplit

from app.build import NAME

LONGEST_PROMPT = 20_000
MOST_FILES = 100
WITH_VALUE = ("--home", "--chat")
# https://www.unicode.org/reports/tr9/ (explicit formatting), and the block of tags.
_HIDING = re.compile("[\u202a-\u202e\u2066-\u2069\U000e0000-\U000e007f]")
DRAW_FORMULAS = "--draw-formulas"
"""With it the program draws formulas for the one that started it, and is no window."""
DRAW_SVG = "--draw-svg"
"""Likewise a drawing, for `linnet ask`."""


@dataclass(frozen=True, slots=True)
class Call:
    """`files` are absolute. Without anything the window just comes to the front."""

    home: Path | None = None
    chat_id: str = ""
    new_chat: bool = False
    prompt: str = ""
    files: tuple[Path, ...] = ()

    @property
    def starts_a_chat(self) -> bool:
        return self.new_chat or bool(self.prompt) or bool(self.files)

    def words(self) -> list[str]:
        """The same, for the window that is open already."""
        found = [f"--chat={self.chat_id}"] if self.chat_id else []
        if self.new_chat and not self.prompt:
            found.append("--new-chat")
        found += [str(file) for file in self.files]
        if self.prompt:  # a link is the last word
            found.append(f"{NAME}://new?prompt={quote(self.prompt, safe='')}")
        return found


def read_call(arguments: Sequence[str]) -> Call:
    """`--home DIR`, `--chat ID`, `--new-chat`, `linnet://` links, files and their addresses."""
    given: dict[str, str] = {}
    files: list[Path] = []
    words = list(arguments)
    while words:
        word = words.pop(0)
        name, _, value = word.partition("=")
        if name in WITH_VALUE:
            given[name] = value or (words.pop(0) if words else "")
        elif word == "--new-chat":
            given["--new-chat"] = "yes"
        elif word.lower().startswith(f"{NAME}:"):
            given.update(_read_link(word))
            break
        elif not word.startswith("-"):
            files.append(_path(word))
    return Call(
        home=Path(given["--home"]) if given.get("--home") else None,
        chat_id=given.get("--chat", ""),
        new_chat="--new-chat" in given,
        prompt=given.get("prompt", ""),
        files=tuple(files[:MOST_FILES]),
    )


def is_for_the_window(word: str) -> bool:
    """Whether a word of the command line is a link or a file, and no command of the terminal."""
    return word.lower().startswith((f"{NAME}:", "file:")) or os.path.exists(word)


def _read_link(link: str) -> dict[str, str]:
    """`linnet://chat/ID` and `linnet://new?prompt=TEXT`."""
    try:
        parts = urlsplit(link)
        fields = parse_qs(parts.query, max_num_fields=20)
    except ValueError:
        return {}
    match parts.netloc.lower():
        case "chat":
            return {"--chat": unquote(parts.path).strip("/")}
        case "new":
            prompt = fields.get("prompt", [""])[0][:LONGEST_PROMPT]
            return {"--new-chat": "yes", "prompt": _without_controls(prompt)}
        case _:
            return {}


def _without_controls(text: str) -> str:
    """Line ends and tabs stay; other control characters come from no honest link.

    Nor what turns the order of letters around, and letters that nobody sees but a model reads.
    """
    lines = _HIDING.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    return "".join(c for c in lines if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cs"))


def _path(word: str) -> Path:
    """A file by its path or by its address."""
    if word.lower().startswith("file:"):
        try:
            parts = urlsplit(word)
        except ValueError:
            return Path(os.path.abspath(word))  # it is not there, and that is said
        word = unquote(parts.path)
        if os.name == "nt":  # file:///C:/folder and file://server/share
            word = f"//{parts.netloc}{word}" if parts.netloc else re.sub("^/+", "", word)
    return Path(os.path.abspath(word))
