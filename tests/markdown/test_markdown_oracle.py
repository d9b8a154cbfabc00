"""Random texts read by us and by markdown-it-py: no difference but those listed here."""

from __future__ import annotations

import re

from hypothesis import HealthCheck, assume, given, settings
from mixtures import common
from oracle import normal_form, told_by_oracle

from app.markdown.render import to_html

# Where the oracle reads otherwise, and who is right by the letter of the specification.
DIFFERENCES = {
    "GitHub: three tildes strike nothing through": re.compile(r"~{3,}(?=.*\S)"),
    "5.2: any number of blank lines may follow an empty item in a list": re.compile(
        r"^[\s>]*(?:[-+*]|\d+[.)]|[-+*\d.) ]+[-+*.)])[ \t]*\n[\s>]*\n", re.M
    ),
    "5.3: blank lines in a fence that is open make no list loose": re.compile(
        r"^[\s>]*(?:[-+*]|\d+[.)])[ \t]+[^\n]*(?:```|~~~)[^\n]*\n[\s>]*\n", re.M
    ),
    "5.1: an indentation of four columns is no mark of a quotation": re.compile(
        r"^[ >]*(?:\t| {4}) *>", re.M
    ),
    "4.7: the next line may be a title, or go on as a paragraph": re.compile(
        r"\]:[^\n]*\n[\s>]*[\"'(]"
    ),
    "6.3: a backslash before a space is part of an address": re.compile(r"\]:[^\n]*\\[ \t]"),
    "6.7: two spaces break the line, also after a backslash": re.compile(r"\\ {2,}\n"),
}


def is_explained(text: str) -> bool:
    return any(pattern.search(text) for pattern in DIFFERENCES.values())


@settings(
    max_examples=600,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
@given(common)
def test_random_mixtures_read_as_the_oracle_reads_them(text: str) -> None:
    assume(not is_explained(text))
    assert normal_form(to_html(text)) == told_by_oracle(text)
