"""What a person can set: services, sampling, appearance; each field says its default and limits.

Invariant: frozen; `None` in `Sampling` means "not set": nothing is sent (R1). A setting is one
field with its sentence in `metadata["doc"]`; the form, the file and the README follow from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from enum import StrEnum
from typing import Any, Literal

from app.domain.message import EMPTY


def setting(doc: str, default: Any, **limits: Any) -> Any:
    """A dataclass field with its sentence and limits (`minimum`, `maximum`, `choices`)."""
    metadata = {"doc": doc, **limits}
    if isinstance(default, Mapping):
        return field(default_factory=lambda: default, metadata=metadata)
    return field(default=default, metadata=metadata)


class Form(StrEnum):
    """The wire form a service speaks."""

    OPENAI = "openai"
    GEMINI = "gemini"
    DEMO = "demo"


ReasoningControl = Literal[
    "none",
    "reasoning_effort",
    "include_thoughts",
    "gemini_level",
    "gemini_budget",
    "gemini",
    "openrouter",
    "ollama",
]
VideoForm = Literal["", "image_url", "video_url", "input_video"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeouts:
    """Seconds (R23). `first_byte_s` is for streams, `first_byte_whole_s` for whole answers."""

    connect_s: float = setting("Longest wait for a connection.", 10.0, minimum=0.1, maximum=600)
    write_s: float = setting("Longest wait while sending.", 60.0, minimum=0.1, maximum=3600)
    first_byte_s: float = setting(
        "Longest wait for the first byte of a stream.", 120.0, minimum=0.1, maximum=7200
    )
    first_byte_whole_s: float = setting(
        "Longest wait for an answer that does not stream.", 600.0, minimum=0.1, maximum=7200
    )
    idle_s: float = setting("Longest silence within an answer.", 120.0, minimum=0.1, maximum=7200)


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """An address with its form, key and models. `id` names the keyring entry; it never changes."""

    id: str
    name: str = setting("The name shown for this service.", "")
    preset: str = setting("The preset it was made from.", "")
    form: Form = setting("The wire form.", Form.OPENAI, choices=tuple(Form))
    base_url: str = setting("The address up to the path.", "")
    path: str = setting("The path of a chat request (OpenAI form).", "/chat/completions")
    models_path: str = setting("The path of the model list; empty: none.", "/models")
    auth: str = setting("How the key is sent: bearer, none, or the name of a header.", "bearer")
    key_env: str = setting("An environment variable that holds the key.", "")
    extra_headers: Mapping[str, str] = setting("More request headers.", EMPTY)
    extra_body: Mapping[str, Any] = setting("More request members; they win (R1).", EMPTY)
    default_model: str = setting("The model for new chats.", "")
    models: tuple[str, ...] = setting("Models known without a list.", ())
    stream: bool = setting("Whether answers stream.", True)
    stream_fallback: bool = setting("Ask again without streaming when that fails (R21).", True)
    send_stream_options: bool = setting("Ask for usage at the end of a stream.", True)
    token_limit_field: str = setting(
        "The member that limits the answer.",
        "max_tokens",
        choices=("max_tokens", "max_completion_tokens"),
    )
    reasoning_control: ReasoningControl = setting("How reasoning is asked for.", "reasoning_effort")
    effort_levels: tuple[str, ...] = setting(
        "Words for the reasoning effort, lowest first.", ("low", "medium", "high")
    )
    system_role: str = setting(
        "The role of the system prompt.", "system", choices=("system", "developer")
    )
    takes_image_url: bool = setting("Takes addresses of pictures.", True)
    takes_image_data: bool = setting("Takes pictures as data URLs.", True)
    takes_audio: bool = setting("Takes sound.", False)
    takes_file: bool = setting("Takes PDF as a file part.", False)
    video_form: VideoForm = setting("How a video is sent; empty: not at all.", "")
    timeouts: Timeouts = field(default_factory=Timeouts)
    proxy: str = setting("A proxy for this service alone.", "")
    ca_file: str = setting("A file of certificates to trust for this service.", "")
    keys_url: str = setting("Where a key is had.", "")
    billing_url: str = setting("Where credit is bought.", "")
    notes: str = setting("A remark.", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampling:
    """Parameters of a question, as defaults for all chats or for one. `None`: not set, not sent."""

    model: str | None = setting("The model.", None)
    system_prompt: str | None = setting("What the model is told before the chat.", None)
    temperature: float | None = setting(
        "How freely the model chooses its words.", None, minimum=0.0, maximum=2.0
    )
    max_tokens: int | None = setting("The longest answer, in tokens.", None, minimum=1)
    top_p: float | None = setting("Nucleus sampling.", None, minimum=0.0, maximum=1.0)
    effort: str | None = setting("How much the model thinks.", None)
    show_reasoning: bool | None = setting("Ask for the reasoning and show it.", None)
    json_answer: bool | None = setting("Ask for an answer in JSON.", None)
    extra: Mapping[str, Any] = setting("More request members; they win (R1).", EMPTY)

    def over(self, base: Sampling) -> Sampling:
        """This sampling with what it leaves open taken from `base`."""
        chosen = {
            f.name: getattr(self, f.name)
            for f in fields(self)
            if f.name != "extra" and getattr(self, f.name) is not None
        }
        return replace(base, extra={**base.extra, **self.extra}, **chosen)


class Palette(StrEnum):
    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything in the settings file. Unknown keys of the file are kept beside it (`Config`)."""

    services: tuple[Service, ...] = ()
    default_service: str = setting("The id of the service for new chats; empty: the demo.", "")
    sampling: Sampling = field(default_factory=Sampling)
    palette: Palette = setting(
        "Light, dark, or as the system has it.", Palette.SYSTEM, choices=tuple(Palette)
    )
    text_px: int = setting("Text size of the transcript in pixels.", 14, minimum=9, maximum=32)
    send_with_enter: bool = setting("Enter sends and Shift+Enter breaks the line.", True)
    fold_reasoning: bool = setting("Fold the reasoning when the answer begins.", True)
    notify: bool = setting("Tell when an answer ends while the window is not in front.", True)

    def service(self, service_id: str) -> Service | None:
        return next((s for s in self.services if s.id == service_id), None)
