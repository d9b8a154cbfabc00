"""One service with all its fields: the common ones on top, the rest folded below.

Invariant: every field of `Service` and `Timeouts` can be edited here; a change holds at once and
touches that field alone. The demo has nothing to set.
"""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any, get_type_hints

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QWidget,
)

from app.advice import remarks
from app.domain.settings import Form, Service, Timeouts
from app.i18n import tr, trn
from app.services import Services
from app.ui.choice_box import ChoiceBox, TypedChoiceBox
from app.ui.icons import icon
from app.ui.settings.key_field import KeyField
from app.ui.settings.members import ChoiceMember, Member, member
from app.ui.settings.model_table import MOST_ROWS, FindField, ModelTable
from app.ui.settings.rows import PAGE_PX, Page, Rows, muted
from app.ui.settings.trial_view import TrialView
from app.ui.theme import SPACE, Theme

COMMON = ("name", "base_url", "path")
NOT_SHOWN = frozenset({"id", "preset", "form", "default_model", "timeouts", "notes"})
_SERVICE_TYPES = get_type_hints(Service)
_TIMEOUT_TYPES = get_type_hints(Timeouts)


def labels() -> dict[str, str]:
    """The words beside the fields; what a field means is in its `doc`."""
    return {
        "name": tr("Name"),
        "base_url": tr("Base URL"),
        "path": tr("Path"),
        "models_path": tr("Path of the models"),
        "auth": tr("Key is sent as"),
        "key_env": tr("Key from variable"),
        "extra_headers": tr("More headers"),
        "extra_body": tr("More members"),
        "models": tr("Known models"),
        "token_limit_field": tr("Limit is called"),
        "reasoning_control": tr("Reasoning is asked by"),
        "effort_levels": tr("Effort levels"),
        "system_role": tr("System role"),
        "video_form": tr("Videos are sent as"),
        "largest_request_mb": tr("Largest request"),
        "most_pictures": tr("Most pictures"),
        "proxy": tr("Proxy"),
        "ca_file": tr("Certificates"),
        "keys_url": tr("Keys are had at"),
        "billing_url": tr("Credit is bought at"),
        "connect_s": tr("To connect"),
        "write_s": tr("To send"),
        "first_byte_s": tr("To the first word"),
        "first_byte_whole_s": tr("To a whole answer"),
        "idle_s": tr("Silence"),
    }


class ServiceForm(Page):
    """`makeDefaultRequested` and `removeRequested` carry the id of the service."""

    makeDefaultRequested = Signal(str)
    removeRequested = Signal(str)
    linkActivated = Signal(str)

    def __init__(self, theme: Theme, services: Services) -> None:
        super().__init__("")
        self._theme = theme
        self._services = services
        self._service: Service | None = None
        self._members: dict[str, Member] = {}
        self._words = labels()
        self.form = ChoiceMember(
            ChoiceBox(),
            {Form.OPENAI: tr("OpenAI chat/completions"), Form.GEMINI: tr("Gemini generateContent")},
            lambda value: self._change("form", Form(value)),
        )
        self.key = KeyField(theme, services)
        self.trial = TrialView(theme, services, self.key.typed)
        self.model = TypedChoiceBox()
        self.find_model = FindField()
        self.table = ModelTable()
        self.list_state = muted(kind="caption")
        self.refresh = QPushButton(tr("Fetch the list"))
        self.remark = muted(kind="warning")
        self.kept = muted(kind="caption")
        self.notes = muted()
        self.make_default = QPushButton(tr("Use for new chats"))
        self.remove = QPushButton(tr("Remove service"))
        self.remove.setProperty("kind", "danger")
        self._fold = QToolButton()
        self._more = QWidget()
        self._build()
        self._connect()

    # How it is built

    def _build(self) -> None:
        actions = QHBoxLayout()
        actions.setSpacing(SPACE.s)
        self.heading.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.column.removeWidget(self.heading)
        actions.addWidget(self.heading, 1)
        actions.addWidget(self.make_default)
        self.column.insertLayout(0, actions)
        self.column.insertWidget(1, self.notes)
        for name in COMMON[:2]:
            self._add(self.rows, name, Service, _SERVICE_TYPES)
        self.rows.remark(self.remark)
        self.rows.add(tr("API format"), self.form.widget, tr("The form of requests and answers."))
        self._add(self.rows, COMMON[2], Service, _SERVICE_TYPES)
        self.rows.add(tr("API key"), self.key)
        self.rows.remark(self.trial)
        self.rows.section(tr("Models"))
        self.rows.add(tr("Default model"), self.model, tr("Chosen from the list, or typed."))
        self.rows.addRow(self.find_model)
        self.rows.addRow(self.table)
        fetching = QHBoxLayout()
        fetching.setSpacing(SPACE.m)
        fetching.addWidget(self.refresh)
        fetching.addWidget(self.list_state, 1)
        self.rows.addRow(fetching)
        self._add(self.rows, "stream", Service, _SERVICE_TYPES)
        self._build_more()

    def _build_more(self) -> None:
        self._fold.setText(tr("More settings of this service"))
        self._fold.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._fold.setCheckable(True)
        self._fold.setProperty("kind", "fold")
        more = self.more = Rows(self._more)
        shown = {*COMMON, *NOT_SHOWN, "stream"}
        for field in fields(Service):
            if field.name not in shown:
                self._add(more, field.name, Service, _SERVICE_TYPES)
            if field.name == "extra_headers":
                more.remark(self.kept)
        more.section(tr("Longest waits"))
        for field in fields(Timeouts):
            self._add(more, field.name, Timeouts, _TIMEOUT_TYPES)
        self._more.hide()
        at = self.column.count() - 1
        self.column.insertWidget(at, self._fold, 0, Qt.AlignmentFlag.AlignLeft)
        self._more.setMaximumWidth(PAGE_PX)
        self.column.insertWidget(at + 1, self._more)
        self.column.insertWidget(at + 2, self.remove, 0, Qt.AlignmentFlag.AlignLeft)

    def _add(self, rows: Rows, name: str, owner: type, types: dict[str, Any]) -> None:
        field = next(each for each in fields(owner) if each.name == name)
        found = member(
            field,
            types[name],
            lambda value: self._change(name, value),
            lambda sentence: rows.complain(found.widget, sentence),
        )
        self._members[name] = found
        words = self._words.get(name)
        if words is None:  # a switch says its own sentence
            rows.addRow(found.widget)
            found.widget.setAccessibleName(field.metadata["doc"])
        else:
            rows.add(words, found.widget, field.metadata["doc"])

    def _connect(self) -> None:
        self.key.saved.connect(self.trial.begin)
        self.key.removed.connect(self.trial.forget)
        self.key.linkActivated.connect(self.linkActivated)
        self.trial.suggestionChosen.connect(self._on_suggestion_chosen)
        self.refresh.clicked.connect(self._on_refresh_clicked)
        self.model.activated.connect(self._on_model_chosen)
        line = self.model.lineEdit()
        if line is not None:
            line.editingFinished.connect(self._on_model_chosen)
        self.find_model.textChanged.connect(self.table.models.find)
        self.table.modelChosen.connect(lambda model: self._change("default_model", model))
        self.make_default.clicked.connect(lambda: self.makeDefaultRequested.emit(self._id()))
        self.remove.clicked.connect(lambda: self.removeRequested.emit(self._id()))
        self._fold.toggled.connect(self._on_fold_toggled)
        self._theme.changed.connect(self._dress_fold)
        self._dress_fold()

    # What is shown

    def show_service(self, service: Service, *, is_default: bool) -> None:
        """Show `service` as it is now; fields with the keyboard in them keep what is typed."""
        if self._service is not None and self._service.id != service.id:
            self.finish()
            for found in self._members.values():
                found.forget()
            self.find_model.clear()
        self._service = service
        demo = service.form is Form.DEMO
        self.heading.setText(service.name or service.base_url)
        self.notes.setText(service.notes)
        self.notes.setVisible(bool(service.notes))
        self.make_default.setEnabled(not is_default)
        self.make_default.setText(
            tr("Used for new chats") if is_default else tr("Use for new chats")
        )
        self.setAccessibleName(service.name)
        for widget in (self._inner, self._fold, self.remove):
            widget.setVisible(not demo)
        self._more.setVisible(not demo and self._fold.isChecked())
        for name, found in self._members.items():
            owner = service if hasattr(service, name) else service.timeouts
            found.show(getattr(owner, name))
        self.form.show(service.form)
        found_remarks = remarks(service)
        self.remark.setText(" ".join(found_remarks))
        self.rows.setRowVisible(self.remark, bool(found_remarks))
        self.key.show_service(service)
        self.show_kept()
        self.rows.setRowVisible(self.key, service.auth != "none")
        self.trial.show_service(service)
        self.show_models()

    def show_kept(self) -> None:
        """Where the values are that stand as dots among the headers."""
        words = self._services.keys.headers.sentence(self._service) if self._service else ""
        self.kept.setText(words)
        self.more.setRowVisible(self.kept, bool(words))

    def show_models(self) -> None:
        """The list of models changed."""
        if self._service is None:
            return
        known = self._services.lists.get(self._service)
        chosen = self._service.default_model
        self.table.show_models(known.models, chosen)
        many = len(known.models) > MOST_ROWS
        if not many:
            self.find_model.clear()
        self.rows.setRowVisible(self.find_model, many)
        self.model.show_choices([model.id for model in known.models], chosen)
        self.refresh.setEnabled(not known.loading)
        if known.loading:
            self.list_state.setText(tr("Fetching…"))
        elif known.failure is not None:
            self.list_state.setText(known.failure.message)
        elif known.fetched:
            count = trn("{count} model.", "{count} models.", len(known.models))
            self.list_state.setText(
                tr("{count} A double click makes one the default.", count=count)
            )
        else:
            self.list_state.setText(tr("Not fetched yet."))

    def finish(self) -> None:
        """Keep what is being typed, and stop a test that runs."""
        for found in self._members.values():
            if found.waiting():
                found.finish()
        self.trial.finish()

    def focus_address(self, word: str) -> None:
        """Put the keyboard into the address, on the `word` that stands in place of the host."""
        line = self._members["base_url"].widget
        assert isinstance(line, QLineEdit)
        line.setFocus(Qt.FocusReason.OtherFocusReason)
        line.setSelection(line.text().find(word), len(word))

    # What is done

    def _id(self) -> str:
        return self._service.id if self._service is not None else ""

    def _change(self, name: str, value: Any) -> None:
        service = self._services.get(self._id())
        if service is None:
            return
        if name == "extra_headers":
            self._services.change_headers(service.id, value)
        elif hasattr(service, name):
            self._services.change(replace(service, **{name: value}))
        else:
            timeouts = replace(service.timeouts, **{name: value})
            self._services.change(replace(service, timeouts=timeouts))

    def _on_model_chosen(self) -> None:
        self._change("default_model", self.model.currentText().strip())

    def _on_refresh_clicked(self) -> None:
        if self._service is not None:
            self._services.lists.refresh(self._service)

    def _on_suggestion_chosen(self, service: Service) -> None:
        self._services.change(service)
        self.trial.begin()

    def _on_fold_toggled(self, unfolded: bool) -> None:
        self._more.setVisible(unfolded)
        self._dress_fold()

    def _dress_fold(self) -> None:
        name = "chevron-down" if self._fold.isChecked() else "chevron-right"
        self._fold.setIcon(icon(name, self._theme.color("muted")))
