"""Random sessions: whatever is done to chats, the file says the same as memory, also reopened."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

from chat_values import names, texts
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    rule,
)

from app.domain.conversation import Conversation, Unsent
from app.domain.message import Finish, FinishReason, Message, Role, Text
from app.domain.settings import Sampling
from app.storage.conversations import Conversations
from app.storage.database import Database


class Sessions(RuleBasedStateMachine):
    """`known` is what an open window would hold of each chat."""

    chat_ids = Bundle("chat_ids")

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name) / "linnet.db"
        self.known: dict[str, Conversation] = {}
        self.unsent: dict[str, Unsent] = {}
        self.made = 0

    @initialize()
    def open(self) -> None:
        self.database = Database.open(self.path)
        self.chats = Conversations(self.database)

    def teardown(self) -> None:
        if hasattr(self, "database"):
            self.chats.close()
            self.database.close()
        self.folder.cleanup()

    def number(self) -> int:
        self.made += 1
        return self.made

    def message(self, parent_id: str | None, role: Role, text: str) -> Message:
        number = self.number()
        parts = (Text(text),) if text else ()
        return Message(
            id=f"m{number}", parent_id=parent_id, role=role, parts=parts, created_at=float(number)
        )

    def pick(self, chat_id: str, data: st.DataObject) -> Message | None:
        messages = list(self.known[chat_id].messages.values())
        return data.draw(st.sampled_from(messages)) if messages else None

    @rule(target=chat_ids, title=texts)
    def new_chat(self, title: str) -> str:
        number = self.number()
        conversation = Conversation(id=f"c{number}", title=title, created_at=float(number))
        self.chats.save(conversation)
        self.known[conversation.id] = conversation
        return conversation.id

    @rule(chat_id=chat_ids, text=texts)
    def ask(self, chat_id: str, text: str) -> None:
        conversation = self.known[chat_id]
        question = self.message(conversation.leaf_id, Role.USER, text)
        answer = self.message(question.id, Role.ASSISTANT, "")
        conversation = conversation.append(question).append(answer)
        self.chats.save(conversation, question, answer)
        self.known[chat_id] = conversation

    @rule(chat_id=chat_ids, text=texts, data=st.data())
    def edit_or_regenerate(self, chat_id: str, text: str, data: st.DataObject) -> None:
        if old := self.pick(chat_id, data):
            version = self.message(old.parent_id, old.role, text)
            self.known[chat_id] = self.known[chat_id].append(version)
            self.chats.save(self.known[chat_id], version)

    @rule(chat_id=chat_ids, text=texts, data=st.data())
    def checkpoint(self, chat_id: str, text: str, data: st.DataObject) -> None:
        message = self.pick(chat_id, data)
        if message and message.role is Role.ASSISTANT:
            grown = replace(message, parts=(*message.parts, Text(text)), extras={"n": self.made})
            self.chats.checkpoint(grown)
            if message.finish is None:
                self.known[chat_id] = self.known[chat_id].replace_message(grown)

    @rule(chat_id=chat_ids, text=texts, data=st.data())
    def finish(self, chat_id: str, text: str, data: st.DataObject) -> None:
        message = self.pick(chat_id, data)
        if message and message.role is Role.ASSISTANT:
            done = replace(
                message,
                parts=(Text(text),),
                finish=Finish(reason=FinishReason.STOP, complete=True),
            )
            self.known[chat_id] = self.known[chat_id].replace_message(done)
            self.chats.save(self.known[chat_id], done)

    @rule(chat_id=chat_ids, data=st.data())
    def show_another_version(self, chat_id: str, data: st.DataObject) -> None:
        if message := self.pick(chat_id, data):
            self.known[chat_id] = self.known[chat_id].select(message.id)
            self.chats.save(self.known[chat_id])

    @rule(chat_id=chat_ids, title=texts)
    def rename(self, chat_id: str, title: str) -> None:
        self.chats.set_title(chat_id, title, by_person=True)
        self.known[chat_id] = replace(self.known[chat_id], title=title, titled_by_person=True)

    @rule(chat_id=chat_ids, pinned=st.booleans(), unread=st.booleans())
    def mark(self, chat_id: str, pinned: bool, unread: bool) -> None:
        self.chats.set_pinned(chat_id, pinned)
        self.chats.set_unread(chat_id, unread)
        self.known[chat_id] = replace(self.known[chat_id], pinned=pinned, unread=unread)

    @rule(chat_id=chat_ids, service_id=names, temperature=st.none() | st.floats(0, 2))
    def configure(self, chat_id: str, service_id: str, temperature: float | None) -> None:
        sampling = Sampling(temperature=temperature, system_prompt=service_id)
        self.known[chat_id] = replace(self.known[chat_id], service_id=service_id, sampling=sampling)
        self.chats.save(self.known[chat_id])

    @rule(chat_id=chat_ids, text=texts)
    def write_without_sending(self, chat_id: str, text: str) -> None:
        self.unsent[chat_id] = Unsent(text, (Text("attached"),) if text else ())
        self.chats.set_unsent(chat_id, self.unsent[chat_id])

    @rule(chat_id=chat_ids, at=st.none() | st.floats(0, 100))
    def bin_or_restore(self, chat_id: str, at: float | None) -> None:
        self.chats.set_binned(chat_id, at)
        self.known[chat_id] = replace(self.known[chat_id], binned_at=at)

    @rule(target=chat_ids, chat_id=consumes(chat_ids))
    def purge(self, chat_id: str) -> object:
        self.chats.purge([chat_id])
        del self.known[chat_id]
        self.unsent.pop(chat_id, None)
        return multiple()

    @rule()
    def restart(self) -> None:
        self.chats.close()
        self.database.close()
        self.open()
        mended = set(self.chats.mend_cut_off())
        for chat_id, conversation in self.known.items():
            loaded = self.chats.load(chat_id)
            for message in conversation.messages.values():
                if message.role is Role.ASSISTANT and message.finish is None:
                    assert chat_id in mended
                    finish = loaded.messages[message.id].finish
                    assert finish is not None
                    assert not finish.complete
                    conversation = conversation.replace_message(replace(message, finish=finish))
            self.known[chat_id] = conversation

    @invariant()
    def the_file_says_the_same(self) -> None:
        if not hasattr(self, "database"):
            return
        for chat_id, conversation in self.known.items():
            assert self.chats.load(chat_id) == conversation
            assert self.chats.unsent(chat_id) == self.unsent.get(chat_id, Unsent())
        for binned in (False, True):
            listed = {summary.id: summary for summary in self.chats.summaries(binned=binned)}
            expected = {
                chat_id: (chat.title, chat.pinned, chat.unread, len(chat.messages))
                for chat_id, chat in self.known.items()
                if (chat.binned_at is not None) is binned
            }
            assert {
                chat_id: (row.title, row.pinned, row.unread, row.message_count)
                for chat_id, row in listed.items()
            } == expected


TestSessions = Sessions.TestCase
TestSessions.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)
