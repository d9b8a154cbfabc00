"""Settings as plain dictionaries, which is what the settings file holds, and back.

Invariant: reading never fails. A member that is not as it must be is left at its default (a number
beyond its limits goes to the limit) and told in a sentence that names it; what is not known is
handed on, to be written again. Only what differs from the default, or from the preset of a
service, is written. Presets come in as an argument.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import Field, dataclass, field, fields, is_dataclass, replace
from enum import StrEnum
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

from app.domain import address
from app.domain.message import EMPTY
from app.domain.settings import Form, Service, Settings
from app.i18n import tr

Value = TypeVar("Value")
_LONGEST_SHOWN = 40
_MOST = 1e300
_KEY_WORDS = frozenset({"key", "api_key", "apikey", "token", "secret", "password"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """`problems` are sentences. `lost`: some of them tell of a value that was not taken.

    `unknown` has the members without meaning here; those of services by the service's id.
    """

    settings: Settings = field(default_factory=Settings)
    problems: tuple[str, ...] = ()
    lost: bool = False
    unknown: Mapping[str, Any] = field(default_factory=lambda: EMPTY)


class _WrongError(Exception):
    """Carries what the member must be; raised and caught in this file alone."""


class _Notes:
    def __init__(self) -> None:
        self.problems: list[str] = []
        self.lost = False

    def refuse(self, name: str, must_be: str, given: object, used: object) -> None:
        self.lost = True
        self.problems.append(
            tr(
                "{name} must be {must_be}, and {given} is not: {used} is used.",
                name=name,
                must_be=must_be,
                given=_shown(given),
                used=_shown(used),
            )
        )


def read_settings(data: Mapping[str, Any], presets: Sequence[Service] = ()) -> Reading:
    """What `data` says, with what it leaves open taken from `presets` and defaults."""
    notes = _Notes()
    rest = {name: given for name, given in data.items() if name != "services"}
    settings, unknown = _read(Settings(), rest, "", notes)
    services, strange = _read_services(data.get("services", []), presets, notes)
    settings = replace(settings, services=services)
    if strange:
        unknown["services"] = strange
    chosen = settings.default_service
    if chosen and chosen != Form.DEMO and settings.service(chosen) is None:
        notes.problems.append(
            tr("default_service is {id}, but no service has this id.", id=_shown(chosen))
        )
    return Reading(
        settings=settings, problems=tuple(notes.problems), lost=notes.lost, unknown=unknown
    )


def settings_dict(
    settings: Settings, presets: Sequence[Service] = (), unknown: Mapping[str, Any] = EMPTY
) -> dict[str, Any]:
    """What `read_settings` makes `settings` and `unknown` of. Holds only what TOML can hold."""
    written = _written(Settings(), replace(settings, services=()), unknown)
    written.pop("services", None)
    strange = unknown.get("services", EMPTY)
    services = [
        _written_service(service, presets, strange.get(service.id, EMPTY))
        for service in settings.services
    ]
    return {**written, "services": services} if services else written


# Services and what they are made from


def _read_services(
    given: object, presets: Sequence[Service], notes: _Notes
) -> tuple[tuple[Service, ...], dict[str, Any]]:
    if not isinstance(given, list):
        notes.refuse("services", tr("a list of tables"), given, [])
        return (), {}
    services: dict[str, Service] = {}
    strange: dict[str, Any] = {}
    for number, data in enumerate(given, 1):
        place = f"services[{number}]"
        if not isinstance(data, dict):
            notes.refuse(place, tr("a table"), data, None)
            continue
        service, unknown = _read_service(data, place, presets, services.keys(), notes)
        if service.id in services:
            notes.lost = True
            notes.problems.append(
                tr("{name}: another service has the id {id} too.", name=place, id=service.id)
            )
            continue
        services[service.id] = service
        if unknown:
            strange[service.id] = unknown
    return tuple(services.values()), strange


def _read_service(
    data: dict[str, Any],
    place: str,
    presets: Sequence[Service],
    taken: Iterable[str],
    notes: _Notes,
) -> tuple[Service, dict[str, Any]]:
    preset, form, own_id, base_url = (
        data.get(name) for name in ("preset", "form", "id", "base_url")
    )
    if preset and _preset(preset, presets) is None:
        notes.problems.append(
            tr(
                "{name}.preset: there is no preset {preset}. There are: {known}.",
                name=place,
                preset=_shown(preset),
                known=", ".join(each.id for each in presets),
            )
        )
    start = Service(
        id=own_id if own_id and isinstance(own_id, str) else _new_id(data, taken),
        preset=preset if isinstance(preset, str) else "",
        form=Form(form) if form in tuple(Form) else Form.OPENAI,
        base_url=base_url if isinstance(base_url, str) else "",
    )
    if own_id is not None and own_id != start.id:
        notes.refuse(f"{place}.id", tr("a text"), own_id, start.id)
    template = _template(start, presets)
    service, unknown = _read(template, {**data, "id": start.id}, place, notes)
    for word in unknown.keys() & _KEY_WORDS:
        notes.problems.append(
            tr(
                "{name}.{word} is not used: keys do not belong in this file. Store the key in "
                "the settings window, or name an environment variable with key_env.",
                name=place,
                word=word,
            )
        )
    return replace(service, name=service.name or service.id), unknown


def _written_service(
    service: Service, presets: Sequence[Service], unknown: Mapping[str, Any]
) -> dict[str, Any]:
    head = {"id": service.id}
    if service.preset:
        head["preset"] = service.preset
    if service.form is not Form.OPENAI and _preset(service.preset, presets) is None:
        head["form"] = service.form.value
    return {**head, **_written(_template(service, presets), service, unknown)}


def _preset(preset_id: object, presets: Sequence[Service]) -> Service | None:
    return next((preset for preset in presets if preset.id == preset_id), None)


def _template(service: Service, presets: Sequence[Service]) -> Service:
    """What `service` says nothing about: its preset, or else that of its form, or the defaults.

    The variable with the key of a preset holds for the host of the preset alone.
    """
    if preset := _preset(service.preset, presets):
        elsewhere = service.base_url and not address.same_host(service.base_url, preset.base_url)
        key_env = "" if elsewhere else preset.key_env
        return replace(preset, id=service.id, preset=service.preset, key_env=key_env)
    blank = Service(id=service.id, preset=service.preset, form=service.form)
    if like := _preset(f"{service.form}-compatible", presets):
        return replace(like, id=blank.id, preset=blank.preset, name="", notes="", base_url="")
    return blank


def _new_id(data: Mapping[str, Any], taken: Iterable[str]) -> str:
    words = str(data.get("preset") or data.get("name") or "service").lower()
    base = re.sub(r"[^a-z0-9]+", "-", words).strip("-") or "service"
    found, number = base, 2
    while found in taken:
        found, number = f"{base}-{number}", number + 1
    return found


# Members


def _read(
    base: Value, data: Mapping[str, Any], place: str, notes: _Notes
) -> tuple[Value, dict[str, Any]]:
    """`base` with the members of `data` that are right, and those that it does not know."""
    kinds = get_type_hints(type(base))
    known = {field.name: field for field in fields(base)}  # type: ignore[arg-type]
    changes: dict[str, Any] = {}
    unknown: dict[str, Any] = {}
    for name, given in data.items():
        full_name = f"{place}.{name}" if place else name
        if name not in known:
            unknown[name] = given
            continue
        before = getattr(base, name)
        try:
            if is_dataclass(before):
                if not isinstance(given, dict):
                    raise _WrongError(tr("a table"))
                changes[name], inner = _read(before, given, full_name, notes)
                unknown.update({name: inner} if inner else {})
            else:
                value = _converted(kinds[name], given, known[name])
                changes[name] = _within_limits(full_name, value, known[name], notes)
        except _WrongError as wrong:
            # A key may have been put there by mistake: it is not repeated.
            hidden = "pattern" in known[name].metadata or isinstance(before, Mapping)
            notes.refuse(full_name, str(wrong), {} if hidden else given, before)
    return replace(base, **changes), unknown  # type: ignore[type-var]


def _converted(kind: Any, given: object, field: Field[Any]) -> Any:
    """`given` as a `kind`. Raises _WrongError with what it must be."""
    if isinstance(kind, UnionType):  # X | None; what is not set is not in the file
        (kind,) = (each for each in get_args(kind) if each is not NoneType)
    choices = field.metadata.get("choices", ())
    if get_origin(kind) is Literal:
        choices = get_args(kind)
    if choices:
        if not isinstance(given, str) or given not in choices:
            raise _WrongError(tr("one of {choices}", choices=", ".join(map(_shown, choices))))
        return kind(given) if isinstance(kind, type) and issubclass(kind, StrEnum) else given
    if get_origin(kind) is tuple:
        if not isinstance(given, list) or not all(isinstance(each, str) for each in given):
            raise _WrongError(tr("a list of texts"))
        return tuple(given)
    if get_origin(kind) is Mapping:
        return _table(given, texts=get_args(kind)[1] is str)
    return _scalar(kind, given, field)


def _scalar(kind: Any, given: object, field: Field[Any]) -> Any:
    match given:
        case bool():
            if kind is bool:
                return given
        case int() | float() if kind is float and _finite(given):
            return float(given)
        case int() | float() if kind is int and _finite(given) and given == int(given):
            return int(given)
        case str() if kind is str:
            pattern = field.metadata.get("pattern")
            if pattern and not re.fullmatch(pattern, given):
                raise _WrongError(field.metadata["pattern_words"])
            return given
    words = {bool: tr("true or false"), int: tr("a whole number"), float: tr("a number")}
    raise _WrongError(words.get(kind, tr("a text")))


def _finite(number: float) -> bool:
    return abs(number) < _MOST  # also False for what is not a number


def _table(given: object, *, texts: bool) -> dict[str, Any]:
    """A table, or JSON text of one: TOML has no null, and requests may need one."""
    table = given
    if isinstance(given, str):
        try:
            table = json.loads(given)
        except (ValueError, RecursionError):
            table = None
    if not isinstance(table, dict) or not _is_json(table):
        raise _WrongError(tr("a table, or the text of a JSON object"))
    if texts and not all(isinstance(each, str) for each in table.values()):
        raise _WrongError(tr("a table of texts"))
    return table


def _is_json(value: object) -> bool:
    """Whether `value` can go into a request; dates, infinity and the like cannot."""
    match value:
        case dict():
            return all(map(_is_json, value.values()))
        case list():
            return all(map(_is_json, value))
        case float():
            return _finite(value)
        case _:
            return value is None or isinstance(value, (bool, int, str))


def _within_limits(name: str, value: Any, field: Field[Any], notes: _Notes) -> Any:
    low, high = field.metadata.get("minimum"), field.metadata.get("maximum")
    if low is not None and value < low:
        limit = type(value)(low)
        words = tr("{name} is {given}; the least is {limit}.", name=name, given=value, limit=limit)
    elif high is not None and value > high:
        limit = type(value)(high)
        words = tr("{name} is {given}; the most is {limit}.", name=name, given=value, limit=limit)
    else:
        return value
    notes.lost = True
    notes.problems.append(words)
    return limit


def _written(base: Any, value: Any, unknown: Mapping[str, Any] | None) -> dict[str, Any]:
    """The members of `value` that differ from `base`, and those that were not known."""
    written: dict[str, Any] = {}
    unknown = unknown or {}
    for each in fields(value):
        before, now = getattr(base, each.name), getattr(value, each.name)
        if is_dataclass(now):
            inner = _written(before, now, unknown.get(each.name))
            written.update({each.name: inner} if inner else {})
        elif now != before and each.name != "id":
            written[each.name] = _plain(now)
    return {**unknown, **written}


def _plain(value: Any) -> Any:
    match value:
        case StrEnum():
            return value.value
        case tuple():
            return list(value)
        case Mapping():
            table = dict(value)
            return json.dumps(table, ensure_ascii=False) if _has_null(table) else table
        case _:
            return value


def _has_null(value: object) -> bool:
    match value:
        case dict():
            return any(map(_has_null, value.values()))
        case list():
            return any(map(_has_null, value))
        case _:
            return value is None


def _shown(value: object) -> str:
    """`value` as the person wrote it, cut; tables and lists without their content."""
    match value:
        case None | "" | () | Mapping() if not value:
            return tr("nothing")
        case Mapping() | list() | tuple():
            return tr("what is there")
        case bool():
            text = str(value).lower()
        case str():
            text = f"“{value}”"
        case _:
            text = str(value)
    return text if len(text) <= _LONGEST_SHOWN else text[:_LONGEST_SHOWN] + "…"
