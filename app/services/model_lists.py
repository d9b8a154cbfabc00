"""The model lists of services, fetched once and kept while the program runs.

Invariant: a list belongs to an address: when that or the form changes, it is fetched anew. While
none is known the service's own models stand in, so that a model can always be chosen (R22).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from app.domain.errors import ChatError, Failure
from app.domain.settings import Service
from app.providers.base import Endpoint, ModelInfo, Provider
from app.providers.default_model import best_model as best_model  # for those who ask
from app.tasks import Listeners, Tasks


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelList:
    """`fetched` says whether `models` came from the service; `failure` why they did not."""

    models: tuple[ModelInfo, ...] = ()
    fetched: bool = False
    loading: bool = False
    failure: Failure | None = None

    def model(self, model_id: str) -> ModelInfo | None:
        return next((model for model in self.models if model.id == model_id), None)


class ModelLists:
    """Tells its listeners the id of each service whose list changed."""

    def __init__(
        self,
        provider_of: Callable[[Service], Provider],
        endpoint_of: Callable[[Service], Awaitable[Endpoint]],
        tasks: Tasks,
    ) -> None:
        self._provider_of = provider_of
        self._endpoint_of = endpoint_of
        self._tasks = tasks
        self._known: dict[str, tuple[object, ModelList]] = {}
        self._listeners: Listeners[str] = Listeners()

    def subscribe(self, listener: Callable[[str], None]) -> Callable[[], None]:
        return self._listeners.add(listener)

    def get(self, service: Service) -> ModelList:
        """What is known now; nothing is asked."""
        place, known = self._known.get(service.id, (None, ModelList()))
        if place != _place(service):
            known = ModelList()
        if known.models:
            return known
        return replace(known, models=_own_models(service))

    def name(self, service: Service, model_id: str) -> str:
        """What to call a model: the service's own name for it where that is known."""
        found = self.get(service).model(model_id)
        return (found.display if found is not None else "") or model_id

    def wanted(self, service: Service) -> ModelList:
        """Like `get`, and fetches in the background what was never fetched."""
        known = self.get(service)
        if known.fetched or known.loading or known.failure is not None:
            return known
        self.refresh(service)
        return self.get(service)

    def refresh(self, service: Service) -> None:
        """Fetch the list in the background; a second call while one runs changes nothing."""
        if self.get(service).loading:
            return
        self._keep(service, replace(self.get(service), loading=True, failure=None))
        self._tasks.spawn(self._fetch(service), f"models of {service.id}")

    def put(self, service: Service, models: tuple[ModelInfo, ...]) -> None:
        """A list that came by another way."""
        self._keep(service, ModelList(models=models, fetched=True))

    def forget(self, service_id: str) -> None:
        self._known.pop(service_id, None)

    async def _fetch(self, service: Service) -> None:
        try:
            endpoint = await self._endpoint_of(service)
            models = await self._provider_of(service).models(endpoint)
        except ChatError as error:
            before = self.get(service)
            found = replace(before, loading=False, failure=error.failure)
        else:
            found = ModelList(models=models, fetched=True)
        place, _ = self._known.get(service.id, (None, None))
        if place == _place(service):  # otherwise the address was changed meanwhile
            self._keep(service, found)

    def _keep(self, service: Service, found: ModelList) -> None:
        self._known[service.id] = (_place(service), found)
        self._listeners.tell(service.id)


def _place(service: Service) -> object:
    """What a list depends on."""
    return service.form, service.base_url, service.path, service.models_path, service.auth


def _own_models(service: Service) -> tuple[ModelInfo, ...]:
    ids = dict.fromkeys(filter(None, (service.default_model, *service.models)))
    return tuple(ModelInfo(id=each) for each in ids)
