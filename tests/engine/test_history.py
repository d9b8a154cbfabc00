"""What of a conversation is sent, and whom its opaque state belongs to."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.domain.conversation import Conversation
from app.domain.history import continuation_token, opened, origin, request_messages, sealed
from app.domain.message import Message, Part, Role, Text, ToolCall, ToolResult
from app.domain.settings import Form, Service

SERVICE = Service(id="s", base_url="https://API.example:8443/v1")
CALL = ToolCall(id="c1", name="f", arguments="{}")
RESULT = ToolResult(call_id="c1", name="f", output="42")


def tree(*said: tuple[Role, tuple[Part, ...]]) -> Conversation:
    conversation = Conversation(id="c")
    for number, (role, parts) in enumerate(said):
        conversation = conversation.append(
            Message(
                id=str(number),
                parent_id=conversation.leaf_id,
                role=role,
                parts=parts,
                created_at=float(number),
            )
        )
    return conversation


def sent(conversation: Conversation) -> list[tuple[str, tuple[Part, ...]]]:
    assert conversation.leaf_id is not None
    messages = request_messages(conversation, conversation.leaf_id, SERVICE)
    return [(message.role.value, message.parts) for message in messages]


def test_a_call_goes_along_with_its_result() -> None:
    conversation = tree(
        (Role.USER, (Text("q"),)), (Role.ASSISTANT, (CALL,)), (Role.TOOL, (RESULT,))
    )
    assert sent(conversation) == [
        ("user", (Text("q"),)),
        ("assistant", (CALL,)),
        ("tool", (RESULT,)),
    ]


def test_a_result_whose_call_is_left_out_goes_too() -> None:
    conversation = tree(
        (Role.USER, (Text("q"),)),
        (Role.ASSISTANT, (CALL,)),
        (Role.TOOL, (RESULT,)),
        (Role.USER, (Text("next"),)),
    )
    conversation = replace(conversation, context_start_id="2")
    assert sent(conversation) == [("user", (Text("next"),))]


def test_a_start_on_another_branch_leaves_nothing_out() -> None:
    conversation = replace(tree((Role.USER, (Text("q"),))), context_start_id="elsewhere")
    assert len(sent(conversation)) == 1


@pytest.mark.parametrize(
    ("other", "is_the_same"),
    [
        (replace(SERVICE, id="renamed", name="Renamed", path="/chat"), True),
        (replace(SERVICE, base_url="https://api.EXAMPLE:8443/v2"), True),
        (replace(SERVICE, base_url="https://api.example/v1"), False),
        (replace(SERVICE, base_url="https://api.example.evil:8443/v1"), False),
        (replace(SERVICE, form=Form.GEMINI), False),
    ],
)
def test_the_state_belongs_to_host_and_form(other: Service, is_the_same: bool) -> None:
    message = Message(
        id="a",
        parent_id="q",
        role=Role.ASSISTANT,
        parts=(),
        created_at=1.0,
        provider_state={"signature": "s"},
    )
    kept = sealed(message, SERVICE)
    assert opened(kept, other).provider_state == ({"signature": "s"} if is_the_same else {})
    assert (origin(other) == origin(SERVICE)) is is_the_same


def test_a_state_of_unknown_origin_goes_nowhere() -> None:
    message = Message(
        id="a",
        parent_id="q",
        role=Role.ASSISTANT,
        parts=(),
        created_at=1.0,
        provider_state={"x": 1},
    )
    assert opened(message, SERVICE).provider_state == {}


@pytest.mark.rule("R54")
def test_only_a_broken_off_answer_has_a_token() -> None:
    assert continuation_token("CONTINUATION", {"continuation_token": "t"}) == "t"
    assert continuation_token("STOP", {"continuation_token": "t"}) is None
    assert continuation_token("CONTINUATION", {"continuation_token": ""}) is None
    assert continuation_token(None, {}) is None
