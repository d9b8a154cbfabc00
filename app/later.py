"""Puts off asyncio and OpenSSL: each is loaded by the first who uses it, not who names it.

Invariant: imported before anything that names them, else it does nothing. The first picture of
the window needs no event loop, and asyncio would bring ssl along: 40 ms and 10 MB, 5 of which are
OpenSSL's, which also stands behind hashlib, and which nobody needs before the first connection.
"""

from __future__ import annotations

import importlib.util
import sys
from threading import RLock
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
    members = module.__dict__
    lock = RLock()
    begun: list[bool] = []

    def load(attribute: str) -> Any:
        # Inspection asks for names of this form; nobody uses them.
        if not attribute.startswith("__"):
            with lock:  # another thread waits until all is there
                if not begun:
                    begun.append(True)
                    loader.exec_module(module)
                    if members.get("__getattr__") is load:
                        del members["__getattr__"]
                if attribute in members:
                    return members[attribute]
        raise AttributeError(f"module {name!r} has no attribute {attribute!r}")

    members["__getattr__"] = load
    sys.modules[name] = module


for late in ("asyncio", "asyncio.sslproto", "ssl", "hashlib"):
    put_off(late)
