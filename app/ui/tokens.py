"""The design tokens: colours of both palettes, spacing, radii, type sizes. Data, no Qt.

Invariant: the one place where a colour or a measure of the look is written. Lengths are logical
pixels. A colour added here is added to the contrast test with the grounds it stands on.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """One palette, `#rrggbb`; `scrim` is `#aarrggbb`."""

    window: str
    sidebar: str
    raised: str
    text: str
    muted: str
    disabled: str
    line: str
    accent: str
    accent_hover: str
    on_accent: str
    accent_soft: str
    user: str
    code: str
    selected: str
    control_border: str
    selection: str
    find: str
    find_current: str
    keyword: str
    string: str
    number: str
    name: str
    comment: str
    danger: str
    danger_soft: str
    danger_line: str
    warning: str
    warning_soft: str
    warning_line: str
    scroll_handle: str
    scrim: str
    on_scrim: str


LIGHT = Tokens(
    window="#ffffff",
    sidebar="#f6f6f3",
    raised="#fbfbf9",
    text="#1c1d1f",
    muted="#64686f",
    disabled="#9a9ea4",
    line="#e5e5e0",
    accent="#0e7470",
    accent_hover="#0b625f",
    on_accent="#ffffff",
    accent_soft="#e3f1ef",
    user="#eef3f2",
    code="#f7f7f4",
    selected="#e9eeec",
    control_border="#858a90",
    selection="#bfe0dc",
    find="#fdeab2",
    find_current="#f7c948",
    keyword="#8a3ffc",
    string="#0b6e4f",
    number="#b45309",
    name="#1d5fbf",
    comment="#6a6f77",
    danger="#b3261e",
    danger_soft="#fbeceb",
    danger_line="#e6a8a4",
    warning="#8a5a00",
    warning_soft="#fdf3dc",
    warning_line="#d8b877",
    scroll_handle="#c3c6c4",
    scrim="#b3141517",
    on_scrim="#ffffff",
)

DARK = Tokens(
    window="#17181b",
    sidebar="#1d1f22",
    raised="#212327",
    text="#ececea",
    muted="#a0a4ab",
    disabled="#6d7178",
    line="#2e3136",
    accent="#4cc2b4",
    accent_hover="#6ad3c6",
    on_accent="#0d1a19",
    accent_soft="#1d3533",
    user="#25302f",
    code="#1c1e22",
    selected="#2a302f",
    control_border="#767b84",
    selection="#22504b",
    find="#4a3d14",
    find_current="#806108",
    keyword="#c4a1ff",
    string="#7fd6b0",
    number="#f0b072",
    name="#8ab8ff",
    comment="#8d939c",
    danger="#ff8a80",
    danger_soft="#3a2222",
    danger_line="#6e3a37",
    warning="#f2c063",
    warning_soft="#372d18",
    warning_line="#6b552a",
    scroll_handle="#4a4e54",
    scrim="#b3000000",
    on_scrim="#ffffff",
)


@dataclass(frozen=True, slots=True)
class Space:
    xs: int = 4
    s: int = 8
    m: int = 12
    l: int = 16  # noqa: E741 - the names of clothing sizes
    xl: int = 24


@dataclass(frozen=True, slots=True)
class Radius:
    s: int = 6
    m: int = 10
    l: int = 14  # noqa: E741


@dataclass(frozen=True, slots=True)
class TypeSizes:
    caption: int = 12
    small: int = 13
    body: int = 14
    title: int = 15
    heading: int = 18
    display: int = 24


SPACE = Space()
RADIUS = Radius()
TYPE = TypeSizes()
