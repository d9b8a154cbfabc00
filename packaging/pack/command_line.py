"""What can be typed after `linnet`, read from the parser that reads it.

Invariant: an option that the program learns stands in the manual and in what shells complete
without further work.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from app.cli.arguments import make_parser

WINDOW_OPTIONS = (
    ("--new-chat", "", "begin a new chat"),
    ("--chat", "ID", "open a stored chat"),
    ("--home", "DIR", "the data folder; also LINNET_HOME"),
    ("--version", "", "print the version and end"),
    ("--help", "", "print the options and end"),
)


@dataclass(frozen=True)
class Option:
    names: tuple[str, ...]
    value: str
    words: str
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Command:
    name: str
    words: str
    options: tuple[Option, ...]
    positional: tuple[tuple[str, str], ...]


def commands() -> tuple[Command, ...]:
    """What can be typed after `linnet`."""
    groups = make_parser()._subparsers
    assert groups is not None
    (chooser,) = groups._group_actions
    parsers = chooser.choices
    assert isinstance(parsers, dict)
    listed: Any = chooser
    words = {each.dest: each.help or "" for each in listed._get_subactions()}
    return tuple(
        Command(name, words[name], tuple(_options(parser)), tuple(_positional(parser)))
        for name, parser in parsers.items()
    )


def _options(parser: argparse.ArgumentParser) -> Iterator[Option]:
    for action in parser._actions:
        if action.option_strings:
            takes = action.nargs != 0
            choices = tuple(str(each) for each in action.choices or ())
            value = str(action.metavar or "|".join(choices)) if takes else ""
            yield Option(tuple(action.option_strings), value, action.help or "", choices)


def _positional(parser: argparse.ArgumentParser) -> Iterator[tuple[str, str]]:
    for action in parser._actions:
        if not action.option_strings:
            yield str(action.metavar or action.dest), action.help or ""
