"""A question before something is lost: says what goes and what stays; Enter does not agree."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox, QWidget

from app.i18n import tr


def ask_before_loss(
    parent: QWidget, text: str, detail: str, verb: str, agreed: Callable[[], object]
) -> QMessageBox:
    """Ask `text`; `agreed` is called when the button that says `verb` is pressed."""
    question = QMessageBox(parent)
    question.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    question.setWindowTitle(tr("Settings"))
    question.setIcon(QMessageBox.Icon.Question)
    question.setTextFormat(Qt.TextFormat.PlainText)
    question.setText(text)
    question.setInformativeText(detail)
    agree = question.addButton(verb, QMessageBox.ButtonRole.DestructiveRole)
    question.setDefaultButton(question.addButton(QMessageBox.StandardButton.Cancel))
    agree.clicked.connect(lambda: agreed())
    question.open()
    return question
