"""The manual page, linnet(1)."""

from __future__ import annotations

from datetime import UTC, datetime

from pack.command_line import WINDOW_OPTIONS, commands
from pack.product import Product

FILES = (
    ("$XDG_DATA_HOME/linnet", "chats and attachments; by default ~/.local/share/linnet"),
    ("$XDG_CONFIG_HOME/linnet/settings.toml", "all settings; by default in ~/.config/linnet"),
    ("$XDG_STATE_HOME/linnet/log", "the log; by default in ~/.local/state/linnet"),
    ("$XDG_CACHE_HOME/linnet", "what can be made again; by default ~/.cache/linnet"),
)
ENDS = (
    ("0", "the answer is complete"),
    ("1", "it failed, was filtered, or was cut off"),
    ("2", "the command line cannot be understood"),
    ("130", "it was stopped"),
)


def page(made: Product) -> str:
    """linnet(1), in the language of man pages."""
    date = datetime.fromtimestamp(made.epoch_s, UTC).strftime("%Y-%m-%d")
    lines = [
        f'.TH LINNET 1 "{date}" "{made.title} {made.version}" "User Commands"',
        ".SH NAME",
        f"{made.name} \\- {made.summary[0].lower()}{made.summary[1:]}",
        ".SH SYNOPSIS",
        f".B {made.name}\n[\\fIOPTION\\fR]... [\\fIFILE\\fR|\\fILINK\\fR]...\n.br",
    ]
    lines += [f".B {made.name} {each.name}\n[\\fIOPTION\\fR]...\n.br" for each in commands()]
    lines += [
        ".SH DESCRIPTION",
        "Without a command the window opens, or comes to the front. Files start a chat with them "
        "attached. The link \\fBlinnet://new?prompt=\\fITEXT\\fR fills in a question, which is "
        "never sent by itself; \\fBlinnet://chat/\\fIID\\fR opens a chat.",
        ".SH OPTIONS",
    ]
    for name, value, words in WINDOW_OPTIONS:
        lines += _entry(name, value, words)
    for command in commands():
        lines += [f".SH COMMAND {_plain(command.name).upper()}", _plain(command.words)]
        for name, words in command.positional:
            lines += [".TP", f".I {_plain(name)}", _plain(words)]
        for option in command.options:
            lines += _entry(", ".join(option.names), option.value, option.words)
    for title, rows in (("EXIT STATUS", ENDS), ("FILES", FILES)):
        lines.append(f".SH {title}")
        for name, words in rows:
            lines += [".TP", f".I {_plain(name)}", _plain(words)]
    lines += [
        ".SH ENVIRONMENT",
        ".TP\n.B LINNET_HOME\nOne folder for all files, as \\fB\\-\\-home\\fR.",
    ]
    return "\n".join(lines) + "\n"


def _entry(names: str, value: str, words: str) -> list[str]:
    shown = f" \\fI{_plain(value)}\\fR" if value else ""
    return [".TP", f"\\fB{_plain(names)}\\fR{shown}", _plain(words)]


def _plain(text: str) -> str:
    """Text as man pages take it."""
    text = text.replace("\\", "\\\\").replace("-", "\\-").replace("~", "\\(ti").replace("$", "$")
    return "\\&" + text if text.startswith((".", "'")) else text
