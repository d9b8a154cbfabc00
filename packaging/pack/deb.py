"""The package for Debian, Ubuntu and those like them.

Invariant: what it depends on is what its files link to, less what it carries; every name is one
that Debian 12 and 13 both know. What is a person's stays, unless a purge is told otherwise.
"""

from __future__ import annotations

import hashlib
import shutil
import textwrap
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path

from pack import desktop, libraries, stage
from pack.product import OUT, PACKAGING, ROOT, WORK, Product, reproducible, run, say

RECOMMENDED = (
    "gnome-keyring | kwalletmanager | keepassxc",
    "xdg-desktop-portal",
    "ca-certificates",
    "libgl1-mesa-dri",
)
SCRIPTS = PACKAGING / "linux" / "deb"


def build(bundle: Path, made: Product) -> Path:
    """Write the .deb into dist/."""
    root = WORK / "deb"
    shutil.rmtree(root, ignore_errors=True)
    stage.stage(bundle, root / "usr", made, "deb", stage.ZSH_OF_DEBIAN)
    documents = root / "usr" / "share" / "doc" / made.name
    stage.write(documents / "copyright", _copyright(made))
    stage.write_packed(documents / "changelog.gz", _changes(made))
    overrides = root / "usr" / "share" / "lintian" / "overrides" / made.name
    stage.write(overrides, (PACKAGING / "linux" / "lintian-overrides").read_text(encoding="utf-8"))
    control = root / "DEBIAN"
    stage.write(control / "control", _control(bundle, root, made))
    stage.write(control / "md5sums", _sums(root))
    for script in ("config", "postinst", "postrm", "templates"):
        stage.write(control / script, (SCRIPTS / script).read_text(encoding="utf-8"))
        (control / script).chmod(0o644 if script == "templates" else 0o755)
    libraries.tidy_dates(root, made.epoch_s)
    OUT.mkdir(exist_ok=True)
    file = OUT / f"{made.name}_{made.version}_{made.debian_arch}.deb"
    pack = ["dpkg-deb", "--root-owner-group", "-Zxz", "-z6", "--threads-max=1", "--build"]
    run(*pack, root, file, env=reproducible())
    say(f"{file.name}: {file.stat().st_size / 1e6:.1f} MB")
    return file


def _control(bundle: Path, root: Path, made: Product) -> str:
    needs = libraries.needs_of(bundle)
    depends = ", ".join((*needs.packages, "hicolor-icon-theme", "debconf (>= 0.5) | debconf-2.0"))
    recommends = ", ".join((*needs.helpful, *RECOMMENDED))
    homepage = f"Homepage: {made.homepage}\n" if made.homepage else ""
    return f"""Package: {made.name}
Version: {made.version}
Architecture: {made.debian_arch}
Maintainer: {_maintainer(made)}
Installed-Size: {stage.size_kib(root / "usr")}
Depends: {depends}
Recommends: {recommends}
Suggests: ffmpeg
Section: net
Priority: optional
{homepage}Description: {made.summary[0].lower()}{made.summary[1:]}
 {made.title} is a native desktop chat for Gemini and for every model behind an
 OpenAI-compatible address: gateways, and the servers on your own computer.
 Answers stream with code, tables and formulas; chats stay on your own disk.
 .
 The package carries its own Python and Qt.
"""


def _maintainer(made: Product) -> str:
    host = made.homepage.partition("//")[2].partition("/")[0] or "localhost"
    return f"{made.maker} <{made.name}@{host}>"


def _sums(root: Path) -> str:
    files = (p for p in sorted((root / "usr").rglob("*")) if p.is_file() and not p.is_symlink())
    return "".join(
        f"{hashlib.md5(p.read_bytes(), usedforsecurity=False).hexdigest()}  {p.relative_to(root)}\n"
        for p in files
    )


def _copyright(made: Product) -> str:
    words = (ROOT / "LICENSE").read_text(encoding="utf-8").strip().splitlines()
    year_and_holder = next(line for line in words if line.startswith("Copyright"))
    holder = year_and_holder.removeprefix("Copyright (c) ").removeprefix("Copyright ")
    grant = words[words.index(year_and_holder) + 1 :]
    text = "\n".join(f" {line}" if line.strip() else " ." for line in grant if line or grant)
    return f"""Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: {made.title}
Comment: The parts that travel along, with their licences and notices, stand in
 /usr/lib/{made.name}/_internal/resources/notices.json and in the settings of the
 program, under About.

Files: *
Copyright: {holder}
License: MIT

License: MIT
{text.strip() and text}
"""


def _changes(made: Product) -> str:
    """The change log in Debian's form."""
    rows = []
    for release in desktop.releases(made):
        day = datetime.strptime(release.date, "%Y-%m-%d").replace(tzinfo=UTC)
        points = "\n".join(
            textwrap.fill(point, 78, initial_indent="  * ", subsequent_indent="    ")
            for point in (*release.words, *release.points)
        )
        rows.append(
            f"{made.name} ({release.version}) unstable; urgency=medium\n\n{points}\n\n"
            f" -- {_maintainer(made)}  {format_datetime(day)}\n"
        )
    return "\n".join(rows)
