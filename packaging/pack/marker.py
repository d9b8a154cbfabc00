"""What a package tells the program about itself: resources/package.toml.

Invariant: written for every bundle, and anew for every package made of it. The program reads it
(app/updates/package.py): where a package manager brings the next version, it does not look itself.
"""

from __future__ import annotations

from pathlib import Path

import tomli_w

from app.updates.package import FILE
from pack.product import Product

PLACE = f"resources/{FILE}"
"""Within a bundle."""


def write(resources: Path, made: Product, kind: str) -> None:
    """Say in the folder `resources` of a bundle that it is of this `kind`: "deb", "archive"..."""
    facts = {"kind": kind, "updates": made.updates, "keys": list(made.update_keys)}
    facts["hosts"] = list(made.update_hosts)
    (resources / FILE).write_text(tomli_w.dumps(facts), encoding="utf-8")
