"""What Gemini models can do by their names: generation, thinking, and the model list's rows.

Invariant: pure. An unknown name is taken for a current model; what the service refuses anyway is
mended after one request (R59).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from app.domain.settings import ReasoningControl, Sampling
from app.providers import gemini_wire as wire
from app.providers.base import ModelInfo

_VERSION = re.compile(r"gemini-(\d+)(?:\.(\d+))?(?![\d.])")
_FLASH = re.compile(r"gemini-\d+(?:\.\d+)?-flash")
_ALIAS = re.compile(r"gemini-(?:flash|pro|flash-lite)-latest")

# Words from weakest to strongest, as a person may have picked them for any service.
_STRENGTH = ("none", "minimal", "low", "medium", "high", "xhigh", "max")

# Levels by model, first match wins (wire reference 3.7). A refused level costs a request.
_LEVELS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (r"gemini-3\.[78]-flash(?!-lite)", ("low", "medium", "high")),
    (r"gemini-3\.1-pro", ("low", "medium", "high")),
    (r"gemini-3-pro", ("low", "high")),
    (r"gemini-3(\.\d+)?-flash", ("minimal", "low", "medium", "high")),
)
_USUAL_LEVELS = ("low", "medium", "high")

# Token budgets of the 2.5 models: pattern, smallest, largest, whether 0 switches thinking off.
_BUDGETS: tuple[tuple[str, int, int, bool], ...] = (
    (r"gemini-2\.5-pro", 128, 32768, False),
    (r"gemini-2\.5-flash-lite", 512, 24576, True),
    (r"gemini-2\.5-flash", 1, 24576, True),
)
_BUDGET_OF: Mapping[str, int] = {"minimal": 512, "low": 1024, "medium": 8192, "high": 24576}


def generation(model: str) -> tuple[int, int] | None:
    """(2, 5) for gemini-2.5-flash, (3, 0) for gemini-3-pro; `None` for names without a number."""
    found = _VERSION.search(model.lower())
    return None if found is None else (int(found[1]), int(found[2] or 0))


def thinks(model: str) -> bool:
    """Whether `includeThoughts` may be sent to a model of this name unasked."""
    name = model.lower()
    if "-tts" in name or "-live" in name or "native-audio" in name:
        return False
    version = generation(name)
    if version is None:
        return _ALIAS.search(name) is not None
    return version >= (3, 0) or (version >= (2, 5) and "-image" not in name)


def thinking_config(
    sampling: Sampling, control: ReasoningControl, dropped: frozenset[str]
) -> dict[str, Any]:
    """`thinkingConfig` for the person's wishes; never a level and a budget at once (R59)."""
    model = sampling.model or ""
    if control == "none" or "thinkingConfig" in dropped:
        return {}
    wish = sampling.show_reasoning
    config: dict[str, Any] = {}
    if wish is True or (wish is None and thinks(model)):
        config["includeThoughts"] = True
    if sampling.effort and "thinkingLevel" not in dropped:
        version = generation(model)
        budgets = version is not None and version < (3, 0)
        if control == "gemini_budget" or (control != "gemini_level" and budgets):
            budget = _budget(model, sampling.effort)
            if budget is not None and (version is None or version >= (2, 5)):
                config["thinkingBudget"] = budget
        else:
            config["thinkingLevel"] = _level(model, sampling.effort)
    return config


def _level(model: str, effort: str) -> str:
    """The level nearest to the picked word; a word nobody knows is passed on."""
    effort = effort.lower()
    levels = next((words for pattern, words in _LEVELS if re.search(pattern, model.lower())), None)
    if levels is None:
        # A model of tomorrow may know more words than today's.
        levels = (*_USUAL_LEVELS, "minimal", "xhigh") if effort != "none" else _USUAL_LEVELS
    if effort in levels or effort not in _STRENGTH:
        return effort
    wanted = _STRENGTH.index(effort)
    return min(levels, key=lambda word: (abs(_STRENGTH.index(word) - wanted), word != "high"))


def _budget(model: str, effort: str) -> int | None:
    """Tokens for the picked word within the model's range; -1 lets the model choose."""
    effort = effort.lower()
    _, least, most, can_be_off = next(
        (row for row in _BUDGETS if re.search(row[0], model.lower())), ("", 1, 24576, True)
    )
    if effort in ("auto", "dynamic"):
        return -1
    if effort == "none":
        return 0 if can_be_off else least
    if effort in ("xhigh", "max"):
        return most
    wanted = _BUDGET_OF.get(effort)
    return None if wanted is None else min(max(wanted, least), most)


def newest_flash(ids: Iterable[str]) -> str | None:
    """The current Flash of a live list: the default model of a Google service."""
    found = [
        (version, name) for name in ids if _FLASH.fullmatch(name) if (version := generation(name))
    ]
    return max(found)[1] if found else None


def model_info(row: object) -> ModelInfo | None:
    """A row of the model list; `None` for a model that cannot chat (wire reference 3.1)."""
    name = wire.text(row, "name")
    methods = wire.member(row, "supportedGenerationMethods")
    if not name or (isinstance(methods, list) and "generateContent" not in methods):
        return None
    model_id = name.removeprefix("models/")
    thinking = wire.member(row, "thinking")
    details = {
        key: str(value)
        for key in ("version", "description", "maxTemperature")
        if (value := wire.member(row, key)) not in (None, "")
    }
    return ModelInfo(
        id=model_id,
        display=wire.text(row, "displayName") or model_id,
        context=wire.number(row, "inputTokenLimit") or None,
        max_output=wire.number(row, "outputTokenLimit") or None,
        vision=True if model_id.startswith("gemini-") else None,
        # Defaults are left out of the list: a row that says nothing does not think.
        thinking=bool(thinking) if isinstance(methods, list) else None,
        details=details,
    )
