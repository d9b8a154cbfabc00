"""Settings as dictionaries: whatever is written is read again, whatever is read is usable."""

from __future__ import annotations

import json
import tomllib
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import tomli_w
from hypothesis import given, settings
from hypothesis import strategies as st

from app.config import Config
from app.domain.settings import Palette, Sampling, Service, Settings, Timeouts
from app.domain.settings_dict import read_settings, settings_dict
from app.providers.presets import PRESETS

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(-1e9, 1e9, allow_nan=False)
    | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=5,
)
objects = st.dictionaries(texts, json_values, max_size=3)
timeouts = st.builds(Timeouts, **{field.name: st.floats(0.1, 600) for field in fields(Timeouts)})


@st.composite
def services(draw: st.DrawFn) -> Service:
    """A preset or something of one's own, with any of its fields changed."""
    base = draw(st.sampled_from([*PRESETS, Service(id="x")]))
    service = replace(
        base, id=draw(texts.filter(bool)), preset=draw(st.sampled_from([base.id, ""]))
    )
    changes: dict[str, Any] = {
        "name": draw(texts.filter(bool)),
        "base_url": draw(texts),
        "path": draw(texts),
        "key_env": draw(st.sampled_from(["", "MY_KEY"])),
        "extra_headers": draw(st.dictionaries(texts, texts, max_size=2)),
        "extra_body": draw(objects),
        "models": draw(st.lists(texts, max_size=3).map(tuple)),
        "stream": draw(st.booleans()),
        "video_form": draw(st.sampled_from(["", "image_url", "video_url"])),
        "timeouts": draw(timeouts),
        "notes": draw(texts),
    }
    chosen = draw(st.sets(st.sampled_from(sorted(changes))))
    changed = replace(service, **{name: changes[name] for name in chosen})
    return replace(changed, name=changed.name or changed.id)


all_settings = st.builds(
    Settings,
    services=st.lists(services(), max_size=3, unique_by=lambda each: each.id).map(tuple),
    default_service=texts,
    sampling=st.builds(
        Sampling,
        model=st.none() | texts,
        system_prompt=st.none() | texts,
        temperature=st.none() | st.floats(0, 2),
        max_tokens=st.none() | st.integers(1, 10**6),
        top_p=st.none() | st.floats(0, 1),
        effort=st.none() | texts,
        show_reasoning=st.none() | st.booleans(),
        json_answer=st.none() | st.booleans(),
        extra=objects,
    ),
    palette=st.sampled_from(Palette),
    text_px=st.integers(9, 32),
    send_with_enter=st.booleans(),
    fold_reasoning=st.booleans(),
    notify=st.booleans(),
)
toml_values = st.recursive(
    st.booleans() | st.integers() | st.floats() | texts | st.datetimes() | st.dates() | st.times(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=5,
)
known_names = [field.name for kind in (Settings, Sampling) for field in fields(kind)]
service_names = [field.name for field in fields(Service)]


def as_text(value: object) -> str:
    """For comparing: not a number differs from itself."""
    return json.dumps(value, sort_keys=True, default=str)


@given(given=all_settings)
def test_what_is_written_is_read_again(given: Settings) -> None:
    text = tomli_w.dumps(settings_dict(given, PRESETS))
    reading = read_settings(tomllib.loads(text), PRESETS)
    assert reading.settings == given
    assert not reading.lost
    assert not reading.unknown


@settings(max_examples=25)
@given(given=all_settings)
def test_the_file_too(given: Settings, tmp_path_factory: Any) -> None:
    path = tmp_path_factory.mktemp("config") / "settings.toml"
    Config(path, PRESETS).change(given)
    assert Config(path, PRESETS).settings == given


@given(
    table=st.dictionaries(st.sampled_from(known_names) | texts, toml_values, max_size=5),
    sampling=st.dictionaries(st.sampled_from(known_names) | texts, toml_values, max_size=4),
    service=st.dictionaries(st.sampled_from(service_names) | texts, toml_values, max_size=5),
)
def test_any_table_gives_usable_settings(
    table: dict[str, Any], sampling: dict[str, Any], service: dict[str, Any]
) -> None:
    table = {"sampling": sampling, "services": [service], **table}
    reading = read_settings(table, PRESETS)
    found = reading.settings
    assert 9 <= found.text_px <= 32
    assert found.sampling.temperature is None or 0 <= found.sampling.temperature <= 2
    for each in found.services:
        assert each.id
        assert each.name
        assert 0.1 <= each.timeouts.idle_s <= 7200
    assert all(problem.strip() for problem in reading.problems)

    # Written and read again they are the same, and so is what was not understood.
    text = tomli_w.dumps(settings_dict(found, PRESETS, reading.unknown))
    again = read_settings(tomllib.loads(text), PRESETS)
    assert again.settings == found
    assert as_text(again.unknown) == as_text(reading.unknown)
    assert not again.lost


@given(data=st.binary(max_size=60))
def test_any_bytes_give_usable_settings(data: bytes, tmp_path_factory: Any) -> None:
    path: Path = tmp_path_factory.getbasetemp() / "any.toml"
    path.write_bytes(data)
    config = Config(path, PRESETS)
    assert isinstance(config.settings, Settings)
    for aside in path.parent.glob("any.toml.broken-*"):
        aside.unlink()


def test_a_preset_that_went_away_is_kept_by_name() -> None:
    given = {"services": [{"id": "a", "preset": "older", "base_url": "https://x"}]}
    reading = read_settings(given, PRESETS)
    assert settings_dict(reading.settings, PRESETS)["services"][0]["preset"] == "older"


def test_the_variable_of_a_preset_holds_for_its_host_alone() -> None:
    def key_env(**given: Any) -> str:
        data = {"services": [{"preset": "openai", **given}]}
        (service,) = read_settings(data, PRESETS).settings.services
        return service.key_env

    assert key_env() == "OPENAI_API_KEY"
    assert key_env(base_url="https://API.OpenAI.com/v2") == "OPENAI_API_KEY"
    assert key_env(base_url="https://example.org/v1") == ""
    assert key_env(base_url="https://api.openai.com@example.org/v1") == ""
    assert key_env(base_url="https://example.org/v1", key_env="OPENAI_API_KEY") == "OPENAI_API_KEY"


def test_ids_are_made_up_the_same_way_every_time() -> None:
    given = {"services": [{"preset": "openai"}, {"preset": "openai"}, {"name": "My Own!"}, {}]}
    ids = [service.id for service in read_settings(given, PRESETS).settings.services]
    assert ids == ["openai", "openai-2", "my-own", "service"]


def test_every_setting_has_a_sentence() -> None:
    for kind in (Settings, Service, Sampling, Timeouts):
        for field in fields(kind):
            assert field.metadata["doc"].endswith("."), field.name
