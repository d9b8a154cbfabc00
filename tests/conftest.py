"""What every test stands on: an own home, no network but loopback, and nothing left behind.

A test fails when Qt warned (pyproject: qt_log_level_fail), when it reached for another computer,
or when it left a task, an inet socket or a thread. With CI set, a skipped test has failed: there
every program that a test needs is installed.
"""

from __future__ import annotations

import asyncio
import gc
import os
import shutil
import socket
import stat
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

GRACE_S = 2.0  # what ends by itself within this time after a test has not been left behind
PERSONAL = ("_API_KEY", "_PROXY", "_proxy", "DBUS_SESSION_BUS_ADDRESS", "DISPLAY", "LINNET_HOME")

_forbidden_hosts: list[str] = []
_left_tasks: list[str] = []
_shared_threads: set[threading.Thread] = set()
_shared_sockets: set[str] = set()


# --- An own home. Set while this file is imported: before Qt, keyring or the program read it.


def _isolate() -> Path:
    home = Path(tempfile.mkdtemp(prefix="linnet-tests-"))
    for name in [name for name in os.environ if name.endswith(PERSONAL)]:
        del os.environ[name]
    for variable in ("HOME", "USERPROFILE", "APPDATA", "LOCALAPPDATA", "XDG_RUNTIME_DIR"):
        os.environ[variable] = str(home)
    for kind in ("CONFIG", "DATA", "CACHE", "STATE"):
        os.environ[f"XDG_{kind}_HOME"] = str(home / kind.lower())
    # The keyring of the person who runs the tests is never touched; tests/desktop has a real one.
    os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.fail.Keyring"
    os.environ.update(QT_QPA_PLATFORM="offscreen", LC_ALL="C.UTF-8", LANGUAGE="en", TZ="UTC")
    # Its threads log while the window's thread waits for them, and a log is read by Python here.
    os.environ["QT_LOGGING_RULES"] = "qt.multimedia.*=false"
    if hasattr(time, "tzset"):
        time.tzset()
    return home


HOME = _isolate()
settings.register_profile("linnet", deadline=None, database=None, derandomize="CI" in os.environ)
settings.load_profile("linnet")


def pytest_unconfigure() -> None:
    if (gui := sys.modules.get("PySide6.QtGui")) is not None and gui.QGuiApplication.instance():
        gui.QGuiApplication.clipboard().clear()  # what Python made there would outlive Python
    shutil.rmtree(HOME, ignore_errors=True)


@pytest.fixture(autouse=True)
def linnet_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The data folder of this test, named by LINNET_HOME; not made yet."""
    home = tmp_path / "linnet-home"
    monkeypatch.setenv("LINNET_HOME", str(home))
    return home


# --- No network but loopback


def _is_here(host: object) -> bool:
    name = host.decode() if isinstance(host, bytes) else host
    local = ("127.", "::1", "0.0.0.0", "::")
    return not isinstance(name, str) or name in ("", "localhost") or name.startswith(local)


def _guarded(original: Callable[..., Any], find_host: Callable[..., object]) -> Callable[..., Any]:
    def guarded(*arguments: Any, **named: Any) -> Any:
        host = find_host(*arguments, **named)
        if _is_here(host):
            return original(*arguments, **named)
        name = host.decode() if isinstance(host, bytes) else str(host)
        if not name.endswith(".invalid"):  # a name that cannot exist may be asked for
            _forbidden_hosts.append(name)
        raise socket.gaierror(socket.EAI_NONAME, "no network in tests")

    return guarded


def _host_of_connect(own: socket.socket, address: Any) -> object:
    return address[0] if own.family in (socket.AF_INET, socket.AF_INET6) else None


@pytest.fixture(autouse=True, scope="session")
def _only_loopback() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for name in ("connect", "connect_ex"):
            original = getattr(socket.socket, name)
            patch.setattr(socket.socket, name, _guarded(original, _host_of_connect))
        lookup = _guarded(socket.getaddrinfo, lambda host, *_, **__: host)
        patch.setattr(socket, "getaddrinfo", lookup)
        yield


# --- Nothing left behind


def _watch_runners() -> None:
    """Note the tasks that are alive when a test's event loop is closed: nobody ended them."""
    close = asyncio.Runner.close

    def close_and_note(runner: asyncio.Runner) -> None:
        try:
            loop = runner.get_loop()
        except RuntimeError:  # closed before
            return close(runner)
        if tasks := asyncio.all_tasks(loop):
            _, left = loop.run_until_complete(asyncio.wait(tasks, timeout=GRACE_S))
            _left_tasks.extend(f"{task.get_name()} {task.get_coro()}" for task in left)
        return close(runner)

    asyncio.Runner.close = close_and_note  # type: ignore[method-assign]


_watch_runners()


def _inet_sockets() -> set[str]:
    """The inet sockets of this process as `socket:[inode]`; empty where there is no /proc."""
    found = set()
    for entry in Path("/proc/self/fd").glob("*"):
        try:
            if stat.S_ISSOCK(entry.stat().st_mode):
                with socket.socket(fileno=os.dup(int(entry.name))) as copy:
                    if copy.family in (socket.AF_INET, socket.AF_INET6):
                        found.add(os.readlink(entry))
        except OSError:
            continue  # closed between the listing and the look
    return found


def _threads() -> set[threading.Thread]:
    """The threads that Python started; those that Qt started only pass through."""
    return {t for t in threading.enumerate() if not isinstance(t, threading._DummyThread)}


@pytest.hookimpl(wrapper=True)
def pytest_fixture_setup(fixturedef: pytest.FixtureDef[Any]) -> Generator[None, Any, Any]:
    """What a fixture of a module or of the session starts lives longer than one test."""
    threads, sockets = _threads(), _inet_sockets()
    result = yield
    if fixturedef.scope != "function":
        _shared_threads.update(_threads() - threads)
        _shared_sockets.update(_inet_sockets() - sockets)
    return result


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, Any, Any]:
    item.stash[_BEFORE] = (_threads(), _inet_sockets())
    return (yield)


# Objects of Qt die in the thread in which the collector of garbage runs, and Qt survives that in
# its own thread only. A test's server or worker thread must not be the one that runs it.
gc.disable()
MANY_OBJECTS = 30_000


def _end_widgets() -> None:
    """Outside of an event loop nothing ends that was deleted later: each style sheet that is set
    would take longer, by all the windows of the tests before."""
    if (core := sys.modules.get("PySide6.QtCore")) and core.QCoreApplication.instance():
        core.QCoreApplication.sendPostedEvents(None, core.QEvent.Type.DeferredDelete)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None, Any, Any]:
    result = yield
    _end_widgets()
    if gc.get_count()[0] > MANY_OBJECTS:
        gc.collect()
    threads, sockets = item.stash[_BEFORE]
    end = time.monotonic() + GRACE_S
    for thread in _threads() - threads - _shared_threads:
        thread.join(max(0.0, end - time.monotonic()))
    pause = threading.Event()
    while (opened := _inet_sockets() - sockets - _shared_sockets) and time.monotonic() < end:
        pause.wait(0.01)  # a server of others closes its side a moment later
    left = [f"the thread {t.name}" for t in _threads() - threads - _shared_threads]
    left += [f"the open {name}" for name in opened]
    left += [f"the task {name}" for name in _left_tasks]
    hosts = [*_forbidden_hosts]
    _left_tasks.clear()
    _forbidden_hosts.clear()
    if hosts:
        pytest.fail(f"The test reached for another computer: {', '.join(hosts)}", pytrace=False)
    if left:
        pytest.fail(f"The test left behind {', '.join(left)}", pytrace=False)
    return result


_BEFORE = pytest.StashKey[tuple[set[threading.Thread], set[str]]]()


# --- With CI set nothing is skipped


def _forbid_skip(report: pytest.TestReport | pytest.CollectReport) -> None:
    if report.skipped and "CI" in os.environ and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"Skipped, and with CI set every test has to run: {reason}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    _forbid_skip(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    _forbid_skip(report)
    return report
