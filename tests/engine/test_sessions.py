"""Random sessions: whatever a person does, nothing that was said is lost, and the disk agrees."""

from __future__ import annotations

import asyncio
import itertools
import tempfile
from collections.abc import AsyncGenerator
from contextlib import ExitStack
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from scripted import Bench, ScriptedProvider, text

from app.chat import Chat
from app.domain.errors import ChatError, ErrorKind, Failure
from app.domain.message import FinishReason, Message, Role
from app.domain.stream import Finished, ReasoningDelta, StreamEvent, TextDelta
from app.providers.base import ChatRequest, Endpoint
from app.reply import ReplyState
from app.storage.conversations import Conversations

numbers = st.integers(min_value=0, max_value=10_000)


class Fed(ScriptedProvider):
    """Gives what the session puts in, to the request that runs."""

    def __init__(self) -> None:
        super().__init__()
        self.feed: asyncio.Queue[StreamEvent | Failure] = asyncio.Queue()

    async def stream(
        self, endpoint: Endpoint, request: ChatRequest
    ) -> AsyncGenerator[StreamEvent, None]:
        self.feed = asyncio.Queue()
        self.open += 1
        try:
            while True:
                match await self.feed.get():
                    case Failure() as failure:
                        raise ChatError(failure)
                    case Finished() as finished:
                        yield finished
                        return
                    case event:
                        yield event
        finally:
            self.open -= 1


class Session(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        folder = self.stack.enter_context(tempfile.TemporaryDirectory())
        self.runner = self.stack.enter_context(asyncio.Runner())
        self.bench = Bench(Path(folder))
        self.bench.provider = self.fed = Fed()
        self.words = map("word{}.".format, itertools.count(1))
        self.said: list[str] = []
        self.arrived: list[str] = []
        self.chat: Chat = self.bench.new_chat()

    # What a person does

    @rule()
    def send(self) -> None:
        """Like the composer: all that is in it."""
        self.do(lambda: self.chat.send(text(self.chat.unsent.text + self.say())))

    @rule(pick=numbers)
    @precondition(lambda self: self.messages(Role.USER))
    def edit(self, pick: int) -> None:
        self.do(lambda: self.chat.edit(self.one(Role.USER, pick).id, text(self.say())))

    @rule(pick=numbers)
    @precondition(lambda self: self.messages(Role.ASSISTANT))
    def regenerate(self, pick: int) -> None:
        self.do(lambda: self.chat.regenerate(self.one(Role.ASSISTANT, pick).id))

    @rule(pick=numbers)
    @precondition(lambda self: self.messages(Role.ASSISTANT))
    def retry(self, pick: int) -> None:
        self.do(lambda: self.chat.retry(self.one(Role.ASSISTANT, pick).id))

    @rule(pick=numbers)
    @precondition(lambda self: self.messages(Role.ASSISTANT))
    def resume(self, pick: int) -> None:
        self.do(lambda: self.chat.resume(self.one(Role.ASSISTANT, pick).id))

    @rule(pick=numbers)
    @precondition(lambda self: self.messages())
    def select(self, pick: int) -> None:
        self.do(lambda: self.chat.select(self.one(None, pick).id))

    @rule(pick=numbers)
    @precondition(lambda self: self.messages())
    def leave_out(self, pick: int) -> None:
        self.do(lambda: self.chat.leave_out_before(self.one(None, pick).id))

    @rule()
    def stop(self) -> None:
        self.do(self.chat.stop)

    @rule()
    def unqueue(self) -> None:
        self.do(self.chat.unqueue)

    @rule()
    def send_queued(self) -> None:
        self.do(self.chat.send_queued)

    @rule()
    def write(self) -> None:
        self.do(lambda: self.chat.set_unsent(self.chat.unsent.text + self.say()))

    # What comes from outside

    @rule(reasoning=st.booleans())
    @precondition(lambda self: self.fed.open)
    def receive(self, reasoning: bool) -> None:
        word = next(self.words)
        self.arrived.append(word)
        self.feed(ReasoningDelta(word) if reasoning else TextDelta(word))

    @rule(reason=st.sampled_from(FinishReason))
    @precondition(lambda self: self.fed.open)
    def finish(self, reason: FinishReason) -> None:
        self.feed(Finished(reason, reason.value))

    @rule(kind=st.sampled_from([ErrorKind.AUTH, ErrorKind.TRUNCATED, ErrorKind.SERVER]))
    @precondition(lambda self: self.fed.open)
    def fail(self, kind: ErrorKind) -> None:
        self.feed(Failure(kind=kind, message="no", retryable=kind is ErrorKind.SERVER))

    @rule(seconds=st.sampled_from([0.1, 0.7, 30.0, -3600.0]))
    def time_passes(self, seconds: float) -> None:
        if seconds < 0:
            self.bench.hand.wall += seconds
        else:
            self.do(lambda: self.bench.hand.advance(seconds))

    @rule()
    @precondition(lambda self: self.messages())
    def quit_and_start(self) -> None:
        self.do(self.chat.close)
        self.do(lambda: setattr(self, "chat", self.bench.reopened(self.chat)))

    @rule()
    @precondition(lambda self: self.messages())
    def be_killed_and_start(self) -> None:
        """A second after the last word at the latest, everything is on disk."""
        self.do(lambda: self.bench.hand.advance(1.0))
        stored = self.bench.conversations.load(self.chat.id)
        unsent = self.bench.conversations.unsent(self.chat.id)
        self.do(lambda: self.chat.stop())
        self.bench.conversations.save(stored, *stored.messages.values())
        self.bench.conversations.set_unsent(self.chat.id, unsent)
        self.bench.conversations.close()
        fresh = Conversations(self.bench.database)
        fresh.mend_cut_off()
        object.__setattr__(self.bench.around, "store", fresh)
        self.bench.conversations = fresh
        self.chat = self.bench.reopened(self.chat)
        assert all(m.finish for m in self.messages(Role.ASSISTANT))

    # What always holds

    @invariant()
    def nothing_is_lost(self) -> None:
        messages = self.chat.conversation.messages.values()
        kept = [*(message.text for message in messages), self.chat.unsent.text]
        kept += [message.reasoning for message in messages]
        kept += [part.text for part in text("") + (self.chat.queued or ())]
        if self.chat.draft is not None:
            kept += [self.chat.draft.text, self.chat.draft.reasoning]
        whole = "\n".join(kept)
        missing = [word for word in (*self.said, *self.arrived) if word not in whole]
        assert missing == []

    @invariant()
    def the_tree_is_sound(self) -> None:
        conversation = self.chat.conversation
        for parent_id, children in conversation.children.items():
            assert parent_id is None or parent_id in conversation.messages
            assert [conversation.messages[child].parent_id for child in children] == (
                [parent_id] * len(children)
            )
        assert sum(map(len, conversation.children.values())) == len(conversation.messages)
        times = [message.created_at for message in conversation.path()]
        assert times == sorted(times)
        unfinished = [m.id for m in self.messages(Role.ASSISTANT) if m.finish is None]
        draft = self.chat.draft
        assert unfinished == ([] if draft is None else [draft.message.id])
        assert (draft is None) == (self.chat.state is ReplyState.IDLE)
        assert self.fed.open <= 1

    @invariant()
    def the_disk_agrees(self) -> None:
        if self.messages():
            assert self.chat.saving.problem is None
            stored = self.bench.conversations.load(self.chat.id)
            shown = self.chat.conversation
            if (draft := self.chat.draft) is not None:
                stored = stored.replace_message(shown.messages[draft.message.id])
            assert stored == shown

    def teardown(self) -> None:
        self.do(self.chat.close)
        self.runner.run(self.bench.close())
        assert self.fed.open == 0
        self.stack.close()

    # Means

    def say(self) -> str:
        self.said.append(next(self.words))
        return self.said[-1]

    def messages(self, role: Role | None = None) -> list[Message]:
        return [m for m in self.chat.conversation.messages.values() if role in (None, m.role)]

    def one(self, role: Role | None, pick: int) -> Message:
        found = self.messages(role)
        return found[pick % len(found)]

    def feed(self, event: StreamEvent | Failure) -> None:
        self.do(lambda: self.fed.feed.put_nowait(event))

    def do(self, command: object) -> None:
        """Run `command` on the loop, and let the loop come to rest."""

        async def run() -> None:
            assert callable(command)
            command()
            for _ in range(12):
                await asyncio.sleep(0)

        self.runner.run(run())


Session.TestCase.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
TestSession = Session.TestCase
