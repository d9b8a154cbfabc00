"""What the words of a start, and a link of another program, ask of the window."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.__main__ import COMMANDS, names_a_command
from app.call import LONGEST_PROMPT, MOST_FILES, Call, read_call
from app.cli.arguments import make_parser


def test_nothing_asks_for_nothing() -> None:
    assert read_call([]) == Call()
    assert not read_call([]).starts_a_chat


def test_options() -> None:
    call = read_call(["--home", "/data", "--chat=abc", "--new-chat"])
    assert call == Call(home=Path("/data"), chat_id="abc", new_chat=True)


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ("linnet://chat/0f3a", Call(chat_id="0f3a")),
        ("LINNET://CHAT/0f3a/", Call(chat_id="0f3a")),
        ("linnet://new", Call(new_chat=True)),
        ("linnet://new/?prompt=Why%20is%20it%3F", Call(new_chat=True, prompt="Why is it?")),
        ("linnet://new?prompt=a+b%26c", Call(new_chat=True, prompt="a b&c")),
        ("linnet://new?prompt=1%0D%0A2%09%1b%5B31m", Call(new_chat=True, prompt="1\n2\t[31m")),
        ("linnet://new?prompt=a%E2%80%8Db%F0%9F%9A%80", Call(new_chat=True, prompt="a\u200db🚀")),
        ("linnet://new?prompt=%E2%80%AEa%E2%80%8Fb", Call(new_chat=True, prompt="a\u200fb")),
        ("linnet://new?prompt=a%F3%A0%81%81", Call(new_chat=True, prompt="a")),
        ("linnet://new?prompt=a&prompt=b", Call(new_chat=True, prompt="a")),
        ("linnet://new?file=/etc/passwd", Call(new_chat=True)),
        ("linnet://send?prompt=a", Call()),
        ("linnet://[bad", Call()),
        ("linnet:", Call()),
    ],
)  # fmt: skip
def test_links(link: str, expected: Call) -> None:
    assert read_call([link]) == expected


def test_what_follows_a_link_is_of_the_link() -> None:
    words = ['linnet://new?prompt=a"', "--home", "//host/share", "--chat=1", "a.png", "linnet://x"]
    assert read_call(words) == Call(new_chat=True, prompt='a"')
    assert not names_a_command(["linnet://new", "ask", "--home", "//host/share"])


def test_a_link_fills_in_so_much_and_no_more() -> None:
    assert len(read_call([f"linnet://new?prompt={'x' * 90_000}"]).prompt) == LONGEST_PROMPT


def test_an_address_of_no_file_is_no_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (file,) = read_call(["file://[bad/a.png"]).files
    assert file.is_absolute()
    assert not file.exists()


def test_files_by_path_and_by_address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    picture = tmp_path / "a b ü.png"
    call = read_call(["a b ü.png", picture.as_uri(), str(picture)])
    assert call.files == (picture, picture, picture)
    assert call.starts_a_chat
    many = read_call([f"{number}.png" for number in range(MOST_FILES + 5)])
    assert len(many.files) == MOST_FILES


@given(
    st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc", "Cf"]), max_size=200),
    st.from_regex(r"[0-9a-f]{0,32}", fullmatch=True),
    st.booleans(),
)
def test_what_is_handed_over_asks_for_the_same(prompt: str, chat_id: str, new_chat: bool) -> None:
    files = (Path(os.path.abspath("a.png")),)
    call = Call(chat_id=chat_id, new_chat=new_chat or bool(prompt), prompt=prompt, files=files)
    assert read_call(call.words()) == call


@given(st.text(max_size=60))
def test_no_link_raises(rest: str) -> None:
    for host in ("", "//new?", "//new?prompt=", "//chat/"):
        assert not read_call([f"linnet:{host}{rest}"]).files


def test_commands_go_to_the_terminal_and_files_to_the_window(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "notes.txt").write_text("notes")
    (tmp_path / "ask").write_text("a file that is called like a command")
    for words in (["notes.txt"], ["linnet://new"], ["--chat", "ask"], ["--home=x"], ["--new-chat"]):
        assert not names_a_command(words), words
    for words in (["ask", "notes.txt"], ["--version"], ["what is this"], ["--home", "x", "chats"]):
        assert names_a_command(words), words


def test_the_commands_are_those_of_the_terminal() -> None:
    groups = make_parser()._subparsers
    assert groups is not None
    choices = groups._group_actions[0].choices
    assert choices is not None
    assert set(COMMANDS) == set(choices)
