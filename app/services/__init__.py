"""The services that a person has set up: their settings, keys, models, and whether they work.

Invariant: the list lives in `Config` alone; everything that takes time runs in the background and
comes back through a callback on the loop. Must not know windows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from app.config import Config
from app.domain.settings import Service
from app.providers import Providers, presets
from app.providers.base import ModelInfo
from app.secrets import Secrets
from app.services.keys import Keys, KeyState
from app.services.local import LocalServer, find_servers
from app.services.model_lists import ModelList, ModelLists, best_model
from app.services.trial import Report, Step, StepKind, StepState, Trial
from app.services.trials import Cancel, Trials, cancelling
from app.tasks import Clock, Tasks, guarded

__all__ = [
    "KeyState",
    "LocalServer",
    "ModelInfo",
    "ModelList",
    "Report",
    "Services",
    "Step",
    "StepKind",
    "StepState",
]


class Services:
    """`keys` and `lists` have listeners of their own; changes of the services come from `Config`.

    `found` are the servers on this computer that answered last (R70).
    """

    presets = presets.PRESETS

    def __init__(
        self,
        config: Config,
        secrets: Secrets,
        providers: Providers,
        tasks: Tasks,
        clock: Clock = Clock(),
    ) -> None:
        self._config = config
        self._providers = providers
        self._tasks = tasks
        self.keys = Keys(config, secrets, tasks, self.presets)
        self._trials = Trials(providers, self.keys.endpoint, tasks, clock)
        self.lists = ModelLists(providers.of, self.keys.endpoint, tasks)
        self.found: tuple[LocalServer, ...] = ()

    # The list

    def list(self) -> tuple[Service, ...]:
        """The configured services in the person's order, and the demo, which is always there."""
        configured = self._config.settings.services
        if any(service.id == presets.DEMO.id for service in configured):
            return configured
        return (*configured, presets.DEMO)

    def get(self, service_id: str) -> Service | None:
        return next((each for each in self.list() if each.id == service_id), None)

    def find(self, name: str) -> Service | None:
        """By id or by name, whatever the case; else a preset, which needs no setting up."""
        wanted = name.casefold()
        known = (*self.list(), *self.presets)
        by_id = (each for each in known if each.id.casefold() == wanted)
        by_name = (each for each in known if each.name.casefold() == wanted)
        return next(by_id, None) or next(by_name, None)

    def add(self, template: Service) -> Service:
        """Set up a service from a preset, or one found on this computer; with an id of its own."""
        taken = {service.id for service in (*self._config.settings.services, presets.DEMO)}
        origin = template.preset or template.id
        made = replace(presets.made_from(template, taken), preset=origin)
        self._put((*self._config.settings.services, made))
        return made

    def change(self, service: Service) -> None:
        """Put `service` in the place of the one with its id."""
        old = self._config.settings.services
        self._put(
            tuple(presets.moved(each, service) if each.id == service.id else each for each in old)
        )

    def change_headers(self, service_id: str, headers: Mapping[str, str]) -> None:
        """Give a service more headers; secrets among them go to the keyring, not to the file."""
        service = self.get(service_id)
        if service is not None:
            kept = self.keys.headers.keep(service, headers)
            self.change(replace(service, extra_headers=kept))

    def move(self, service_id: str, to: int) -> None:
        """Give a service another place in the list."""
        rest = [each for each in self._config.settings.services if each.id != service_id]
        moved = [each for each in self._config.settings.services if each.id == service_id]
        self._put((*rest[:to], *moved, *rest[to:]))

    def remove(self, service_id: str) -> None:
        """Forget a service with its keys; its chats stay, and go on with another service."""
        service = self._config.settings.service(service_id)
        if service is None:
            return
        settings = self._config.settings
        default = "" if settings.default_service == service_id else settings.default_service
        services = tuple(each for each in settings.services if each.id != service_id)
        self._config.change(replace(settings, services=services, default_service=default))
        self.lists.forget(service_id)
        self.keys.headers.delete(service)
        template = presets.preset(service.preset) or service
        for base_url in {service.base_url, template.base_url}:
            self.keys.delete(replace(service, base_url=base_url))

    def _put(self, services: tuple[Service, ...]) -> None:
        self._config.change(replace(self._config.settings, services=services))

    # Whether they work

    def test(
        self,
        service: Service,
        key: str | None,
        progress: Callable[[Step], None],
        done: Callable[[Report], None],
    ) -> Cancel:
        """Test the connection with `key`, or with the stored one. Asks no model anything.

        A list of models that comes is kept; a configured service without a usable default model
        gets one from it.
        """

        def keep(report: Report) -> None:
            if report.models:
                self.lists.put(service, report.models)
                self._choose_model(service, report.models)
            done(report)

        return self._trials.begin(service, key, progress, keep, Trial.run)

    def ask_a_little(
        self,
        service: Service,
        key: str | None,
        progress: Callable[[Step], None],
        done: Callable[[Report], None],
        model: str = "",
    ) -> Cancel:
        """Ask the model for one word, after the person agreed: this may cost."""
        chosen = model or service.default_model
        return self._trials.begin(
            service, key, progress, done, lambda trial: trial.ask_a_little(chosen)
        )

    def _choose_model(self, service: Service, models: tuple[ModelInfo, ...]) -> None:
        configured = self._config.settings.service(service.id)
        if configured is None:
            return
        chosen = best_model(configured, models)
        if chosen != configured.default_model:
            self.change(replace(configured, default_model=chosen))

    # Servers on this computer

    def local(self, done: Callable[[tuple[LocalServer, ...]], None]) -> Cancel:
        """Look for model servers on this computer (R70): at the first start, or when asked to."""

        async def look() -> None:
            self.found = await find_servers(self._providers)
            guarded(done, self.found)

        return cancelling(self._tasks.spawn(look(), "servers on this computer"))
