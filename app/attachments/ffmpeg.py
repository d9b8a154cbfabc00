"""The ffmpeg and ffprobe of this machine: found, asked, run, watched and stopped.

Invariant: a program is started with a list of words, never by a shell, and only on files of ours;
it opens nothing but files. It ends when the work is stopped. Where there is none, whoever needs
it says so (`NO_FFMPEG`).
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.attachments.refusal import RefusedError
from app.attachments.work import Work
from app.i18n import tr

NO_FFMPEG = tr("This needs ffmpeg, which was not found on this computer. Install it and try again.")
PROBE_S = 30.0
_USUAL_FOLDERS = ("/opt/homebrew/bin", "/usr/local/bin")  # a Mac's programs do not get its PATH
_FILES_ONLY = ("-protocol_whitelist", "file,pipe")
_NO_CONSOLE = getattr(subprocess, "CREATE_NO_WINDOW", 0)
_KEPT_LINES = 5


@dataclass(frozen=True, slots=True)
class Tools:
    """Where the programs lie; `None` where there is none."""

    ffmpeg: str | None = None
    ffprobe: str | None = None


def find_tools(path: str | None = None) -> Tools:
    """Look in the folders of `path` (like the variable PATH; by default that itself)."""
    return Tools(_found("ffmpeg", path), _found("ffprobe", path))


def _found(name: str, path: str | None) -> str | None:
    folders = (os.environ.get("PATH", os.defpath) if path is None else path).split(os.pathsep)
    if path is None:
        folders += _USUAL_FOLDERS
    # Not by its name alone: Windows would look first where the program was started, and that is
    # where a file to be opened lies, with whatever else was downloaded.
    name = f"{name}.exe" if sys.platform == "win32" else name
    places = (os.path.join(folder, name) for folder in folders if os.path.isabs(folder))
    return next((place for place in places if shutil.which(place)), None)


def probe(tools: Tools, file: Path) -> dict[str, Any] | None:
    """What ffprobe says of a file; `None` where it is not here or cannot read it."""
    if tools.ffprobe is None:
        return None
    words = ["-v", "error", "-print_format", "json", "-show_format", "-show_streams"]
    said = _output([tools.ffprobe, *words, *_FILES_ONLY, str(file)])
    try:
        found = json.loads(said)
    except ValueError:
        return None
    return found if isinstance(found, dict) and found.get("streams") else None


def encoders(tools: Tools) -> frozenset[str]:
    """The names of what this ffmpeg can write."""
    if tools.ffmpeg is None:
        return frozenset()
    said = _output([tools.ffmpeg, "-hide_banner", "-encoders"]).decode("utf-8", "replace")
    rows = (line.split() for line in said.splitlines())
    return frozenset(row[1] for row in rows if len(row) > 1 and row[0][0] in "VAS")


def picture_of(tools: Tools, file: Path, at_s: float, longest_px: int) -> bytes:
    """One frame as a JPEG; empty where there is none to be had."""
    if tools.ffmpeg is None:
        return b""
    side = f"scale='min({longest_px},iw)':'min({longest_px},ih)':force_original_aspect_ratio="
    return _output(
        [
            *(tools.ffmpeg, "-v", "error", "-nostdin", "-ss", f"{at_s:.3f}"),
            *(*_FILES_ONLY, "-i", str(file), "-frames:v", "1", "-an"),
            *("-vf", f"{side}decrease", "-c:v", "mjpeg", "-q:v", "4", "-f", "image2pipe", "pipe:1"),
        ]
    )


def run(
    tools: Tools,
    words: Sequence[str],
    target: Path,
    work: Work,
    *,
    doing: str,
    length_s: float | None,
) -> None:
    """Run ffmpeg with `words` (inputs and options) to make `target`; tell how far it is.

    Raises RefusedError where it is not here or fails, StoppedError when stopped.
    """
    if tools.ffmpeg is None:
        raise RefusedError(NO_FFMPEG)
    command = [
        *(tools.ffmpeg, "-hide_banner", "-loglevel", "error", "-nostdin", "-y"),
        *("-progress", "pipe:1", "-nostats", *_FILES_ONLY, *words, f"file:{target}"),
    ]
    complaints: deque[str] = deque(maxlen=_KEPT_LINES)
    with _started(command) as process:
        work.on_stop(process.kill)
        try:
            work.tell(doing, 0.0)
            for line in process.stdout or ():
                name, is_report, value = line.strip().partition("=")
                if is_report and name.replace("_", "").isalnum():
                    if name == "out_time_us" and value.isdigit() and length_s:
                        work.tell(doing, min(1.0, int(value) / 1e6 / length_s))
                elif line.strip():
                    complaints.append(line.strip())
        except BaseException:
            process.kill()
            raise
        finally:
            work.on_stop(None)
    work.check()
    if process.returncode != 0:
        raise RefusedError(_failure(complaints))


def _started(command: Sequence[str]) -> subprocess.Popen[str]:
    try:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            errors="replace",
            creationflags=_NO_CONSOLE,
        )
    except OSError as error:
        reason = error.strerror or str(error)
        raise RefusedError(tr("ffmpeg cannot be started: {reason}.", reason=reason)) from error


def _failure(complaints: Sequence[str] | deque[str]) -> str:
    said = " ".join(complaints)
    if "No space left on device" in said:
        return tr("The disk is full. Free some space and try again.")
    reason = complaints[-1] if complaints else tr("it gave no reason")
    return tr("ffmpeg could not do it: {reason}", reason=reason)


def _output(command: Sequence[str]) -> bytes:
    """What a program prints; empty when it fails or takes too long."""
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=PROBE_S,
            creationflags=_NO_CONSOLE,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return b""
    return done.stdout if done.returncode == 0 else b""
