"""Keys in a real Secret Service: stored by the program, read by another client, and back."""

from __future__ import annotations

import sys
from pathlib import Path

from loopback import events, in_thread
from virtual_desktop import Desktop

ROOT = Path(__file__).resolve().parent.parent.parent
URL = "https://example.org/v1"
KEY = "sk-test-0123456789-abcdefghij"
ASK = """
import asyncio, os, sys
from app.domain.settings import Service
from app.secrets import Secrets

async def main(do, base_url, key):
    service = Service(id="test", base_url=base_url)
    secrets = Secrets(os.environ)
    try:
        if do == "set":
            await secrets.set(service, key)
        elif do == "delete":
            await secrets.delete(service)
        print((await secrets.state()).name, await secrets.find(service))
    finally:
        secrets.close()

asyncio.run(main(*sys.argv[1:]))
"""
SETTINGS = """\
[[services]]
id = "test"
base_url = "{url}/v1"
default_model = "small"
"""
ANSWER = {"choices": [{"index": 0, "delta": {"content": "Yes."}, "finish_reason": "stop"}]}


def ask_secrets(desktop: Desktop, do: str, base_url: str, key: str = "") -> str:
    return desktop.run(sys.executable, "-c", ASK, do, base_url, key, cwd=ROOT)


def stored(desktop: Desktop) -> str:
    """What another client of the Secret Service reads."""
    return desktop.run("secret-tool", "lookup", "service", "linnet", "username", "test@example.org")


def test_a_key_goes_to_the_keyring_and_back(desktop: Desktop) -> None:
    assert ask_secrets(desktop, "find", URL) == "GNOME Keyring nowhere"
    assert ask_secrets(desktop, "set", URL, KEY) == "GNOME Keyring keyring"
    assert stored(desktop) == KEY
    assert ask_secrets(desktop, "delete", URL) == "GNOME Keyring nowhere"
    assert stored(desktop) == ""


def test_a_question_takes_its_key_from_the_keyring_and_leaves_it_nowhere(
    desktop: Desktop, linnet_home: Path
) -> None:
    linnet_home.mkdir()
    with in_thread() as server:
        ask_secrets(desktop, "set", server.url, KEY)
        server.add(events(ANSWER))
        (linnet_home / "settings.toml").write_text(SETTINGS.format(url=server.url))
        words = ["--home", str(linnet_home), "ask", "Is it spring?", "--service", "test", "--save"]
        assert desktop.run(sys.executable, "-m", "app", *words, cwd=ROOT) == "Yes."
        assert server.requests[0].header("authorization") == f"Bearer {KEY}"
    files = [path for path in linnet_home.rglob("*") if path.is_file()]
    assert files
    assert not [path for path in files if KEY.encode() in path.read_bytes()]
    ask_secrets(desktop, "delete", server.url)
