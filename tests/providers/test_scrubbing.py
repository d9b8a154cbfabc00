"""No part of a key survives in what is shown, and ordinary words do."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.providers.failures import classify
from app.providers.scrubbing import MARK, scrub

KEY = "sk-proj-A1b2C3d4E5f6G7h8I9j0-wxyz"


@pytest.mark.rule("R30")
@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (f"Incorrect API key provided: {KEY}.", f"Incorrect API key provided: {MARK}."),
        ("Incorrect API key provided: sk-proj-********wxyz. Find", "Incorrect API key provided: "
         f"{MARK} Find"),
        ("key sk-pr...wxyz is wrong", f"key {MARK} is wrong"),
        ("key sk…xyz is wrong", f"key {MARK} is wrong"),
        ("key ****wxyz is wrong", f"key {MARK} is wrong"),
        ("key sk-proj-XXXXXXXX is wrong", f"key {MARK} is wrong"),
        ("it ends in wxyz", f"it ends in {MARK}"),
        ("it begins with 'sk-proj-A1b2'", f"it begins with '{MARK}'"),
        ("half C3d4E5f6G7 of it", f"half {MARK} of it"),
        ("Bearer " + KEY[:20], f"Bearer {MARK}"),
        ("The model does not exist.", "The model does not exist."),
        ("wait... what ***", "wait... what ***"),
    ],
)  # fmt: skip
def test_what_providers_echo(text: str, shown: str) -> None:
    assert scrub(text, KEY) == shown


@pytest.mark.rule("R30")
def test_written_as_in_an_address() -> None:
    key = "a+b/c=d+e/f=gh"
    assert scrub("?key=a%2Bb%2Fc%3Dd%2Be%2Ff%3Dgh", key) == f"?key={MARK}"


def test_a_short_key_goes_as_a_word_only() -> None:
    assert scrub("test, attest and test", "test") == f"{MARK}, attest and {MARK}"


def test_nothing_to_hide() -> None:
    assert scrub("text", None) == scrub("text", "") == "text"
    assert scrub("", KEY) == ""


@pytest.mark.rule("R30")
@given(before=st.text(max_size=30), after=st.text(max_size=30), start=st.integers(0, 20))
def test_no_eight_characters_in_a_row_survive(before: str, after: str, start: int) -> None:
    piece = KEY[start : start + 12]
    shown = scrub(before + piece + after, KEY)
    left = [KEY[i : i + 8] for i in range(len(KEY) - 7) if KEY[i : i + 8] in shown]
    assert not left


@pytest.mark.rule("R30")
def test_every_member_of_a_failure_is_scrubbed() -> None:
    body = {"error": {"message": f"m {KEY}", "code": f"c {KEY}", "param": KEY}, "trace_id": KEY}
    failure = classify(
        401, {"x-request-id": KEY}, body, phase="http", key=KEY, url=f"https://x/{KEY}"
    )
    assert KEY not in repr(failure)
    assert failure.codes == (f"c {MARK}",)
