"""Code is coloured line by line, as far as can be as if it were lexed as a whole."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.markdown.colours import Colour, Span
from app.markdown.highlight import MAX_LINE_CHARS, Highlighter, highlighter_for

SOURCES = {
    "python": 'import os\n\n@dec\ndef f(a: int) -> str:\n    """A\n    doc"""\n'
    "    return f'{a!r}' + \"b\"  # end\n\nclass A(B):\n    x = 1.5e3\n",
    "js": "/* a\n b */ const x = `t ${y} z\nmore`; // c\nfunction f() { return /re/g }\n",
    "ts": "interface A { a: string }\nconst f = (x: number): void => {};\n",
    "c": '#include <a.h>\n/* x\n * "y"\n */\nint main(void) {\n  return 0; // ok\n}\n',
    "java": "/** doc\n * more */\npublic class A { int x = 1; }\n",
    "css": "/* a\nb */ a { color: #fff; }\n",
    "sql": "SELECT a /* x\ny */ FROM t WHERE b = 'c'; -- z\n",
    "rust": 'fn main() {\n    let s = "a"; /* x\n y */ println!("{}", s);\n}\n',
    "bash": 'for i in 1 2; do\n  echo "$i ${x}" # c\ndone\nls /tmp/* /*\n',
    "json": '{\n  "a": [1, true, "s"]\n}\n',
    "diff": "--- a\n+++ b\n-x\n+y\n",
    "html": '<!-- a\n b -->\n<p class="c">&amp;</p>\n',
    "ruby": 'def f(a)\n  puts "#{a}" # c\nend\n',
    "lua": "--[[ a\n b ]]\nlocal x = 1\n",
}


def highlighter(language: str) -> Highlighter:
    found = highlighter_for(language)
    assert found is not None
    return found


def lines_of(source: str) -> list[str]:
    return source.split("\n")[:-1]


def coloured(language: str, line: str) -> list[tuple[str, Colour]]:
    return [
        (line[span.start : span.start + span.length], span.colour)
        for span in highlighter(language).line(line)
    ]


def test_the_classes_are_few() -> None:
    assert coloured("python", "def f(): return 'a', 1, x, None  # c") == [
        ("def", Colour.KEYWORD),
        ("f", Colour.NAME),
        ("return", Colour.KEYWORD),
        ("'a'", Colour.STRING),
        ("1", Colour.NUMBER),
        ("None", Colour.KEYWORD),
        ("# c", Colour.COMMENT),
    ]
    assert coloured("json", '{"a": "b"}') == [('"a"', Colour.NAME), ('"b"', Colour.STRING)]


@pytest.mark.parametrize("language", SOURCES)
def test_line_by_line_is_as_the_whole(language: str) -> None:
    lines = lines_of(SOURCES[language])
    one = highlighter(language)
    by_line = [one.line(line) for line in lines]
    whole = dict(highlighter(language).recolour(lines))
    assert by_line == [whole[number] for number in range(len(lines))]


def test_what_only_the_whole_shows_is_put_right_by_recolouring() -> None:
    lines = ["a: |", "  text 1", "b: 2"]
    one = highlighter("yaml")
    by_line = {number: one.line(line) for number, line in enumerate(lines)}
    whole = dict(one.recolour(lines))
    assert by_line[1] != whole[1]
    assert by_line[2] == whole[2]


def test_a_preview_leaves_the_state_alone() -> None:
    one = highlighter("python")
    one.line('x = """a')
    assert one.preview("still") == (Span(0, 5, Colour.STRING),)
    assert one.preview('still"""') == (Span(0, 8, Colour.STRING),)
    assert one.preview("still") == (Span(0, 5, Colour.STRING),)
    one.line('end"""')
    assert one.preview("still") == ()
    two = highlighter("js")
    two.line("/* a")
    two.preview("b */ let")
    assert two.line("c") == (Span(0, 1, Colour.COMMENT),)


@pytest.mark.parametrize(
    ("language", "known"),
    [
        *((name, True) for name in "python py Python js javascript tsx c++ c# f# sh zsh".split()),
        *((name, True) for name in "jsonc kt vue svelte patch yml dockerfile toml go".split()),
        *((name, False) for name in ["", "text", "plaintext", "txt", "nonsense", "py x", "{"]),
    ],
)
def test_names(language: str, known: bool) -> None:
    assert (highlighter_for(language) is not None) == known


def test_an_unknown_name_is_looked_up_in_a_set_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pygments would search all installed packages for it."""
    highlighter_for("python")
    monkeypatch.setattr("pygments.lexers.find_lexer_class_by_name", None)
    assert highlighter_for("nonsense") is None


def test_a_long_line_stays_plain_and_the_next_is_coloured() -> None:
    one = highlighter("python")
    assert one.line("x = 1 # " + "y" * MAX_LINE_CHARS) == ()
    assert one.line("x = 1") == (Span(4, 1, Colour.NUMBER),)
    assert list(one.recolour(["y" * (MAX_LINE_CHARS + 1)])) == []


def test_recolouring_can_be_taken_step_by_step() -> None:
    steps = highlighter("python").recolour(["x = 1"] * 1000)
    assert next(steps) == (0, (Span(4, 1, Colour.NUMBER),))
    assert sum(1 for _ in steps) == 999


@settings(max_examples=150, deadline=None, derandomize=True)
@given(
    st.sampled_from(sorted(SOURCES)),
    st.lists(st.text(st.sampled_from("ab1 '\"/*<>-!{}[]()`#$\\\n\t:;=é"), max_size=30), max_size=8),
)
def test_any_code_can_be_coloured(language: str, lines: list[str]) -> None:
    lines = [line.replace("\n", "") for line in lines]
    one = highlighter(language)
    for line in lines:
        for spans in (one.preview(line[: len(line) // 2]), one.line(line)):
            end = 0
            for span in spans:
                assert end <= span.start
                assert span.length > 0
                end = span.start + span.length
            assert end <= len(line)
    assert [number for number, _ in one.recolour(lines)] == list(range(len(lines)))


def test_pygments_comes_with_the_first_known_language() -> None:
    code = (
        "import sys\nfrom app.markdown.highlight import highlighter_for as h\n"
        "h('')\nh('text')\nbefore = 'pygments' in sys.modules\nh('py')\n"
        "print(before, 'pygments' in sys.modules)"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.split() == ["False", "True"]
