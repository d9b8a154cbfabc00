"""The texts that are streamed and shown, always the same ones.

`TEXTS` holds what models write (prose, lists, code, tables, math in turn) and four shapes that
are hard on a view: one long code block, list, table and paragraph.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import count, cycle
from types import MappingProxyType

_PARTS = (
    "## Part {n}: what a steady stream asks of a view\n\n"
    "A view that draws **the whole answer** again for each word gets slower with every word. The "
    "one that keeps *finished blocks* and draws only the [open one](https://example.org/{n}) does "
    "not: its cost is that of the tail, whether it is `{n}` kilobytes long or a hundred times "
    "that.\n\n",
    "- the first thing that matters is that earlier blocks are final\n"
    "- the second is that nothing is laid out twice\n"
    "  - nested, with `code` and **weight**\n"
    "  - and once more, item {n}\n"
    "1. then a list with numbers\n"
    "2. whose second item says ~~nothing~~ little\n\n",
    "```python\n"
    "def widest(rows: list[list[str]], part: int = {n}) -> list[int]:\n"
    '    """The width of each column, in characters."""\n'
    "    columns = zip(*rows, strict=True)\n"
    "    return [max(len(cell) for cell in column) for column in columns][:part]\n"
    "```\n\n",
    "> A quotation stands a little apart, and may run over\n> more than one line.\n\n"
    "The sum is $\\sum_{{k=1}}^{{{n}}} k = \\frac{{{n}({n}+1)}}{{2}}$, "
    "and it costs $5 to say so.\n\n",
    "| block | ms | share |\n| :--- | ---: | :---: |\n"
    "| paragraph {n} | 0.12 | 40 % |\n| code | 0.09 | 30 % |\n| table | 0.08 | 30 % |\n\n",
    "Another plain paragraph, number {n}, without any markup at all, as most of them are. It goes "
    "on for a while so that it wraps at any usual width of a window, and then it ends.\n\n",
)
_FUNCTION = '''\
def handle_{n}(self, event: Event, *, retries: int = 3) -> dict[str, float]:
    """Process one event and count what was in it."""
    total = 0
    for index, item in enumerate(event.items):
        if item.kind == "token{n}" and index % 2 == 0:
            total += len(item.text)  # characters, not bytes
        elif item.kind is None:
            raise ValueError(f"bad item at {{index}}")
    return {{"total": total, "ratio": total / max(1, retries)}}

'''
_SENTENCE = "item {n} keeps its *place* while the reply grows, as every finished block does"
_ROW = "| row {n} | the `value` of it | {n}.5 ms | and a note of a few words |"
CODE_LINES, ITEMS, ROWS, PARAGRAPH_CHARACTERS = 2_000, 1_249, 300, 30_000


def long_answer(size: int) -> str:
    """About `size` characters of Markdown, ending with a whole part."""
    parts: list[str] = []
    length = 0
    for number, part in zip(count(1), cycle(_PARTS), strict=False):
        if length >= size:
            break
        parts.append(part.format(n=number))
        length += len(parts[-1])
    return "".join(parts)


def blocks(first: int, number: int) -> str:
    """`number` blocks of an answer; other values of `first` give other ones."""
    return "".join(_PARTS[at % len(_PARTS)].format(n=at) for at in range(first, first + number))


def long_code() -> str:
    functions = CODE_LINES // _FUNCTION.count("\n")
    code = "".join(_FUNCTION.format(n=number) for number in range(functions))
    return f"Here is the file:\n\n```python\n{code}```\n"


def long_list() -> str:
    items = (f"- **Item {number}**: {_SENTENCE.format(n=number)}" for number in range(ITEMS))
    return "\n".join(items)


def long_table() -> str:
    head = "| name | value | time | note |\n| :--- | --- | ---: | --- |\n"
    return head + "\n".join(_ROW.format(n=number) for number in range(ROWS))


def long_paragraph() -> str:
    words = "; ".join(_SENTENCE.format(n=number) for number in range(1_000))
    return words[:PARAGRAPH_CHARACTERS]


TEXTS: Mapping[str, Callable[[], str]] = MappingProxyType(
    {
        "mixed": lambda: long_answer(100_000)[:100_000],
        "code": long_code,
        "list": long_list,
        "table": long_table,
        "paragraph": long_paragraph,
    }
)
