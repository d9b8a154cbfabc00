"""What macOS is told, how it is signed, and that every size of the mark is in its file."""

from __future__ import annotations

import plistlib
import struct
from pathlib import Path
from xml.etree import ElementTree as Xml

import pytest
from pack import desktop, icons, image, macos, parts
from pack.product import ROOT, Product
from PIL import Image
from PySide6.QtWidgets import QApplication

MADE = Product(version="1.2.3", machine="aarch64", epoch_s=1_700_000_000)


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The commands of Apple's that would run; nothing is set that allows to sign."""
    found: list[list[str]] = []
    monkeypatch.setattr(macos, "run", lambda *words, **_: found.append([str(w) for w in words]))
    for name in (macos.IDENTITY, *macos.NOTARY.values()):
        monkeypatch.delenv(name, raising=False)
    return found


# Facts


def test_the_facts_are_a_property_list(tmp_path: Path) -> None:
    macos.write_facts(tmp_path, MADE)
    found = plistlib.loads((tmp_path / "Info.plist").read_bytes())
    assert found == macos.facts(MADE)
    assert found["CFBundleIdentifier"] == MADE.id
    assert found["CFBundleShortVersionString"] == "1.2.3"
    assert found["CFBundleURLTypes"][0]["CFBundleURLSchemes"] == ["linnet"]
    (files,) = found["CFBundleDocumentTypes"]
    assert files["LSHandlerRank"] == "Alternate", "it offers itself and takes nothing over"
    wanted = {"public.image", "public.movie", "public.audio", "com.adobe.pdf", "public.text"}
    assert set(files["LSItemContentTypes"]) == wanted
    assert found["LSMinimumSystemVersion"] == macos.OLDEST == "13.0"


def test_nothing_is_allowed_beyond_the_hardened_runtime(tmp_path: Path) -> None:
    macos.write_facts(tmp_path, MADE)
    assert plistlib.loads((tmp_path / "entitlements.plist").read_bytes()) == {}


# Signing


def make_app(folder: Path) -> Path:
    app = folder / "frozen" / "Linnet.app"
    for name in ("Frameworks/a.dylib", "Frameworks/Qt.framework/Versions/A/Qt", "MacOS/linnet"):
        (app / "Contents" / name).parent.mkdir(parents=True, exist_ok=True)
        (app / "Contents" / name).touch()
    (app / "Contents" / "Frameworks" / "link.dylib").symlink_to("a.dylib")
    return app


def test_without_an_identity_it_is_sealed_for_nobody(
    calls: list[list[str]], tmp_path: Path
) -> None:
    macos.sign(make_app(tmp_path))
    assert all(call[:4] == ["codesign", "--force", "--sign", "-"] for call in calls[:-1])
    assert not macos.can_notarise()
    macos.sign_image(tmp_path / "Linnet.dmg")
    assert calls[-1][:3] == ["codesign", "--verify", "--deep"], "the image is left as it is"


def test_links_to_what_stays_are_taken_out(tmp_path: Path) -> None:
    app = make_app(tmp_path)
    lost = app / "Contents" / "Frameworks" / "QtQml"
    lost.symlink_to("PySide6/Qt/lib/QtQml.framework/Versions/A/QtQml")
    macos.forget_links(app)
    assert not lost.is_symlink()
    assert (app / "Contents" / "Frameworks" / "link.dylib").exists()


def test_files_of_an_app_are_known_by_their_own_names(tmp_path: Path) -> None:
    app = make_app(tmp_path)
    for name in ("Frameworks/PIL/__dot__dylibs/libtiff.6.dylib", "Resources/icons/linnet.svg"):
        (app / "Contents" / name).parent.mkdir(parents=True)
        (app / "Contents" / name).touch()
    assert {path for _, path in parts.files_in(app)} == {
        "MacOS/linnet",
        "a.dylib",
        "Qt.framework/Versions/A/Qt",
        "PIL/.dylibs/libtiff.6.dylib",
        "icons/linnet.svg",
    }


def test_with_an_identity_the_inside_is_signed_first(
    calls: list[list[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(macos.IDENTITY, "Developer ID Application: Somebody")
    app = make_app(tmp_path)
    macos.sign(app)
    signed = [Path(call[-1]).name for call in calls if "--sign" in call]
    assert signed == ["a.dylib", "Qt.framework", "Linnet.app"]
    assert all("runtime" in call for call in calls if "--sign" in call)
    assert "--entitlements" in calls[-2]
    assert not macos.can_notarise()


def test_the_notary_gets_its_words_from_the_environment(
    calls: list[list[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in (macos.IDENTITY, *macos.NOTARY.values()):
        monkeypatch.setenv(name, f"the {name}")
    assert macos.can_notarise()
    macos.notarise(tmp_path / "Linnet.dmg")
    (call,) = calls
    assert call[call.index("--key-id") + 1] == "the NOTARY_KEY_ID"
    assert "--wait" in call


def test_images_are_named_as_people_call_their_mac() -> None:
    assert image.file_name(MADE) == "Linnet-1.2.3-macos-arm64.dmg"
    assert image.file_name(Product(version="1.0", machine="x86_64")) == "Linnet-1.0-macos-intel.dmg"


# The mark


def test_the_ico_holds_every_size(qapp: QApplication, tmp_path: Path) -> None:
    icons.write_ico(tmp_path / "linnet.ico")
    data = (tmp_path / "linnet.ico").read_bytes()
    _, kind, count = struct.unpack_from("<HHH", data)
    widths = [struct.unpack_from("<B", data, 6 + 16 * index)[0] or 256 for index in range(count)]
    assert (kind, tuple(sorted(widths))) == (1, icons.ICO_PX)


def test_the_side_of_the_setup_shows_the_mark(qapp: QApplication, tmp_path: Path) -> None:
    icons.write_side(tmp_path / "side.bmp")
    with Image.open(tmp_path / "side.bmp") as picture:
        assert (picture.size, picture.mode) == (icons.SIDE_PX, "RGB")
        colours = {colour for _, colour in picture.getcolors(100_000) or ()}
        assert {(14, 116, 112), (255, 255, 255)} <= colours


def test_the_icns_holds_every_size(qapp: QApplication, tmp_path: Path) -> None:
    icons.write_icns(tmp_path / "linnet.icns")
    with Image.open(tmp_path / "linnet.icns") as opened:
        sizes = {(width, scale) for width, _, scale in opened.info["sizes"]}
    assert {width * scale for width, scale in sizes} == set(icons.ICNS_PX)
    assert {(16, 2), (32, 2), (128, 1), (128, 2), (256, 2), (512, 2)} <= sizes


def test_desktops_find_every_size(qapp: QApplication, tmp_path: Path) -> None:
    icons.write_hicolor(tmp_path, MADE)
    theme = tmp_path / "icons" / "hicolor"
    for size in icons.SIZES_PX:
        with Image.open(theme / f"{size}x{size}" / "apps" / f"{MADE.id}.png") as picture:
            assert picture.size == (size, size)
            assert picture.getpixel((size // 2, size // 2))[3] == 255
            assert picture.getpixel((0, 0))[3] < 128, "the corners are round"
    for place, name in (("scalable", MADE.id), ("symbolic", f"{MADE.id}-symbolic")):
        root = Xml.parse(theme / place / "apps" / f"{name}.svg").getroot()
        assert root.get("viewBox")


def test_the_symbolic_mark_has_one_colour() -> None:
    root = Xml.parse(icons.SYMBOLIC).getroot()
    colours = {each.get("fill") for each in root.iter() if each.get("fill")}
    assert colours == {"#2e3436"}, "a desktop paints it in its own"


# The page in a store


def test_the_store_page_has_pictures_and_releases() -> None:
    made = Product(version="1.2.3", homepage="https://example.org/linnet", epoch_s=1_700_000_000)
    root = Xml.fromstring(desktop.metainfo(made).partition("\n")[2])
    pictures = [each.text or "" for each in root.iterfind("screenshots/screenshot/image")]
    assert len(pictures) == len(desktop.PICTURES)
    for address, (file, caption) in zip(pictures, desktop.PICTURES, strict=True):
        assert address == f"https://example.org/linnet/raw/v1.2.3/docs/pictures/{file}"
        assert (ROOT / "docs" / "pictures" / file).is_file()
        assert caption
    default = root.findall("screenshots/screenshot[@type='default']")
    assert len(default) == 1
    releases = root.findall("releases/release")
    assert releases
    for release in releases:
        assert release.get("version")
        assert len(release.get("date", "")) == 10
        assert release.findtext("description/p") or release.findtext("description/ul/li")
