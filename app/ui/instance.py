"""One window for each data folder: the first start listens, a later one hands over and ends.

Invariant: who holds the lock file is the first; the lock goes with its process, however that ends.
What is handed over are strings; the first decides what they mean.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCryptographicHash, QLockFile, QObject, QTimer

if TYPE_CHECKING:
    from PySide6.QtNetwork import QLocalServer, QLocalSocket

CONNECT_MS = 2000
STARTING_S, AGAIN_S = 10.0, 0.05
"""How long the first may take from its lock until it listens, and how often it is tried."""
ANSWER_MS = 10_000
"""So long it may be busy before it answers: it has been told by then, and will do it."""
PATIENCE_MS = 5000
"""So long a caller that says nothing is kept."""
LARGEST_BYTES = 1_000_000


def server_name(folder: Path) -> str:
    """The local server's name: one for each data folder, short enough for a socket's path."""
    sha256 = QCryptographicHash.Algorithm.Sha256  # hashlib would load OpenSSL
    digest = QCryptographicHash.hash(os.fsencode(folder.absolute()), sha256).data().hex()[:20]
    return f"org.linnet.Linnet-{digest}"


class Instance(QObject):
    """Take it first; when that fails, `hand_over` reaches the one that runs."""

    def __init__(self, folder: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._name = server_name(folder)
        self._lock = QLockFile(str(folder / "window.lock"))
        self._lock.setStaleLockTime(0)
        self._on_call: Callable[[Sequence[str]], None] | None = None
        self._server: QLocalServer | None = None
        self._callers: list[QLocalSocket] = []
        self._patience = QTimer(self, singleShot=True, interval=PATIENCE_MS)
        self._patience.timeout.connect(self._leave_callers)

    def take(self) -> bool:
        """Whether this is the first. Also true where no lock file can be made (read-only disk)."""
        if self._lock.tryLock(0):
            return True
        return self._lock.error() != QLockFile.LockError.LockFailedError

    def hand_over(self, words: Sequence[str]) -> bool:
        """Call the first one; whether it heard. One that is starting or busy is waited for."""
        from PySide6.QtNetwork import QLocalSocket

        socket = QLocalSocket()
        end = time.monotonic() + STARTING_S
        socket.connectToServer(self._name)
        while not socket.waitForConnected(CONNECT_MS):
            if time.monotonic() > end:
                return False
            time.sleep(AGAIN_S)
            socket.connectToServer(self._name)
        message = {"words": list(words), "activation": os.environ.get("XDG_ACTIVATION_TOKEN", "")}
        socket.write(json.dumps(message).encode() + b"\n")
        socket.waitForBytesWritten(CONNECT_MS)
        # The answer may have come with the last wait.
        heard = socket.bytesAvailable() > 0 or socket.waitForReadyRead(ANSWER_MS)
        socket.disconnectFromServer()
        return heard

    def listen(self, on_call: Callable[[Sequence[str]], None]) -> None:
        """From now on, call `on_call` with what a later start hands over."""
        from PySide6.QtNetwork import QLocalServer

        self._on_call = on_call
        # The lock is ours, so a socket of this name is left over from a crash.
        QLocalServer.removeServer(self._name)
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._on_new_connection)
        self._server.listen(self._name)

    def release(self) -> None:
        """Stop listening and let the next start be the first."""
        self._on_call = None
        self._leave_callers()
        if self._server is not None:
            self._server.close()
        self._lock.unlock()

    def _on_new_connection(self) -> None:
        assert self._server is not None
        while self._server.hasPendingConnections():
            socket = self._server.nextPendingConnection()
            socket.setReadBufferSize(LARGEST_BYTES)
            socket.readyRead.connect(self._listen_to_callers)
            self._callers.append(socket)
        self._patience.start()
        self._listen_to_callers()  # who has said everything already

    def _listen_to_callers(self) -> None:
        """Answer those who have said all; nobody is waited for."""
        for socket in tuple(self._callers):
            if socket.canReadLine():
                self._callers.remove(socket)
                self._answer(socket)
                socket.disconnectFromServer()

    def _leave_callers(self) -> None:
        for socket in self._callers:
            socket.disconnectFromServer()
        self._callers.clear()

    def _answer(self, socket: QLocalSocket) -> None:
        try:
            message = json.loads(bytes(socket.readLine().data()))
            words = [str(word) for word in message["words"]]
            activation = str(message.get("activation", ""))
        except (ValueError, KeyError, TypeError, AttributeError):
            return
        socket.write(b"\n")
        socket.flush()
        if activation:  # Wayland lets only the holder of a token raise a window
            os.environ["XDG_ACTIVATION_TOKEN"] = activation
        if self._on_call is not None:
            self._on_call(words)
