"""The presets are valid data, and the table gives each wire form its provider at no cost."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from urllib.parse import urlsplit

import pytest

from app import advice
from app.config import Config
from app.domain import address
from app.domain.settings import Form, Service, Settings
from app.providers import Providers, presets

WANTED = (
    "gemini acedata apiin gateway openai-compatible openai openrouter deepseek gemini-openai "
    "ollama lmstudio llamacpp vllm demo"
).split()


@pytest.mark.parametrize("service", presets.PRESETS, ids=lambda each: each.id)
def test_every_preset_is_whole(service: Service) -> None:
    assert service.name
    assert service.notes == "" or service.notes.endswith(".")
    assert (
        not service.default_model or not service.models or (service.default_model in service.models)
    )
    if service.form is Form.DEMO:
        assert "demo" in service.name.lower()
        return
    parts = urlsplit(service.base_url)
    assert parts.scheme == ("http" if address.is_loopback(service.base_url) else "https")
    assert not service.base_url.endswith("/")
    assert service.path.startswith("/")
    assert service.auth == {
        Form.GEMINI: "x-goog-api-key",
        Form.OPENAI: "none" if address.is_loopback(service.base_url) else "bearer",
    }.get(service.form)
    assert bool(service.effort_levels) is (service.reasoning_control != "none")
    for url in (service.keys_url, service.billing_url):
        assert url == "" or urlsplit(url).scheme == "https"
    wrong = advice.remarks(service)
    assert len(wrong) == ("YOUR-DOMAIN" in service.base_url)


def test_all_presets_are_there_once() -> None:
    ids = [each.id for each in presets.PRESETS]
    assert set(WANTED) <= set(ids)
    assert len(set(ids)) == len(ids)
    assert len({each.name for each in presets.PRESETS}) == len(ids)


@pytest.mark.rule("R70")
def test_lm_studio_is_no_generic_gateway() -> None:
    wrong = replace(presets.GENERIC_GATEWAY, base_url="http://127.0.0.1:1234/api/v1")
    assert any("LM Studio" in remark for remark in advice.remarks(wrong))
    assert presets.LM_STUDIO.path == "/chat/completions"


@pytest.mark.parametrize(
    ("base_url", "words"),
    [
        ("", "https://"),
        ("api.example.org/v1", "https://"),
        ("ftp://h.example", "https://"),
        ("http://h.example/v1", "in the clear"),
        ("https://YOUR-DOMAIN/v1", "YOUR-DOMAIN"),
    ],
)
def test_remarks_about_an_address(base_url: str, words: str) -> None:
    (remark,) = advice.remarks(replace(presets.OPENAI_COMPATIBLE, base_url=base_url))
    assert words in remark


def test_nothing_to_remark() -> None:
    assert advice.remarks(replace(presets.OPENAI_COMPATIBLE, base_url="https://h.example/v1")) == ()
    assert advice.remarks(replace(presets.OPENAI, base_url="http://192.168.1.5/v1")) == ()


def test_presets_survive_the_settings_file(tmp_path: object) -> None:
    path = tmp_path / "settings.toml"  # type: ignore[operator]
    made = tuple(replace(presets.made_from(each, ()), preset=each.id) for each in presets.PRESETS)
    Config(path, presets.PRESETS).change(replace(Settings(), services=made))
    again = Config(path, presets.PRESETS)
    assert again.problem is None
    assert again.settings.services == made


def test_an_own_address_gets_the_defaults_of_its_form() -> None:
    gemini = presets.own(Form.GEMINI, "https://h.example")
    assert (gemini.auth, gemini.path) == ("x-goog-api-key", "/v1beta")
    chat = presets.own(Form.OPENAI, "https://h.example/api/v1", "/chat")
    assert (chat.auth, chat.path, chat.form) == ("bearer", "/chat", Form.OPENAI)


async def test_each_form_has_its_provider() -> None:
    providers = Providers()
    names = {each.form: type(providers.of(each)).__name__ for each in presets.PRESETS}
    assert names == {
        Form.OPENAI: "OpenAIProvider",
        Form.GEMINI: "GeminiProvider",
        Form.DEMO: "DemoProvider",
    }
    assert providers.of(presets.OPENAI) is providers.of(presets.DEEPSEEK)
    await providers.aclose()
    await Providers().aclose()


def test_the_table_costs_nothing() -> None:
    code = (
        "import sys, app.providers, app.services, app.advice;"
        "app.providers.Providers().of(app.providers.presets.DEMO);"
        "print([name for name in ('httpx', 'keyring', 'PySide6') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
