"""docs/settings.md names every member of the settings file, and its example is understood.

Its second half is made here: `python tests/config/test_settings_page.py` writes it anew.
"""

from __future__ import annotations

import re
import sys
import tomllib
from dataclasses import MISSING, Field, fields, is_dataclass
from enum import StrEnum
from pathlib import Path
from types import UnionType
from typing import Any, Literal, get_args, get_origin, get_type_hints

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "settings.md"
sys.path.insert(0, str(ROOT))

from app.domain.settings import Sampling, Service, Settings, Timeouts  # noqa: E402
from app.domain.settings_dict import read_settings, settings_dict  # noqa: E402
from app.providers.presets import PRESETS  # noqa: E402

MADE = "<!-- From here on made by tests/config/test_settings_page.py -->\n\n"
FOOT = """\
## Presets

| preset | name | address | key_env |
| --- | --- | --- | --- |
"""


def kind_of(hint: Any, field: Field[Any]) -> str:
    if isinstance(hint, UnionType):
        hint = get_args(hint)[0]
    if get_origin(hint) is Literal:
        return ", ".join(f"`{choice}`" if choice else "empty" for choice in get_args(hint))
    if choices := field.metadata.get("choices"):
        return ", ".join(f"`{choice}`" for choice in choices)
    low, high = field.metadata.get("minimum"), field.metadata.get("maximum")
    limits = f", {low} to {high}" if high is not None else f" from {low}" if low is not None else ""
    if get_origin(hint) is tuple:
        return "list of texts"
    plain = {bool: "true or false", int: "whole number", float: "number", str: "text"}
    return plain.get(hint, "table") + limits


def default_of(field: Field[Any]) -> str:
    default = field.default
    if default is MISSING or default is None or default in ((), ""):
        return ""
    if isinstance(default, bool):
        return f"`{str(default).lower()}`"
    if isinstance(default, tuple):
        return ", ".join(f"`{each}`" for each in default)
    return f"`{default.value if isinstance(default, StrEnum) else default}`"


def section(title: str, kind: type) -> str:
    hints = get_type_hints(kind)
    rows = [
        f"| `{each.name}` | {kind_of(hints[each.name], each)} | {default_of(each)} "
        f"| {each.metadata['doc']} |\n"
        for each in fields(kind)
        if not is_dataclass(hints[each.name]) and each.name != "services"
    ]
    head = f"## {title}\n\n| member | value | default | |\n| --- | --- | --- | --- |\n"
    return head + "".join(rows) + "\n"


def page() -> str:
    presets = [
        f"| `{preset.id}` | {preset.name} | {preset.base_url} "
        f"| {f'`{preset.key_env}`' if preset.key_env else ''} |\n"
        for preset in PRESETS
    ]
    return "".join(
        [
            PAGE.read_text(encoding="utf-8").partition(MADE)[0],
            MADE,
            section("At the top", Settings),
            section("In `[sampling]`: what every chat begins with", Sampling),
            section("In each `[[services]]`", Service),
            section("In `[services.timeouts]` of a service", Timeouts),
            FOOT,
            *presets,
        ]
    )


def test_the_page_is_up_to_date() -> None:
    written = PAGE.read_text(encoding="utf-8")
    assert written == page(), "Run: python tests/config/test_settings_page.py"


@pytest.mark.parametrize("place", ["README.md", "docs/settings.md"])
def test_the_examples_are_understood(place: str) -> None:
    examples = re.findall(r"```toml\n(.*?)```", (ROOT / place).read_text("utf-8"), re.DOTALL)
    assert examples
    for example in examples:
        reading = read_settings(tomllib.loads(example), PRESETS)
        assert reading.problems == ()
        assert not reading.unknown
        # They say no more than they have to: it is what the window would write, but for ids.
        written = settings_dict(reading.settings, PRESETS)
        for service, expected in zip(
            written["services"], tomllib.loads(example)["services"], strict=True
        ):
            assert service == {"id": service["id"], **expected}


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
