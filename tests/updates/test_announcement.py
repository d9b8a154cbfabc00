"""The form of the signed list: what is believed of it, and which version is newer."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest
from release_lists import KEY, OTHER_KEY, OWN, RELEASE, envelope, listed, public

import app
from app.updates.announcement import LARGEST_BYTES, AnnouncementError, read
from app.updates.memory import Memory, Remembered
from app.updates.package import MANAGED, Package, may_be_asked, read_package
from app.updates.version import is_newer, order


def test_a_good_list() -> None:
    found = read(listed(), [public(OTHER_KEY), public()])
    assert (found.version, found.page, found.notes) == (
        "0.6.0",
        "https://linnet.example/releases",
        "• Faster\n• Smaller",
    )
    assert found.date.isoformat() == "2027-01-10"


def test_spaces_and_members_around_what_is_signed_do_not_matter() -> None:
    data = json.dumps({**json.loads(listed()), "more": [1]}, indent=4).encode()
    assert read(data, [public()]).version == "0.6.0"


def altered(text: str) -> bytes:
    data = json.loads(listed())
    data["signed"] = text
    return json.dumps(data).encode()


def resigned(signature: bytes) -> bytes:
    return json.dumps(
        {**json.loads(listed()), "signature": base64.b64encode(signature).decode()}
    ).encode()


@pytest.mark.parametrize(
    "data",
    [
        listed(OTHER_KEY),
        envelope(json.dumps(RELEASE), OTHER_KEY, named=public()),
        altered(json.dumps({**RELEASE, "version": "9.9.9"})),
        altered(json.dumps(RELEASE) + " "),
        altered("\ud800"),
        resigned(bytes(64)),
        resigned(b"short"),
        resigned(b""),
        listed().replace(b'"signature": "', b'"signature": "!'),
        # The text alone, signed without saying what for.
        resigned(KEY.sign(json.dumps(RELEASE).encode())),
    ],
)
def test_who_has_not_signed_is_not_believed(data: bytes) -> None:
    with pytest.raises(AnnouncementError, match="not signed by those who make Linnet"):
        read(data, [public()])


def test_without_keys_nothing_is_believed() -> None:
    with pytest.raises(AnnouncementError, match="not signed"):
        read(listed(), [])


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{}",
        b"[]",
        b"\xff\xfe",
        b'{"key": 1, "signature": 2, "signed": 3}',
        listed()[:-20],
        listed()[:80],
        b"[" * 60_000,
        b"<html>Please log in</html>",
        listed().decode().encode("utf-16"),
        envelope("[]"),
        envelope("{"),
        listed(version="tomorrow"),
        listed(version="1.2.3; rm -rf"),
        listed(version=""),
        listed(version=["9", "9"]),
        listed(date="soon"),
        listed(issued="x"),
        listed(issued=float("inf")),
        listed(page="http://linnet.example/"),
        listed(page="file:///etc/passwd"),
        listed(page="https://user@linnet.example/"),
        listed(page=""),
        envelope(json.dumps({"form": 1, "product": "linnet"})),
    ],
)
def test_what_is_damaged_is_not_believed(data: bytes) -> None:
    with pytest.raises(AnnouncementError, match="is damaged"):
        read(data, [public()])


@pytest.mark.parametrize("changes", [{"form": 2}, {"product": "another"}])
def test_what_is_for_others_is_not_believed(changes: dict[str, object]) -> None:
    with pytest.raises(AnnouncementError, match="does not know"):
        read(listed(**changes), [public()])


def test_what_is_huge_is_not_even_read() -> None:
    with pytest.raises(AnnouncementError, match="too large"):
        read(listed(notes="x" * LARGEST_BYTES), [public()])


@pytest.mark.parametrize(
    ("older", "newer"),
    [
        ("0.1.0", "0.1.1"),
        ("0.9", "0.10"),
        ("1.0.0rc1", "1.0.0"),
        ("1.0.0a2", "1.0.0b1"),
        ("1.0.0rc9", "1.0.0rc10"),
        ("1.0.0", "1.0.1a1"),
    ],
)
def test_which_version_is_newer(older: str, newer: str) -> None:
    assert is_newer(newer, older)
    assert not is_newer(older, newer)
    assert not is_newer(newer, newer)


def test_versions() -> None:
    assert order("1.2") == order("1.2.0")
    assert order(app.__version__)
    assert order(OWN)
    for nonsense in ("1", "1.", "v1.2", "1.2.x", "1.2.3.4.5", "1.2\n", "１.２", "1.2.3+deadbeef"):
        with pytest.raises(ValueError, match="not a version"):
            order(nonsense)


def test_what_a_package_says(tmp_path: Path) -> None:
    file = tmp_path / "package.toml"
    assert read_package(file) == Package()
    key = base64.b64encode(public()).decode()
    file.write_text(f'kind = "archive"\nupdates = "https://linnet.example/l"\nkeys = ["{key}"]\n')
    found = read_package(file)
    assert found == Package("archive", "https://linnet.example/l", (public(),))
    assert found.can_look
    for kind in MANAGED:
        assert not Package(kind, found.updates, found.keys).can_look
    assert not Package("archive", "", found.keys).can_look
    assert not Package("archive", found.updates, ()).can_look


@pytest.mark.parametrize(
    "text",
    [
        "nonsense",
        'updates = 5\nkeys = "x"',
        'updates = "http://linnet.example/"\nkeys = ["###", "QUJD", 7]',
    ],
)
def test_a_package_that_says_nonsense_looks_for_nothing(tmp_path: Path, text: str) -> None:
    file = tmp_path / "package.toml"
    file.write_text(text)
    assert not read_package(file).can_look
    file.write_bytes(b"\xff")
    assert not read_package(file).can_look


def test_where_may_be_asked() -> None:
    assert may_be_asked("https://linnet.example/latest.json")
    assert may_be_asked("http://127.0.0.1:8000/latest.json")
    for address in ("http://linnet.example/", "ftp://linnet.example/", "https://", "https://a@b/"):
        assert not may_be_asked(address)


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"\xff", b'{"looked": "x", "asked": 1, "told": 2}']
)
def test_a_memory_that_is_nonsense_is_empty(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "updates.json"
    file.write_bytes(content)
    memory = Memory(file)
    assert memory.now == Remembered()
    memory.change(looked=5.0, told="1.0")
    assert Memory(file).now == Remembered(looked=5.0, told="1.0")


def test_a_memory_that_cannot_be_written_is_forgotten(tmp_path: Path) -> None:
    memory = Memory(tmp_path / "missing" / "updates.json")
    memory.change(asked=True)
    assert memory.now.asked
