"""The workflows of the hosted runners: pinned, with few rights, and without traps for a shell."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from pack.__main__ import DEEDS, PACKAGES
from pack.elsewhere import PACKAGES as OF_WINDOWS
from pack.product import ROOT

FOLDER = ROOT / ".github" / "workflows"
FILES = sorted(FOLDER.glob("*.yml"))
RELEASE = FOLDER / "release.yml"
PIN = re.compile(r"^\s*-? *uses: [\w-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$")
CONTEXTS = set("env github inputs job matrix needs runner secrets steps strategy vars".split())


def jobs(file: Path) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = yaml.safe_load(file.read_text(encoding="utf-8"))["jobs"]
    return found


def steps(file: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, job in jobs(file).items():
        for step in job["steps"]:
            yield name, step


def expressions(text: str) -> list[str]:
    return re.findall(r"\$\{\{(.*?)\}\}", text, re.DOTALL)


@pytest.fixture(params=FILES, ids=lambda file: file.name)
def workflow(request: pytest.FixtureRequest) -> Path:
    file: Path = request.param
    return file


def test_actions_are_pinned_by_digest_and_everywhere_to_the_same() -> None:
    pins: dict[str, set[str]] = {}
    for file in FILES:
        for line in file.read_text(encoding="utf-8").splitlines():
            if "uses:" in line:
                assert PIN.match(line), line
                action, _, pin = line.partition("uses: ")[2].partition("@")
                pins.setdefault(action, set()).add(pin)
    assert all(len(found) == 1 for found in pins.values()), pins


def test_rights_are_given_where_they_are_needed(workflow: Path) -> None:
    found = yaml.safe_load(workflow.read_text(encoding="utf-8"))
    assert found["permissions"] == {"contents": "read"}
    with_rights = {name for name, job in found["jobs"].items() if "permissions" in job}
    assert with_rights == ({"draft"} if workflow == RELEASE else set())
    for _, step in steps(workflow):
        if step.get("uses", "").startswith("actions/checkout@"):
            assert step["with"] == {"persist-credentials": False}


def test_every_job_ends_and_needs_what_there_is(workflow: Path) -> None:
    found = jobs(workflow)
    for name, job in found.items():
        assert 0 < job["timeout-minutes"] <= 90, name
        needed = job.get("needs", [])
        for other in [needed] if isinstance(needed, str) else needed:
            assert list(found).index(other) < list(found).index(name)
        text = yaml.safe_dump(job)
        for other in re.findall(r"needs\.([\w-]+)\.", text):
            assert other in needed, f"{name} reads {other} and does not need it"
        for word in re.findall(r"matrix\.(\w+)", text):
            matrix = job["strategy"]["matrix"]
            rows = matrix.get("include", [matrix])
            assert all(word in row for row in rows), f"{name} has no matrix.{word}"


def test_expressions_name_what_exists(workflow: Path) -> None:
    text = workflow.read_text(encoding="utf-8")
    assert text.count("${{") == len(expressions(text))
    for expression in expressions(text):
        bare = re.sub(r"'[^']*'", "", expression)
        for context in re.findall(r"(?<![\w.-])([a-z]+)\.", bare):
            assert context in CONTEXTS, expression


def test_no_text_of_others_gets_into_a_script(workflow: Path) -> None:
    for name, step in steps(workflow):
        assert not expressions(step.get("run", "")), f"{name}: give it to the step's env"
        assert "secrets." not in str(step.get("if", "")), "a condition cannot read secrets"


def test_secrets_are_read_where_the_environment_guards_them() -> None:
    for name, job in jobs(RELEASE).items():
        if "secrets." in yaml.safe_dump(job):
            assert job.get("environment") == "release", name
        for step in job["steps"]:
            if "secrets." in yaml.safe_dump(step.get("env", {})):
                assert str(step.get("if", "")).startswith("env.CAN_"), step["name"]


def test_artifacts_that_are_fetched_are_made() -> None:
    made, wanted = set(), set()
    for _, step in steps(RELEASE):
        name = str(step.get("with", {}).get("name") or step.get("with", {}).get("pattern", ""))
        name = re.sub(r"\$\{\{.*?\}\}", "*", name)
        if "upload-artifact" in step.get("uses", ""):
            made.add(name)
        elif "download-artifact" in step.get("uses", ""):
            wanted.add(name)
    for name in wanted:
        pattern = re.escape(name).replace(r"\*", ".*")
        found = [each for each in made if re.fullmatch(pattern, each) or each[:-1] in name]
        assert found, name


def test_the_commands_are_ours() -> None:
    for _, step in steps(RELEASE):
        for line in step.get("run", "").splitlines():
            if found := re.search(r"\bdev package (?P<words>[^|>#]+)", line):
                words = found["words"].split()
                known = {"bundle", "$KINDS", *DEEDS, *OF_WINDOWS}
                known |= {kind for kinds in PACKAGES.values() for kind in kinds}
                assert words[0] in known, line


@pytest.mark.skipif(sys.platform != "linux", reason="the scripts are for a shell")
def test_a_shell_reads_every_script(workflow: Path, tmp_path: Path) -> None:
    for name, step in steps(workflow):
        if script := step.get("run"):
            done = subprocess.run(["bash", "-n"], input=script, text=True, capture_output=True)
            assert done.returncode == 0, f"{name}: {done.stderr}"
    for own in ("linux/try-install", "windows/sign"):
        file = ROOT / "packaging" / own
        assert file.stat().st_mode & 0o111, own
        assert subprocess.run(["sh", "-n", file], check=False).returncode == 0


def test_a_checker_of_workflows_has_nothing_to_say() -> None:
    ending = ".exe" if sys.platform == "win32" else ""
    program = Path(sys.executable).with_name(f"zizmor{ending}")
    command = [program, "--offline", "--no-progress", "--quiet", FOLDER]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr


def test_no_host_is_named() -> None:
    for file in FILES:
        addresses = re.findall(r"https?://\S+", file.read_text(encoding="utf-8"))
        assert not addresses, addresses
