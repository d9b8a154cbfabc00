"""Plain words for every failure and every end of an answer."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app import advice
from app.advice import Action, Tone
from app.domain.errors import NO_KEY, ErrorKind, Failure, Phase
from app.domain.message import Finish, FinishReason, Message, Reasoning, Role, Text
from app.providers import presets


def failure(kind: ErrorKind, message: str = "provider words", **more: object) -> Failure:
    return replace(Failure(kind=kind, message=message), **more)


def answer(finish: Finish | None, *parts: Text | Reasoning) -> Message:
    return Message(
        id="a", parent_id="q", role=Role.ASSISTANT, parts=parts, created_at=0.0, finish=finish
    )


@pytest.mark.parametrize("kind", list(ErrorKind))
@pytest.mark.parametrize("arrived", [True, False])
def test_every_kind_says_what_happened_and_offers_something(kind: ErrorKind, arrived: bool) -> None:
    card = advice.for_failure(failure(kind), presets.OPENAI, arrived=arrived)
    assert card.title.endswith(".")
    assert card.actions
    assert "provider words" in f"{card.text} {card.note}"
    assert "provider words" in card.details
    assert "{" not in card.sentence
    assert len(set(card.actions)) == len(card.actions)
    if arrived:
        assert "What arrived is kept." in card.text


def test_a_key_that_is_missing_is_asked_for() -> None:
    missing = failure(ErrorKind.AUTH, "OpenAI has no key yet.", codes=(NO_KEY,))
    card = advice.for_failure(missing, presets.OPENAI)
    assert card.sentence.startswith("OpenAI has no key yet. Nothing was sent.")
    assert card.actions[0] is Action.ENTER_KEY
    assert card.note == ""


def test_five_different_notices() -> None:
    tones = [
        advice.for_message(answer(Finish(reason=FinishReason.CANCELLED), Text("a"))),
        advice.for_message(answer(Finish(failure=failure(ErrorKind.TRUNCATED)), Text("a"))),
        advice.for_message(answer(Finish(reason=FinishReason.CONTENT_FILTER), Text("a"))),
        advice.for_message(answer(Finish(failure=failure(ErrorKind.AUTH)))),
        advice.for_message(answer(Finish(reason=FinishReason.LENGTH, complete=True), Text("a"))),
    ]
    cards = [card for card in tones if card is not None]
    assert [card.tone for card in cards] == [
        Tone.STOPPED,
        Tone.CUT_OFF,
        Tone.FILTERED,
        Tone.FAILED,
        Tone.LIMIT,
    ]
    assert len({card.title for card in cards}) == 5


def test_no_notice_where_it_ended_well() -> None:
    whole = answer(Finish(reason=FinishReason.STOP, complete=True), Text("a"))
    assert advice.for_message(whole) is None
    assert advice.for_message(answer(Finish(reason=None, complete=True), Text("a"))) is None
    assert advice.for_message(answer(None)) is None


def test_limit_used_up_by_thinking() -> None:
    finish = Finish(reason=FinishReason.LENGTH, complete=True)
    card = advice.for_message(answer(finish, Reasoning("hm")))
    assert card is not None
    assert "thinking" in card.title
    assert Action.CHANGE_LIMIT in card.actions
    assert Action.CONTINUE not in card.actions


def test_cut_off_offers_continue_first() -> None:
    closed = failure(ErrorKind.TRUNCATED, phase=Phase.MID_STREAM)
    card = advice.for_failure(closed, presets.OPENAI, arrived=True)
    assert card.title == "The answer was cut off."
    lost = replace(closed, url="https://api.openai.com/v1/chat/completions")
    card = advice.for_failure(lost, presets.OPENAI, arrived=True)
    assert card.title == "The connection was lost."
    assert card.text == "What arrived is kept."
    assert card.actions == (Action.CONTINUE, Action.RETRY)


def test_found_cut_off_at_the_next_start() -> None:
    card = advice.for_message(answer(Finish(), Text("a")))
    assert card is not None
    assert (card.tone, card.actions) == (Tone.CUT_OFF, (Action.CONTINUE, Action.RETRY))


@pytest.mark.rule("R54")
@pytest.mark.parametrize(
    ("reason", "word", "tone"),
    [
        (FinishReason.CONTENT_FILTER, "PROHIBITED_CONTENT", Tone.FILTERED),
        (FinishReason.ERROR, "MALFORMED_FUNCTION_CALL", Tone.FAILED),
        (FinishReason.OTHER, "LANGUAGE", Tone.CUT_OFF),
    ],
)
def test_the_native_word_is_shown(reason: FinishReason, word: str, tone: Tone) -> None:
    card = advice.for_message(answer(Finish(reason=reason, native=word, complete=True)))
    assert card is not None
    assert card.note == word
    assert card.tone is tone


@pytest.mark.rule("R42")
def test_countdown() -> None:
    card = advice.for_countdown(failure(ErrorKind.RATE_LIMIT, http_status=429), 7.2, 2, 3)
    assert card.sentence == "Rate limit reached. Next try in 8 s (2 of 3)."
    assert card.actions == (Action.RETRY_NOW, Action.STOP)
    assert card.tone is Tone.WAITING


def test_a_card_says_nothing_twice() -> None:
    nobody = replace(
        failure(ErrorKind.NETWORK, "Nothing answers at 127.0.0.1:9. Is the model server running?"),
        url="http://127.0.0.1:9/v1/chat/completions",
    )
    waiting = advice.for_countdown(nobody, 2.0, 2, 2)
    assert waiting.title == "Nothing answers at 127.0.0.1:9."
    assert waiting.note == "Is the model server running?"
    over = advice.for_failure(nobody)
    assert over.text.startswith("Is the model server running?")
    assert over.note == ""


@pytest.mark.rule("R41")
def test_long_wish_of_the_server_is_told() -> None:
    card = advice.for_failure(failure(ErrorKind.RATE_LIMIT, retry_after_s=600.0))
    assert "10 minutes" in card.text


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.2, "1 second"),
        (37, "37 seconds"),
        (121, "3 minutes"),
        (7200, "2 hours"),
    ],
)
def test_waiting_time(seconds: float, words: str) -> None:
    assert advice.waiting_time(seconds) == words


@pytest.mark.rule("R70")
@pytest.mark.parametrize(
    ("url", "program"),
    [
        ("http://127.0.0.1:11434/v1/chat/completions", "Ollama"),
        ("http://localhost:1234/v1/chat/completions", "LM Studio"),
        ("http://127.0.0.1:5999/v1", "the model server"),
    ],
)
def test_refused_on_this_computer_says_what_to_start(url: str, program: str) -> None:
    card = advice.for_failure(failure(ErrorKind.NETWORK, url=url))
    assert program in card.text
    assert Action.FIND_LOCAL_SERVERS in card.actions


def test_causes_within_one_kind() -> None:
    def title(kind: ErrorKind, message: str) -> str:
        return advice.for_failure(failure(kind, message)).title

    assert title(ErrorKind.OVERLOADED, "Loading model") == "The model is loading."
    assert "busy" in title(ErrorKind.OVERLOADED, "x")
    assert "protection" in title(ErrorKind.PERMISSION, "Just a moment...")
    assert "where you are" in title(
        ErrorKind.PERMISSION, "User location is not supported for the API use."
    )
    assert "day" in title(ErrorKind.BILLING, "GenerateRequestsPerDayPerProject")
    assert "free quota" in title(ErrorKind.BILLING, "Quota exceeded, limit: 0")
    assert "empty" in title(ErrorKind.PROTOCOL, "the server sent an empty answer")


def test_billing_page_only_where_known() -> None:
    known = advice.for_failure(failure(ErrorKind.BILLING), presets.OPENAI)
    assert (known.actions[0], known.link) == (Action.OPEN_BILLING, presets.OPENAI.billing_url)
    unknown = advice.for_failure(failure(ErrorKind.BILLING), presets.OPENAI_COMPATIBLE)
    assert Action.OPEN_BILLING not in unknown.actions


def test_too_long_offers_to_leave_out_old_turns() -> None:
    card = advice.for_failure(failure(ErrorKind.CONTEXT_LENGTH))
    assert card.actions[0] is Action.LEAVE_OUT_OLD_TURNS


def test_details_hold_all_facts() -> None:
    card = advice.for_failure(
        failure(
            ErrorKind.SERVER,
            "boom",
            http_status=500,
            codes=("api_error",),
            trace_id="2cf86e86",
            url="https://h/v1",
            param="temperature",
            detail='{"error": "boom"}',
        )
    )
    for fact in ("boom", "500", "api_error", "2cf86e86", "https://h/v1", "temperature", "{"):
        assert fact in card.details
    assert card.note == "boom · 500 api_error · trace 2cf86e86"


def test_a_keyring_that_is_locked_says_nothing_about_the_key() -> None:
    locked = advice.for_failure(failure(ErrorKind.AUTH, "The keyring is locked. Unlock it."))
    assert locked.sentence == "The key could not be used. The keyring is locked. Unlock it."
    assert locked.note == ""
    refused = advice.for_failure(failure(ErrorKind.AUTH, "no", http_status=401))
    assert "wrong or expired" in refused.text


def test_the_note_is_one_line_of_facts() -> None:
    lost = failure(ErrorKind.TRUNCATED, "The connection ended early.", http_status=200)
    assert advice.for_failure(lost).note == "The connection ended early."
    busy = failure(ErrorKind.OVERLOADED, "Too many requests.", http_status=503)
    assert advice.for_failure(busy).note == "Too many requests · 503"
    assert advice.for_failure(failure(ErrorKind.SERVER, "", http_status=500)).note == "500"


def test_model_by_name() -> None:
    card = advice.for_failure(failure(ErrorKind.MODEL_NOT_FOUND), model="gemini-9")
    assert "gemini-9" in card.title
