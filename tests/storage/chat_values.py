"""Chats to store: short ways to make them, and hypothesis strategies for every field."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from app.domain.conversation import Conversation
from app.domain.errors import ErrorKind, Failure, Phase
from app.domain.message import (
    Finish,
    FinishReason,
    Media,
    Message,
    Notice,
    Part,
    Reasoning,
    Role,
    Text,
    Timing,
    ToolCall,
    ToolResult,
    Usage,
)
from app.domain.settings import Sampling

WELL = Finish(reason=FinishReason.STOP, native="stop", complete=True)


def asked(id: str, text: str, parent_id: str | None = None, at: float = 1.0) -> Message:
    return Message(id=id, parent_id=parent_id, role=Role.USER, parts=(Text(text),), created_at=at)


def answered(
    id: str, parent_id: str | None, *parts: Part, finish: Finish | None = WELL, at: float = 2.0
) -> Message:
    return Message(
        id=id, parent_id=parent_id, role=Role.ASSISTANT, parts=parts, created_at=at, finish=finish
    )


def chat(id: str, *messages: Message, **members: Any) -> Conversation:
    conversation = Conversation(id=id)
    for message in messages:
        conversation = conversation.append(message)
    return replace(conversation, **members)


# Text as it is stored: whole, without half surrogates (`Message` says so).
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
names = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
numbers = st.floats(allow_nan=False, allow_infinity=False, min_value=-1e12, max_value=1e12)
counts = st.integers(0, 2**40)
# Opaque values come from the wire's JSON, which can hold half surrogates.
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | numbers | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=6,
)
objects = st.dictionaries(st.text(max_size=6), json_values, max_size=3)


def maybe(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | strategy


parts = (
    st.builds(Text, texts)
    | st.builds(Reasoning, texts, maybe(numbers))
    | st.builds(
        Media,
        mime=names,
        sha256=maybe(names),
        url=maybe(names),
        name=names,
        size_bytes=maybe(counts),
        width_px=maybe(counts),
        height_px=maybe(counts),
        duration_s=maybe(numbers),
    )
    | st.builds(ToolCall, id=maybe(names), name=names, arguments=texts, extra=objects)
    | st.builds(ToolResult, call_id=maybe(names), name=names, output=texts, is_error=st.booleans())
)
failures = st.builds(
    Failure,
    kind=st.sampled_from(ErrorKind),
    message=texts,
    phase=st.sampled_from(Phase),
    retryable=st.booleans(),
    max_retries=st.integers(0, 3),
    http_status=maybe(st.integers(100, 599)),
    retry_after_s=maybe(numbers),
    codes=st.lists(names, max_size=2).map(tuple),
    trace_id=maybe(names),
    param=maybe(names),
    url=maybe(names),
    detail=texts,
)
finishes = st.builds(
    Finish,
    reason=maybe(st.sampled_from(FinishReason)),
    native=maybe(names),
    complete=st.booleans(),
    failure=maybe(failures),
)
messages = st.builds(
    Message,
    id=st.uuids().map(str),
    parent_id=st.none(),
    role=st.sampled_from(Role),
    parts=st.lists(parts, max_size=3).map(tuple),
    created_at=numbers,
    service_id=names,
    service_name=names,
    model=names,
    usage=maybe(
        st.builds(
            Usage,
            prompt=maybe(counts),
            completion=maybe(counts),
            total=maybe(counts),
            reasoning=maybe(counts),
            cached=maybe(counts),
            credits=maybe(numbers),
            cost=maybe(numbers),
        )
    ),
    finish=maybe(finishes),
    timing=st.builds(
        Timing, total_s=maybe(numbers), first_token_s=maybe(numbers), reasoning_s=maybe(numbers)
    ),
    notices=st.lists(st.builds(Notice, names, texts), max_size=2).map(tuple),
    provider_state=objects,
    extras=objects,
)
samplings = st.builds(
    Sampling,
    model=maybe(names),
    system_prompt=maybe(texts),
    temperature=maybe(numbers),
    max_tokens=maybe(counts),
    top_p=maybe(numbers),
    effort=maybe(names),
    show_reasoning=maybe(st.booleans()),
    json_answer=maybe(st.booleans()),
    extra=objects,
)
