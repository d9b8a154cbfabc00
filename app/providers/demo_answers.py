"""What the demo says: honest about being a demo, and about the actual question.

Invariant: pure. Each answer shows reasoning, markdown, a code block, a table and math, so that
the program can be seen at work; nothing is claimed that was not computed from the question.
"""

from __future__ import annotations

import ast
import json
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from app.domain.message import Media, Message
from app.i18n import tr, trn

QUOTE_CHARS = 120
LOOK_AT_CHARS = 2000
_EXPRESSION = re.compile(r"[(\d.][\d\s.+*/^()×÷−-]*[\d)]")
_VERSUS = re.compile(r"(?i)(?:compare\s+)?([\w+#.-]+)\s+(?:vs\.?|versus|or|and|with)\s+([\w+#.-]+)")
_CODE = re.compile(r"(?i)\b(code|function|script|program|python|javascript|rust|bug|regex|sql)\b")
_HELLO = re.compile(r"(?i)^\W*(hi|hello|hey|help|who are you|what can you do|test)\b")
_OPERATORS: Mapping[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


@dataclass(frozen=True, slots=True)
class Script:
    """One whole answer."""

    reasoning: str
    text: str


def compose(
    question: Message, *, turn: int, json_answer: bool = False, variation: int = 0
) -> Script:
    """The demo's answer to `question`, the `turn`-th of its chat (from 1).

    `variation` picks one of the ways to say it, so that another version differs.
    """
    asked = " ".join(question.text.split())
    if json_answer:
        return Script(_reasoning(asked, tr("a JSON object")), _as_json(asked))
    value = _evaluate(asked)
    if question.media:
        kind, parts = tr("the attachments"), _about_attachments(question.media)
    elif value is not None:
        kind, parts = tr("arithmetic"), _about_arithmetic(*value)
    elif _HELLO.search(asked) or not asked:
        kind, parts = tr("a greeting"), _tour()
    elif (found := _VERSUS.search(asked)) and re.search(r"(?i)compare|vs|versus", asked):
        kind, parts = tr("a comparison"), _about_two(found[1], found[2])
    elif _CODE.search(asked):
        kind, parts = tr("programming"), _about_code(asked)
    else:
        kind, parts = tr("words"), _about_words(asked)
    text = "\n\n".join((_opening(asked, turn, variation), *parts, _closing(variation)))
    return Script(_reasoning(asked, kind), text)


def _reasoning(asked: str, kind: str) -> str:
    count = len(asked.split())
    return "\n\n".join(
        (
            trn(
                "The question has {count} word and looks like {kind}.",
                "The question has {count} words and looks like {kind}.",
                count,
                kind=kind,
            ),
            tr(
                "I am a demo inside the program, so I cannot *know* anything. I can count, "
                "calculate and show what an answer looks like: text, a table, code and math."
            ),
            tr("**Plan:** say plainly what I am, then use the question itself as material."),
        )
    )


def _opening(asked: str, turn: int, variation: int) -> str:
    ways = (
        tr("This is the **offline demo**: no model reads this, and nothing leaves your computer."),
        tr("You talk to the **offline demo** here. It knows nothing, but it is quick and private."),
        tr("The **offline demo** answers here, from inside the program and without any network."),
    )
    lines = [ways[variation % len(ways)]]
    if turn > 1:
        lines.append(
            tr("It is question number {turn} of this chat; I see the earlier ones too.", turn=turn)
        )
    quoted = f"\n\n> {_code(asked)}" if asked else ""
    return " ".join(lines) + quoted


def _closing(variation: int) -> str:
    hints = (
        tr("Regenerate for another version, or edit your question: the old one stays."),
        tr("Scroll, select and copy while I write; stop me and press Continue."),
        tr("Search finds this answer and its reasoning by any word in it."),
    )
    steps = (
        "- [x] " + tr("Ask the demo"),
        "- [ ] " + tr("Add a service with your own key, or a model server on this computer"),
        "- [ ] " + hints[variation % len(hints)],
    )
    return "\n".join(("### " + tr("Next"), "", *steps))


def _about_words(asked: str) -> list[str]:
    words = re.findall(r"\w+", asked) or [asked]
    longest = sorted(set(words), key=lambda word: (-len(word), word.lower()))[:4]
    letters = sum(map(len, words))
    rows = [(_cell(word), str(len(word)), f"{len(word) / letters:.0%}") for word in longest]
    return [
        "### " + tr("What your question is made of"),
        _table((tr("Word"), tr("Letters"), tr("Share")), rows),
        tr("Its mean word length, by the usual formula:"),
        _formula(
            rf"\bar{{\ell}} = \frac{{1}}{{n}}\sum_{{i=1}}^{{n}} \ell_i"
            rf" = \frac{{{letters}}}{{{len(words)}}} \approx {letters / len(words):.1f}"
        ),
        tr("The same in Python:"),
        _fence(
            "python",
            "import re",
            "",
            f"question = {_shorten(asked)!r}",
            r'words = re.findall(r"\w+", question)',
            "mean = sum(map(len, words)) / len(words)",
            'print(f"{len(words)} words, {mean:.1f} letters each")',
        ),
    ]


def _about_code(asked: str) -> list[str]:
    words = [word.lower() for word in re.findall(r"\w+", asked)]
    common = sorted(set(words), key=lambda word: (-words.count(word), words.index(word)))[:3]
    rows = [(_cell(word), str(words.count(word)), str(words.index(word) + 1)) for word in common]
    return [
        tr("I cannot write *your* program, but here is one that works on your question:"),
        _fence(
            "python",
            "from collections import Counter",
            "",
            "",
            "def most_common(text: str, limit: int = 3) -> list[tuple[str, int]]:",
            '    """The words of `text` that come most often."""',
            "    return Counter(text.lower().split()).most_common(limit)",
            "",
            "",
            f"print(most_common({_shorten(asked)!r}))",
        ),
        tr("What it finds:"),
        _table((tr("Word"), tr("Times"), tr("First place")), rows),
        tr("Counting is linear in the $n$ words, sorting the $k$ different ones costs more:"),
        _formula(rf"T(n, k) = O(n + k \log k), \qquad n = {len(words)},\ k = {len(set(words))}"),
    ]


def _about_two(one: str, other: str) -> list[str]:
    def shared(first: str, second: str) -> list[str]:
        return sorted(set(first.lower()) & set(second.lower()) - {" "})

    union = sorted(set(one.lower()) | set(other.lower()))
    both = shared(one, other)
    rows = [
        (tr("Letters"), str(len(one)), str(len(other))),
        (tr("Different letters"), str(len(set(one.lower()))), str(len(set(other.lower())))),
        (tr("Comes first in a dictionary"), *_first_of(one, other)),
    ]
    return [
        tr("I have no opinion, but the two *words* can be compared:"),
        _table(("", _cell(one), _cell(other)), rows),
        tr("How alike they are, by the letters they share (Jaccard):"),
        _formula(
            r"J(A, B) = \frac{|A \cap B|}{|A \cup B|}"
            rf" = \frac{{{len(both)}}}{{{len(union)}}} \approx {len(both) / len(union):.2f}"
        ),
        _fence(
            "python",
            f"a, b = set({one.lower()!r}), set({other.lower()!r})",
            "print(len(a & b) / len(a | b))",
        ),
    ]


def _first_of(one: str, other: str) -> tuple[str, str]:
    return ("✓", "") if one.lower() <= other.lower() else ("", "✓")


def _about_arithmetic(expression: str, value: float) -> list[str]:
    shown = f"{value:,.10g}".replace(",", r"\,")
    rows = [
        (tr("Result"), _cell(f"{value:.10g}")),
        (tr("Rounded"), _cell(f"{value:.0f}")),
        (tr("Half of it"), _cell(f"{value / 2:.10g}")),
        (tr("Its square"), _cell(f"{value * value:.6g}")),
    ]
    return [
        tr("Arithmetic I can really do:"),
        _formula(f"{_tex(expression)} = {shown}"),
        _table((tr("What"), tr("Value")), rows),
        tr("Check it yourself:"),
        _fence("python", f"print({expression})"),
    ]


def _about_attachments(media: Sequence[Media]) -> list[str]:
    rows = []
    for each in media:
        size = "–" if each.size_bytes is None else f"{each.size_bytes / 1000:.1f} kB"
        rows.append((_cell(each.name or tr("unnamed")), _cell(each.mime), size))
    total = sum(each.size_bytes or 0 for each in media)
    return [
        tr("I cannot look into attachments, but they arrived here:"),
        _table((tr("Name"), tr("Type"), tr("Size")), rows),
        tr("Sent inline they grow by a third, because base64 writes 3 bytes as 4 letters:"),
        _formula(rf"4 \cdot \left\lceil \frac{{{total}}}{{3}} \right\rceil = {4 * -(-total // 3)}"),
        _fence(
            "python",
            "import base64, pathlib",
            "",
            f"data = pathlib.Path({(media[0].name or 'file')!r}).read_bytes()",
            "print(len(base64.b64encode(data)))",
        ),
    ]


def _tour() -> list[str]:
    rows = [
        ("Ctrl+N", tr("new chat")),
        ("Ctrl+K", tr("search all chats")),
        ("Ctrl+,", tr("settings")),
        ("Esc", tr("stop an answer")),
    ]
    return [
        tr("Ask me anything to see how answers look. A few things this program does:"),
        "\n".join(
            (
                "1. " + tr("Answers stream in as **markdown**; the *reasoning* folds away."),
                "2. " + tr("Every answer keeps its versions, every edit its branch."),
                "3. " + tr("Keys live in the keyring of the system, never in a file."),
            )
        ),
        _table((tr("Key"), tr("Does")), rows),
        tr("The same engine works in a terminal:"),
        _fence("bash", 'linnet ask --service demo "What is 12 * 7?"', "linnet chats --search demo"),
        tr("And formulas are drawn, not spelled: $e^{i\\pi} + 1 = 0$, or larger:"),
        _formula(r"\int_{-\infty}^{\infty} e^{-x^2}\,dx = \sqrt{\pi}"),
    ]


def _as_json(asked: str) -> str:
    words = asked.split()
    answer = {
        "demo": True,
        "question": asked,
        "words": len(words),
        "longest": max(words, key=len, default=""),
    }
    return json.dumps(answer, ensure_ascii=False, indent=2)


def _evaluate(asked: str) -> tuple[str, float] | None:
    """The arithmetic in the question and its value; `None` where there is none."""
    for found in _EXPRESSION.findall(asked[:LOOK_AT_CHARS]):
        plain = found.strip().translate({0xD7: "*", 0xF7: "/", 0x2212: "-", ord("^"): "**"})
        if not re.search(r"[\d)]\s*[-+*/]", plain):
            continue
        # 2026-11-20 and 24/7 in a sentence are no arithmetic; 20 - 11 and 24*7 are.
        if not re.search(r"[\d)]( [-/] |\s*[+*])", plain) and found.strip() != asked.rstrip("=? "):
            continue
        try:
            value = _value(ast.parse(plain, mode="eval").body)
        except (ValueError, SyntaxError, ArithmeticError, RecursionError, MemoryError):
            continue
        return plain, value
    return None


def _value(node: ast.expr) -> float:
    """Raises ValueError for anything but numbers and the four operations."""
    match node:
        case ast.Constant(value=int() | float() as number):
            return float(number)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_value(operand)
        case ast.BinOp(left=left, op=operation, right=right) if type(operation) in _OPERATORS:
            return _OPERATORS[type(operation)](_value(left), _value(right))
        case ast.BinOp(left=left, op=ast.Pow(), right=right):
            power = _value(right)
            if abs(power) > 64 or (base := _value(left)) < 0:
                raise ValueError(power)
            return float(base**power)
    raise ValueError(node)


def _tex(expression: str) -> str:
    powers = re.sub(r"\*\*\s*(\d+)", r"^{\1}", expression)
    return powers.replace("*", r" \cdot ").replace("/", r" / ")


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Columns of numbers stand to the right, all others to the left."""
    columns = zip(*rows, strict=True)
    align = ["---:" if all(map(_is_number, column)) else "---" for column in columns]
    lines = (head, align, *rows)
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _is_number(cell: str) -> bool:
    return re.fullmatch(r"`?-?[\d.]+(e\+?-?\d+)?`?( kB|%)?|–", cell) is not None


def _formula(tex: str) -> str:
    return f"$$\n{tex}\n$$"


def _fence(language: str, *lines: str) -> str:
    return "\n".join((f"```{language}", *lines, "```"))


def _shorten(text: str) -> str:
    text = text.replace("```", "'''")
    return text if len(text) <= QUOTE_CHARS else text[: QUOTE_CHARS - 1] + "…"


def _code(text: str) -> str:
    return "`" + _shorten(text).replace("`", "'") + "`"


def _cell(text: str) -> str:
    return "`" + text.replace("`", "'").replace("|", "/") + "`"
