"""The bill of materials: what parts a bundle has, in the form of CycloneDX 1.6.

Invariant: the same parts give the same bytes; the date is that of the sources.
"""

from __future__ import annotations

import hashlib
import re
import uuid
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pack.licences import accepted
from pack.marker import PLACE as MARKER
from pack.parts import NOTICES, Part, files_in
from pack.product import PackError, Product

_SPACE = uuid.UUID("5b0dbe0e-43a5-5b4d-8a2f-0d5d2a0a2b0f")


def bill(parts: Iterable[Part], made: Product) -> dict[str, Any]:
    """`parts` as a CycloneDX document; the first of them is the program itself."""
    own, *others = parts
    rows = [_component(part) for part in sorted(others, key=lambda part: part.name.lower())]
    content = hashlib.sha256(repr(rows).encode()).hexdigest()
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid5(_SPACE, f'{made.version} {content}')}",
        "version": 1,
        "metadata": {
            "timestamp": datetime.fromtimestamp(made.epoch_s, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "component": {**_component(own), "type": "application"},
        },
        "components": rows,
        "dependencies": [
            {"ref": _reference(own), "dependsOn": sorted(_reference(part) for part in others)}
        ],
    }


def refuse(written: Mapping[str, Any]) -> None:
    """Read a bill again: a part under a licence that is not accepted is an error (PackError)."""
    for row in _rows(written):
        for each in row.get("licenses") or [{"expression": "NOASSERTION"}]:
            named = each.get("license", {})
            words = each.get("expression") or named.get("id") or f"LicenseRef-{named.get('name')}"
            if not accepted(words):
                raise PackError(f"{row['name']} is under {words}: it cannot travel.")


def compare(written: Mapping[str, Any], bundle: Path) -> None:
    """Raise PackError unless the bill names exactly the files that the bundle has."""
    named = {each["value"] for row in _rows(written) for each in row.get("properties", ())}
    there = {path for _, path in files_in(bundle)} - {NOTICES, MARKER}
    if named != there:
        wrong = ", ".join(sorted(named ^ there)[:10])
        raise PackError(f"The bill of materials and the bundle differ: {wrong}")


def _rows(written: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [written["metadata"]["component"], *written["components"]]


def _component(part: Part) -> dict[str, Any]:
    fonts = part.licence in ("OFL-1.1", "Bitstream-Vera")
    row: dict[str, Any] = {
        "type": "data" if fonts else "library",
        "bom-ref": _reference(part),
        "name": part.name,
        "licenses": [_licence(part.licence)],
    }
    if part.version:
        row["version"] = part.version
    if part.distribution:
        row["purl"] = _reference(part)
    if part.files:
        row["properties"] = [{"name": "linnet:file", "value": file} for file in part.files]
    return row


def _licence(expression: str) -> dict[str, Any]:
    if expression.startswith("LicenseRef-"):
        return {"license": {"name": expression.removeprefix("LicenseRef-")}}
    if re.search(r"[\s()]", expression):
        return {"expression": expression}
    return {"license": {"id": expression}}


def _reference(part: Part) -> str:
    name = re.sub(r"[^a-z0-9.]+", "-", part.name.lower()).strip("-")
    if part.distribution:
        return f"pkg:pypi/{name}@{part.version}"
    return f"linnet:{name}@{part.version}" if part.version else f"linnet:{name}"
