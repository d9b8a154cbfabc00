"""The decoder: bytes in any pieces, events out, in every form that servers were seen to use."""

from __future__ import annotations

import json
import time
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.providers import sse
from app.providers.sse import Decoder, Shape, TooLongError


def decode(body: bytes, cuts: list[int] | None = None) -> tuple[list[Any], Decoder]:
    """The objects of `body` (garbled data as text) when it arrives cut at `cuts`."""
    decoder = Decoder()
    edges = [0, *sorted({min(cut, len(body)) for cut in cuts or ()}), len(body)]
    events = []
    for start, end in pairwise(edges):
        events += decoder.feed(body[start:end])
    events += decoder.end()
    return [event.text if event.value is None else event.value for event in events], decoder


def values(body: bytes) -> list[Any]:
    return decode(body)[0]


BODIES = {
    "lf": b'data: {"a":1}\n\ndata: {"b":2}\n\ndata: [DONE]\n\n',
    "crlf": b'data: {"a":1}\r\n\r\ndata: {"b":2}\r\n\r\n',
    "cr": b'data: {"a":1}\r\rdata: {"b":2}\r\r',
    "mixed": b'data: {"a":1}\r\n\n\rdata: {"b":2}\n\r\n',
    "marked": b'\xef\xbb\xbf\n\r\n: hi\ndata:{"a":1}\n\n',
    "fields": b'id: 1\nretry: 5\nevent: x\ndata: {"a":\ndata: 1}\nnonsense\n\n',
    "unended": b'data: {"a":1}\n\ndata: {"b":2}',
    "heartbeats": b'data:\n\ndata:   \n\nevent: ping\n\n\n\ndata: {"a":1}\n\n',
    "done with spaces": b'data: {"a":1}\n\ndata:  [DONE] \r\n\r\ndata: {"b":2}\n\n',
    "raw tail": b'data: {"a":1}\n\n{\n  "error": {\n    "code": 503\n  }\n}\n',
    "raw without blank line": b'data: {"a":1}\n{\r\n "error": "x"\r\n}',
    "no blank lines": b'data: {"a":1}\ndata: {"b":2}\ndata: [DONE]\n',
    "document": b' \n{"a":[1,{"b":"}]\\"{"}]}',
    "document and done": b'{"a":1}\n\ndata: [DONE]\n\n',
    "lines of json": b'{"a":1}\n{"b":2}\r\n{"c":3}',
    "array": b'[{"a":1}\n,\r\n{"b":[1,{"c":","}]}]\n',
    "data with array": b'data: [{"a":1},{"b":2}]\n\n',
    "garbled": b'data: {"a":1}\n\ndata: {oops\n\ndata: 7\n\ndata: {"b":2}\n\n',
    "raw garbled": b'{oops\ndata: {"a":1}\n\n',
    "bad utf-8": b'data: {"a":"\xff\xe2\x82"}\n\ndata: {"b":"\xe2\x82\xac"}\n\n',
    "separators": 'data: {"a":"\u2028\u2029\x85\x0b\x0c\x1c\x1e"}\n\n'.encode(),
    "lone done": b"[DONE]\n",
    "named error": b"event: error\ndata: out of luck\n\n",
    "page": b"<html><title>Hi</title>",
}


@pytest.mark.rule("R3")
@given(name=st.sampled_from(sorted(BODIES)), cuts=st.lists(st.integers(0, 120), max_size=60))
def test_any_splitting_gives_the_same_events(name: str, cuts: list[int]) -> None:
    whole, whole_decoder = decode(BODIES[name])
    cut, cut_decoder = decode(BODIES[name], cuts)
    assert cut == whole
    assert cut_decoder.done == whole_decoder.done
    assert (cut_decoder.shape, cut_decoder.cut) == (whole_decoder.shape, whole_decoder.cut)
    assert cut_decoder.done or cut_decoder.head == whole_decoder.head


@pytest.mark.rule("R3")
@given(body=st.binary(max_size=200), cuts=st.lists(st.integers(0, 200), max_size=20))
def test_no_bytes_raise_and_no_splitting_matters(body: bytes, cuts: list[int]) -> None:
    assert decode(body, cuts)[0] == decode(body)[0]


PIECES = st.sampled_from(
    [b"data:", b"event: error", b"{", b"}", b"[", b"]", b'"', b"\\", b",", b":"]
)
ENDS = st.sampled_from([b"\n", b"\r", b"\r\n", b" ", b"[DONE]", b'{"a":1}', b"x", b"\xff", b"<"])


@pytest.mark.rule("R3", "R8")
@given(parts=st.lists(PIECES | ENDS, max_size=40), cuts=st.lists(st.integers(0, 99), max_size=20))
def test_no_arrangement_of_marks_depends_on_the_pieces(parts: list[bytes], cuts: list[int]) -> None:
    body = b"".join(parts)
    assert decode(body, cuts)[0] == decode(body)[0]


@pytest.mark.rule("R3")
@pytest.mark.parametrize("name", ["lf", "crlf", "cr", "mixed"])
def test_line_ends(name: str) -> None:
    assert values(BODIES[name]) == [{"a": 1}, {"b": 2}]


@pytest.mark.rule("R3")
def test_other_separators_are_characters() -> None:
    assert values(BODIES["separators"]) == [{"a": "\u2028\u2029\x85\x0b\x0c\x1c\x1e"}]


@pytest.mark.rule("R3")
def test_bad_bytes_are_replaced() -> None:
    assert values(BODIES["bad utf-8"]) == [{"a": "\ufffd\ufffd"}, {"b": "€"}]


@pytest.mark.rule("R3")
def test_a_return_at_the_end_of_a_piece_ends_one_line_only() -> None:
    decoder = Decoder()
    first = decoder.feed(b'data: {"a":\r')
    second = decoder.feed(b"\ndata: 1}\r")
    third = decoder.feed(b"\n\r\n")
    assert [event.value for event in (*first, *second, *third)] == [{"a": 1}]


@pytest.mark.rule("R4")
def test_mark_and_blank_lines_at_the_start() -> None:
    assert values(BODIES["marked"]) == [{"a": 1}]
    assert values(b'\xef\xbb\xbf{"a":1}') == [{"a": 1}]


@pytest.mark.rule("R4")
def test_only_one_mark_is_dropped() -> None:
    assert values(b'\xef\xbb\xbf\xef\xbb\xbfdata: {"a":1}\n\n') == []


@pytest.mark.rule("R5")
def test_fields() -> None:
    assert values(BODIES["fields"]) == [{"a": 1}]
    assert values(b'data:{"a":1}\n\n') == [{"a": 1}]
    assert values(b": data: {}\n\ndata\n\n") == []
    assert values(b"data:  x\n\n") == [" x"]  # one space goes, the other stays


@pytest.mark.rule("R5", "R17")
def test_names_of_events() -> None:
    decoder = Decoder()
    events = decoder.feed(b"event: error\ndata: {}\n\ndata: {}\n\n")
    assert [event.name for event in events] == ["error", ""]


@pytest.mark.rule("R6")
def test_the_end_of_the_body_ends_the_event() -> None:
    assert values(BODIES["unended"]) == [{"a": 1}, {"b": 2}]


@pytest.mark.rule("R6")
def test_heartbeats_are_nothing() -> None:
    assert values(BODIES["heartbeats"]) == [{"a": 1}]


@pytest.mark.rule("R6")
def test_a_forgotten_blank_line_separates_nothing() -> None:
    assert values(BODIES["no blank lines"]) == [{"a": 1}, {"b": 2}]


@pytest.mark.rule("R7")
def test_done_ends_it() -> None:
    found, decoder = decode(BODIES["done with spaces"])
    assert found == [{"a": 1}]
    assert decoder.done
    assert decoder.feed(b'data: {"c":3}\n\n') == []
    assert decoder.end() == []


@pytest.mark.rule("R7")
def test_done_counts_at_the_end_of_its_line() -> None:
    """A server that keeps the connection open may not even send the blank line."""
    decoder = Decoder()
    assert [event.value for event in decoder.feed(b'data: {"a":1}\ndata: [DONE]\n')] == [{"a": 1}]
    assert decoder.done


@pytest.mark.rule("R7", "R9")
@pytest.mark.parametrize("name", ["lone done", "document and done", "no blank lines"])
def test_done_without_an_event_around_it(name: str) -> None:
    assert decode(BODIES[name])[1].done


@pytest.mark.rule("R8")
@pytest.mark.parametrize("name", ["raw tail", "raw without blank line"])
def test_raw_json_in_an_event_stream(name: str) -> None:
    assert values(BODIES[name])[0] == {"a": 1}
    assert "error" in values(BODIES[name])[1]


@pytest.mark.rule("R8", "R11")
def test_raw_json_that_never_ends_hides_no_event() -> None:
    assert values(BODIES["raw garbled"])[1:] == [{"a": 1}]


@pytest.mark.rule("R9")
@pytest.mark.parametrize(
    ("body", "shape"),
    [
        (b' \n{"a":1}', Shape.JSON),
        (b"[]", Shape.JSON),
        (b"\r\n<!doctype html>", Shape.HTML),
        (b"data: {}", Shape.EVENTS),
        (b": hi", Shape.EVENTS),
        (b"", Shape.UNKNOWN),
        (b" \n ", Shape.UNKNOWN),
    ],
)
def test_the_first_character_decides(body: bytes, shape: Shape) -> None:
    assert decode(body)[1].shape is shape


@pytest.mark.rule("R9")
def test_documents() -> None:
    assert values(BODIES["document"]) == [{"a": [1, {"b": '}]"{'}]}]
    assert values(BODIES["lines of json"]) == [{"a": 1}, {"b": 2}, {"c": 3}]
    assert values(b'{"a":1} {"b":2}{"c":3}') == [{"a": 1}, {"b": 2}, {"c": 3}]
    assert values(BODIES["array"]) == [{"a": 1}, {"b": [1, {"c": ","}]}]
    assert values(BODIES["data with array"]) == [{"a": 1}, {"b": 2}]


@pytest.mark.rule("R9")
def test_an_array_is_taken_element_by_element() -> None:
    decoder = Decoder()
    assert decoder.feed(b'[{"a":{"b":1},"c":[2,3]}') == []
    assert [event.value for event in decoder.feed(b",")] == [{"a": {"b": 1}, "c": [2, 3]}]
    assert [event.value for event in decoder.feed(b'{"d":4}]')] == [{"d": 4}]
    assert not decoder.cut


@pytest.mark.rule("R9")
@pytest.mark.parametrize("body", [b'{"a":', b'[{"a":1},{"b"', b'data: {"a', b'{"a":"\\'])
def test_a_cut_document_is_noticed(body: bytes) -> None:
    assert decode(body)[1].cut


@pytest.mark.rule("R10")
@pytest.mark.parametrize("pieces", [1, 1000])
def test_a_line_of_a_megabyte(pieces: int) -> None:
    text = "x" * 1_000_000
    body = f'data: {{"a":"{text}"}}\n\n'.encode()
    step = len(body) // pieces
    found, _ = decode(body, list(range(0, len(body), step)))
    assert found == [{"a": text}]


@pytest.mark.rule("R10")
@pytest.mark.parametrize("form", ['data: {{"a":"{text}"}}\n\n', '{{"a":"{text}"}}'])
def test_a_line_in_many_pieces_stays_linear(form: str) -> None:
    def seconds(size: int) -> float:
        body = form.format(text="x" * size).encode()
        start = time.process_time()
        assert len(decode(body, list(range(0, len(body), 8)))[0]) == 1
        return time.process_time() - start

    # Eight times as much would take 64 times as long if each piece copied the line.
    assert min(seconds(800_000) for _ in range(2)) < 24 * min(seconds(100_000) for _ in range(3))


@pytest.mark.rule("R10")
def test_thirty_two_megabytes_in_a_line() -> None:
    body = b'data: {"a":"' + b"x" * (32 * 1024 * 1024) + b'"}\n\n'
    assert len(decode(body)[0][0]["a"]) == 32 * 1024 * 1024


@pytest.mark.rule("R10")
@pytest.mark.parametrize("body", [b"data: xxxxxxxxx", b'{"a":"xxxxxxxx', b"data: xx\n" * 5])
def test_a_line_without_an_end_is_given_up(monkeypatch: pytest.MonkeyPatch, body: bytes) -> None:
    monkeypatch.setattr(sse, "EVENT_LIMIT_CHARS", 8)
    with pytest.raises(TooLongError):
        Decoder().feed(body)


@pytest.mark.rule("R11")
def test_garbled_events_are_counted_and_passed_over() -> None:
    found, decoder = decode(BODIES["garbled"])
    assert [value for value in found if isinstance(value, dict)] == [{"a": 1}, {"b": 2}]
    assert (decoder.parsed, decoder.garbled) == (2, 2)


@pytest.mark.rule("R11")
@pytest.mark.parametrize("text", ["[" * 200_000, '{"a":' * 200_000, "1" * 5000])
def test_json_that_python_refuses_is_garbled(text: str) -> None:
    found, decoder = decode(f"data: {text}\n\n".encode())
    assert decoder.garbled == 1
    assert len(found[0]) <= sse.GARBLED_CHARS


@given(
    st.lists(st.dictionaries(st.text(), st.text() | st.integers()), min_size=1, max_size=5),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.lists(st.integers(0, 400), max_size=30),
)
@pytest.mark.rule("R3", "R5", "R6")
def test_what_is_sent_arrives(sent: list[dict[str, Any]], line: str, cuts: list[int]) -> None:
    body = "".join(f"data: {json.dumps(value, ensure_ascii=False)}{line}{line}" for value in sent)
    assert decode(body.encode("utf-8", "surrogatepass"), cuts)[0] == sent


@given(
    st.lists(st.dictionaries(st.text(), st.text() | st.integers()), min_size=1, max_size=5),
    st.sampled_from([None, 2]),
    st.lists(st.integers(0, 400), max_size=30),
)
@pytest.mark.rule("R9")
def test_an_array_that_is_sent_arrives(
    sent: list[dict[str, Any]], indent: int | None, cuts: list[int]
) -> None:
    assert decode(json.dumps(sent, indent=indent).encode(), cuts)[0] == sent
