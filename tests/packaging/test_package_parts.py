"""What a bundle may consist of: owners of files, licences, and traces of GPL code."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from pack.licences import accepted, chosen
from pack.parts import Part, licence_text, owner_of, read_natives, refuse_traces
from pack.product import PackError, Product
from pack.sbom import bill, compare, refuse

NATIVES = read_natives()
LISTED = {
    "PIL/_imaging.cpython-311-x86_64-linux-gnu.so": "pillow",
    "_cffi_backend.pyd": "cffi",
    "nacl/_sodium.pyd": "pynacl",
    "keyring-25.7.0.dist-info/METADATA": "keyring",
}


@pytest.mark.parametrize(
    ("path", "owner"),
    [
        ("PySide6/Qt/lib/libQt6Core.so.6", "Qt"),
        ("PySide6/Qt/lib/libQt6Quick.so.6", "Linnet"),
        ("PySide6/Qt/lib/libavcodec.so.61", "FFmpeg"),
        ("PySide6/avcodec-61.dll", "FFmpeg"),
        ("PySide6/Qt6Core.dll", "Qt"),
        ("QtCore.framework/Versions/A/QtCore", "Qt"),
        ("libavutil.59.dylib", "FFmpeg"),
        ("PySide6/plugins/platforms/qwindows.dll", "Qt"),
        ("PySide6/msvcp140.dll", "Microsoft Visual C++ runtime"),
        ("PySide6/Qt/lib/libicudata.so.73", "ICU"),
        ("pi_heif.libs/libheif-7a3e919c.so.1.23.0", "libheif"),
        ("libheif-75127e764628a95f6db9f5070bfc87cb.dll", "libheif"),
        ("libde265-0-aa0625e0.dll", "libde265"),
        ("libstdc++-6-110c9d51f08f.dll", "Libraries of GCC"),
        ("libcrypto-3-x64.dll", "OpenSSL"),
        ("libcrypto.so.3", "OpenSSL"),
        ("libssl.3.dylib", "OpenSSL"),
        ("libxcb-cursor.so.0", "Utilities of XCB"),
        ("libxcb-xkb.so.1", "libxcb"),
        ("python312.dll", "Python"),
        ("_ssl.pyd", "Python"),
        ("_cffi_backend.pyd", "cffi"),
        ("nacl/_sodium.pyd", "libsodium"),
        ("linnet.pyz", "Linnet"),
        ("lib-dynload/_ssl.cpython-312-darwin.so", "Python"),
        ("PIL/_imaging.cpython-311-x86_64-linux-gnu.so", "pillow"),
        ("keyring-25.7.0.dist-info/entry_points.txt", "keyring"),
        ("resources/icons/send.svg", "Linnet"),
        ("VCRUNTIME140_1.dll", "Microsoft Visual C++ runtime"),
        ("api-ms-win-core-file-l1-2-0.dll", "Microsoft Visual C++ runtime"),
        ("libcrypto-3-arm64.dll", "OpenSSL"),
        ("python313.dll", "Python"),
        ("Python.framework/Versions/3.13/Python", "Python"),
        ("MacOS/linnet", "Linnet"),
        ("Info.plist", "Linnet"),
        ("linnet.icns", "Linnet"),
        ("_CodeSignature/CodeResources", "Linnet"),
        ("libreadline.so.8", None),
        ("somebody/else.so", None),
    ],
)
def test_owners(path: str, owner: str | None) -> None:
    assert owner_of(path, NATIVES, LISTED) == owner


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("MIT", True),
        ("GPL-3.0-only", False),
        ("GPL-2.0-or-later", False),
        ("NOASSERTION", False),
        ("LGPL-3.0-only OR GPL-2.0-only OR GPL-3.0-only", True),
        ("MIT AND GPL-3.0-only", False),
        ("(MIT OR GPL-3.0-only) AND BSD-3-Clause", True),
        ("(MIT AND GPL-3.0-only) OR (GPL-2.0-only)", False),
        ("GPL-2.0-or-later WITH Bootloader-exception", True),
        ("GPL-2.0-or-later WITH GCC-exception-3.1", False),
        ("Apache-2.0 WITH LLVM-exception", True),
    ],
)
def test_what_is_accepted(expression: str, expected: bool) -> None:
    assert accepted(expression) is expected


@pytest.mark.parametrize("nonsense", ["", "MIT AND", "(MIT", "OR MIT", "MIT)", "MIT MIT"])
def test_nonsense_is_refused(nonsense: str) -> None:
    with pytest.raises(ValueError, match="licence expression"):
        accepted(nonsense)


def test_of_several_licences_the_accepted_ones_are_chosen() -> None:
    assert chosen("Apache-2.0 OR GPL-2.0-only") == "Apache-2.0"
    assert chosen("MIT OR Apache-2.0") == "MIT OR Apache-2.0"
    assert chosen("GPL-3.0-only OR AGPL-3.0-only") == "GPL-3.0-only OR AGPL-3.0-only"


def test_every_native_part_has_a_notice_or_a_distribution() -> None:
    for native in NATIVES:
        assert accepted(native.licence), native.name
        for name in native.texts:
            assert len(licence_text(name)) > 100


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("libavcodec.so.61", b"configuration --enable-gpl --enable-libx264"),
        ("_imaging.cpython-311.so", b"\0liq_attr_create\0"),
        ("libheif.so.1", b"\0x265_encoder_open\0"),
        ("anything.so", b"\0rl_readline_name\0"),
    ],
)
def test_traces_of_gpl_code_are_refused(tmp_path: Path, name: str, content: bytes) -> None:
    file = tmp_path / name
    file.write_bytes(b"\x7fELF" + content)
    with pytest.raises(PackError, match="GPL"):
        refuse_traces(file)
    file.write_bytes(b"\x7fELF harmless")
    refuse_traces(file)


def test_the_bill_of_materials() -> None:
    parts = (
        Part("Linnet", "1.2.3", "MIT"),
        Part("Qt", "6.11.3", "LGPL-3.0-only", files=("PySide6/Qt/lib/libQt6Core.so.6",)),
        Part("httpx", "0.28.1", "BSD-3-Clause", distribution=True),
        Part("self_cell (in cryptography)", "1.3.0", "Apache-2.0 AND Unicode-3.0"),
    )
    written = bill(parts, Product(version="1.2.3", epoch_s=1_700_000_000))
    assert written == bill(parts, Product(version="1.2.3", epoch_s=1_700_000_000))
    assert written["metadata"]["timestamp"] == "2023-11-14T22:13:20Z"
    names = [row["name"] for row in written["components"]]
    assert names == ["httpx", "Qt", "self_cell (in cryptography)"]
    assert written["components"][0]["purl"] == "pkg:pypi/httpx@0.28.1"
    assert written["components"][2]["licenses"] == [{"expression": "Apache-2.0 AND Unicode-3.0"}]
    references = [row["bom-ref"] for row in written["components"]]
    assert written["dependencies"][0]["dependsOn"] == sorted(references)


GPL = Part("readline", "8.2", "GPL-3.0-or-later", files=("libreadline.so.8",))
OWN = Part("Linnet", "1.2.3", "MIT", files=("resources/icons/send.svg",))


def test_a_bill_with_a_gpl_part_is_refused() -> None:
    made = Product(version="1.2.3", epoch_s=1_700_000_000)
    either = Part("pypdfium2", "5", "Apache-2.0 OR GPL-3.0-only", distribution=True)
    refuse(bill((OWN, either), made))
    for part in (GPL, replace(GPL, licence="MIT AND GPL-2.0-only"), replace(GPL, licence="Odd")):
        with pytest.raises(PackError, match="readline"):
            refuse(bill((OWN, part), made))
    nameless = bill((OWN, GPL), made)
    nameless["components"][0].pop("licenses")
    with pytest.raises(PackError, match="NOASSERTION"):
        refuse(nameless)


def test_a_bill_names_every_file_of_its_bundle(tmp_path: Path) -> None:
    written = bill((OWN, GPL), Product(version="1.2.3", epoch_s=1_700_000_000))
    inside = tmp_path / "_internal"
    for path in (*OWN.files, "resources/notices.json", "resources/package.toml"):
        (inside / path).parent.mkdir(parents=True, exist_ok=True)
        (inside / path).touch()
    with pytest.raises(PackError, match=r"libreadline\.so\.8"):
        compare(written, tmp_path)
    (inside / "libreadline.so.8").touch()
    compare(written, tmp_path)
    (inside / "stowaway.so").touch()
    with pytest.raises(PackError, match=r"stowaway\.so"):
        compare(written, tmp_path)
