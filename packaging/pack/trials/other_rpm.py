"""An .rpm as if it had been made earlier or later: the same files under another version."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from pack.product import run
from pack.rpm import PLAIN

_SPEC = (
    PLAIN
    + """%global _binary_payload w1.gzdio
Name: {name}
Version: {version}
Release: 1
Summary: {summary}
License: {license}
BuildArch: {arch}
{requires}

%description
{description}

%install
cp -a {tree}/. %{{buildroot}}/

%files
{files}

%postun
{postun}
"""
)


def repack(file: Path, version: str, folder: Path) -> Path:
    """The package `file` as if it had been made earlier or later, to try upgrades with."""
    shutil.rmtree(folder / version, ignore_errors=True)
    tree = folder / version / "tree"
    tree.mkdir(parents=True)
    run("sh", "-c", 'rpm2cpio "$0" | cpio -idm --quiet', file.resolve(), cwd=tree)
    asked = ["name", "summary", "license", "arch", "description", "postun"]
    facts = {each: _ask(file, f"%{{{each}}}") for each in asked}
    own = ("rpmlib(", "/")  # rpm adds these by itself
    asked_for = set(_ask(file, "[%{REQUIRES}\\n]").splitlines())
    requires = "\n".join(f"Requires: {x}" for x in sorted(asked_for) if not x.startswith(own))
    spec = folder / version / "repacked.spec"
    files = _ask(file, '["%{FILENAMES}"\\n]')
    words = _SPEC.format(**facts, version=version, requires=requires, tree=tree, files=files)
    spec.write_text(words, encoding="utf-8")
    out = folder / version
    name = f"{facts['name']}-{version}.rpm"
    defines = {"_topdir": out.resolve(), "_rpmdir": out.resolve(), "_rpmfilename": name}
    options = [word for key, value in defines.items() for word in ("--define", f"{key} {value}")]
    run("rpmbuild", "-bb", "--quiet", "--target", facts["arch"], *options, spec)
    shutil.rmtree(tree)
    return out / name


def _ask(file: Path, form: str) -> str:
    command = ["rpm", "-qp", "--qf", form, str(file)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
