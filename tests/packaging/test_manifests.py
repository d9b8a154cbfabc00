"""What winget, Homebrew and Flatpak are told, held against what they accept."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from pack import image, manifests, windows
from pack.product import PACKAGING, PackError, Product

MADE = Product(version="1.2.3", homepage="https://example.org/linnet", publisher="Somebody")
ADDRESS = "https://example.org/files/v1.2.3"
RESPONSES = set(
    "packageInUse packageInUseByApplication installInProgress fileInUse missingDependency diskFull "
    "insufficientMemory invalidParameter noNetwork contactSupport rebootRequiredToFinish "
    "rebootRequiredForInstall rebootInitiated cancelledByUser alreadyInstalled downgrade "
    "blockedByPolicy systemNotSupported custom".split()
)


@pytest.fixture
def packages(tmp_path: Path) -> Path:
    for machine in ("x86_64", "aarch64"):
        it = replace(MADE, machine=machine)
        names = [windows.file_name(it, "-setup.exe"), image.file_name(it)]
        names.append(f"linnet-1.2.3-{machine}.tar.xz")
        for name in names:
            (tmp_path / name).write_bytes(name.encode())
    (tmp_path / windows.file_name(replace(MADE, machine="x86_64"), ".msi")).write_bytes(b"msi")
    return tmp_path


def written(packages: Path, made: Product = MADE) -> dict[str, str]:
    return dict(manifests.texts(made, ADDRESS, packages))


def test_winget_gets_three_files_that_agree(packages: Path) -> None:
    found = {
        name: yaml.safe_load(text)
        for name, text in written(packages).items()
        if name.startswith("winget/")
    }
    assert [each["ManifestType"] for each in found.values()] == [
        "version",
        "defaultLocale",
        "installer",
    ]
    for each in found.values():
        assert each["PackageIdentifier"] == "Linnet.Linnet"
        assert each["PackageVersion"] == "1.2.3"
        assert each["ManifestVersion"] == manifests.WINGET_FORM
    (installer,) = (each for name, each in found.items() if name.endswith(".installer.yaml"))
    assert installer["Commands"] == installer["Protocols"] == ["linnet"]
    assert "png" in installer["FileExtensions"]
    rows = installer["Installers"]
    assert [(row["Architecture"], row["InstallerType"]) for row in rows] == [
        ("x64", "nullsoft"),
        ("x64", "wix"),
        ("arm64", "nullsoft"),
    ]
    for row in rows:
        name = row["InstallerUrl"].removeprefix(f"{ADDRESS}/")
        content = (packages / name).read_bytes()
        assert row["InstallerSha256"] == hashlib.sha256(content).hexdigest().upper()
        assert {code["ReturnResponse"] for code in row.get("ExpectedReturnCodes", ())} <= RESPONSES
    assert rows[1]["ProductCode"] == windows.identity("1.2.3 x64")


def test_winget_knows_what_the_setup_ends_with() -> None:
    text = (PACKAGING / "windows" / "linnet.nsi").read_text(encoding="utf-8")
    codes = {int(code) for code in re.findall(r"^!define [A-Z_]+ (\d)$", text, re.MULTILINE)}
    assert codes | {2} == set(manifests.SETUP_CODES)
    assert "/WINGET" in text


def test_the_cask(packages: Path) -> None:
    text = written(packages)["homebrew/linnet.rb"]
    assert text.startswith('cask "linnet" do\n  arch arm: "arm64", intel: "intel"\n')
    assert f'url "{ADDRESS}/Linnet-#{{version}}-macos-#{{arch}}.dmg"' in text
    for name, arch in (("arm", "arm64"), ("intel", "intel")):
        content = (packages / f"Linnet-1.2.3-macos-{arch}.dmg").read_bytes()
        assert re.search(rf'{name}: +"{hashlib.sha256(content).hexdigest()}"', text)
    assert 'depends_on macos: ">= :ventura"' in text
    assert len(re.findall(r"\b(?:do|end)\b$", text, re.MULTILINE)) == 2


def test_the_cask_of_one_architecture(packages: Path) -> None:
    (packages / "Linnet-1.2.3-macos-intel.dmg").unlink()
    text = written(packages)["homebrew/linnet.rb"]
    assert "macos-arm64.dmg" in text
    assert "depends_on arch: :arm64" in text
    assert "intel" not in text


def test_flatpak_gets_the_bundle_and_few_rights(packages: Path) -> None:
    found = json.loads(written(packages)["flatpak/org.linnet.Linnet.json"])
    rights = found["finish-args"]
    assert not [right for right in rights if "filesystem" in right or "session-bus" in right]
    assert "--talk-name=org.freedesktop.secrets" in rights
    (module,) = found["modules"]
    assert [source["only-arches"] for source in module["sources"]] == [["x86_64"], ["aarch64"]]
    for source in module["sources"]:
        content = (packages / source["url"].removeprefix(f"{ADDRESS}/")).read_bytes()
        assert source["sha256"] == hashlib.sha256(content).hexdigest()


def test_the_notes_are_those_of_the_version() -> None:
    text = manifests.notes(replace(MADE, version="0.1.0"))
    assert text.startswith("The first version.\n\n- ")
    assert "Unreleased" not in text
    with pytest.raises(PackError, match=r"says nothing of 9\.9\.9"):
        manifests.notes(replace(MADE, version="9.9.9"))


def test_what_is_not_there_is_not_told(
    tmp_path: Path, packages: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    assert written(empty) == {}
    monkeypatch.setattr(manifests, "OUT", empty)
    with pytest.raises(PackError, match="no package"):
        manifests.write(MADE, [])
    with pytest.raises(PackError, match="where the files will lie"):
        manifests.write(replace(MADE, homepage=""), [])
    monkeypatch.setattr(manifests, "OUT", packages)
    monkeypatch.setattr(manifests, "notes", lambda made: "Much is new.\n")
    manifests.write(replace(MADE, homepage=""), [f"{ADDRESS}/"])
    assert (packages / "manifests" / "notes.md").read_text(encoding="utf-8") == "Much is new.\n"
    assert (packages / "manifests" / "homebrew" / "linnet.rb").read_text().count(
        f"{ADDRESS}/L"
    ) == 1
