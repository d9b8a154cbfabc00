"""What new chats begin with: service and model; and what holds for all chats: the parameters."""

from __future__ import annotations

from dataclasses import replace

from app.choice import default_service
from app.config import Config
from app.domain.settings import Sampling, Settings
from app.i18n import tr
from app.services import Services
from app.ui.choice_box import ChoiceBox, TypedChoiceBox
from app.ui.sampling_form import SamplingForm
from app.ui.settings.rows import Page, muted


class AnswersPage(Page):
    """The model is chosen from what is known of the service, or typed."""

    def __init__(self, config: Config, services: Services) -> None:
        super().__init__(tr("Answers"))
        self._config = config
        self._services = services
        self.service = ChoiceBox()
        self.model = TypedChoiceBox()
        self.form = SamplingForm()
        self.rows.section(tr("New chats"))
        self.rows.add(tr("Service"), self.service, tr("The service that new chats ask."))
        self.rows.add(tr("Model"), self.model, tr("Chosen from the list, or typed."))
        self.rows.section(tr("All chats"))
        self.rows.addRow(
            muted(tr("What is not set is not sent. A chat can do otherwise, in its own menu."))
        )
        self.rows.addRow(self.form)
        self.show_settings(config.settings)
        self._connect()

    def show_settings(self, settings: Settings) -> None:
        """The settings changed, here or elsewhere."""
        chosen = default_service(self._config.settings)
        self.service.clear()
        for service in self._services.list():
            self.service.addItem(service.name, service.id)
        self.service.setCurrentIndex(self.service.findData(chosen.id))
        self.show_models()
        efforts = () if chosen.reasoning_control == "none" else chosen.effort_levels
        self.form.show_sampling(settings.sampling, Sampling(), efforts)

    def show_models(self) -> None:
        """The models of the chosen service are known now, or others."""
        settings = self._config.settings
        chosen = default_service(settings)
        self.model.show_choices(
            [model.id for model in self._services.lists.get(chosen).models],
            settings.sampling.model or chosen.default_model,
        )

    def finish(self) -> None:
        self.form.finish()

    def _connect(self) -> None:
        self.service.activated.connect(self._on_service_chosen)
        self.model.activated.connect(self._on_model_chosen)
        line = self.model.lineEdit()
        if line is not None:
            line.editingFinished.connect(self._on_model_chosen)
        self.form.changed.connect(self._on_form_changed)
        unsubscribe = self._services.lists.subscribe(lambda _: self.show_models())
        self.destroyed.connect(lambda: unsubscribe())

    def _on_service_chosen(self) -> None:
        settings = self._config.settings
        sampling = replace(settings.sampling, model=None)  # it named a model of the other service
        chosen = self.service.currentData()
        self._config.change(replace(settings, default_service=chosen, sampling=sampling))

    def _on_model_chosen(self) -> None:
        settings = self._config.settings
        typed = self.model.currentText().strip()
        usual = default_service(self._config.settings).default_model
        model = typed if typed and typed != usual else None
        self._config.change(replace(settings, sampling=replace(settings.sampling, model=model)))

    def _on_form_changed(self, sampling: Sampling) -> None:
        settings = self._config.settings
        chosen = replace(sampling, model=settings.sampling.model, extra=settings.sampling.extra)
        self._config.change(replace(settings, sampling=chosen))
