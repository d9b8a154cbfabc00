"""The list of releases as it is made: keys, what is signed, and that the program believes it."""

from __future__ import annotations

import base64
import hashlib
import json
import stat
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from pack import __main__ as pack
from pack import announcing, marker
from pack.product import PackError, Product

from app.updates.announcement import read
from app.updates.package import read_package


@pytest.fixture
def key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The public key of a new pair whose private one is in the environment."""
    file = tmp_path / "private.pem"
    public = announcing.make_keys(file)
    monkeypatch.setenv(announcing.KEY_FILE, str(file))
    return public


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "dist"
    made.mkdir()
    (made / "linnet_0.1.0_amd64.deb").write_bytes(b"a package")
    (made / "linnet-0.1.0-linux-x86_64.cdx.json").write_bytes(b"{}")
    return made


def product(*keys: str, homepage: str = "https://linnet.example") -> Product:
    return Product(homepage=homepage, update_keys=keys, epoch_s=1_800_000_000)


def test_the_program_believes_what_is_signed(key: str, folder: Path) -> None:
    data = announcing.write_list(product(key), folder).read_bytes()
    made = product()
    found = read(data, [base64.b64decode(key)])
    assert found.version == made.version
    assert found.page == f"https://linnet.example/releases/tag/v{made.version}"
    said = json.loads(json.loads(data)["signed"])
    assert list(said["files"]) == ["linnet_0.1.0_amd64.deb"]
    sums = said["files"]["linnet_0.1.0_amd64.deb"]
    assert sums == {"size": 9, "sha256": hashlib.sha256(b"a package").hexdigest()}


def test_the_private_key_is_its_owners_alone_and_never_written_over(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "key.pem"
    assert pack.main(["key", str(file)]) == 0
    said = capsys.readouterr().out
    assert len(base64.b64decode(said)) == 32
    before = file.read_bytes()
    assert b"PRIVATE KEY" in before
    assert b"PRIVATE" not in said.encode()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert pack.main(["key", str(file)]) == 1
    assert "not written over" in capsys.readouterr().err
    assert file.read_bytes() == before
    assert pack.main(["key"]) == 1
    assert pack.main(["key", str(tmp_path / "missing" / "key")]) == 1


@pytest.mark.parametrize("text", ["nonsense", "-----BEGIN PRIVATE KEY-----\nsecret\n-----END"])
def test_what_is_no_key_is_refused_without_being_shown(
    folder: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setenv(announcing.KEY, text)
    with pytest.raises(PackError) as told:
        announcing.write_list(product("x"), folder)
    assert text not in str(told.value)
    assert "secret" not in str(told.value)


def test_a_key_from_the_environment(
    key: str, tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(announcing.KEY, (tmp_path / "private.pem").read_text())
    monkeypatch.delenv(announcing.KEY_FILE)
    assert announcing.write_list(product(key), folder).is_file()


def test_what_nobody_would_believe_is_not_written(
    key: str, tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = announcing.make_keys(tmp_path / "other.pem")
    for made, words in (
        (product(), "carries no key"),
        (product(other), "would not believe"),
        (product(key, homepage=""), "would not believe"),
        (product(key, homepage="http://linnet.example"), "would not believe"),
    ):
        with pytest.raises(PackError, match=words):
            announcing.write_list(made, folder)
    monkeypatch.delenv(announcing.KEY_FILE)
    with pytest.raises(PackError, match="is signed with the key in"):
        announcing.write_list(product(key), folder)
    assert not (folder / announcing.NAME).exists()


def test_without_packages_there_is_no_list(key: str, tmp_path: Path) -> None:
    with pytest.raises(PackError, match="There is no package"):
        announcing.write_list(product(key), tmp_path / "nothing")


def test_the_marker_says_what_the_program_reads(tmp_path: Path, key: str) -> None:
    made = Product(updates="https://linnet.example/latest.json", update_keys=(key,))
    marker.write(tmp_path, made, "archive")
    found = read_package(tmp_path / "package.toml")
    assert found.can_look
    assert (found.updates, found.keys) == (made.updates, (base64.b64decode(key),))
    marker.write(tmp_path, made, "deb")
    assert read_package(tmp_path / "package.toml").managed
    marker.write(tmp_path, Product(), "archive")
    assert not read_package(tmp_path / "package.toml").can_look


def test_a_key_of_openssl_signs_too(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = Ed25519PrivateKey.generate()
    text = own.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    monkeypatch.setenv(announcing.KEY, text.decode())
    public = own.public_key().public_bytes_raw()
    signed = announcing.write_list(product(base64.b64encode(public).decode()), folder)
    found = read(signed.read_bytes(), [public])
    assert found.version == product().version
    file = tmp_path / "made.pem"
    announcing.make_keys(file)
    made = load_pem_private_key(file.read_bytes(), None)
    assert isinstance(made, Ed25519PrivateKey)
