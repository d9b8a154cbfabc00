"""The package for Fedora, openSUSE and those like them.

Invariant: it requires libraries by the loader's names, which are the same everywhere, and neither
offers nor asks for the private ones in the bundle.
"""

from __future__ import annotations

import shutil
import sys
from datetime import datetime
from pathlib import Path

from pack import desktop, libraries, stage
from pack.product import OUT, PACKAGING, ROOT, WORK, Product, reproducible, run, say

PLAIN = """%global debug_package %{{nil}}
%global __brp_strip %{{nil}}
%global __os_install_post %{{nil}}
%global _build_id_links none
%global __provides_exclude_from ^/usr/lib/{name}/.*$
%global __requires_exclude_from ^/usr/lib/{name}/.*$
"""
_SPEC = (
    PLAIN
    + """%global _binary_payload w6.xzdio
%global use_source_date_epoch_as_buildtime 1
%global clamp_mtime_to_source_date_epoch 1

Name: {name}
Version: {version}
Release: 1
Summary: {summary}
License: MIT
Group: Applications/Internet
Packager: {packager}
{url}BuildArch: {machine}
{requires}
Requires: hicolor-icon-theme
{recommends}

%description
{title} is a native desktop chat for Gemini and for every model behind an
OpenAI-compatible address: gateways, and the servers on your own computer.
Answers stream with code, tables and formulas; chats stay on your own disk.
The package carries its own Python and Qt.

%install
cp -a {root}/. %{{buildroot}}/

%files
%dir /usr/share/licenses/{name}
%license /usr/share/licenses/{name}/LICENSE
/usr/bin/{name}
/usr/lib/{name}
/usr/share/applications/{id}.desktop
/usr/share/metainfo/{id}.metainfo.xml
/usr/share/icons/hicolor/*/apps/{id}*
/usr/share/bash-completion/completions/{name}
/usr/share/fish/vendor_completions.d/{name}.fish
/usr/share/zsh/site-functions/_{name}
%doc /usr/share/man/man1/{name}.1.gz

%postun
if [ "$1" = 0 ]; then
  echo "Chats and settings stay with everyone who used {title}, in their own folders:"
  echo "~/.local/share/{name} and ~/.config/{name}."
fi

%changelog
{changes}
"""
)


def build(bundle: Path, made: Product) -> Path:
    """Write the .rpm into dist/."""
    root, top = WORK / "rpm", WORK / "rpmbuild"
    for folder in (root, top):
        shutil.rmtree(folder, ignore_errors=True)
    stage.stage(bundle, root / "usr", made, "rpm")
    notice = root / "usr" / "share" / "licenses" / made.name / "LICENSE"
    stage.write(notice, (ROOT / "LICENSE").read_text(encoding="utf-8"))
    libraries.tidy_dates(root, made.epoch_s)
    top.mkdir()
    spec = top / f"{made.name}.spec"
    spec.write_text(_spec(bundle, root, made), encoding="utf-8")
    name = f"{made.name}-{made.version}-1.{made.machine}.rpm"
    OUT.mkdir(exist_ok=True)
    defines = {
        "_topdir": top,
        "_rpmdir": OUT.resolve(),
        "_rpmfilename": name,
        "_buildhost": "reproducible",
        "_build_name_fmt": name,
    }
    words = [word for key, value in defines.items() for word in ("--define", f"{key} {value}")]
    run("rpmbuild", "-bb", "--quiet", "--target", made.machine, *words, spec, env=reproducible())
    file = OUT / name
    say(f"{file.name}: {file.stat().st_size / 1e6:.1f} MB")
    return file


def _spec(bundle: Path, root: Path, made: Product) -> str:
    needs = libraries.needs_of(bundle)
    bits = "()(64bit)" if sys.maxsize > 2**32 else ""
    floor = f"{libraries.LIBC}(GLIBC_{needs.glibc[0]}.{needs.glibc[1]})(64bit)"
    required = [floor, *(f"{soname}{bits}" for soname in needs.required)]
    recommended = [*(f"{soname}{bits}" for soname in needs.optional), "xdg-desktop-portal"]
    return _SPEC.format(
        name=made.name,
        title=made.title,
        id=made.id,
        version=made.version.replace("-", "~"),
        summary=made.summary,
        packager=made.maker,
        changes=_changes(made),
        url=f"URL: {made.homepage}\n" if made.homepage else "",
        machine=made.machine,
        requires="\n".join(f"Requires: {name}" for name in required),
        recommends="\n".join(f"Recommends: {name}" for name in recommended),
        root=root,
    )


def _changes(made: Product) -> str:
    """The change log in RPM's form."""
    rows = []
    for release in desktop.releases(made):
        day = datetime.strptime(release.date, "%Y-%m-%d").strftime("%a %b %d %Y")
        points = "\n".join(f"- {point}" for point in (*release.words, *release.points))
        rows.append(f"* {day} {made.maker} - {release.version}-1\n{points}")
    return "\n\n".join(rows).replace("%", "%%")


def check(file: Path) -> None:
    """rpmlint, with what it may say and why (linux/rpmlint.toml). Raises PackError."""
    run("rpmlint", "--config", PACKAGING / "linux" / "rpmlint.toml", file)
