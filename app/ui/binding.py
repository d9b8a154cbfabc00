"""Takes back what Qt's binding does to every later import.

PySide6 puts an `import` of its own in the place of Python's, which reads the source of each module
that comes after it, looks whether it names PySide6 and keeps it; all for `from __feature__ import`,
which nobody here uses. It costs a third of a millisecond a module, and a worker's import enters
the binding's code beside the window's thread. To be imported before anything else of PySide6.
"""

from __future__ import annotations

import builtins

OWN_IMPORT = builtins.__import__

from PySide6 import QtCore  # noqa: E402, F401


def put_back() -> None:
    """Let Python import as it does without Qt."""
    builtins.__import__ = OWN_IMPORT


put_back()
