"""Pictures written into an answer as data addresses: found however the text is cut into pieces."""

from __future__ import annotations

import base64
import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.message import FinishReason, Message, Role
from app.domain.stream import Draft, Finished, MediaReceived, ReasoningDelta, TextDelta
from app.domain.written_pictures import WrittenPictures

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(200))
URL = f"data:image/png;base64,{base64.b64encode(PNG).decode()}"
ANSWER = (
    f'A cat!\n\n![the ![cat]({URL}) and a dog: ![dog](<{URL}> "a dog")\n![x](https://a.b/c.png)'
)


def read(*pieces: str) -> tuple[str, list[bytes]]:
    """The text that passed, pictures marked, and the pictures."""
    reader = WrittenPictures()
    text, found = "", []
    for piece in pieces:
        for event in reader.passed(TextDelta(piece)):
            if isinstance(event, MediaReceived):
                assert event.mime == "image/png"
                assert event.data is not None
                found.append(event.data)
                text += "<picture>"
            elif isinstance(event, TextDelta):
                text += event.text
    return text + reader.rest(), found


def test_pictures_are_taken_out_of_the_text() -> None:
    text, found = read(ANSWER)
    assert text == "A cat!\n\n![the <picture> and a dog: <picture>\n![x](https://a.b/c.png)"
    assert found == [PNG, PNG]


@given(st.lists(st.integers(0, len(ANSWER)), max_size=12))
def test_however_it_comes(cuts: list[int]) -> None:
    places = sorted({0, len(ANSWER), *cuts})
    pieces = [ANSWER[a:b] for a, b in pairwise(places)]
    assert read(*pieces) == read(ANSWER)
    assert read(*ANSWER) == read(ANSWER)


@pytest.mark.parametrize(
    "text",
    [
        "no! picture ![a](https://x.y) ![b] ![](data:text/html;base64,QUJD) !",
        f"```\n![a]({URL})\n```\n",
        f"~~~md\n![a]({URL})",
        "![a](data:image/png;base64,@@@@)",
        "![a](data:image/png;base64,)",
        "![" * 1000,
        "!\n[a](data:image/png;base64,QUJD)",
        f"![{'a' * 500}]({URL})",
    ],
)
def test_what_is_none_passes_unchanged(text: str) -> None:
    assert read(text) == (text, [])
    assert read(*text) == (text, [])


def test_after_code_pictures_are_found_again() -> None:
    text, found = read(f"```\n![a]({URL})\n```\n![b]({URL})")
    assert text == f"```\n![a]({URL})\n```\n<picture>"
    assert found == [PNG]


def test_other_events_wait_for_nothing() -> None:
    reader = WrittenPictures()
    assert [*reader.passed(TextDelta("so ![a"))] == [TextDelta("so ")]
    thought = ReasoningDelta("hm")
    assert [*reader.passed(thought)] == [TextDelta("![a"), thought]
    ended = Finished(FinishReason.STOP)
    assert [*reader.passed(ended)] == [ended]


def test_a_picture_that_was_cut_off_is_remarked_on() -> None:
    message = Message(id="a", parent_id=None, role=Role.ASSISTANT, parts=(), created_at=0.0)
    reader, draft = WrittenPictures(), Draft(message)
    for event in reader.passed(TextDelta(f"Look: ![a]({URL[:90]}")):
        draft.apply(event)
    reader.end_in(draft)
    assert draft.text == "Look: "
    assert [notice.code for notice in draft.notices] == ["media_lost"]


def test_odd_texts_take_no_time() -> None:
    start = time.perf_counter()
    for odd in ("![" * 100_000, "!" * 300_000, "![a](" * 50_000, "![a](data:image/" * 20_000):
        assert read(odd)[0] == odd
    assert time.perf_counter() - start < 5
