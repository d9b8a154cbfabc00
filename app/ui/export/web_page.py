"""A chat as one web page that needs nothing else: no script, no font, no picture from elsewhere.

Invariant: everything that was said is escaped by the writer of the render tree; colours are the
design's, of both palettes, by the reader's choice. Formulas are drawn as in the window,
or their source where they cannot be read. Runs on a thread.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Iterator
from html import escape, unescape

from app.domain.message import Media, Message, Reasoning, Role, Text, ToolCall, ToolResult
from app.markdown.colours import Colour
from app.markdown.render import to_html
from app.tex import DRAWING_COLOR, Drawing, FormulaKey, draw
from app.ui.export.coloured import coloured
from app.ui.tokens import DARK, LIGHT, Tokens
from app.ui.transcript.formulas import MAX_TEX_CHARS
from app.ui.transcript.means import PathOf
from app.ui.transcript.wording import author, date_time, thought

FORMULA_PX = 19.0
_ALLOWED = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
_FORMULA = re.compile(r'<(span|div) class="math">(.*?)</\1>', re.DOTALL)
_CODE = re.compile(r'(<pre><code class="language-([^"]*)">)(.*?)(?=</code></pre>)', re.DOTALL)
_NOTE = re.compile(r'<(?:a|li) [^>]*"#?fn[^>]*>')
_SHOWN = ("window", "text", "muted", "line", "accent", "user", "code", "raised", *Colour)
_STYLE = """
body { margin: 0 auto; max-width: 46rem; padding: 2rem 1.25rem; background: var(--window);
  color: var(--text); font: 1rem/1.65 system-ui, sans-serif; overflow-wrap: break-word }
a { color: var(--accent) }
article { margin: 1.75rem 0 }
article.user { background: var(--user); border-radius: 14px; padding: .25rem 1rem;
  margin-left: 4rem; white-space: pre-wrap }
header { font-weight: 600; font-size: .9rem }
header time, footer, section.footnotes, details { color: var(--muted); font-size: .9rem }
header time { font-weight: 400; margin-left: .5rem }
pre, code { font-family: ui-monospace, monospace; font-size: .92em; background: var(--code) }
pre { border: 1px solid var(--line); border-radius: 10px; padding: .75rem 1rem; overflow-x: auto }
:not(pre) > code { border: 1px solid var(--line); border-radius: 4px; padding: 0 .3em }
blockquote { margin: 1rem 0; padding-left: 1rem; border-left: 3px solid var(--line) }
table { border-collapse: collapse; display: block; overflow-x: auto }
th, td { padding: .4rem .75rem; border-bottom: 1px solid var(--line); text-align: start }
hr { border: 0; border-top: 1px solid var(--line); margin: 1.5rem 0 }
details { border: 1px solid var(--line); border-radius: 10px; background: var(--raised);
  padding: .5rem 1rem; margin: .75rem 0 }
img { max-width: 100%; border-radius: 10px }
div.math { text-align: center; overflow-x: auto; margin: 1rem 0 }
li.task-list-item { list-style: none; margin-left: -1.4em }
"""


def page_pieces(title: str, messages: Iterable[Message], path_of: PathOf) -> Iterator[str]:
    """The whole page, message by message."""
    name = escape(" ".join(title.split()))
    writer = _Writer(path_of)
    colours = "\n".join(f".{name} {{ color: var(--{name}) }}" for name in Colour)
    style = f":root {{ color-scheme: light dark; {_variables(LIGHT)} }}\n"
    style += f"@media (prefers-color-scheme: dark) {{ :root {{ {_variables(DARK)} }} }}"
    yield (
        f'<!DOCTYPE html>\n<html><head><meta charset="utf-8">\n<title>{name}</title>\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_ALLOWED}">\n'
        '<meta name="viewport" content="width=device-width">\n'
        f"<style>\n{style}{_STYLE}{colours}\n</style></head>\n<body>\n<h1>{name}</h1>\n"
    )
    for message in messages:
        yield writer.article(message)
        yield "\n"
    yield "</body></html>\n"


def _colour(found: re.Match[str]) -> str:
    return found[1] + coloured(unescape(found[3]), unescape(found[2]))


def _variables(tokens: Tokens) -> str:
    return " ".join(f"--{name}: {getattr(tokens, name)};" for name in _SHOWN)


class _Writer:
    """Writes messages. A formula that comes again is drawn once."""

    def __init__(self, path_of: PathOf) -> None:
        self._path_of = path_of
        self._drawings: dict[FormulaKey, Drawing | None] = {}
        self._texts = 0

    def article(self, message: Message) -> str:
        """One message, with who says it."""
        user = message.role is Role.USER
        parts = "\n".join(self._part(part, user) for part in message.parts)
        if user:
            return f'<article class="user">{parts}</article>'
        when = f"<time>{escape(date_time(message.created_at))}</time>"
        head = f"<header>{escape(author(message))} {when}</header>"
        return f"{head}<article>{parts}</article>"

    def _part(self, part: object, user: bool) -> str:
        match part:
            case Text(text):
                return escape(text, quote=False) if user else self._body(text)
            case Reasoning(text, seconds):
                summary = escape(thought(seconds))
                return f"<details><summary>{summary}</summary>\n{self._body(text)}\n</details>"
            case Media():
                return self._attachment(part)
            case ToolCall():
                return f"<pre><code>{escape(f'{part.name}({part.arguments})')}</code></pre>"
            case ToolResult():
                return f"<pre><code>{escape(part.output)}</code></pre>"
        return ""

    def _body(self, text: str) -> str:
        """The HTML of Markdown with its formulas drawn and its code coloured."""
        self._texts += 1
        notes = f"t{self._texts}-fn"  # notes of other messages have the same names
        found = to_html(text)
        found = _FORMULA.sub(lambda place: self._formula(place[1], unescape(place[2])), found)
        found = _CODE.sub(_colour, found)
        return _NOTE.sub(
            lambda tag: tag[0].replace('="#fn', f'="#{notes}').replace(' id="fn', f' id="{notes}'),
            found,
        )

    def _formula(self, tag: str, tex: str) -> str:
        tex, display = tex.strip(), tag == "div"
        words = escape(tex)
        drawing = self._drawn(FormulaKey(tex, display, FORMULA_PX))
        if drawing is None:
            return f'<{tag} class="math"><code>{words}</code></{tag}>'
        svg = drawing.svg.replace(DRAWING_COLOR, "currentColor")
        style = f"vertical-align: {-drawing.descent:.1f}px"
        named = f'<svg role="img" aria-label="{words}" style="{style}" '
        return f'<{tag} class="math">{svg.replace("<svg ", named, 1)}</{tag}>'

    def _drawn(self, key: FormulaKey) -> Drawing | None:
        if key not in self._drawings:
            self._drawings[key] = draw(key) if len(key.tex) <= MAX_TEX_CHARS else None
        return self._drawings[key]

    def _attachment(self, media: Media) -> str:
        name = escape(media.name or media.mime)
        if media.url:
            return f'<p><a href="{escape(media.url)}">{escape(media.name or media.url)}</a></p>'
        path = self._path_of(media.sha256 or "")
        if path is None or not media.mime.startswith("image/"):
            return f"<p>{name}</p>"
        data = base64.b64encode(path.read_bytes()).decode("ascii")
        kind = escape(media.mime)  # as the service calls it
        return f'<p><img alt="{name}" src="data:{kind};base64,{data}"></p>'
