"""What can be typed after `linnet`, checked before anything else happens.

Invariant: a wrong argument ends the program with status 2 and a sentence; what comes out of here
is complete and within its limits.
"""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from app import __version__
from app.build import TITLE
from app.domain import address
from app.domain.settings import Form
from app.domain.stream import mend_surrogates
from app.i18n import tr

LONGEST_WAIT_S = 86_400.0


@dataclass(kw_only=True)
class Options:
    """Everything that was typed; `None` and `""` are not given."""

    command: str = ""
    home: Path | None = None
    prompt: str | None = None
    service: str = ""
    base_url: str = ""
    form: Form | None = None
    path: str = ""
    model: str | None = None
    key_env: str = ""
    system: str | None = None
    messages: Path | None = None
    attach: list[str] = field(default_factory=list)
    temperature: float | None = None
    max_tokens: int | None = None
    effort: str | None = None
    thoughts: bool = True
    stream: bool = True
    json_answer: bool = False
    extra: Mapping[str, Any] = field(default_factory=dict)
    timeout_first: float | None = None
    timeout_idle: float | None = None
    retry: bool = True
    save: bool = False
    output: str = "text"
    search: str | None = None
    file: str = "-"
    action: str | None = None
    place: Path | None = None

    @property
    def as_json(self) -> bool:
        return self.output == "json"


def parse(arguments: Sequence[str]) -> tuple[argparse.ArgumentParser, Options]:
    """The parser, for errors found later, and the options. Raises SystemExit."""
    parser = make_parser()
    options = parser.parse_args(arguments, Options())
    if (options.form or options.path) and not options.base_url:
        parser.error(tr("--form and --path belong to --base-url."))
    if options.path and options.form is Form.GEMINI:
        parser.error(tr("--path belongs to the OpenAI form."))
    if options.action and options.place is None:
        parser.error(tr("Say which back-up or file: linnet chats import PLACE."))
    if options.action and options.search is not None:
        parser.error(tr("--search looks through what is here; it brings nothing back."))
    return parser, options


def make_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="linnet",
        description=tr("Chat with Gemini and every model behind an OpenAI-compatible address."),
        epilog=tr("Without a command the window opens."),
        argument_default=argparse.SUPPRESS,
    )
    parser.add_argument("--version", action="version", version=f"{TITLE} {__version__}")
    _add_home(parser)
    commands = parser.add_subparsers(dest="command", required=True, metavar=tr("COMMAND"))

    def command(name: str, summary: str, epilog: str = "") -> argparse.ArgumentParser:
        made = commands.add_parser(
            name,
            help=summary,
            description=summary,
            epilog=epilog or None,
            argument_default=argparse.SUPPRESS,
            allow_abbrev=False,
        )
        _add_home(made)
        return made

    _add_ask(
        command(
            "ask",
            tr("Ask a question and print the answer."),
            tr(
                "Ends with 0 for a complete answer, 1 for one that failed, was filtered or cut "
                "off, 2 for wrong usage, 130 when it was stopped."
            ),
        )
    )
    models = command("models", tr("List the models of a service."))
    _add_service(models)
    _add_output(models)
    chats = command("chats", tr("List the chats, search them, or bring some back."))
    chats.add_argument(
        "action",
        metavar="import",
        nargs="?",
        choices=("import",),
        default=None,
        help=tr("add the chats of a back-up, or a chat that was saved as JSON"),
    )
    chats.add_argument(
        "place",
        metavar="PLACE",
        nargs="?",
        type=Path,
        default=None,
        help=tr("the folder of the back-up, or the file"),
    )
    _option(chats, "--search", "WORDS", tr("look for words in titles, messages and reasoning"))
    _add_output(chats)
    render = command("render", tr("Print a markdown file as HTML."))
    render.add_argument("file", metavar="FILE", help=tr("the file; - reads from stdin"))
    return parser


def _add_ask(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "prompt",
        metavar="PROMPT",
        nargs="?",
        type=mend_surrogates,
        help=tr("the question; - or nothing reads it from stdin"),
    )
    _add_service(parser)
    add = parser.add_argument_group(tr("question"))
    _option(add, "--system", "TEXT", tr("what the model is told before"), mend_surrogates)
    _option(
        add,
        "--messages",
        "FILE",
        tr("a JSON list of earlier messages: role and content as in the OpenAI form"),
        Path,
    )
    add.add_argument(
        "--attach",
        metavar="PATH-OR-ADDRESS",
        action="append",
        help=tr("a picture, video, recording, PDF or text to ask about; may be given often"),
    )
    _option(add, "--temperature", "T", tr("0 to 2"), _number(0.0, 2.0))
    _option(add, "--max-tokens", "N", tr("the longest answer, in tokens"), _count)
    _option(add, "--effort", "LEVEL", tr("how much the model thinks, for example low or high"))
    _option(add, "--extra", "JSON", tr("an object with more members of the request"), _json_object)
    _switch(add, "--json-answer", "json_answer", True, tr("ask for an answer in JSON"))
    _switch(add, "--no-thoughts", "thoughts", False, tr("do not ask for the reasoning"))
    _switch(add, "--no-stream", "stream", False, tr("ask for the answer as a whole"))
    _switch(add, "--no-retry", "retry", False, tr("do not try again by itself"))
    _switch(add, "--save", "save", True, tr("keep the chat in the library"))
    _add_output(parser)


def _add_service(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument_group(tr("service"))
    which = add.add_mutually_exclusive_group()
    _option(which, "--service", "NAME", tr("a service of the settings, or a preset, by its name"))
    _option(which, "--base-url", "URL", tr("any other address, up to the path"), _url)
    add.add_argument(
        "--form",
        type=_form,
        choices=(Form.OPENAI, Form.GEMINI),
        metavar="FORM",
        help=tr("the wire form at --base-url: openai (the default) or gemini"),
    )
    _option(add, "--path", "PATH", tr("the path of a chat request, by default /chat/completions"))
    _option(add, "--model", "M", tr("the model"), mend_surrogates)
    _option(add, "--key-env", "VAR", tr("the environment variable that holds the key"))
    wait = _number(0.01, LONGEST_WAIT_S)
    _option(add, "--timeout-first", "S", tr("seconds to wait for the first byte"), wait)
    _option(add, "--timeout-idle", "S", tr("seconds of silence within an answer"), wait)


def _add_home(parser: argparse.ArgumentParser) -> None:
    _option(parser, "--home", "DIR", tr("the data folder; also LINNET_HOME"), Path)


def _add_output(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--output", choices=("text", "json"), help=tr("text is the default"))


def _option(
    parser: argparse._ActionsContainer,
    name: str,
    metavar: str,
    words: str,
    kind: Callable[[str], Any] = str,
) -> None:
    parser.add_argument(name, metavar=metavar, help=words, type=kind)


def _switch(
    parser: argparse._ActionsContainer, name: str, target: str, value: bool, words: str
) -> None:
    parser.add_argument(name, dest=target, action="store_const", const=value, help=words)


def _form(text: str) -> Form:
    # A demo has no address.
    if text not in (Form.OPENAI, Form.GEMINI):
        raise argparse.ArgumentTypeError(tr("the form is openai or gemini"))
    return Form(text)


def _url(text: str) -> str:
    parts = address.split(text)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise argparse.ArgumentTypeError(
            tr("the address begins with https:// or http:// and a host")
        )
    return text.strip()


def _number(least: float, most: float) -> Callable[[str], float]:
    def number(text: str) -> float:
        try:
            found = float(text)
        except ValueError:
            found = math.nan
        if not least <= found <= most:
            words = tr("a number from {least} to {most}", least=f"{least:g}", most=f"{most:g}")
            raise argparse.ArgumentTypeError(words)
        return found

    return number


def _count(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) > 0):
        raise argparse.ArgumentTypeError(tr("a whole number above 0"))
    return int(text)


def _json_object(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise argparse.ArgumentTypeError(tr("a JSON object, in quotes for the shell"))
    return found
