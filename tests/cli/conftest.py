"""The terminal in tests: run in this process against a server on loopback."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from command_line import Done, Linnet, Stdin
from loopback import Loopback, in_thread

from app.__main__ import main


@pytest.fixture
def server() -> Iterator[Loopback]:
    with in_thread() as made:
        yield made


@pytest.fixture
def linnet(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Linnet:
    """Run `linnet` with these arguments; `stdin` is what is piped in, None a terminal."""

    def run(*arguments: str | Path, stdin: bytes | None = None) -> Done:
        monkeypatch.setattr(sys, "stdin", Stdin(stdin))
        capsys.readouterr()
        try:
            status = main([str(argument) for argument in arguments])
        except SystemExit as end:
            status = int(end.code or 0)
        out, err = capsys.readouterr()
        return Done(status, out, err)

    return run


@pytest.fixture
def ask(linnet: Linnet, server: Loopback) -> Linnet:
    """`linnet ask` at the server, as one JSON object."""

    def run(*arguments: str | Path, stdin: bytes | None = None) -> Done:
        address = ("--base-url", f"{server.url}/v1", "--model", "m", "--output", "json")
        return linnet("ask", *arguments, *address, stdin=stdin)

    return run
