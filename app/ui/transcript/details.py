"""Everything that is known of a message, to read and to copy: model, times, usage, raw failure.

Invariant: shows what the message carries, makes nothing up, and holds no key (failures are
scrubbed before they reach a message).
"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app import advice
from app.domain.message import Message
from app.i18n import tr
from app.ui.theme import SPACE, TYPE, Theme
from app.ui.transcript import wording


class DetailsWindow(QDialog):
    """Stands beside the window and does not block it."""

    def __init__(self, theme: Theme, message: Message, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Details of a message"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(560, 460)
        self.text = QPlainTextEdit(describe(message))
        self.text.setReadOnly(True)
        self.text.setAccessibleName(tr("Details"))
        self.text.setFont(theme.font(TYPE.small, mono=True))
        copy = QPushButton(tr("Copy"))
        close = QPushButton(tr("Close"))
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self.text.toPlainText()))
        close.clicked.connect(self.close)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(copy)
        row.addWidget(close)
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE.l, SPACE.l, SPACE.l, SPACE.l)
        column.setSpacing(SPACE.m)
        column.addWidget(self.text)
        column.addLayout(row)


def describe(message: Message) -> str:
    """One fact a line; what is unknown is left out."""
    lines = [
        tr("Message: {id}", id=message.id),
        tr("Author: {author}", author=wording.author(message)),
        tr("Time: {time}", time=wording.date_time(message.created_at)),
    ]
    if message.service_name:
        lines.append(tr("Service: {name}", name=message.service_name))
    if message.model:
        lines.append(tr("Model: {name}", name=message.model))
    finish = message.finish
    if finish is not None:
        reason = finish.reason.value if finish.reason is not None else "-"
        native = f" ({finish.native})" if finish.native else ""
        lines.append(tr("Ended: {reason}", reason=f"{reason}{native}"))
    lines += _members(tr("Usage"), asdict(message.usage) if message.usage is not None else {})
    lines += _members(tr("Seconds"), asdict(message.timing))
    for notice in message.notices:
        lines.append(tr("Notice: {text}", text=notice.text))
    lines += _members(tr("Also seen"), dict(message.extras))
    if finish is not None and finish.failure is not None:
        lines += ["", advice.details(finish.failure)]
    return "\n".join(lines)


def _short(value: Any) -> Any:
    return round(value, 3) if isinstance(value, float) else value


def _members(title: str, members: dict[str, Any]) -> list[str]:
    known = {name: value for name, value in members.items() if value is not None}
    if not known:
        return []
    shown = [
        f"  {name}: {json.dumps(_short(value), ensure_ascii=False, default=str)}"
        for name, value in known.items()
    ]
    return [f"{title}:", *shown]
