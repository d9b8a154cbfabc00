"""The transcript for assistive technology: a list of messages, each with its text.

Invariant: nothing is said while an answer streams; texts are made when asked for. Qt keeps bare
pointers, so every interface is kept by the object it speaks for. `interface_cast` answers with a
raw pointer, never with the object or `None`: both end the process.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import shiboken6
from PySide6.QtCore import QObject, QPoint, QRect
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QAccessibleEvent,
    QAccessibleInterface,
    QAccessibleObject,
    QAccessibleTextInterface,
)
from PySide6.QtWidgets import QAccessibleWidget, QApplication, QWidget

_INSTALLED = "linnet_transcript_accessibility"


class Reader(Protocol):
    """What the interfaces read from the transcript. Numbers are those of messages."""

    def count(self) -> int: ...
    def name(self, number: int) -> str: ...
    def text(self, number: int) -> str: ...
    def rect(self, number: int) -> QRect: ...
    def number_at(self, point: QPoint) -> int: ...
    def reveal(self, number: int) -> None: ...
    def current(self) -> int: ...


class MessageProxy(QObject):
    """Stands for one message where Qt wants an object. Made when somebody asks for it."""

    def __init__(self, view: QWidget, reader: Reader, number: int) -> None:
        super().__init__(view)
        self.view = view
        self.reader = reader
        self.number = number
        self.interface: MessageInterface | None = None


class TranscriptProxies:
    """The proxies of one view, by message number."""

    def __init__(self, view: QWidget, reader: Reader) -> None:
        self._view = view
        self.reader = reader
        self._made: dict[int, MessageProxy] = {}
        self.interface: TranscriptInterface | None = None

    def proxy(self, number: int) -> MessageProxy:
        found = self._made.get(number)
        if found is None:
            found = self._made[number] = MessageProxy(self._view, self.reader, number)
        return found

    def number_of(self, proxy: QObject) -> int:
        return proxy.number if isinstance(proxy, MessageProxy) else -1

    def tell_focus(self, number: int) -> None:
        """The keyboard has come to a message."""
        if QAccessible.isActive():
            event = QAccessibleEvent(self.proxy(number), QAccessible.Event.Focus)
            QAccessible.updateAccessibility(event)

    def announce(self, words: str) -> None:
        """Have a screen reader say it now."""
        if QAccessible.isActive():
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self._view, words))


class MessageText(QAccessibleTextInterface):
    """The text of one message; it cannot be changed or selected through here."""

    def __init__(self, proxy: MessageProxy) -> None:
        super().__init__()
        self._proxy = proxy

    def _text(self) -> str:
        return self._proxy.reader.text(self._proxy.number)

    def selection(self, index: int) -> tuple[int, int]:
        return (0, 0)

    def selectionCount(self) -> int:
        return 0

    def addSelection(self, start: int, end: int) -> None:
        return None

    def removeSelection(self, index: int) -> None:
        return None

    def setSelection(self, index: int, start: int, end: int) -> None:
        return None

    def cursorPosition(self) -> int:
        return 0

    def setCursorPosition(self, position: int) -> None:
        self._proxy.reader.reveal(self._proxy.number)

    def text(self, start: int, end: int) -> str:
        return self._text()[start:end]

    def characterCount(self) -> int:
        return len(self._text())

    def characterRect(self, offset: int) -> QRect:
        return self._proxy.reader.rect(self._proxy.number)

    def offsetAtPoint(self, point: QPoint) -> int:
        return 0

    def scrollToSubstring(self, start: int, end: int) -> None:
        self._proxy.reader.reveal(self._proxy.number)

    def attributes(self, offset: int) -> tuple[str, int, int]:
        return ("", 0, len(self._text()))


class MessageInterface(QAccessibleObject):
    """One message: a list item named by its author and time."""

    def __init__(self, proxy: MessageProxy) -> None:
        super().__init__(proxy)
        self._proxy = proxy
        self._text = MessageText(proxy)

    def parent(self) -> QAccessibleInterface:
        return QAccessible.queryAccessibleInterface(self._proxy.view)

    def child(self, index: int) -> QAccessibleInterface:
        return None  # type: ignore[return-value]

    def childCount(self) -> int:
        return 0

    def indexOfChild(self, child: QAccessibleInterface) -> int:
        return -1

    def role(self) -> QAccessible.Role:
        return QAccessible.Role.ListItem

    def text(self, kind: QAccessible.Text) -> str:
        if kind == QAccessible.Text.Name:
            return self._proxy.reader.name(self._proxy.number)
        if kind == QAccessible.Text.Value:
            return self._proxy.reader.text(self._proxy.number)
        return ""

    def setText(self, kind: QAccessible.Text, text: str) -> None:
        return None

    def state(self) -> QAccessible.State:
        state = QAccessible.State()
        reader = self._proxy.reader
        state.readOnly = True
        state.multiLine = True
        state.focusable = True
        state.focused = self._proxy.view.hasFocus() and reader.current() == self._proxy.number
        state.offscreen = reader.rect(self._proxy.number).isEmpty()
        return state

    def rect(self) -> QRect:
        return self._proxy.reader.rect(self._proxy.number)

    def childAt(self, x: int, y: int) -> QAccessibleInterface:
        return None  # type: ignore[return-value]

    def isValid(self) -> bool:
        return bool(shiboken6.isValid(self._proxy))

    def interface_cast(  # type: ignore[override]
        self, kind: QAccessible.InterfaceType
    ) -> shiboken6.VoidPtr:
        address = 0
        if kind == QAccessible.InterfaceType.TextInterface:
            address = shiboken6.getCppPointer(self._text)[0]
        return shiboken6.VoidPtr(address)


class TranscriptInterface(QAccessibleWidget):
    """The view: its messages in order, then the viewport with the real buttons."""

    def __init__(self, view: QWidget, proxies: TranscriptProxies) -> None:
        super().__init__(view, QAccessible.Role.List, view.accessibleName())
        self._proxies = proxies
        self._viewport_of: Callable[[], QWidget] = view.viewport  # type: ignore[attr-defined]

    def childCount(self) -> int:
        return self._proxies.reader.count() + 1

    def child(self, index: int) -> QAccessibleInterface:
        count = self._proxies.reader.count()
        if 0 <= index < count:
            return QAccessible.queryAccessibleInterface(self._proxies.proxy(index))
        if index == count:
            return QAccessible.queryAccessibleInterface(self._viewport_of())
        return None  # type: ignore[return-value]

    def indexOfChild(self, child: QAccessibleInterface) -> int:
        target = child.object()
        if target is self._viewport_of():
            return self._proxies.reader.count()
        return self._proxies.number_of(target)

    def childAt(self, x: int, y: int) -> QAccessibleInterface:
        return self.child(self._proxies.reader.number_at(QPoint(x, y)))


def install(app: QApplication) -> None:
    """Teach Qt these interfaces, once in a process."""
    if app.property(_INSTALLED) is None:
        app.setProperty(_INSTALLED, True)
        QAccessible.installFactory(_interface_of)


def _interface_of(key: str, target: QObject | None) -> QAccessibleInterface | None:
    if isinstance(target, MessageProxy):
        if target.interface is None:
            target.interface = MessageInterface(target)
        return target.interface
    proxies = getattr(target, "accessible_proxies", None)
    if isinstance(proxies, TranscriptProxies) and isinstance(target, QWidget):
        if proxies.interface is None:
            proxies.interface = TranscriptInterface(target, proxies)
        return proxies.interface
    return None
