"""A long answer as models write them: prose, lists, code, tables and math, always the same."""

from __future__ import annotations

from itertools import cycle, islice

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


def long_answer(size: int) -> str:
    """About `size` characters of Markdown, ending with a whole part."""
    parts, length = [], 0
    for number, part in enumerate(islice(cycle(_PARTS), 100_000)):
        if length >= size:
            break
        parts.append(part.format(n=number + 1))
        length += len(parts[-1])
    return "".join(parts)
