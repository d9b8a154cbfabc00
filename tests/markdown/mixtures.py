"""Random texts of the shapes that models write, for hypothesis."""

from __future__ import annotations

from hypothesis import strategies as st

INLINE = (
    *"word|two words|*em*|**strong**|***both***|_under_|__double__|`code`|`` a`b ``".split("|"),
    *"[link](/u)|[link](/u 'title')|![image](/i.png)|<https://e.org/a>|[ref]".split("|"),
    *"[text][ref]|[no ref]|&amp;|&copy;|\\*|\\\\|a*b|*a|b*|**a|b**|_a|a_b_c".split("|"),
    *"`a|``|[a|a]|(b)|]|[|~~gone~~|<b>|List<T>|1 < 2|a & b|snake_case|**a*b".split("|"),
    *'*a**b|*(*|)*).|"*q*"|é*è*|!|#1|+1'.split("|"),
)
MORE_INLINE = (
    *"https://e.org/a?b=c|www.e.org/a|mail@e.org|$x^2$|$5|\\(y\\)|[^1]|[^note]|<br>".split("|"),
    *"**「字」**字|$$z$$|5~10|שלום|😀|\u200b|\x07|**bold https://e.org**|~one~".split("|"),
)
NOISE = (
    *"# ,## ,#,- ,* ,+ ,1. ,2) ,10. ,> ,>,```,~~~,---,***,===,    ,  ,   ,\t".split(","),
    *"a,b c,*d*,`e`,[f],[f]: /g,[f]: /g 'h',\\,&lt;,_i_,!,(,),',\",<,  ".split(","),
)
MORE_NOISE = (
    *"|,| a | b |,|---|---|,$$,\\[,\\],$,[^1],[^1]: ,- [ ] ,- [x] ,$$ a $$,\r".split(","),
)


def inline(pieces: tuple[str, ...]) -> st.SearchStrategy[str]:
    return st.lists(st.sampled_from(pieces), min_size=1, max_size=6).map(" ".join)


def noise(pieces: tuple[str, ...]) -> st.SearchStrategy[str]:
    """Lines of marks in any order."""
    line = st.lists(st.sampled_from(pieces), max_size=5).map("".join)
    return st.lists(line, min_size=1, max_size=7).map("\n".join)


def indented(text: str, first: str, rest: str) -> str:
    lines = text.split("\n")
    return "\n".join([first + lines[0], *((rest + line).rstrip(" ") for line in lines[1:])])


def _list(items: list[str], marker: str, gap: str, tail: str) -> str:
    numbered = marker[0].isdigit()
    out = []
    for number, item in enumerate(items):
        mark = f"{int(marker[:-1]) + number}{marker[-1]}" if numbered else marker
        width = " " * (len(mark) + len(tail))
        out.append(indented(item, mark + tail, width))
    return gap.join(out)


def blocks(text: st.SearchStrategy[str], *, more: bool) -> st.SearchStrategy[str]:
    """Whole documents, well formed for the most part."""
    paragraph = st.lists(text, min_size=1, max_size=3).map("\n".join)
    code = st.lists(st.sampled_from(["x = 1", "  y", "", "# z", "- a", "> b", "`c`"]), max_size=4)
    leaves = [
        paragraph,
        paragraph,
        st.tuples(st.sampled_from(["# ", "## ", "### "]), text).map("".join),
        st.tuples(text, st.sampled_from(["\n===", "\n---"])).map("".join),
        code.map(lambda lines: "\n".join(["```py", *lines, "```"])),
        code.map(lambda lines: "\n".join(["~~~", *lines, "~~~"])),
        st.sampled_from(["***", "---", "    code\n      more", "[ref]: /r 'R'", "[late]: <l>"]),
    ]
    if more:
        leaves += [
            st.lists(text, min_size=1, max_size=3).map(_table),
            st.sampled_from(["$$\nx\n$$", "\\[ y \\]", "$$\nz", "[^1]: note", "[^note]: *n*"]),
            st.tuples(st.sampled_from(["- [ ] ", "- [x] "]), text).map("".join),
        ]
    block = st.one_of(leaves)

    def containers(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        several = st.lists(inner, min_size=1, max_size=3)
        markers = st.sampled_from(["-", "*", "+", "1.", "7)", "10."])
        return st.one_of(
            st.builds(
                _list,
                several,
                markers,
                st.sampled_from(["\n", "\n\n"]),
                st.sampled_from([" ", "  ", "   "]),
            ),
            inner.map(lambda text: indented(text, "> ", "> ")),
            st.tuples(several, st.sampled_from(["\n", "\n\n"])).map(lambda p: p[1].join(p[0])),
        )

    nested = st.recursive(block, containers, max_leaves=6)
    return st.tuples(
        st.lists(nested, min_size=1, max_size=5), st.sampled_from(["\n", "\n\n", "\n\n\n"])
    ).map(lambda pair: pair[1].join(pair[0]) + "\n")


def _table(cells: list[str]) -> str:
    row = "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
    return "\n".join([row, "|" + "---|" * len(cells), row])


# What CommonMark and its oracle read alike.
common = st.one_of(blocks(inline(INLINE), more=False), noise(NOISE).map(lambda text: text + "\n"))
# Everything, for tests that compare us with ourselves.
anything = st.one_of(
    blocks(inline(INLINE + MORE_INLINE), more=True),
    noise(NOISE + MORE_NOISE),
    st.text(st.sampled_from("ab *_`~[]()<>!#-+|$\\&;:.\"'1\n\n\t\r^x/中「」é\u200b"), max_size=80),
)
