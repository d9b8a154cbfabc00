"""Reasoning that servers leave in the text, by tags and by flags."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wire_calls import said

from app.domain.stream import Draft
from app.providers.think_tags import TagSplitter


def split(*pieces: str, flagged: frozenset[int] = frozenset()) -> tuple[str, str]:
    """Reasoning and answer; `flagged` are the numbers of the pieces that carry the flag."""
    splitter, draft = TagSplitter(), Draft(said())
    for number, piece in enumerate(pieces):
        for event in splitter.feed(piece, flagged=number in flagged):
            draft.apply(event)
    for event in splitter.end():
        draft.apply(event)
    return draft.reasoning, draft.text


WHOLE: list[tuple[str, str, str]] = [
    ("plain", "", "plain"),
    ("", "", ""),
    ("  \n text", "", "  \n text"),
    ("<think>a</think>b", "a", "b"),
    (" \n<think>\n\na\nb\n\n</think>\n\nc\n", "a\nb", "c\n"),
    ("<thinking>a</thinking>b", "a", "b"),
    ("<thought>a</thought>b", "a", "b"),
    ("<think>\n\n</think>\n\nb", "", "b"),
    ("<think>a</thinking>b</think>c", "a</thinking>b", "c"),
    ("<think>a", "a", ""),
    ("<think>a\n</thi", "a\n</thi", ""),
    ("<think>a</think>b<think>c</think>", "a", "b<think>c</think>"),
    ("What is <think>?", "", "What is <think>?"),
    ("What is <think> and </think>?", "", "What is <think> and </think>?"),
    ("a\n</think>\nb", "a", "b"),
    ("a</think>b</think>c", "a", "b</think>c"),
    ("\n\na\n\nb\n\n</think>\n\nc", "a\n\nb", "c"),
    ("Use `</think>` to end", "", "Use `</think>` to end"),
    ("Use ``a ` </think>`` to end", "", "Use ``a ` </think>`` to end"),
    ("`a` x</think>y", "`a` x", "y"),
    ("```\n</think>\n```\nx", "", "```\n</think>\n```\nx"),
    ("~~~~\n```\n</think>\n~~~~\nx", "", "~~~~\n```\n</think>\n~~~~\nx"),
    ("```\na\n```\nb</think>c", "```\na\n```\nb", "c"),
    ("</thinking>a", "", "</thinking>a"),
    ("<thinker>a", "", "<thinker>a"),
    ("<", "", "<"),
    ("a<", "", "a<"),
    ("a\n\n", "", "a\n\n"),
]


@pytest.mark.rule("R14a")
@pytest.mark.parametrize(("text", "reasoning", "answer"), WHOLE)
def test_tags(text: str, reasoning: str, answer: str) -> None:
    assert split(text) == (reasoning, answer)


@pytest.mark.rule("R14a")
@given(case=st.sampled_from(WHOLE), cuts=st.lists(st.integers(0, 40), max_size=20))
def test_tags_may_be_cut_anywhere(case: tuple[str, str, str], cuts: list[int]) -> None:
    text, reasoning, answer = case
    edges = sorted({0, len(text), *(min(cut, len(text)) for cut in cuts)})
    pieces = [text[a:b] for a, b in pairwise(edges)]
    assert split(*pieces) == (reasoning, answer)


MARKS = st.sampled_from(
    ["<think>", "</think>", "<thought>", "</thought>", "<", "/", "\n", "`", "```", " ", "a", ">"]
)


@pytest.mark.rule("R14a")
@given(parts=st.lists(MARKS, max_size=12))
def test_one_character_at_a_time_is_the_same(parts: list[str]) -> None:
    text = "".join(parts)
    assert split(*text) == split(text)


@pytest.mark.rule("R14a")
@given(parts=st.lists(st.sampled_from(["<think", "`", "\n", "a b", "</", "< "]), max_size=12))
def test_text_without_tags_is_kept_as_it_is(parts: list[str]) -> None:
    text = "".join(parts)
    assert split(text) == ("", text)


@pytest.mark.rule("R14a")
def test_a_field_ends_the_search_for_tags() -> None:
    splitter, draft = TagSplitter(), Draft(said())
    for event in (
        *splitter.feed(" <thi"),
        *splitter.trust_fields(),
        *splitter.feed("nk>a</think>b"),
        *splitter.end(),
    ):
        draft.apply(event)
    assert (draft.reasoning, draft.text) == ("", " <think>a</think>b")


@pytest.mark.rule("R14a")
def test_an_open_block_is_told() -> None:
    splitter = TagSplitter()
    splitter.feed("<think>a")
    assert splitter.unclosed
    splitter.feed("</think>")
    assert not splitter.unclosed


@pytest.mark.rule("R14b")
@pytest.mark.parametrize(
    ("pieces", "flagged", "reasoning", "answer"),
    [
        # As Google streams it: the closing tag is glued to the first unflagged text.
        (["<thought>a ", "b", "</thought>c"], {0, 1}, "a b", "c"),
        # A whole message carries the flag and both tags.
        (["<thought>a</thought>b"], {0}, "a", "b"),
        # Without tags the flag decides.
        (["a", " b", "\n\nc"], {0, 1}, "a b", "\n\nc"),
        (["a", "</thought>", "\nc"], {0}, "a", "c"),
        (["a", "</tho", "ught>c"], {0}, "a", "c"),
        # Tags decide also where the flag is forgotten.
        (["<thought>a", "b</thought>c"], {0}, "ab", "c"),
        # Thoughts again after an answer.
        (["<thought>a", "</thought>b", "<thought>c", "</thought>d"], {0, 2}, "ac", "bd"),
        (["a", "b"], set(), "", "ab"),
    ],
)
def test_flags(pieces: list[str], flagged: set[int], reasoning: str, answer: str) -> None:
    assert split(*pieces, flagged=frozenset(flagged)) == (reasoning, answer)


@pytest.mark.rule("R14a")
@pytest.mark.parametrize(
    "piece", ["`</think>` ", "`<think>` and ", "\n", "\r\n", " ", "<", "```\n</think>\n```\n"]
)
@pytest.mark.parametrize("before", ["", "Text.\n"])
def test_a_long_answer_of_one_piece_over_and_over(before: str, piece: str) -> None:
    """Each piece costs the same, however many came before: minutes would pass otherwise."""
    whole = before + piece * 30_000
    assert split(whole) == ("", whole)
    assert split(before, *[piece] * 30_000) == ("", whole)
