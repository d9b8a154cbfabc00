"""The one function through which every text passes that a person reads.

Invariant: `tr` is called with a literal, so that the texts can be collected; values go in by name.
"""

from __future__ import annotations

import gettext
from pathlib import Path

_CATALOGUE = gettext.translation(
    "linnet", localedir=str(Path(__file__).parent / "locale"), fallback=True
)


def tr(text: str, /, **values: object) -> str:
    """`text` in the person's language, with `{name}` replaced from `values`."""
    found = _CATALOGUE.gettext(text)
    return found.format(**values) if values else found


def trn(one: str, many: str, count: int, /, **values: object) -> str:
    """`one` or `many`, by the language's rule for `count`; `{count}` is replaced too."""
    return _CATALOGUE.ngettext(one, many, count).format(count=count, **values)
