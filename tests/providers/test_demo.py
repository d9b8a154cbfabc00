"""The demo model: every kind of answer shows all there is to show, can stop, and can go on."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.message import FinishReason, Media, Message, Role, Text
from app.domain.settings import Sampling
from app.domain.stream import Draft
from app.markdown.stream import parse
from app.markdown.tree import Kind
from app.providers import presets
from app.providers.base import GO_ON_ID, ChatRequest, Endpoint
from app.providers.demo import DemoProvider
from app.providers.demo_answers import compose

DEMO = Endpoint(presets.DEMO)


def said(text: str, role: Role = Role.USER, message_id: str = "q") -> Message:
    parts = (Text(text),) if text else ()
    return Message(id=message_id, parent_id=None, role=role, parts=parts, created_at=0.0)


def asking(*messages: Message, stream: bool = True, **wishes: object) -> ChatRequest:
    return ChatRequest(
        messages=messages, sampling=replace(Sampling(model="demo"), **wishes), stream=stream
    )


class Slept:
    def __init__(self) -> None:
        self.seconds: list[float] = []

    async def pause(self, seconds: float) -> None:
        self.seconds.append(seconds)


async def answer(request: ChatRequest, variation: int = 0) -> tuple[Draft, list[float]]:
    slept = Slept()
    draft = Draft(said("", Role.ASSISTANT, "a"))
    async for event in DemoProvider(slept.pause, lambda ways: variation % ways).stream(
        DEMO, request
    ):
        draft.apply(event)
    return draft, slept.seconds


QUESTIONS = (
    "What is quantum computing, simply?",
    "hello",
    "compare Python vs Rust",
    "write a python function",
    "What is 12 * (7 + 3)?",
)


@pytest.mark.parametrize("question", QUESTIONS)
async def test_every_answer_shows_all_there_is(question: str) -> None:
    draft, slept = await answer(asking(said(question)))
    assert "demo" in draft.text
    assert question in draft.text
    assert draft.reasoning
    assert re.search(r"^```\w+\n.+?^```$", draft.text, re.MULTILINE | re.DOTALL)
    assert re.search(r"^\| -", draft.text, re.MULTILINE)
    assert draft.text.count("$$") == 2
    assert "- [ ]" in draft.text
    assert draft.model == "demo"
    assert draft.finished is not None
    assert draft.finished.reason is FinishReason.STOP
    assert draft.usage is not None
    assert draft.usage.total == (draft.usage.prompt or 0) + (draft.usage.completion or 0)
    assert draft.deltas > 60
    assert 0.5 < sum(slept) < 6.0


async def test_arithmetic_is_real() -> None:
    draft, _ = await answer(asking(said("What is 12 * (7 + 3)?")))
    assert "= 120\n" in draft.text


@pytest.mark.parametrize(
    "question", ["Was it on 2026-11-20?", "open 24/7", "5", "9**9**9", "1/0 ="]
)
async def test_no_arithmetic_where_there_is_none(question: str) -> None:
    draft, _ = await answer(asking(said(question)))
    assert "Arithmetic" not in draft.text


async def test_attachments_are_named() -> None:
    media = Media(mime="image/png", sha256="0" * 64, name="cat.png", size_bytes=3000)
    question = replace(said("what is it?"), parts=(Text("what is it?"), media))
    draft, _ = await answer(asking(question))
    assert "`cat.png`" in draft.text
    assert "3.0 kB" in draft.text


async def test_versions_differ() -> None:
    first, _ = await answer(asking(said("hello")), 0)
    second, _ = await answer(asking(said("hello")), 1)
    assert first.text != second.text


async def test_without_reasoning_and_without_stream() -> None:
    draft, _ = await answer(asking(said("hello"), stream=False, show_reasoning=False))
    assert not draft.reasoning
    assert draft.deltas == 1


async def test_json_answer() -> None:
    draft, _ = await answer(asking(said("hello you"), json_answer=True))
    assert '"words": 2' in draft.text


@pytest.mark.parametrize("tokens", [100, 150, 200])
async def test_limit_and_going_on(tokens: int) -> None:
    question = said("What is quantum computing, simply?")
    whole, _ = await answer(asking(question), 1)
    begun, _ = await answer(asking(question, max_tokens=tokens), 1)
    assert begun.finished is not None
    assert begun.finished.reason is FinishReason.LENGTH
    assert len(begun.text) + len(begun.reasoning) == 4 * tokens
    partial = said(begun.text, Role.ASSISTANT, "a")
    wish = said("go on", message_id=GO_ON_ID)
    rest, _ = await answer(asking(question, partial, wish), 2)
    assert begun.text + rest.text == whole.text


async def test_a_second_question_is_not_taken_for_the_rest() -> None:
    first = said("hello")
    partial = said(compose(first, turn=1).text[:50], Role.ASSISTANT, "a")
    draft, _ = await answer(asking(first, partial, said("compare A vs B", message_id="q2")))
    assert "compare A vs B" in draft.text
    assert "question number 2" in draft.text


async def test_models_and_nothing_to_mend() -> None:
    (model,) = await DemoProvider().models(DEMO)
    assert model.id == presets.DEMO.default_model


SHOWN = {Kind.PARAGRAPH, Kind.HEADING, Kind.TABLE, Kind.CODE, Kind.MATH}


@given(st.text(max_size=300) | st.sampled_from(QUESTIONS), st.integers(0, 5))
def test_any_question_gets_an_answer_with_all_there_is(text: str, variation: int) -> None:
    script = compose(said(text), turn=1, variation=variation)
    assert {leaf.kind for leaf in parse(script.text).leaves} == SHOWN
    assert script.reasoning


@given(st.text(max_size=300))
def test_any_question_gets_an_answer_in_json(text: str) -> None:
    script = compose(said(text), turn=1, json_answer=True)
    assert json.loads(script.text)["question"] == " ".join(text.split())
