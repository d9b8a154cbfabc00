"""`linnet` as a process of its own: signals, pipes, and what it does not load."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

import pytest
from loopback import End, Loopback, events, reply, whole

from app.storage.conversations import Conversations
from app.storage.database import Database

ROOT = Path(__file__).resolve().parents[2]

Start = Callable[..., subprocess.Popen[bytes]]


def chunk(reason: str | None = None, **delta: Any) -> dict[str, Any]:
    return {"choices": [{"index": 0, "delta": delta, "finish_reason": reason}]}


@pytest.fixture
def start() -> Iterator[Start]:
    """Start `linnet` with these arguments; it is ended with the test."""
    begun: list[subprocess.Popen[bytes]] = []

    def run(*arguments: str) -> subprocess.Popen[bytes]:
        begun.append(
            subprocess.Popen(
                [sys.executable, "-m", "app", *arguments],
                cwd=ROOT,
                bufsize=0,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
            )
        )
        return begun[-1]

    yield run
    for process in begun:
        process.kill()
        process.communicate()


def read(pipe: IO[bytes] | None, size: int) -> bytes:
    assert pipe is not None
    return pipe.read(size)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_the_answer(server: Loopback, start: Start, number: signal.Signals) -> None:
    server.add(events(chunk(content="Half"), End.HANG))
    process = start("ask", "Hi", "--model", "m", "--base-url", server.url)
    assert read(process.stdout, 4) == b"Half"
    process.send_signal(number)
    out, err = process.communicate(timeout=10)
    assert (process.returncode, out) == (130, b"\n")
    assert b"Traceback" not in err


def test_the_object_of_a_stopped_answer_has_its_text(
    server: Loopback, start: Start, linnet_home: Path
) -> None:
    server.add(events(chunk(content="Half"), End.HANG))
    address = ("--model", "m", "--base-url", server.url)
    process = start("ask", "Hi", *address, "--output", "json", "--save")
    end = time.monotonic() + 30
    while stored_text(linnet_home / "linnet.db") != "Half":
        assert time.monotonic() < end
        assert process.poll() is None
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=10)
    answer = json.loads(out)
    assert process.returncode == 130
    assert (answer["content"], answer["finish_reason"]) == ("Half", "cancelled")
    assert (answer["complete"], answer["error"]) == (False, None)
    assert b"Traceback" not in err
    assert stored_text(linnet_home / "linnet.db") == "Half"


def stored_text(path: Path) -> str:
    if not path.exists() or not path.stat().st_size:
        return ""
    with Database.open(path) as database:
        chats = Conversations(database)
        return "".join(chats.load(row.id).path()[-1].text for row in chats.summaries())


def test_stopped_while_it_waits_to_try_again(server: Loopback, start: Start) -> None:
    server.add(whole({"error": {"message": "busy"}}, 503, retry_after="100"))
    process = start("ask", "Hi", "--model", "m", "--base-url", server.url, "--output", "json")
    assert b"100 s" in next(iter(process.stderr or ()))
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=10)
    assert process.returncode == 130
    assert json.loads(out)["finish_reason"] == "cancelled"


def test_a_list_that_nobody_waits_for(server: Loopback, start: Start) -> None:
    server.add(reply(End.HANG))
    process = start("models", "--base-url", server.url, "--output", "json")
    end = time.monotonic() + 30
    while not server.requests:
        assert time.monotonic() < end
        assert process.poll() is None
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=10)
    assert (process.returncode, err) == (130, b"")
    assert json.loads(out)["models"] == []
    assert json.loads(out)["error"]["kind"] == "cancelled"


def test_a_reader_that_goes_away_hears_no_complaint(server: Loopback, start: Start) -> None:
    endless = [chunk(content="line\n" * 1000)] * 200
    server.add(events(*endless, chunk("stop")))
    process = start("ask", "Hi", "--model", "m", "--base-url", server.url)
    assert read(process.stdout, 4) == b"line"
    assert process.stdout is not None
    process.stdout.close()
    assert process.wait(10) == 1
    assert process.stderr is not None
    assert process.stderr.read() == b""


def test_a_slow_reader_does_not_hold_up_the_answer(server: Loopback, start: Start) -> None:
    text = "x" * 400_000  # more than any pipe holds
    server.add(events(chunk(content=text), chunk("stop")))
    process = start(*("ask", "Hi", "--model", "m", "--base-url", server.url, "--timeout-idle", "5"))
    assert read(process.stdout, 1) == b"x"
    end = time.monotonic() + 10
    while server.open_connections:  # the answer was read to its end, though nobody reads ours
        assert time.monotonic() < end
    assert len(process.communicate(timeout=10)[0]) == len(text)  # one sign less, a line end more
    assert process.returncode == 0


def test_the_terminal_loads_neither_qt_nor_what_it_does_not_need(tmp_path: Path) -> None:
    code = (
        "import sys; from app.__main__ import main; status = main(sys.argv[1:]); "
        "print(sorted(sys.modules), file=sys.stderr); "
        "sys.exit(status)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "ask", "Hi", "--service", "demo", "--no-stream"],
        cwd=ROOT,
        env=os.environ | {"LINNET_HOME": str(tmp_path)},
        capture_output=True,
        timeout=60,
    )
    loaded = done.stderr.decode()
    assert done.returncode == 0
    assert "'app'" in loaded
    for name in ("PySide6", "shiboken6", "qasync", "httpx", "keyring", "pygments", "markdown"):
        assert f"'{name}'" not in loaded


def test_both_ways_to_start_it() -> None:
    for command in ([sys.executable, "-m", "app"], [str(Path(sys.executable).parent / "linnet")]):
        done = subprocess.run([*command, "--version"], cwd=ROOT, capture_output=True, timeout=60)
        assert done.stdout.startswith(b"Linnet ")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="a full disk to write to")
@pytest.mark.parametrize("output", ["text", "json"])
def test_an_answer_that_cannot_be_written_is_told(server: Loopback, output: str) -> None:
    server.add(events(chunk(content="Hello"), chunk("stop")))
    address = ("--model", "m", "--base-url", server.url, "--output", output)
    done = in_a_shell(" ".join(("ask", "Hi", *address, ">/dev/full")))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("The answer could not be written: ")
    assert done.stderr.count("\n") == 1


@pytest.mark.skipif(os.name == "nt", reason="closing of streams by a shell")
@pytest.mark.parametrize(
    ("closing", "status"),
    [(">&-", 0), ("2>&-", 0), (">&- 2>&-", 0), ("<&-", 0), ("- <&-", 2)],
)
def test_closed_streams(server: Loopback, closing: str, status: int) -> None:
    server.add(events(chunk(content="Hello"), chunk("stop")))
    question = "" if closing.startswith("-") else "Hi"
    done = in_a_shell(f"ask --model m --base-url {server.url} {question} {closing}")
    assert done.returncode == status
    assert "Traceback" not in done.stderr


def in_a_shell(command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        f'exec "$PYTHON" -m app {command}',
        shell=True,
        cwd=ROOT,
        env={**os.environ, "PYTHON": sys.executable},
        capture_output=True,
        text=True,
        timeout=30,
    )
