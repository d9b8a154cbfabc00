"""Reading Markdown, against markdown-it-py with the plugins that read the same."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator

from markdown_it import MarkdownIt
from mdit_py_plugins.dollarmath import dollarmath_plugin
from mdit_py_plugins.footnote import footnote_plugin
from mdit_py_plugins.tasklists import tasklists_plugin

from app.markdown.stream import StreamDocument, parse
from app.markdown.tree import Kind
from bench.measure import Result
from bench.sample import long_answer

ROUNDS = 7


def cpu_ms(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return (time.process_time() - start) * 1000


def compare(ours: Callable[[], object], theirs: Callable[[], object]) -> tuple[float, float]:
    """The median CPU milliseconds of both, run in turn so that both see the same machine."""
    rounds = [(cpu_ms(ours), cpu_ms(theirs)) for _ in range(ROUNDS)]
    return statistics.median(a for a, _ in rounds), statistics.median(b for _, b in rounds)


def read_wholly(text: str) -> None:
    """Blocks and the inline content of every leaf, as a view needs them."""
    document = parse(text)
    for leaf in document.leaves:
        if leaf.kind in (Kind.PARAGRAPH, Kind.HEADING):
            document.leaf_inlines(leaf)
        for row in [leaf.head, *leaf.rows]:
            for cell in row:
                document.inlines(cell)


def grow(text: str, per_flush: int = 128) -> None:
    """The blocks of a text that arrives in small pieces."""
    document = StreamDocument()
    for start in range(0, len(text), per_flush):
        document.push(text[start : start + per_flush])
        document.flush()
    document.finish()


def measure() -> Iterator[Result]:
    text = long_answer(100_000)
    other = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    other.use(dollarmath_plugin).use(footnote_plugin).use(tasklists_plugin)
    ours, theirs = compare(lambda: read_wholly(text), lambda: other.parse(text))
    detail = f"{ours:.0f} against {theirs:.0f} ms"
    yield Result(
        "100 KB of Markdown, read once, against markdown-it-py", ours / theirs, "times", 1.0, detail
    )
    ours, theirs = compare(lambda: grow(text), lambda: other.parse(text))
    detail = f"{ours:.0f} against {theirs:.0f} ms, in {len(text) // 128} steps"
    yield Result(
        "100 KB of Markdown, read as it grows, against the same",
        ours / theirs,
        "times",
        None,
        detail,
    )
