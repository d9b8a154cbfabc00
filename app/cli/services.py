"""Which service the terminal asks, with which key: one of the settings, a preset, or any address.

Invariant: a key goes to the service it was named for; an address that was typed gets one only with
`--key-env`.
"""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field, replace

from app.choice import service_of
from app.cli.arguments import Options
from app.config import Config
from app.domain import address
from app.domain.conversation import Conversation
from app.domain.settings import Form, Sampling, Service, Settings
from app.i18n import tr
from app.providers.presets import PRESETS, own

KeyOf = Callable[[Service], Awaitable[str | None]]


class UsageError(Exception):
    """`str()` of it is a sentence for the person; the program ends with status 2."""


@dataclass(frozen=True, slots=True)
class Choice:
    """`settings` hold the service as it is to be used. `key` is that of `--key-env`."""

    service: Service
    settings: Settings
    key: str | None = field(repr=False)
    is_own: bool

    def key_of(self, stored: KeyOf) -> KeyOf:
        """Asks `stored` for the key, unless it was named or the address was typed."""

        async def key_of(service: Service) -> str | None:
            if self.key is not None or self.is_own:
                return self.key
            return await stored(service)

        return key_of


def choose(options: Options, config: Config) -> Choice:
    """Raises UsageError."""
    settings = config.settings
    if options.base_url:
        service = _own(options)
        settings = replace(settings, sampling=Sampling())  # nothing that was not typed (R1)
    elif options.service:
        service = _named(options.service, settings)
    else:
        service = service_of(Conversation(id=""), settings)
    if address.PLACEHOLDER in service.base_url:
        words = tr("The address of {name} is not set up yet. Use --base-url.", name=service.name)
        raise UsageError(words)
    service = _timed(service, options)
    others = tuple(each for each in settings.services if each.id != service.id)
    return Choice(
        service=service,
        settings=replace(settings, services=(service, *others)),
        key=_key(options.key_env),
        is_own=bool(options.base_url),
    )


def remark_on(options: Options, choice: Choice) -> str:
    """What a person should know about the choice, or nothing."""
    if choice.service.form is not Form.DEMO or options.service:
        return ""
    return tr(
        "No service is set up, so the offline demo answers. Set one up in the window or in the "
        "settings file, or use --base-url."
    )


def _own(options: Options) -> Service:
    service = own(options.form or Form.OPENAI, options.base_url, options.path, options.base_url)
    # What it takes is for the service to say, not for us.
    video_form = "image_url" if service.form is Form.OPENAI else service.video_form
    return replace(service, video_form=video_form, takes_audio=True, takes_file=True)


def _named(name: str, settings: Settings) -> Service:
    """By id, name or preset, whatever the case; a preset can be used without setting it up."""
    services, wanted = settings.services, name.casefold()
    ways: tuple[tuple[Iterable[Service], Callable[[Service], str]], ...] = (
        (services, lambda service: service.id),
        (services, lambda service: service.name),
        (services, lambda service: service.preset),
        (PRESETS, lambda service: service.id),
        (PRESETS, lambda service: service.name),
    )
    for known, word_of in ways:
        for service in known:
            if word_of(service).casefold() == wanted:
                return service
    names = ", ".join(dict.fromkeys(s.name for s in (*services, *PRESETS)))
    raise UsageError(tr("There is no service {name}. There are: {names}.", name=name, names=names))


def _timed(service: Service, options: Options) -> Service:
    timeouts = service.timeouts
    if (first := options.timeout_first) is not None:
        timeouts = replace(timeouts, first_byte_s=first, first_byte_whole_s=first)
    if (idle := options.timeout_idle) is not None:
        timeouts = replace(timeouts, idle_s=idle)
    return replace(service, timeouts=timeouts, stream=service.stream and options.stream)


def _key(variable: str) -> str | None:
    if not variable:
        return None
    key = os.environ.get(variable, "").strip()
    if not key:
        words = tr("The environment variable {name} is not set.", name=variable)
        raise UsageError(words)
    return key
