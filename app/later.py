"""Puts off asyncio: it is loaded by the first who uses it, not by the first who names it.

Invariant: imported before anything that names asyncio, else it does nothing. The first picture of
the window needs no event loop, and asyncio brings ssl along: 40 ms and 10 MB.
"""

from __future__ import annotations

import importlib.util
import sys
from typing import Any


def put_off(name: str) -> None:
    """Let `import name` give a module that loads itself when something of it is asked for.

    `importlib.util.LazyLoader` would load it at the second import statement.
    """
    spec = importlib.util.find_spec(name) if name not in sys.modules else None
    if spec is None or spec.loader is None:
        return
    loader = spec.loader
    module = importlib.util.module_from_spec(spec)

    def load(attribute: str) -> Any:
        # Inspection asks for names of this form; nobody uses them.
        inspected = attribute.startswith("__")
        if not inspected and module.__dict__.pop("__getattr__", None) is not None:
            loader.exec_module(module)
            return getattr(module, attribute)
        raise AttributeError(f"module {name!r} has no attribute {attribute!r}")

    module.__dict__["__getattr__"] = load
    sys.modules[name] = module


put_off("asyncio")
