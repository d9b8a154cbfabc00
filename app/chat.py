"""One open chat: what a person can do with it, and the reply that is being written.

Invariant: `conversation` is frozen and replaced; whatever is said goes to disk before anything
else happens; at most one reply runs, and a question asked meanwhile waits for it. Commands return
at once. Must not know windows, nor how a provider speaks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from app.asking import Asking
from app.choice import sampling_of, service_of
from app.domain.conversation import Conversation, Unsent
from app.domain.message import Finish, FinishReason, Message, Part, Role, Text
from app.domain.settings import Sampling, Service, Settings
from app.domain.stream import Draft
from app.domain.title import title_of
from app.providers.base import Files
from app.reply import Backend, Change, Countdown, Reply, ReplyState
from app.running import Running, cut_off
from app.saving import Saving, Store
from app.tasks import Clock, Listeners, Tasks, guarded


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What all chats of a library share."""

    backend: Backend
    store: Store
    settings: Callable[[], Settings]
    files: Files
    tasks: Tasks
    new_id: Callable[[], str]


class Chat:
    """Attributes are to be read only; `subscribe` tells when they change.

    `reply` is the one that runs; `state`, `started_at` and `countdown` (monotonic seconds) describe
    it, and `draft`, what has arrived of it, stands for the message with the id of
    `draft.message`. `queued` is the question that waits for its end. `saving.problem` says why
    the chat could not be written to the disk.
    """

    def __init__(
        self,
        conversation: Conversation,
        unsent: Unsent,
        around: Surroundings,
        *,
        stored: bool,
        told: Callable[[Chat, Change], None],
        ended: Callable[[Chat, Message], None],
    ) -> None:
        """`told` hears every change but `DRAFT`; `ended` each answer when it is over."""
        self.id = conversation.id
        self.conversation = conversation
        self.unsent = unsent
        self.queued: tuple[Part, ...] | None = None
        self.draft: Draft | None = None
        self.state = ReplyState.IDLE
        self.started_at: float | None = None
        self.countdown: Countdown | None = None
        self.reply: Reply | None = None
        self.saving = Saving(
            around.store,
            around.backend.clock,
            lambda: self._tell(Change.META),
            conversation,
            unsent,
            stored=stored,
        )
        self._around = around
        self._told = told
        self._on_end = ended
        self._running: Running | None = None
        self._listeners = Listeners[Change]()

    def subscribe(self, listener: Callable[[Change], None]) -> Callable[[], None]:
        """Call `listener` at every change until the returned function is called."""
        return self._listeners.add(listener)

    @property
    def service(self) -> Service:
        """The service of the next question."""
        return service_of(self.conversation, self._around.settings())

    @property
    def sampling(self) -> Sampling:
        """The parameters of the next question: the chat's own over the settings'."""
        return sampling_of(self.conversation, self._around.settings())

    # What is said

    def send(self, parts: Iterable[Part]) -> None:
        """Ask; while a reply is being written the question waits for its end."""
        said = tuple(parts)
        if said:
            self.unsent = Unsent()
            self.queued = said if self.queued is None else _together(self.queued, said)
            if self._running is None:
                self.send_queued()
            else:
                self.saving.set_unsent(_joined(self.queued, self.unsent))
                self.saving.write()  # it was sent: not even a moment of it may be lost
                self._tell(Change.META)

    def send_queued(self) -> None:
        """Send the question that waits now; the running reply is stopped."""
        queued, self.queued = self.queued, None
        if queued is not None:
            self.stop()
            self.saving.set_unsent(self.unsent)
            self._ask(queued, self.conversation.leaf_id)

    def unqueue(self) -> None:
        """Take back the question that waits: it is unsent again, before what was typed since."""
        queued, self.queued = self.queued, None
        if queued is not None:
            self.unsent = _joined(queued, self.unsent)
            self.saving.set_unsent(self.unsent)
            self._tell(Change.META)

    def edit(self, message_id: str, parts: Iterable[Part]) -> None:
        """Say it otherwise: a new branch beside the old message, which stays."""
        if said := tuple(parts):
            self.stop()
            self._ask(said, self.conversation.messages[message_id].parent_id)

    def regenerate(self, message_id: str) -> None:
        """Another version of an answer; for a question, another answer to it."""
        self.stop()
        message = self.conversation.messages[message_id]
        question_id = message.parent_id if message.role is Role.ASSISTANT else message.id
        if question_id is not None:
            self._answer(question_id)

    def retry(self, message_id: str) -> None:
        """Ask again: in the place of an answer of which nothing arrived, else as a new version."""
        self.stop()
        failed = self.conversation.messages[message_id]
        if failed.parts or failed.parent_id is None:
            self.regenerate(message_id)
        else:
            self._answer(failed.parent_id, failed.id)

    def resume(self, message_id: str) -> None:
        """Let the model go on with an answer; what comes is joined to it."""
        self.stop()
        message = self.conversation.messages[message_id]
        if message.parent_id is not None:
            self._answer(message.parent_id, message.id, rest=True)

    # The reply that runs

    def stop(self) -> None:
        """End the running reply at once and keep what has arrived."""
        if self._running is not None:
            self._running.stop()

    def retry_now(self) -> None:
        """Do not wait for the end of the countdown."""
        if self._running is not None:
            self._running.reply.retry_now()

    # What is shown, and how the chat asks

    def select(self, message_id: str) -> None:
        """Show this version and what follows it."""
        self.revise(self.conversation.select(message_id), Change.TREE)

    def set_unsent(self, text: str, parts: tuple[Part, ...] = ()) -> None:
        """Keep what is in the composer. Cheap: written a moment later."""
        if self.unsent != (unsent := Unsent(text, parts)):
            self.unsent = unsent
            self.saving.set_unsent(_joined(self.queued, unsent))
            self._tell(Change.META)

    def set_sampling(self, sampling: Sampling) -> None:
        """The chat's own parameters; what is None follows the settings."""
        self.revise(replace(self.conversation, sampling=sampling), Change.META)

    def set_service(self, service_id: str, model: str | None) -> None:
        """Whom the next question goes to; without a model, the service's own default."""
        sampling = replace(self.conversation.sampling, model=model)
        chosen = replace(self.conversation, service_id=service_id, sampling=sampling)
        self.revise(chosen, Change.META)

    def leave_out_before(self, message_id: str | None) -> None:
        """Send nothing before this message any more; None sends everything again."""
        chosen = replace(self.conversation, context_start_id=message_id)
        self.revise(chosen, Change.TREE)

    def revise(self, conversation: Conversation, change: Change) -> None:
        """Take `conversation` in the place of the one before, write it, and tell of `change`."""
        if conversation is not self.conversation:
            self.conversation = conversation
            self.saving.save(conversation)
            self._tell(change)

    def close(self) -> None:
        """The program ends: keep what has arrived as cut off, and write everything."""
        if self._running is not None:
            self._running.stop(self._running.reply.ended(cut_off()))
        self.saving.flush()

    def _ask(self, parts: tuple[Part, ...], parent_id: str | None) -> None:
        question = Message(
            id=self._around.new_id(),
            parent_id=parent_id,
            role=Role.USER,
            parts=parts,
            created_at=_time_after(self.conversation, parent_id, self._around.backend.clock),
        )
        asked = self.conversation.append(question)
        title = asked.title
        if not title and not asked.titled_by_person:
            title = title_of(parts)
        service_id, sampling = self.service.id, asked.sampling
        if asked.service_id not in ("", service_id):
            sampling = replace(sampling, model=None)  # a model of a service that is gone
        self.conversation = replace(asked, title=title, service_id=service_id, sampling=sampling)
        self._answer(question.id)

    def _answer(
        self, question_id: str, answer_id: str | None = None, *, rest: bool = False
    ) -> None:
        """Start a reply: a new answer, or in the place of `answer_id`, or the rest of that."""
        service, sampling = self.service, self.sampling
        model = sampling.model or ""
        quirks = self._around.backend.quirks.get(service, model)
        asking = Asking(service=service, sampling=sampling, quirks=quirks, files=self._around.files)
        answer = Message(
            id=answer_id or self._around.new_id(),
            parent_id=question_id,
            role=Role.ASSISTANT,
            parts=(),
            created_at=_time_after(self.conversation, question_id, self._around.backend.clock),
            service_id=service.id,
            service_name=service.name or service.base_url,
            model=model,
        )
        if rest:
            asked = asking.for_rest(self.conversation, answer)
        else:
            asked = asking.for_answer(self.conversation, answer)
        self._running = Running(
            service=service,
            request=asked.request,
            history=asked.history,
            draft=asked.draft,
            backend=self._around.backend,
            follow=self._follow,
            ended=self._ended,
        )
        reply = self._running.reply
        self.reply, self.draft = reply, reply.draft
        self.conversation = asked.conversation
        self.saving.save(asked.conversation)
        self.saving.begin_live(lambda: reply.message(None))
        self._running.start(self._around.tasks, f"reply in chat {self.id}")
        self._follow(Change.STATE)  # first: who then hears of the question knows what is to come
        self._tell(Change.TREE)

    def _follow(self, change: Change) -> None:
        """Pass on what the reply says. For a delta this is one mark and one call a listener."""
        if change is Change.DRAFT:
            self.saving.mark_live()
            self._listeners.tell(change)
        elif self.reply is not None:
            self.state = self.reply.state
            self.started_at = self.reply.started_at
            self.countdown = self.reply.countdown
            self._tell(change)

    def _ended(self, reply: Reply, finish: Finish) -> None:
        message = reply.message(finish)
        self._running = self.reply = self.draft = self.started_at = self.countdown = None
        self.state = ReplyState.IDLE
        self.saving.end_live()
        self.revise(self.conversation.replace_message(message), Change.TREE)
        self._tell(Change.STATE)
        self._on_end(self, message)
        if self.queued is not None and _went_well(finish):
            self.send_queued()

    def _tell(self, change: Change) -> None:
        guarded(self._told, self, change)
        self._listeners.tell(change)


def _went_well(finish: Finish) -> bool:
    bad = (FinishReason.CONTENT_FILTER, FinishReason.ERROR)
    return finish.complete and finish.failure is None and finish.reason not in bad


def _time_after(conversation: Conversation, parent_id: str | None, clock: Clock) -> float:
    """Now, but not before the parent: the clock may have been set back."""
    parent = conversation.messages.get(parent_id) if parent_id is not None else None
    return max(clock.now(), parent.created_at) if parent else clock.now()


def _together(first: tuple[Part, ...], second: tuple[Part, ...]) -> tuple[Part, ...]:
    """Two questions as one: text first, then what is attached."""
    parts = (*first, *second)
    text = "\n\n".join(part.text for part in parts if isinstance(part, Text) and part.text)
    others = tuple(part for part in parts if not isinstance(part, Text))
    return (Text(text), *others) if text else others


def _joined(queued: tuple[Part, ...] | None, unsent: Unsent) -> Unsent:
    """What is kept for the composer: a question that waits is not lost when the program ends."""
    if queued is None:
        return unsent
    match _together(queued, (Text(unsent.text), *unsent.parts)):
        case (Text(text), *others):
            return Unsent(text, tuple(others))
        case others:
            return Unsent("", tuple(others))
