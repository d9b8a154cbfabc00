"""A text file as it is put into a question: its name, then its content between fences.

Invariant: pure; no run of backticks in the content can end the fence.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

_BACKTICKS = re.compile("`+")
# The word behind a fence, where it is not the ending of the name.
_LANGUAGES: Mapping[str, str] = {
    "": "",
    "txt": "",
    "log": "",
    "py": "python",
    "ipynb": "markdown",
    "docx": "markdown",
    "md": "markdown",
    "js": "javascript",
    "ts": "typescript",
    "rs": "rust",
    "rb": "ruby",
    "kt": "kotlin",
    "cs": "csharp",
    "h": "c",
    "hpp": "cpp",
    "yml": "yaml",
    "sh": "bash",
    "ps1": "powershell",
    "htm": "html",
    "jsonl": "json",
}


def quoted(name: str, text: str) -> str:
    """`text` of the file `name`, for a model to read."""
    longest = max((len(run) for run in _BACKTICKS.findall(text)), default=0)
    fence = "`" * max(3, longest + 1)
    head = f"{name}:\n\n" if name else ""
    content = text.removesuffix("\n")
    return f"{head}{fence}{language_of(name)}\n{content}\n{fence}"


def language_of(name: str) -> str:
    """The word for a file's language: by its ending, empty where that says nothing."""
    ending = name.rpartition(".")[2].lower() if "." in name else ""
    plain = ending if ending.isascii() and ending.isalnum() and len(ending) <= 12 else ""
    return _LANGUAGES.get(ending, plain)
