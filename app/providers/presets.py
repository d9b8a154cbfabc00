"""The services that ship with the program, as data: a person picks one and edits every field.

Invariant: values only; importing this costs nothing and asks nobody. `Service.id` of a preset is
the preset's own name; a configured service made from it gets an id of its own (`made_from`).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from app.domain import address
from app.domain.settings import Form, Service, Timeouts
from app.i18n import tr

# A model that has to be loaded from disk first may take minutes to its first word.
_SLOW_START = Timeouts(first_byte_s=300.0, first_byte_whole_s=900.0)

GEMINI = Service(
    id="gemini",
    name="Google Gemini",
    form=Form.GEMINI,
    base_url="https://generativelanguage.googleapis.com",
    path="/v1beta",
    auth="x-goog-api-key",
    key_env="GEMINI_API_KEY",
    default_model="gemini-3.8-flash",
    models=(
        "gemini-3.8-flash",
        "gemini-3.7-flash",
        "gemini-3.6-flash",
        "gemini-3.5-flash",
        "gemini-3.5-flash-lite",
        "gemini-3.1-flash-lite",
        "gemini-3.1-pro-preview",
    ),
    reasoning_control="gemini",
    effort_levels=("minimal", "low", "medium", "high"),
    takes_audio=True,
    takes_file=True,
    takes_uploads=True,
    largest_request_mb=100,
    keys_url="https://aistudio.google.com/apikey",
    billing_url="https://console.cloud.google.com/billing",
)

GEMINI_OPENAI = Service(
    id="gemini-openai",
    name="Gemini (OpenAI form)",
    base_url="https://generativelanguage.googleapis.com/v1beta/openai",
    key_env="GEMINI_API_KEY",
    default_model="gemini-3.8-flash",
    models=GEMINI.models,
    takes_image_url=False,
    takes_audio=True,
    largest_request_mb=100,
    keys_url=GEMINI.keys_url,
    billing_url=GEMINI.billing_url,
    notes=tr("No video and no search results this way; the native form has both."),
)

ACE_DATA_CLOUD = Service(
    id="acedata",
    name="Ace Data Cloud",
    base_url="https://api.acedata.cloud/gemini",
    key_env="ACEDATACLOUD_API_KEY",
    default_model="gemini-3.1-pro",
    models=("gemini-3.1-pro", "gemini-3.0-pro", "gemini-2.5-pro"),
    # The usage comes without asking for it; nothing undocumented is sent.
    send_stream_options=False,
    effort_levels=("low", "high"),
    video_form="image_url",
    keys_url="https://platform.acedata.cloud",
    billing_url="https://platform.acedata.cloud",
)

API_IN_ONE = Service(
    id="apiin",
    name="API in One",
    base_url="https://apiin.one/api/v1",
    key_env="APIIN_API_KEY",
    default_model="gemini",
    models=("gemini",),
    send_stream_options=False,
    reasoning_control="include_thoughts",
    effort_levels=("low", "high"),
    takes_image_url=False,
    takes_image_data=False,
    keys_url="https://apiin.one",
    billing_url="https://apiin.one",
)

GENERIC_GATEWAY = Service(
    id="gateway",
    name=tr("Generic gateway (/chat)"),
    base_url="https://YOUR-DOMAIN/api/v1",
    path="/chat",
    default_model="gemini-2.5-flash",
    models=("gemini-2.5-flash", "gemini-2.0-flash", "gpt-4o-mini"),
    send_stream_options=False,
)

OPENAI_COMPATIBLE = Service(
    id="openai-compatible",
    name=tr("OpenAI-compatible"),
    base_url="https://YOUR-DOMAIN/v1",
    notes=tr("Any server that speaks chat/completions."),
)

GEMINI_COMPATIBLE = Service(
    id="gemini-compatible",
    name=tr("Gemini-compatible"),
    form=Form.GEMINI,
    base_url="https://YOUR-DOMAIN",
    path="/v1beta",
    auth="x-goog-api-key",
    reasoning_control="gemini",
    effort_levels=GEMINI.effort_levels,
    takes_audio=True,
    takes_file=True,
    notes=tr("A proxy that speaks Google's own form."),
)

OPENAI = Service(
    id="openai",
    name="OpenAI",
    base_url="https://api.openai.com/v1",
    key_env="OPENAI_API_KEY",
    default_model="gpt-5-mini",
    models=("gpt-5-mini", "gpt-5", "gpt-4.1"),
    token_limit_field="max_completion_tokens",
    effort_levels=("none", "minimal", "low", "medium", "high", "xhigh"),
    takes_file=True,
    largest_request_mb=50,
    most_pictures=500,
    keys_url="https://platform.openai.com/api-keys",
    billing_url="https://platform.openai.com/settings/organization/billing/overview",
)

OPENROUTER = Service(
    id="openrouter",
    name="OpenRouter",
    base_url="https://openrouter.ai/api/v1",
    key_env="OPENROUTER_API_KEY",
    default_model="openrouter/auto",
    reasoning_control="openrouter",
    effort_levels=("minimal", "low", "medium", "high"),
    takes_audio=True,
    takes_file=True,
    keys_url="https://openrouter.ai/settings/keys",
    billing_url="https://openrouter.ai/settings/credits",
)

DEEPSEEK = Service(
    id="deepseek",
    name="DeepSeek",
    base_url="https://api.deepseek.com",
    key_env="DEEPSEEK_API_KEY",
    default_model="deepseek-chat",
    models=("deepseek-chat", "deepseek-reasoner"),
    reasoning_control="none",
    effort_levels=(),
    takes_image_url=False,
    takes_image_data=False,
    keys_url="https://platform.deepseek.com/api_keys",
    billing_url="https://platform.deepseek.com/top_up",
    # A request may be held for half an hour with keep-alives while the servers are full.
    timeouts=Timeouts(first_byte_whole_s=1800.0),
)

OLLAMA = Service(
    id="ollama",
    name="Ollama",
    base_url="http://127.0.0.1:11434/v1",
    auth="none",
    reasoning_control="ollama",
    effort_levels=("none", "low", "medium", "high", "max"),
    takes_image_url=False,
    timeouts=_SLOW_START,
    notes=tr(
        "Ollama cuts long chats without a word: its context is 4096 tokens on small "
        "graphics cards. Set OLLAMA_CONTEXT_LENGTH to raise it."
    ),
)

LM_STUDIO = Service(
    id="lmstudio",
    name="LM Studio",
    base_url="http://127.0.0.1:1234/v1",
    auth="none",
    timeouts=_SLOW_START,
)

LLAMA_CPP = Service(
    id="llamacpp",
    name="llama.cpp",
    base_url="http://127.0.0.1:8080/v1",
    auth="none",
    takes_audio=True,
    video_form="input_video",
    timeouts=_SLOW_START,
)

VLLM = Service(
    id="vllm",
    name="vLLM",
    base_url="http://127.0.0.1:8000/v1",
    auth="none",
    video_form="video_url",
    timeouts=_SLOW_START,
)

DEMO = Service(
    id="demo",
    name=tr("Demo (offline)"),
    preset="demo",
    form=Form.DEMO,
    path="",
    models_path="",
    auth="none",
    default_model="demo",
    models=("demo",),
    notes=tr("Answers come from the program itself; nothing is sent anywhere."),
)

PRESETS: tuple[Service, ...] = (
    GEMINI,
    ACE_DATA_CLOUD,
    API_IN_ONE,
    OPENAI,
    OPENROUTER,
    DEEPSEEK,
    GEMINI_OPENAI,
    OLLAMA,
    LM_STUDIO,
    LLAMA_CPP,
    VLLM,
    GENERIC_GATEWAY,
    OPENAI_COMPATIBLE,
    GEMINI_COMPATIBLE,
    DEMO,
)


def preset(preset_id: str) -> Service | None:
    return next((each for each in PRESETS if each.id == preset_id), None)


def made_from(template: Service, taken: Collection[str]) -> Service:
    """A service to configure, made from the preset `template`, with an id that is not `taken`."""
    new_id, number = template.id, 2
    while new_id in taken:
        new_id, number = f"{template.id}-{number}", number + 1
    return replace(template, id=new_id, preset=template.id)


def moved(before: Service, now: Service) -> Service:
    """`now`, which was `before`, with the variable of its preset at the preset's own host alone.

    A key is sent to its own host only; a variable that the person named themselves stays.
    """
    template = preset(now.preset)
    if template is None or address.same_host(before.base_url, now.base_url):
        return now
    at_home = address.same_host(now.base_url, template.base_url)
    if at_home and not now.key_env:
        return replace(now, key_env=template.key_env)
    if not at_home and now.key_env == template.key_env:
        return replace(now, key_env="")
    return now


def own(form: Form, base_url: str, path: str = "", service_id: str = "own") -> Service:
    """An unnamed service at `base_url`, with the defaults of its wire form (the terminal's)."""
    template = GEMINI_COMPATIBLE if form is Form.GEMINI else OPENAI_COMPATIBLE
    return replace(
        template,
        id=service_id,
        name=base_url,
        base_url=base_url,
        path=path or template.path,
        notes="",
    )
