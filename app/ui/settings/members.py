"""One editor for one field of a settings class, chosen by the field's type and limits.

Invariant: an editor tells a value only when its text makes one; until then it says what is wrong
and the old value holds. What a field means comes from its `doc`, so no sentence is written twice.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import Field
from typing import Any, Literal, get_args, get_origin

from PySide6.QtCore import QEvent, QLocale, QObject, Qt, QTimer
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QWidget,
)

from app.domain.credentials import KEPT, open_credentials
from app.i18n import tr
from app.ui.choice_box import ChoiceBox
from app.ui.number_fields import NumberField, WholeNumberField

TYPING_MS = 500
TEXT_PX = 84
MOST = 1_000_000
DOT = "•"
DOTS = DOT * 8
_HEADER = re.compile(r"\s*([!#$%&'*+.^_`|~0-9A-Za-z-]+)\s*:\s*(.*?)\s*")


class UnusableTextError(ValueError):
    """A text that is no value of its field; `str()` of it is a sentence."""


class Member:
    """The editor of one field. `tell` is called with each new value, `complain` with a sentence.

    `complain("")` takes the sentence back.
    """

    def __init__(
        self, widget: QWidget, tell: Callable[[Any], None], complain: Callable[[str], None]
    ) -> None:
        self.widget = widget
        self._tell = tell
        self._complain = complain
        self._shown: Any = None
        self._told = False
        self._typed = QTimer(widget, singleShot=True, interval=TYPING_MS)
        self._typed.timeout.connect(self.finish)

    def show(self, value: Any) -> None:
        """Show `value`, unless it is what stands there (also as a text that is being typed)."""
        if self._told and (value == self._shown or self.waiting()):
            return
        self._told = True
        self._shown = value
        blocked = self.widget.blockSignals(True)
        self._write(value)
        self.widget.blockSignals(blocked)

    def forget(self) -> None:
        """What stands there belongs to something that is not shown any more."""
        self._typed.stop()
        self._told = False
        self._mark("")

    def finish(self) -> None:
        """Tell at once what is being typed."""
        self._typed.stop()
        try:
            value = self._read()
        except UnusableTextError as error:
            self._mark(str(error))
            return
        self._mark("")
        if value != self._shown:
            self._shown = value
            self._tell(value)

    def wait(self) -> None:
        """A person is typing."""
        self._typed.start()

    def waiting(self) -> bool:
        return self._typed.isActive()

    def _mark(self, sentence: str) -> None:
        if bool(self.widget.property("invalid")) != bool(sentence):
            self.widget.setProperty("invalid", bool(sentence))
            self.widget.style().polish(self.widget)
        self._complain(sentence)

    def _read(self) -> Any:
        raise NotImplementedError

    def _write(self, value: Any) -> None:
        raise NotImplementedError


class SwitchMember(Member):
    def __init__(self, box: QCheckBox, tell: Callable[[Any], None]) -> None:
        super().__init__(box, tell, lambda _: None)
        self._box = box
        box.toggled.connect(self.finish)

    def _read(self) -> bool:
        return self._box.isChecked()

    def _write(self, value: bool) -> None:
        self._box.setChecked(value)


class ChoiceMember(Member):
    """Values with the words for them, in their order."""

    def __init__(
        self, box: QComboBox, choices: Mapping[str, str], tell: Callable[[Any], None]
    ) -> None:
        super().__init__(box, tell, lambda _: None)
        self._box = box
        for value, text in choices.items():
            box.addItem(text, value)
        box.activated.connect(self.finish)

    def _read(self) -> str:
        found: str = self._box.currentData()
        return found

    def _write(self, value: str) -> None:
        self._box.setCurrentIndex(self._box.findData(value))


class NumberMember(Member):
    def __init__(self, box: NumberField | WholeNumberField, tell: Callable[[Any], None]) -> None:
        super().__init__(box, tell, lambda _: None)
        self._box = box
        box.setKeyboardTracking(False)
        box.valueChanged.connect(lambda _: self.finish())

    def _read(self) -> float:
        return self._box.value()

    def _write(self, value: float) -> None:
        if isinstance(self._box, WholeNumberField):
            self._box.setValue(int(value))
        else:
            self._box.setValue(value)


class LineMember(Member):
    """A line of text; `parse` and `say` turn it into the value and back."""

    def __init__(
        self,
        line: QLineEdit,
        tell: Callable[[Any], None],
        complain: Callable[[str], None],
        parse: Callable[[str], Any] = str.strip,
        say: Callable[[Any], str] = str,
    ) -> None:
        super().__init__(line, tell, complain)
        self._line, self._parse, self._say = line, parse, say
        line.textEdited.connect(self.wait)
        line.editingFinished.connect(self.finish)

    def _read(self) -> Any:
        return self._parse(self._line.text())

    def _write(self, value: Any) -> None:
        self._line.setText(self._say(value))
        self._line.setCursorPosition(0)


class TextMember(Member):
    """Several lines of text."""

    def __init__(
        self,
        text: QPlainTextEdit,
        tell: Callable[[Any], None],
        complain: Callable[[str], None],
        parse: Callable[[str], Any],
        say: Callable[[Any], str],
    ) -> None:
        super().__init__(text, tell, complain)
        self._text, self._parse, self._say = text, parse, say
        text.setTabChangesFocus(True)
        text.setFixedHeight(TEXT_PX)
        text.textChanged.connect(self.wait)

    def _read(self) -> Any:
        return self._parse(self._text.toPlainText())

    def _write(self, value: Any) -> None:
        self._text.setPlainText(self._say(value))


class HeadersMember(TextMember):
    """Headers, one a line. A secret is told only when the person has left the field: told while it
    is being typed, it would go to the keyring in pieces."""

    def __init__(
        self, text: QPlainTextEdit, tell: Callable[[Any], None], complain: Callable[[str], None]
    ) -> None:
        super().__init__(text, tell, complain, parse_headers, say_headers)
        self._held_back = False
        self._leaving = Leaving(text, self._on_left)

    def finish(self) -> None:
        self._held_back = self._text.hasFocus() and bool(self._secrets())
        if self._held_back:
            self._typed.stop()
            self._mark("")
        else:
            super().finish()

    def forget(self) -> None:
        self._on_left()  # as if: the keyboard may stay while another service is shown
        super().forget()

    def waiting(self) -> bool:
        return self._held_back or super().waiting()

    def _on_left(self) -> None:
        if self.waiting():
            self._held_back = False
            super().finish()

    def _secrets(self) -> dict[str, str]:
        try:
            return open_credentials(self._read())
        except UnusableTextError:
            return {}


class Leaving(QObject):
    """Calls `left` when the keyboard goes from `widget` to another, not when a menu of it opens."""

    def __init__(self, widget: QWidget, left: Callable[[], None]) -> None:
        super().__init__(widget)
        self._left = left
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        by_menu = Qt.FocusReason.PopupFocusReason  # there a secret is pasted into what is written
        if isinstance(event, QFocusEvent) and event.lostFocus() and event.reason() != by_menu:
            self._left()
        return False


def member(
    field: Field[Any], kind: Any, tell: Callable[[Any], None], complain: Callable[[str], None]
) -> Member:
    """The editor for a `field` of type `kind`."""
    choices = get_args(kind) if get_origin(kind) is Literal else field.metadata.get("choices", ())
    if choices:
        words = {str(choice): str(choice) or tr("not at all") for choice in choices}
        return ChoiceMember(ChoiceBox(), words, tell)
    if kind is bool:
        return SwitchMember(QCheckBox(field.metadata["doc"]), tell)
    if kind is float:
        return NumberMember(_seconds_box(field), tell)
    if kind is int:
        return NumberMember(_whole_box(field), tell)
    if kind is str:
        return LineMember(QLineEdit(), tell, complain, _matching(field))
    if get_origin(kind) is tuple:
        return LineMember(QLineEdit(), tell, complain, parse_words, ", ".join)
    if field.name == "extra_headers":
        text = QPlainTextEdit()
        text.setPlaceholderText("X-Title: Linnet")
        return HeadersMember(text, tell, complain)
    text = QPlainTextEdit()
    text.setPlaceholderText('{"service_tier": "flex"}')
    return TextMember(text, tell, complain, parse_object, say_object)


def _whole_box(field: Field[Any]) -> WholeNumberField:
    box = WholeNumberField()
    box.setRange(field.metadata.get("minimum", 0), field.metadata.get("maximum", MOST))
    if box.minimum() == 0:
        box.setSpecialValueText(tr("Not known"))
    return box


def _seconds_box(field: Field[Any]) -> NumberField:
    box = NumberField()
    box.setRange(field.metadata["minimum"], field.metadata["maximum"])
    box.setDecimals(1)
    box.setLocale(QLocale())
    box.setSuffix(tr(" s"))
    return box


def _matching(field: Field[Any]) -> Callable[[str], str]:
    pattern = field.metadata.get("pattern")
    words = field.metadata.get("pattern_words", "")

    def parse(text: str) -> str:
        text = text.strip()
        if pattern is not None and not re.fullmatch(pattern, text):
            raise UnusableTextError(tr("This must be {words}.", words=words))
        return text

    return parse


def parse_words(text: str) -> tuple[str, ...]:
    """What stands between commas, each once."""
    return tuple(dict.fromkeys(filter(None, (word.strip() for word in text.split(",")))))


def parse_headers(text: str) -> dict[str, str]:
    """One `Name: value` a line. Raises UnusableTextError."""
    headers: dict[str, str] = {}
    for line in filter(str.strip, text.splitlines()):
        found = _HEADER.fullmatch(line)
        if found is not None and found[2] and not found[2].strip(DOT):
            headers[found[1]] = KEPT
            continue
        if found is None or not found[2].isprintable() or not found[2].isascii():
            raise UnusableTextError(tr("Write one header a line, as Name: value."))
        if found[1].lower() in ("authorization", "x-goog-api-key"):
            raise UnusableTextError(
                tr("A key has its own field above; here it would be in a file.")
            )
        headers[found[1]] = found[2]
    return headers


def say_headers(headers: Mapping[str, str]) -> str:
    """A value that lies in the keyring is shown as dots."""
    shown = {name: DOTS if value == KEPT else value for name, value in headers.items()}
    return "\n".join(f"{name}: {value}" for name, value in shown.items())


def parse_object(text: str) -> dict[str, Any]:
    """A JSON object; nothing is an empty one. Raises UnusableTextError."""
    if not text.strip():
        return {}
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise UnusableTextError(tr('Write a JSON object, like {"service_tier": "flex"}.'))
    return found


def say_object(value: Mapping[str, Any]) -> str:
    return json.dumps(dict(value), ensure_ascii=False, indent=2) if value else ""
