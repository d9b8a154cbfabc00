"""What a desktop and its shells know of an installed package, each asked in its own words.

Invariant: a link or a file reaches the window that is open; nothing that comes from outside is sent
before a person sends it.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

from PIL import Image

from pack.product import say
from pack.trials.roots import HOME, PERSON, wait_for
from pack.trials.trial import Session, Trial, expect

ASKED = "Why is the sky blue & wide?"
LINK = "linnet://new?prompt=Why%20is%20the%20sky%20blue%20%26%20wide%3F"
PICTURE = "Möwe am Meer (1).png"
USERS = "SELECT count(*) FROM message WHERE role = 'user'"


def look(trial: Trial) -> None:
    """With the package installed, and a person who has never started it."""
    trial.apt("desktop-file-utils", "shared-mime-info", "libglib2.0-bin", "man-db", "zsh", "fish")
    _look_at_shells(trial)
    _look_at_types(trial)
    fcitx = {"QT_IM_MODULE": "fcitx"}
    with trial.window(trial.made.name, environment=fcitx) as session:
        _try_input_method(session)
        _try_link(trial, session)
        _try_opening(trial, session)
        _try_action(trial)
        sent = session.look_up(USERS)
        expect(sent == [(0,)], "nothing has been sent", str(sent))
    said = trial.root.must("dpkg", "--verify", trial.made.name)
    expect(not said.strip(), "dpkg --verify", said)


def _look_at_shells(trial: Trial) -> None:
    root, name = trial.root, trial.made.name
    said = root.must(name, "ask", "Hello", "--service", "demo", person=True)
    expect(len(said) > 40, "linnet ask", said)
    said = root.must("man", "-P", "cat", name, person=True)
    expect("SYNOPSIS" in said and "linnet://" in said, "the manual", said)
    page = f"/usr/share/man/man1/{name}.1.gz"
    check = ["man", "--warnings", "-E", "UTF-8", "-l", "-Tutf8", "-Z"]
    said = root.must("sh", "-c", '"$@" 2>&1 >/dev/null', "-", *check, page, person=True)
    expect(not said.strip(), "the manual without warnings", said)
    script = (
        f". /usr/share/bash-completion/completions/{name}; COMP_WORDS=({name} as); COMP_CWORD=1; "
        f'_{name}; echo "${{COMPREPLY[@]}}"'
    )
    for shell, *words in (
        ("bash", "-c", script),
        ("fish", "-c", f"complete -C '{name} as'"),
        ("zsh", "-fc", f"autoload -U compinit; compinit -u; echo $_comps[{name}] ask"),
    ):
        said = root.must(shell, *words, person=True)
        expect("ask" in said and (shell != "zsh" or f"_{name}" in said), f"{shell} completes", said)
    say("  command, manual, and completions in bash, fish and zsh")


def _look_at_types(trial: Trial) -> None:
    root, made = trial.root, trial.made
    for kind in (f"x-scheme-handler/{made.name}", "image/png", "video/mp4", "audio/mpeg",
                 "application/pdf", "text/plain"):  # fmt: skip
        said = root.must("gio", "mime", kind, person=True)
        expect(f"{made.id}.desktop" in said, f"opening {kind}", said)
    sizes = [path.parent.parent.name for path in root.path.rglob(f"hicolor/*/apps/{made.id}*")]
    expect({"scalable", "symbolic", "16x16", "256x256"} <= set(sizes), "the icons", str(sizes))
    say("  links, file types and icons")


def _try_input_method(session: Session) -> None:
    """Qt has no plugin for fcitx, which serves programs of IBus as well."""
    loaded = session.libraries()
    expect("libibusplatforminputcontext" in loaded, "QT_IM_MODULE=fcitx", "IBus is not loaded")
    say("  with QT_IM_MODULE=fcitx it speaks to the IBus front end")


def _try_link(trial: Trial, session: Session) -> None:
    trial.root.must("gio", "open", LINK, person=True)
    wait_for(lambda: _unsent(session, "text", ASKED), "The question of the link")
    session.picture("link")
    say("  a linnet:// link fills in its question and does not send it")


def _try_opening(trial: Trial, session: Session) -> None:
    file = f"{HOME}/{PICTURE}"
    Image.new("RGB", (320, 200), "#0d7a6b").save(f"{trial.root.path}{file}")
    trial.root.must("chown", PERSON, file)
    entry = f"/usr/share/applications/{trial.made.id}.desktop"
    trial.root.must("gio", "launch", entry, file, person=True)
    wait_for(lambda: _unsent(session, "parts", PICTURE), "The attached picture")
    session.picture("opened")
    say("  “Open with” starts a chat with the file attached")


def _try_action(trial: Trial) -> None:
    """As a desktop reads it from the menu entry."""
    made = trial.made
    entry = Path(f"{trial.root.path}/usr/share/applications/{made.id}.desktop")
    action = entry.read_text(encoding="utf-8").partition("[Desktop Action new-chat]")[2]
    line = re.search(r"^Exec=(.*)$", action, flags=re.MULTILINE)
    expect(line, "the action for a new chat", action)
    assert line is not None
    trial.root.must(*line[1].split(), person=True, within_s=20)
    say("  the menu's “New Chat” reaches the open window")


def _unsent(session: Session, column: str, wanted: str) -> bool:
    """Whether a text or a list of attachments that waits to be sent has `wanted` in it."""
    rows = session.look_up(f"SELECT {column} FROM unsent")
    if column == "parts":
        rows = [(json.dumps(json.loads(str(row[0])), ensure_ascii=False),) for row in rows]
    return any(wanted in str(row[0]) for row in rows)
