"""The log tells of bugs and holds no key, whoever wrote the line."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.log import FILE_BYTES, Log


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Log]:
    log = Log(tmp_path / "linnet.log")
    log.start()
    yield log
    log.close()


def text(log: Log) -> str:
    return log.path.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "line",
    [
        "headers {'authorization': 'Bearer SECRET123'}",
        "Authorization: Bearer SECRET123",
        "x-goog-api-key: SECRET123",
        '{"api_key": "SECRET123", "model": "m"}',
        "GET https://host/v1beta/models?key=SECRET123&alt=sse",
        "b'x-goog-api-key', b'SECRET123'",
        "used sk-SECRET123-456 and AIzaSECRET123456 and AQ.SECRET123456",
        "password=SECRET123",
        "[('Authorization', 'Bearer SECRET123')]",
    ],
)
def test_what_looks_like_a_key_is_hidden(log: Log, line: str) -> None:
    logging.getLogger("some.library").warning("%s", line)
    assert "SECRET" not in text(log)
    assert "[key]" in text(log)


@pytest.mark.parametrize(
    "line", ["the monkey=5 sat", "tokens: 12", "a risk-free sketch-book", "key question answered"]
)
def test_ordinary_words_stay(log: Log, line: str) -> None:
    logging.getLogger("app").info(line)
    assert line in text(log)


def test_a_key_that_was_used_is_hidden_whatever_it_looks_like(log: Log) -> None:
    log.hide("open sesame")
    log.hide("abc")  # too short: every word would go
    try:
        raise ValueError("cannot open sesame")
    except ValueError:
        logging.getLogger("app").exception("abc")
    assert "sesame" not in text(log)
    assert "cannot [key]" in text(log)
    assert "abc" in text(log)


def test_a_bug_is_logged_and_goes_on_to_the_hook_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[type[BaseException]] = []
    monkeypatch.setattr(sys, "excepthook", lambda kind, bug, trace: seen.append(kind))
    before = sys.excepthook
    log = Log(tmp_path / "linnet.log")
    log.start()
    for error in (ZeroDivisionError("a mistake"), KeyboardInterrupt()):
        sys.excepthook(type(error), error, None)
    log.close()
    assert sys.excepthook is before
    assert seen == [ZeroDivisionError, KeyboardInterrupt]
    assert "ZeroDivisionError: a mistake" in text(log)
    assert "KeyboardInterrupt" not in text(log)


def test_requests_are_not_logged_one_by_one(log: Log) -> None:
    logging.getLogger("httpx").info("HTTP Request: POST https://host")
    logging.getLogger("app").info("started")
    assert "POST" not in text(log)
    assert "started" in text(log)


def test_the_file_stays_small(log: Log) -> None:
    for _ in range(4000):
        logging.getLogger("app").info("x" * 1000)
    files = sorted(log.path.parent.iterdir())
    assert [file.name for file in files] == ["linnet.log", "linnet.log.1", "linnet.log.2"]
    assert all(file.stat().st_size <= FILE_BYTES for file in files)


def test_a_log_that_cannot_be_written_stops_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = Log(tmp_path / "nowhere" / "linnet.log")
    log.start()
    logging.getLogger("app").info("half \ud800 a character")
    log.close()
    assert capsys.readouterr().err == ""


def test_half_surrogates_are_written_somehow(log: Log) -> None:
    logging.getLogger("app").info("half \ud800 a character")
    assert "half \\ud800 a character" in text(log)
