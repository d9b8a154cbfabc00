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
from app.i18n import tr


def setting(doc: str, default: Any, **limits: Any) -> Any:
    """A dataclass field with its sentence and limits (`minimum`, `maximum`, `choices`, `pattern`).

    `choices` are for plain text; enumerations and literals say theirs by their type. A text must
    match the whole `pattern`; `pattern_words` says what that is.
    """
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

    connect_s: float = setting(
        tr("Longest wait for a connection, in seconds."), 10.0, minimum=0.1, maximum=600
    )
    write_s: float = setting(
        tr("Longest wait while sending, in seconds."), 60.0, minimum=0.1, maximum=3600
    )
    first_byte_s: float = setting(
        tr("Longest wait for an answer that streams to begin, in seconds."),
        120.0,
        minimum=0.1,
        maximum=7200,
    )
    first_byte_whole_s: float = setting(
        tr("Longest wait for an answer that does not stream, in seconds."),
        600.0,
        minimum=0.1,
        maximum=7200,
    )
    idle_s: float = setting(
        tr("Longest silence within an answer, in seconds."), 120.0, minimum=0.1, maximum=7200
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """An address with its form, key and models. `id` never changes."""

    id: str = field(
        metadata={
            "doc": tr("Its name in default_service and, with the host, in the keyring; it stays.")
        }
    )
    name: str = setting(tr("The name shown for this service."), "")
    preset: str = setting(
        tr("The preset that it is made from; what is not set here comes from there."), ""
    )
    form: Form = setting(
        tr("The form of its requests and answers."), Form.OPENAI, choices=tuple(Form)
    )
    base_url: str = setting(tr("The address, without the path of a request."), "")
    path: str = setting(
        tr("The path of a chat request; in the Gemini form the version."), "/chat/completions"
    )
    models_path: str = setting(tr("The path of the list of models; empty: it has none."), "/models")
    auth: str = setting(tr("How the key is sent: bearer, none, or the name of a header."), "bearer")
    key_env: str = setting(
        tr("The environment variable that holds the key, where one is used."),
        "",
        pattern=r"([A-Za-z_][A-Za-z0-9_]*)?",
        pattern_words=tr("the name of an environment variable, not the key itself"),
    )
    extra_headers: Mapping[str, str] = field(
        default_factory=lambda: EMPTY,
        repr=False,  # some let somebody in
        metadata={
            "doc": tr("More headers for every request; of “@keyring” the value is in the keyring.")
        },
    )
    extra_body: Mapping[str, Any] = setting(
        tr("More members for every request; they win over all others."), EMPTY
    )
    default_model: str = setting(tr("The model for new chats."), "")
    models: tuple[str, ...] = setting(tr("Models to choose from without asking for the list."), ())
    stream: bool = setting(tr("Show an answer while it is written."), True)
    stream_fallback: bool = setting(
        tr("Ask again for the whole answer when the service cannot stream."), True
    )
    send_stream_options: bool = setting(
        tr("Ask for the number of tokens at the end of a stream."), True
    )
    token_limit_field: str = setting(
        tr("The request member that limits the length of an answer."),
        "max_tokens",
        choices=("max_tokens", "max_completion_tokens"),
    )
    reasoning_control: ReasoningControl = setting(
        tr("The way in which reasoning is asked for."), "reasoning_effort"
    )
    effort_levels: tuple[str, ...] = setting(
        tr("The words for the reasoning effort, lowest first."), ("low", "medium", "high")
    )
    system_role: str = setting(
        tr("The role in which the system prompt is sent."),
        "system",
        choices=("system", "developer"),
    )
    takes_image_url: bool = setting(tr("Whether it takes pictures by their address."), True)
    takes_image_data: bool = setting(tr("Whether it takes pictures inside the request."), True)
    takes_audio: bool = setting(tr("Whether it takes sound."), False)
    takes_file: bool = setting(tr("Whether it takes PDF files."), False)
    video_form: VideoForm = setting(tr("The way in which a video is sent; empty: not at all."), "")
    takes_uploads: bool = setting(
        tr("Whether large files are uploaded first (Google's Files API)."), False
    )
    largest_request_mb: int = setting(
        tr("The largest request that it takes, in MB; 0: not known."), 0, minimum=0
    )
    most_pictures: int = setting(
        tr("The most pictures that it takes in a request; 0: not known."), 0, minimum=0
    )
    timeouts: Timeouts = field(
        default_factory=Timeouts, metadata={"doc": tr("How long to wait for what.")}
    )
    proxy: str = setting(tr("The address of a proxy for this service alone."), "")
    ca_file: str = setting(tr("A file of certificates to trust for this service."), "")
    keys_url: str = setting(tr("The page where a key is had."), "")
    billing_url: str = setting(tr("The page where credit is bought."), "")
    notes: str = setting(tr("A remark that is shown with the service."), "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampling:
    """Parameters of a question, as defaults for all chats or for one. `None`: not set, not sent."""

    model: str | None = setting(tr("The model; not set: the one of the service."), None)
    system_prompt: str | None = setting(tr("What the model is told before the chat."), None)
    temperature: float | None = setting(
        tr("How freely the model chooses its words, from 0 to 2."), None, minimum=0.0, maximum=2.0
    )
    max_tokens: int | None = setting(tr("The longest answer, in tokens."), None, minimum=1)
    top_p: float | None = setting(
        tr("From which share of the likeliest words the model chooses, from 0 to 1."),
        None,
        minimum=0.0,
        maximum=1.0,
    )
    effort: str | None = setting(
        tr("How long the model thinks: one of the service's words for it."), None
    )
    show_reasoning: bool | None = setting(tr("Ask for the reasoning and show it."), None)
    json_answer: bool | None = setting(tr("Ask for an answer in JSON."), None)
    extra: Mapping[str, Any] = setting(
        tr("More members for every request; they win over all others."), EMPTY
    )

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

    services: tuple[Service, ...] = setting(tr("The services that can be asked."), ())
    default_service: str = setting(
        tr("The id of the service for new chats; empty: the first one."), ""
    )
    sampling: Sampling = field(
        default_factory=Sampling, metadata={"doc": tr("What every chat begins with.")}
    )
    palette: Palette = setting(
        tr("Light, dark, or as the system has it."), Palette.SYSTEM, choices=tuple(Palette)
    )
    text_px: int = setting(tr("Text size of the transcript in pixels."), 14, minimum=9, maximum=32)
    send_with_enter: bool = setting(tr("Enter sends and Shift+Enter breaks the line."), True)
    fold_reasoning: bool = setting(tr("Fold the reasoning when the answer begins."), True)
    strip_metadata: bool = setting(
        tr("Take place, camera and other metadata out of attached pictures and videos."), True
    )
    notify: bool = setting(tr("Tell when an answer ends while the window is not in front."), True)
    look_for_updates: bool = setting(tr("Look for a new version once a day."), False)

    def service(self, service_id: str) -> Service | None:
        return next((s for s in self.services if s.id == service_id), None)
