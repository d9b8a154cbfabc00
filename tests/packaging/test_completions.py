"""What shells complete after `linnet`, asked of bash itself."""

from __future__ import annotations

import subprocess
import sys

import pytest
from pack import completions
from pack.product import Product

MADE = Product()


@pytest.mark.skipif(sys.platform != "linux", reason="bash may be an old one elsewhere")
@pytest.mark.parametrize(
    ("words", "offered", "not_offered"),
    [
        (["as"], {"ask"}, {"chats"}),
        (["--"], {"--new-chat", "--home"}, {"--attach"}),
        (["ask", "--"], {"--attach", "--service"}, {"--new-chat"}),
        (["--home", "x", "chats", "--"], {"--search"}, {"--new-chat", "--attach"}),
        (["ask", "--output", ""], {"text", "json"}, {"--attach"}),
        (["ask", "--attach", ""], set(), {"--attach", "--model"}),
        (["ask", "--model", "a"], set(), {"ask"}),
        (["--chat", ""], set(), {"ask"}),
    ],
)
def test_bash(words: list[str], offered: set[str], not_offered: set[str]) -> None:
    script = (
        completions.bash(MADE)
        + 'COMP_WORDS=(linnet "$@"); COMP_CWORD=$#; _linnet; printf "%s\\n" "${COMPREPLY[@]}"'
    )
    done = subprocess.run(
        ["bash", "-c", script, "-", *words], capture_output=True, text=True, check=True
    )
    found = set(done.stdout.split())
    assert offered <= found
    assert not not_offered & found
    assert done.stderr == ""


def test_zsh_and_fish_know_where_files_are_wanted() -> None:
    assert "--attach[" in completions.zsh(MADE)
    assert ":path-or-address:_files'" in completions.zsh(MADE)
    (line,) = [row for row in completions.fish(MADE).splitlines() if "-l attach" in row]
    assert " -r " in line
