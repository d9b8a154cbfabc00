"""The form for what a model is told and how it answers: for one chat, or as the default of all.

Invariant: it shows a `Sampling` and tells the changed one at once; what is left open is `None`, and
the form says what then holds. Limits come from the fields of `Sampling`.
"""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

from PySide6.QtCore import QLocale, QTimer, Signal
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from app.domain.settings import Sampling
from app.i18n import tr
from app.ui.choice_box import ChoiceBox
from app.ui.number_fields import NumberField, WholeNumberField
from app.ui.settings.rows import Rows

TYPING_MS = 400
TEMPERATURE_STEP = 0.1
PROMPT_PX = 110


def limits(name: str) -> tuple[float, float | None]:
    """The smallest and the largest value of a field of `Sampling`."""
    metadata = next(field.metadata for field in fields(Sampling) if field.name == name)
    return metadata.get("minimum", 0), metadata.get("maximum")


class SamplingForm(QWidget):
    """`changed` carries the new `Sampling`; typing is told after a short pause."""

    changed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._sampling = Sampling()
        self._showing = False
        self.prompt = QPlainTextEdit()
        self.prompt.setTabChangesFocus(True)
        self.prompt.setFixedHeight(PROMPT_PX)
        self.temperature = NumberField()
        low, high = limits("temperature")
        self.temperature.setRange(low - TEMPERATURE_STEP, 2.0 if high is None else high)
        self.temperature.setSingleStep(TEMPERATURE_STEP)
        self.temperature.setDecimals(2)
        self.limit = WholeNumberField()
        self.limit.setRange(0, 10_000_000)
        self.limit.setSingleStep(256)
        self.limit.setGroupSeparatorShown(True)
        self.effort = ChoiceBox()
        self.reasoning = ChoiceBox()
        self.json = ChoiceBox()
        self._typed = QTimer(self, singleShot=True, interval=TYPING_MS)
        self._typed.timeout.connect(self._on_changed)
        self._build()
        self._connect()

    def _build(self) -> None:
        rows = Rows(self)
        for text, field, tip in (
            (tr("System prompt"), self.prompt, tr("What the model is told before the chat.")),
            (tr("Temperature"), self.temperature, tr("How freely the model chooses its words.")),
            (tr("Output limit"), self.limit, tr("The longest answer, in tokens.")),
            (tr("Reasoning effort"), self.effort, tr("How much the model thinks first.")),
            (tr("Show reasoning"), self.reasoning, tr("Ask for the reasoning and show it.")),
            (tr("Answer in JSON"), self.json, tr("Ask for an answer that programs can read.")),
        ):
            rows.add(text, field, tip)

    def _connect(self) -> None:
        self.prompt.textChanged.connect(self._on_typed)
        self.temperature.valueChanged.connect(self._on_typed)
        self.limit.valueChanged.connect(self._on_typed)
        for box in (self.effort, self.reasoning, self.json):
            box.currentIndexChanged.connect(self._on_changed)

    def show_sampling(
        self, own: Sampling, inherited: Sampling, efforts: tuple[str, ...] = ()
    ) -> None:
        """Show `own`; `inherited` is what holds where it is open; `efforts` are the levels."""
        self._showing = True
        self._sampling = own
        locale = QLocale()
        if self.prompt.toPlainText() != (own.system_prompt or ""):
            self.prompt.setPlainText(own.system_prompt or "")
        self.prompt.setPlaceholderText(inherited.system_prompt or tr("None"))
        temperature = inherited.temperature
        self.temperature.setSpecialValueText(
            tr("Not set") if temperature is None else locale.toString(temperature, "g", 3)
        )
        self.temperature.setValue(
            self.temperature.minimum() if own.temperature is None else own.temperature
        )
        limit = inherited.max_tokens
        self.limit.setSpecialValueText(tr("Not set") if limit is None else locale.toString(limit))
        self.limit.setValue(own.max_tokens or 0)
        levels = (*efforts, *(e for e in (own.effort,) if e is not None and e not in efforts))
        _fill(self.effort, own.effort, inherited.effort, [(level, level) for level in levels])
        yes_no = [(True, tr("Yes")), (False, tr("No"))]
        _fill(self.reasoning, own.show_reasoning, inherited.show_reasoning, yes_no)
        _fill(self.json, own.json_answer, inherited.json_answer, yes_no)
        self._showing = False

    def finish(self) -> None:
        """Tell at once what is still being typed."""
        if self._typed.isActive():
            self._typed.stop()
            self._on_changed()

    def _on_typed(self) -> None:
        if not self._showing:
            self._typed.start()

    def _on_changed(self) -> None:
        if self._showing:
            return
        self._typed.stop()
        temperature = self.temperature.value()
        not_set = temperature <= self.temperature.minimum() + TEMPERATURE_STEP / 4
        chosen = replace(
            self._sampling,
            system_prompt=self.prompt.toPlainText().strip() or None,
            temperature=None if not_set else max(0.0, round(temperature, 2)),
            max_tokens=self.limit.value() or None,
            effort=self.effort.currentData(),
            show_reasoning=self.reasoning.currentData(),
            json_answer=self.json.currentData(),
        )
        if chosen != self._sampling:
            self._sampling = chosen
            self.changed.emit(chosen)


def _fill(box: ChoiceBox, own: object, inherited: object, choices: list[tuple[Any, str]]) -> None:
    """First what holds without a choice, then the choices."""
    words = next((text for value, text in choices if value == inherited), None)
    open_text = tr("Not set") if inherited is None else tr("Default: {value}", value=words or "")
    if inherited is not None and words is None:
        open_text = tr("Default: {value}", value=inherited)
    box.blockSignals(True)
    box.clear()
    box.addItem(open_text, None)
    for value, text in choices:
        box.addItem(text, value)
    box.setCurrentIndex(next((i + 1 for i, (v, _) in enumerate(choices) if v == own), 0))
    box.blockSignals(False)
