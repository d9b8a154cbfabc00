"""The same answer in a web page: headless Chromium with what chats on the web are made of.

The page reads the same service at the same pace and renders at 30 Hz; it neither colours code nor
draws formulas, which is in its favour. Every process of the browser counts. The packages are
fetched by npm into .venv, under the versions named here; nothing of them is kept in the tree.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

import psutil

from bench.measure import Result, middle, missing
from bench.streaming import Found, service, stream

PACKAGES = (
    "esbuild@0.28.2",
    "react@19.3.1",
    "react-dom@19.3.1",
    "react-markdown@10.1.0",
    "remark-gfm@4.0.1",
    "streamdown@2.7.1",
)
SOURCES = Path(__file__).parent / "web"
FOLDER = Path(sys.prefix) / "web"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    "--headless=new",
    "--disable-gpu",
    "--disable-extensions",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
    "--no-sandbox",  # Chromium has none for root; without one it has a process less
    "--window-size=1280,820",
)
# Page -> (the share of its CPU time and memory that is a good one, the stall that it had).
GOALS: Mapping[str, float] = MappingProxyType({"react-markdown": 1 / 8, "streamdown": 1 / 3})
FEWEST_CHARACTERS = 70_000  # of 100,000 with their markup: less is a page that is broken


def browser() -> str | None:
    return next((path for name in BROWSERS if (path := shutil.which(name))), None)


def build(page: str) -> Path:
    """A folder with the page and all its code in one file. Raises CalledProcessError."""
    quiet = ["--silent", "--no-save", "--no-package-lock", "--no-audit", "--no-fund"]
    install = ["npm", "install", "--prefix", str(FOLDER), *quiet, "--ignore-scripts", *PACKAGES]
    stamp = FOLDER / "installed"
    if not stamp.is_file() or stamp.read_text() != "\n".join(PACKAGES):
        FOLDER.mkdir(parents=True, exist_ok=True)
        subprocess.run(install, check=True, stdout=subprocess.DEVNULL)
        stamp.write_text("\n".join(PACKAGES))
    source, made = FOLDER / "source", FOLDER / page
    shutil.copytree(SOURCES, source, dirs_exist_ok=True)  # beside the packages, which it imports
    made.mkdir(exist_ok=True)
    shutil.copy(SOURCES / "page.html", made)
    words = [str(source / f"{page}.jsx"), "--bundle", "--minify", "--jsx=automatic"]
    words += ['--define:process.env.NODE_ENV="production"', f"--outfile={made / 'page.js'}"]
    esbuild = str(FOLDER / "node_modules" / ".bin" / "esbuild")
    subprocess.run([esbuild, *words, "--log-level=error"], check=True)
    return made


class Browser:
    """A browser process and those that it started."""

    def __init__(self, path: str, profile: str, address: str) -> None:
        words = [path, *FLAGS, f"--user-data-dir={profile}", address]
        self._root = psutil.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    @property
    def _processes(self) -> Sequence[psutil.Process]:
        return [self._root, *self._root.children(recursive=True)]

    def cpu_s(self) -> float:
        """What all of them have used so far."""
        times = [process.cpu_times() for process in self._processes]
        return float(sum(each.user + each.system for each in times))

    def memory_mb(self) -> float:
        """What they take; shared pages count once (PSS)."""
        return float(sum(process.memory_full_info().pss for process in self._processes)) / 1e6

    def close(self) -> None:
        for process in reversed(self._processes):
            process.kill()
        self._root.wait()


def show(path: str, page: str) -> Found:
    """One answer in `page`: `cpu_s`, `memory_mb`, `stretch_ms`."""
    folder = build(page)
    with service("mixed", str(folder)) as (server, port), tempfile.TemporaryDirectory() as profile:
        assert server.stdout
        shown = Browser(path, profile, f"http://127.0.0.1:{port}/page.html")
        try:
            server.stdout.readline()  # asked
            before_s = shown.cpu_s()
            _, _, report = server.stdout.readline().partition(" ")
            used = {"cpu_s": shown.cpu_s() - before_s, "memory_mb": shown.memory_mb()}
            told = json.loads(report)
            if told["characters"] < FEWEST_CHARACTERS:
                raise OSError(f"The page shows only {told['characters']} characters")
            return {**told, **used}
        finally:
            shown.close()


def measure() -> Iterator[Result]:
    path = browser()
    if path is None or shutil.which("npm") is None:
        why = "no Chromium" if path is None else "no npm"
        yield from missing([f"Against {page} in Chromium" for page in GOALS], why)
        return
    for page, goal in GOALS.items():
        try:
            pairs = [(stream("mixed"), show(path, page))]
        except (OSError, subprocess.CalledProcessError, psutil.Error) as error:
            yield from missing([f"Against {page} in Chromium"], str(error))
            continue
        yield from compare(page, goal, pairs)


def compare(page: str, goal: float, pairs: Sequence[tuple[Found, Found]]) -> Iterator[Result]:
    ours_s, theirs_s = middle(a["cpu_s"] for a, _ in pairs), middle(b["cpu_s"] for _, b in pairs)
    detail = f"{ours_s:.1f} against {theirs_s:.1f} s of CPU, all threads and processes"
    yield Result(f"CPU, against {page} in Chromium", ours_s / theirs_s, "times", goal, detail)
    ours = middle(a["memory_mb"] for a, _ in pairs)
    theirs = middle(b["memory_mb"] for _, b in pairs)
    detail = f"{ours:.0f} against {theirs:.0f} MB (PSS of all processes)"
    yield Result(f"Memory, against {page} in Chromium", ours / theirs, "times", goal, detail)
    gap = middle(a["gap_ms"] for a, _ in pairs)
    detail = f"{page}: {middle(b['stretch_ms'] for _, b in pairs):.0f} ms"
    yield Result(f"Longest stall by the clock, beside {page}", gap, "ms", None, detail)
