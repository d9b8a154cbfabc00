"""Looking for a new version over real HTTP: who is asked how often, what is believed and told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from loopback import End, Loopback, Reply, reply, whole
from release_lists import NOW, OTHER_KEY, Looking, listed

from app.providers import small_file
from app.updates import AGAIN_S, ASK_AFTER_S, DAY_S, SETTLED_S, UpdateState

JSON = {"content-type": "application/json"}


@pytest.fixture
async def server() -> AsyncIterator[Loopback]:
    async with Loopback() as running:
        yield running


@pytest.fixture
async def here(server: Loopback, tmp_path: Path) -> AsyncIterator[Looking]:
    looking = Looking(tmp_path, f"{server.url}/latest.json")
    yield looking
    await looking.close()


async def settled(here: Looking) -> UpdateState:
    """When nothing is being looked for any more."""
    while running := [t for t in asyncio.all_tasks() if t.get_name() in here.tasks.running]:
        await asyncio.wait(running, timeout=10)
    return here.updates.state


async def recalled(here: Looking) -> UpdateState:
    """What is known after another start."""
    here.updates.close()
    here.again().start()
    return await settled(here)


async def looked(here: Looking) -> UpdateState:
    here.updates.look()
    assert here.updates.state.looking
    return await settled(here)


def want(here: Looking) -> None:
    here.config.change(replace(here.config.settings, look_for_updates=True))


async def test_a_new_version_by_hand(here: Looking, server: Loopback) -> None:
    server.add(whole(listed()))
    told: list[UpdateState] = []
    here.updates.subscribe(told.append)
    state = await looked(here)
    assert state.words == "Version 0.6.0 is there."
    assert state.newer is not None
    assert state.newer.page == "https://linnet.example/releases"
    assert [each.looking for each in told] == [True, False]
    assert here.updates.looked == NOW


async def test_the_request_says_nothing_of_who_asks(here: Looking, server: Loopback) -> None:
    server.add(whole(listed(), set_cookie="id=7; Path=/", etag='"a"'), whole(listed()))
    await looked(here)
    await looked(here)
    first, second = server.requests
    assert (first.method, first.target, first.body) == ("GET", "/latest.json", b"")
    names = {name.lower(): value for name, value in second.headers}
    assert names == {
        "host": f"127.0.0.1:{server.port}",
        "user-agent": "Linnet",
        "accept": "*/*",
        "accept-encoding": "identity",
    }


@pytest.mark.parametrize(
    ("version", "words"),
    [
        ("0.5.0", "This is the newest version."),
        ("0.5", "This is the newest version."),
        ("0.4.9", "This version is newer than 0.4.9, the last one announced."),
        ("0.5.0rc3", "This version is newer than 0.5.0rc3, the last one announced."),
    ],
)
async def test_nothing_newer(here: Looking, server: Loopback, version: str, words: str) -> None:
    server.add(whole(listed(version=version)))
    assert await looked(here) == UpdateState(words=words)


async def test_a_list_that_nobody_renewed_is_told(here: Looking, server: Loopback) -> None:
    server.add(whole(listed(version="0.5.0", issued=int(NOW - 500 * DAY_S))))
    assert "for more than a year" in (await looked(here)).words


async def test_an_older_list_than_before_is_refused(here: Looking, server: Loopback) -> None:
    server.add(whole(listed(version="0.6.1")))
    await looked(here)
    server.clear()
    server.add(whole(listed(version="0.6.0", issued=5)))
    await recalled(here)
    state = await looked(here)
    assert state.words == (
        "The list of releases is older than the one seen before. Nothing of it was used."
    )
    assert state.newer is not None  # what was known stays
    assert state.newer.version == "0.6.1"


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (whole(listed(OTHER_KEY)), "not signed by those who make Linnet. Nothing of it was used."),
        (whole(listed().replace(b"0.6.0", b"9.6.0")), "not signed by those who make Linnet."),
        (whole(listed()[:200]), "The list of releases is damaged. Nothing of it was used."),
        (whole(listed(version="latest")), "The list of releases is damaged."),
        (reply(listed()[:99], End.CLOSE, framing=5000), "127.0.0.1"),
        (reply(b"<html>Log in", headers={"content-type": "text/html"}), "is damaged"),
        (reply(b" " * 70_000), "sends is far too large"),
        (reply(listed(), status=404), "does not have it (HTTP 404)"),
        (reply(listed(), status=503), "does not have it (HTTP 503)"),
        (reply(End.RESET, framing="close", raw=True), "127.0.0.1"),
        (Reply(status=302, headers={"location": "https://other.example/l"}), "other.example, wh"),
        (Reply(status=302, headers={"location": "https://127.0.0.1/l"}), "is not followed"),
        (Reply(status=302, headers={"location": "file:///etc/passwd"}), "is not followed"),
        (Reply(status=301, headers={"location": "/latest.json"}), "sends on and on"),
    ],
)
async def test_what_is_refused_is_told_by_hand(
    here: Looking, server: Loopback, answer: Reply, words: str
) -> None:
    server.add(answer)
    state = await looked(here)
    assert words in state.words
    assert state.newer is None
    assert (await recalled(here)).newer is None


async def test_it_is_followed_on_the_same_host(here: Looking, server: Loopback) -> None:
    server.route("/latest.json", Reply(status=302, headers={"location": "/v2/latest.json"}))
    server.route("/v2/latest.json", whole(listed()))
    assert (await looked(here)).newer is not None


async def test_stores_that_were_named_are_followed_over_tls(
    server: Loopback, tmp_path: Path
) -> None:
    """As a release's files are kept elsewhere than the page that names them."""
    store = "127.0.0.1:9"  # where nobody answers: that it was asked shows in the words
    here = Looking(tmp_path, f"{server.url}/latest.json", hosts=(store,))
    for place, followed in (
        (f"https://{store}/latest.json", True),
        (f"http://{store}/latest.json", False),
        ("https://127.0.0.1:10/latest.json", False),
    ):
        server.route("/latest.json", Reply(status=302, headers={"location": place}))
        words = (await looked(here)).words
        assert ("not followed" in words) is not followed, words
    await here.close()


async def test_a_packed_answer_is_no_list(here: Looking, server: Loopback) -> None:
    """Nothing is unpacked: a few bytes could become a great many."""
    server.add(reply(b"\x1f\x8b\x08\x00", headers={"content-encoding": "gzip"}))
    assert "is damaged" in (await looked(here)).words


async def test_without_a_network(tmp_path: Path) -> None:
    here = Looking(tmp_path, "http://127.0.0.1:9/latest.json")
    state = await looked(here)
    assert "127.0.0.1:9" in state.words
    await here.close()


async def test_a_server_that_says_nothing(
    here: Looking, server: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(small_file, "LIMIT_S", 0.05)
    server.add(reply(b"{", End.HANG))
    assert "in time" in (await looked(here)).words


# Once a day, for who wants it


async def test_nothing_is_asked_for_by_itself(here: Looking, server: Loopback) -> None:
    server.add(whole(listed()))
    here.updates.start()
    for _ in range(50):
        here.watch.pass_time(AGAIN_S)
        await settled(here)
    assert server.requests == []


async def test_at_most_once_a_day(here: Looking, server: Loopback) -> None:
    server.add(whole(listed(version="0.5.0")))
    want(here)
    here.updates.start()
    here.watch.pass_time(SETTLED_S - 1)
    assert not here.tasks.running  # a start comes first
    here.watch.pass_time(1)
    await settled(here)
    for _ in range(23):
        here.watch.pass_time(AGAIN_S)
        await settled(here)
    assert len(server.requests) == 1
    here.watch.pass_time(AGAIN_S)
    await settled(here)
    assert len(server.requests) == 2
    here.updates.close()
    here.again().start()  # another start asks no more often
    here.watch.pass_time(SETTLED_S)
    assert not here.tasks.running


async def test_a_clock_that_was_ahead_does_not_end_it(here: Looking, server: Loopback) -> None:
    server.add(whole(listed(version="0.5.0")))
    here.watch.seconds += 1000 * DAY_S
    await looked(here)
    here.watch.seconds -= 1000 * DAY_S
    here.updates.start()
    want(here)
    await settled(here)
    assert len(server.requests) == 2


async def test_failures_in_the_background_are_quiet(here: Looking, server: Loopback) -> None:
    server.add(whole(listed(OTHER_KEY)))
    want(here)
    here.updates.start()
    here.watch.pass_time(SETTLED_S)
    assert await settled(here) == UpdateState()
    assert len(server.requests) == 1
    for _ in range(20):  # nor are they tried again and again
        here.watch.pass_time(AGAIN_S)
        await settled(here)
    assert len(server.requests) == 1


async def test_who_says_yes_is_answered_at_once(here: Looking, server: Loopback) -> None:
    server.add(whole(listed()))
    here.updates.start()
    want(here)
    state = await settled(here)
    assert state.newer is not None
    assert state.words == ""
    newer = here.updates.untold()
    assert newer == state.newer
    assert newer is not None
    here.updates.told(newer)
    assert here.updates.untold() is None
    assert (await recalled(here)).newer == newer  # it stays to be seen
    assert here.updates.untold() is None  # but once is enough


async def test_what_is_remembered_is_checked_again(here: Looking, server: Loopback) -> None:
    server.add(whole(listed()))
    await looked(here)
    file = here.folder / "updates.json"
    assert (await recalled(here)).newer is not None
    file.write_text(file.read_text().replace("0.6.0", "0.7.0"))
    assert (await recalled(here)).newer is None


async def test_the_question_comes_once_after_some_days(here: Looking) -> None:
    here.updates.start()
    assert not here.updates.wants_to_ask()
    here.watch.pass_time(ASK_AFTER_S)
    assert here.updates.wants_to_ask()
    here.updates.asked()
    assert not here.updates.wants_to_ask()
    assert not here.again().wants_to_ask()


async def test_who_has_chosen_is_not_asked(here: Looking, server: Loopback) -> None:
    server.add(whole(listed()))
    here.updates.start()
    here.watch.pass_time(ASK_AFTER_S)
    want(here)
    await settled(here)
    assert not here.updates.wants_to_ask()
    here.config.change(replace(here.config.settings, look_for_updates=False))
    assert not here.updates.wants_to_ask()


@pytest.mark.parametrize("package", [{"kind": "deb"}, {"updates": ""}, {"keys": ()}])
async def test_where_others_see_to_it_nothing_is_asked(
    server: Loopback, tmp_path: Path, package: dict[str, object]
) -> None:
    here = Looking(tmp_path, f"{server.url}/latest.json", **package)
    want(here)
    here.updates.start()
    here.watch.pass_time(30 * DAY_S)
    here.updates.look()
    assert not here.tasks.running
    assert not here.updates.wants_to_ask()
    assert not (tmp_path / "updates.json").exists()
    await here.close()
