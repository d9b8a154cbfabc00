"""Which call a fragment belongs to, for every way in which servers were seen to number them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wire_calls import said

from app.domain.stream import Draft
from app.providers.tool_fragments import ToolFragments


def fragment(arguments: object = "", **more: Any) -> dict[str, Any]:
    """`name` goes into `function`; `id`, `index` and the rest stay outside."""
    function = {"arguments": arguments} | {k: more.pop(k) for k in ("name",) if k in more}
    return {"type": "function", "function": function, **more}


def assemble(*fragments: dict[str, Any]) -> list[tuple[str | None, str, str]]:
    found, draft = ToolFragments(), Draft(said())
    for each in fragments:
        draft.apply(found.place(each))
    return [(c.id, c.name, c.arguments) for c in draft.to_message(None).tool_calls]


CASES: dict[str, tuple[list[dict[str, Any]], list[tuple[str | None, str, str]]]] = {
    "as documented": (
        [
            fragment("", index=0, id="a", name="f"),
            fragment('{"x"', index=0),
            fragment(":1}", index=0),
            fragment("", index=1, id="b", name="g"),
            fragment("[]", index=1),
        ],
        [("a", "f", '{"x":1}'), ("b", "g", "[]")],
    ),
    "all numbered 0, told apart by id": (
        [fragment("{}", index=0, id="a", name="f"), fragment("{}", index=0, id="b", name="g")],
        [("a", "f", "{}"), ("b", "g", "{}")],
    ),
    "a tail follows the latest call of its index": (
        [
            fragment("", index=0, id="a", name="f"),
            fragment("", index=0, id="b", name="g"),
            fragment("1", index=0),
        ],
        [("a", "f", "{}"), ("b", "g", "1")],
    ),
    "a known id decides, whatever the index": (
        [
            fragment("", index=0, id="a", name="f"),
            fragment("", index=1, id="b", name="g"),
            fragment("1", index=1, id="a"),
        ],
        [("a", "f", "1"), ("b", "g", "{}")],
    ),
    "an id that comes late": (
        [fragment("1", index=0, name="f"), fragment("2", index=0, id="a")],
        [("a", "f", "12")],
    ),
    "a tail with a shifted index": (
        [fragment("", index=0, id="a", name="f"), fragment("1", index=1)],
        [("a", "f", "1")],
    ),
    "a name at a new index begins a call": (
        [fragment("1", index=0, name="f"), fragment("2", index=1, name="g")],
        [(None, "f", "1"), (None, "g", "2")],
    ),
    "no index, whole calls": (
        [fragment("1", id="a", name="f"), fragment("2", id="b", name="g")],
        [("a", "f", "1"), ("b", "g", "2")],
    ),
    "no index and no id": (
        [fragment("1", name="f"), fragment("2"), fragment("3", name="f")],
        [(None, "f", "12"), (None, "f", "3")],
    ),
    "indexes interleave and need not begin at 0": (
        [
            fragment("", index=3, id="a", name="f"),
            fragment("", index=7, id="b", name="g"),
            fragment("1", index=3),
            fragment("2", index=7),
            fragment("3", index=3),
        ],
        [("a", "f", "13"), ("b", "g", "2")],
    ),
    "id and name are repeated": (
        [fragment("1", index=0, id="a", name="f"), fragment("2", index=0, id="a", name="f")],
        [("a", "f", "12")],
    ),
    "empty ids and names are none": (
        [fragment("1", index=0, id="a", name="f"), fragment("2", index=0, id="", name="")],
        [("a", "f", "12")],
    ),
    "arguments as an object": (
        [fragment({"x": "ä"}, id="a", name="f")],
        [("a", "f", '{"x": "ä"}')],
    ),
    "no arguments": ([fragment(None, id="a", name="f")], [("a", "f", "{}")]),
    "no function": ([{"index": 0, "id": "a", "function": None}], [("a", "", "{}")]),
    "an orphan": ([fragment("1", index=4)], [(None, "", "1")]),
    "half surrogates": (
        [fragment("\ud83d", id="a", name="f"), fragment("\ude00", id="a")],
        [("a", "f", "😀")],
    ),
}


@pytest.mark.rule("R19")
@pytest.mark.parametrize("name", CASES)
def test_fragments_find_their_call(name: str) -> None:
    fragments, calls = CASES[name]
    assert assemble(*fragments) == calls


VALUES = st.none() | st.booleans() | st.integers(-2, 3) | st.sampled_from(["", "a", "b", "0"])


@pytest.mark.rule("R19")
@given(
    st.lists(
        st.fixed_dictionaries(
            {},
            optional={
                "id": VALUES,
                "index": VALUES,
                "function": VALUES
                | st.fixed_dictionaries({}, optional={"name": VALUES, "arguments": VALUES}),
                "extra_content": VALUES | st.just({"google": {}}),
            },
        ),
        max_size=8,
    )
)
def test_no_fragment_raises_and_calls_are_numbered_in_order(fragments: list[Any]) -> None:
    found = ToolFragments()
    seen = 0
    for each in fragments:
        ordinal = found.place(each).ordinal
        assert ordinal <= seen
        seen = max(seen, ordinal + 1)
    assert len(found) == seen
