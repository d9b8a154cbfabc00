"""Every example gives its HTML and reads as the oracle reads it; so does every start of it."""

from __future__ import annotations

import pytest
from documents import Watched, values_of
from example_files import EXAMPLES, Example
from oracle import normal_form, told_by_oracle

from app.markdown.render import to_html
from app.markdown.stream import parse


@pytest.mark.parametrize("example", EXAMPLES, ids=str)
def test_example(example: Example) -> None:
    html = to_html(example.source)
    assert html == example.html
    told = told_by_oracle(example.source, plain=example.file == "commonmark.txt")
    if example.difference:
        assert normal_form(html) != told, "the oracle agrees: take the reason away"
    else:
        assert normal_form(html) == told


@pytest.mark.parametrize("example", EXAMPLES, ids=str)
def test_every_prefix_parses_and_letter_by_letter_ends_in_the_same_tree(example: Example) -> None:
    stream = Watched()
    for end in range(1, len(example.source) + 1):
        values_of(parse(example.source[:end]))
        stream.push(example.source[end - 1])
        stream.flush()
    stream.finish()
    assert stream.shown == values_of(parse(example.source))
    assert stream.document.loose == parse(example.source).loose


def test_there_are_examples_of_every_section() -> None:
    sections = {example.section.split()[0] for example in EXAMPLES}
    blocks = "2.1 2.2 2.4 2.5 3.1 4.1 4.2 4.3 4.4 4.5 4.7 4.8 4.9 5.1 5.2 5.3".split()
    inlines = "6 6.1 6.2 6.3 6.4 6.5 6.6 6.7 6.8 6.9".split()
    assert sections >= {*blocks, *inlines, "Tables", "Strikethrough", "Autolinks", "Footnotes"}
    assert len({(example.section, example.source) for example in EXAMPLES}) == len(EXAMPLES)
