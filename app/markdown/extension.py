"""Python-Markdown with the parsers of this package.

`markdown.Markdown(extensions=[ChatMarkdown()]).convert(text)` reads CommonMark and GitHub's
extensions. It goes through Python-Markdown's own API: `md.parser` is replaced, its preprocessors
and tree processors that would read the text again are deregistered, `md.serializer` is ours.
Other extensions can still add tree processors. Imported late: `markdown` costs start-up time.
"""

from __future__ import annotations

from collections.abc import Iterable
from xml.etree.ElementTree import Element, ElementTree

from markdown import Markdown
from markdown.blockparser import BlockParser
from markdown.extensions import Extension

from app.markdown.elements import ElementWriter
from app.markdown.serialise import serialise
from app.markdown.stream import parse


class ChatMarkdown(Extension):
    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802 - Python-Markdown's name
        """Take over reading and writing."""
        for registry, names in (
            # They would expand tabs in code, and take HTML for markup.
            (md.preprocessors, ("normalize_whitespace", "html_block")),
            # Inline markup is read with the blocks; white space is right already.
            (md.treeprocessors, ("inline", "prettify", "unescape")),
            # Nothing is stashed, so nothing is to be put back.
            (md.postprocessors, ("raw_html", "amp_substitute", "unescape")),
        ):
            for name in names:
                if name in registry:
                    registry.deregister(name)
        md.parser = _Parser(md)
        md.registerExtension(self)
        self._md = md

    def reset(self) -> None:
        """Called when `md` is complete, and before each text."""
        self._md.serializer = serialise


class _Parser(BlockParser):
    def parseDocument(self, lines: Iterable[str]) -> ElementTree:  # noqa: N802
        document = parse("\n".join(lines))
        writer = ElementWriter(document.inlines, document.loose)
        root: Element = writer.write(document.leaves)
        self.root = root
        return ElementTree(root)
