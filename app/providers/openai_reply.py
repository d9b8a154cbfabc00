"""Assembles chat/completions replies, whole or in chunks, into stream events (R12 to R19).

Invariant: any JSON object gives events or nothing, never an exception; everything may be missing,
null or of another type. Errors are not looked for here, and nothing is said about completeness
before `end`.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from app.domain.message import FinishReason, Notice, Usage
from app.domain.stream import (
    ExtraSeen,
    Finished,
    MediaReceived,
    ModelReported,
    NoticeGiven,
    ReasoningDelta,
    StateReported,
    StreamEvent,
    TextDelta,
    TextWasReasoning,
    ToolCallDelta,
    UsageReported,
    mend_surrogates,
)
from app.i18n import tr
from app.providers.openai_usage import amount, find_usage, normal_usage
from app.providers.think_tags import TagSplitter
from app.providers.tool_fragments import ToolFragments

Json = Mapping[str, Any]

_REASONS: Mapping[str, FinishReason] = {
    **dict.fromkeys(("stop", "end_turn", "eos", "stop_sequence", "complete"), FinishReason.STOP),
    **dict.fromkeys(("length", "max_tokens", "model_length"), FinishReason.LENGTH),
    **dict.fromkeys(("tool_calls", "tool_use", "function_call"), FinishReason.TOOL_CALLS),
    **dict.fromkeys(("content_filter", "safety"), FinishReason.CONTENT_FILTER),
    "error": FinishReason.ERROR,
}
_REASONING_FIELDS = ("reasoning_content", "reasoning", "thinking")


class Assembly:
    """Feed it the JSON objects of one reply in order, then `end` it.

    `visible` says whether anything was shown (R40), `reason` and `native` how the answer ended as
    far as is known, `has_message` whether a whole message came in place of deltas.
    """

    def __init__(self) -> None:
        self.visible = False
        self.reason: FinishReason | None = None
        self.native: str | None = None
        self.has_message = False
        self._text_seen = False
        self._delta_seen = False
        self._message_text = ""
        self._field = ""
        self._splitter = TagSplitter()
        self._calls = ToolFragments()
        self._usage: Usage | None = None
        self._credits: float | None = None
        self._model = ""
        self._images = 0
        self._known: set[tuple[str, str]] = set()
        self._signatures: dict[str, str] = {}
        self._details: list[dict[str, Any]] = []
        self._message_extra: dict[str, Any] = {}
        self._needs_state = False

    def feed(self, document: Json) -> Iterator[StreamEvent]:
        """The events of one object: model, usage (R15), what choice 0 brings, its end (R12)."""
        chunk = _unwrapped(document)
        yield from self._about(chunk)
        for choice in _items(chunk.get("choices")):
            if choice.get("index") in (None, 0, "0"):
                yield from self._choice(choice)

    def flush(self) -> Iterator[StreamEvent]:
        """What was held back, before the reply ends or fails. White space alone is no answer."""
        if self.visible or self.reason is not None or not self._splitter.holds_blank_only:
            yield from self._mark(self._splitter.end())

    def state(self) -> Iterator[StreamEvent]:
        """What has to go back to the same host with this answer, if anything."""
        state: dict[str, Any] = {}
        if self._details:
            state["reasoning_details"] = self._details
        if self._message_extra:
            state["extra_content"] = self._message_extra
        if self._field and len(self._calls):
            state["reasoning_field"] = self._field
        if state or self._needs_state:
            yield StateReported({"form": "openai", **_mended(state)})

    def finished(self, *, done: bool = False) -> Finished | None:
        """The end as far as it is known; `done` when `[DONE]` said so (R16)."""
        reason = self.reason
        if len(self._calls) and reason in (None, FinishReason.STOP):
            reason = FinishReason.TOOL_CALLS
        elif reason is None and done:
            reason = FinishReason.STOP
        return None if reason is None else Finished(reason, self.native)

    def end(self, *, done: bool) -> Iterator[StreamEvent]:
        """The end of an answer that ended well, and what is to be said about it."""
        finished = self.finished(done=done)
        if notice := self._end_notice(finished.reason if finished else None):
            yield NoticeGiven(notice)
        if finished is not None:
            yield finished

    def _end_notice(self, reason: FinishReason | None) -> Notice | None:
        thought_only = self.visible and not self._text_seen and not len(self._calls)
        match reason:
            case FinishReason.LENGTH if thought_only or self._splitter.unclosed:
                sentence = tr("All tokens went into thinking. Raise the output limit.")
                return Notice("length", sentence)
            case FinishReason.LENGTH:
                return Notice("length", tr("The answer reached its limit."))
            case FinishReason.CONTENT_FILTER:
                return Notice("content_filter", tr("The provider's filter ended the answer."))
            case FinishReason.OTHER:
                word = self.native or ""
                return Notice("finish", tr("The service's reason for the end: {word}", word=word))
            case _ if self._splitter.unclosed:
                sentence = tr("The answer ended while the model was still thinking.")
                return Notice("only_reasoning", sentence)
        return None

    def _about(self, chunk: Json) -> Iterator[StreamEvent]:
        model = chunk.get("model")
        if isinstance(model, str) and model and model != self._model:
            self._model = model
            yield ModelReported(mend_surrogates(model))
        used = amount(chunk.get("credits_consumed"))
        if used is not None:
            self._credits = used
            yield ExtraSeen("credits", used)
        usage = find_usage(chunk)
        if usage is not None:
            self._usage = normal_usage(usage)
        if self._usage is not None and (usage is not None or used is not None):
            self._usage = replace(self._usage, credits=self._credits)
            yield UsageReported(self._usage)
        timings = chunk.get("timings")
        if isinstance(timings, dict):
            speed = amount(timings.get("predicted_per_second"))
            if speed is not None:
                yield ExtraSeen("tokens_per_second", speed)
        for address in _list(chunk.get("citations")):
            yield from self._once("citations", address)

    def _choice(self, choice: Json) -> Iterator[StreamEvent]:
        delta, message = choice.get("delta"), choice.get("message")
        if isinstance(delta, dict) and delta:
            self._delta_seen = True
            yield from self._content(delta, delta.get("content"))
        elif isinstance(message, dict) and not self._delta_seen:
            self.has_message = True
            yield from self._content(message, self._new_text(message.get("content")))
        self._note_reason(choice)

    def note_end(self, document: Json) -> None:
        """Take only the reason for the end from an object that is an error besides (R17)."""
        for choice in _items(_unwrapped(document).get("choices")):
            self._note_reason(choice)

    def _note_reason(self, choice: Json) -> None:
        """Null and the empty word mean that it goes on (R16)."""
        raw = choice.get("finish_reason")
        if raw is not None and raw != "":
            native = choice.get("native_finish_reason")
            word = native if isinstance(native, str) and native else str(raw)
            self.native = mend_surrogates(word)
            self.reason = _REASONS.get(str(raw).strip().lower(), FinishReason.OTHER)

    def _new_text(self, content: object) -> object:
        """A message that comes again, grown, repeats what is known already."""
        if not isinstance(content, str):
            return content
        new = content.removeprefix(self._message_text)
        self._message_text = content if len(new) < len(content) else self._message_text + content
        return new

    def _content(self, delta: Json, content: object) -> Iterator[StreamEvent]:
        """What a delta or a message brings; reasoning comes before the text."""
        yield from self._reasoning(delta)
        flagged = self._flagged(delta)
        if isinstance(content, str):
            yield from self._mark(self._splitter.feed(content, flagged=flagged))
        else:
            for item in _list(content):
                yield from self._item(item, flagged=flagged)
        refusal = delta.get("refusal")
        if isinstance(refusal, str) and refusal:
            yield from self._refused(refusal)
        for fragment in _items(delta.get("tool_calls")):
            yield from self._call(fragment)
        if isinstance(legacy := delta.get("function_call"), dict):
            yield from self._call({"index": 0, "function": legacy})
        for image in _items(delta.get("images")):
            yield from self._image(image.get("image_url"))
        for note in _items(delta.get("annotations")):
            cited = note.get("url_citation", note)
            if _is_map(cited):
                yield from self._cited(cited.get("url"), cited.get("title"))

    def _reasoning(self, delta: Json) -> Iterator[StreamEvent]:
        """The first of the fields that holds text; details only where no field does (R14)."""
        details = _items(delta.get("reasoning_details"))
        if details:
            self._keep(details)
            for detail in details:
                yield from self._once("reasoning_details_types", detail.get("type"))
        text = ""
        for field in _REASONING_FIELDS:
            if isinstance(found := delta.get(field), str) and found:
                self._field, text = field, found
                break
        if details and not self._field:
            told = (detail.get("text") or detail.get("summary") for detail in details)
            text = "".join(piece for piece in told if isinstance(piece, str))
        if text:
            yield from self._mark(self._splitter.trust_fields())
            yield from self._mark([ReasoningDelta(text)])

    def _keep(self, details: list[Json]) -> None:
        """Keep reasoning details for the way back; pieces of one entry are joined."""
        for detail in details:
            last = self._details[-1] if self._details else None
            same = last is not None and all(
                last.get(name) == detail.get(name) for name in ("type", "index")
            )
            if last is None or not same or detail.get("index") is None:
                self._details.append(dict(detail))
                continue
            for name, value in detail.items():
                joins = name in ("text", "summary", "data") and isinstance(last.get(name), str)
                if joins and isinstance(value, str):
                    last[name] += value
                elif value is not None:
                    last[name] = value

    def _flagged(self, delta: Json) -> bool:
        """Whether Google's OpenAI form marks this text as a thought (R14b)."""
        extra = delta.get("extra_content")
        google = extra.get("google") if isinstance(extra, dict) else None
        if not isinstance(google, dict):
            return False
        signature = google.get("thought_signature")
        if isinstance(signature, str) and signature:
            self._message_extra = {"google": {"thought_signature": signature}}
        return google.get("thought") is True

    def _item(self, item: object, *, flagged: bool) -> Iterator[StreamEvent]:
        """One item of a list content (R13)."""
        if isinstance(item, str):
            item = {"type": "text", "text": item}
        if not isinstance(item, dict):
            return
        match item.get("type"):
            case "thinking" | "reasoning":
                inner = item.get("thinking") or item.get("summary") or item.get("text")
                if text := _joined(inner):
                    yield from self._mark(self._splitter.trust_fields())
                    yield from self._mark([ReasoningDelta(text)])
            case "image_url":
                yield from self._image(item.get("image_url"))
            case "refusal":
                if text := _joined(item.get("refusal")):
                    yield from self._refused(text)
            case _:
                text = _joined(item.get("text"))
                yield from self._mark(self._splitter.feed(text, flagged=flagged))

    def _refused(self, text: str) -> Iterator[StreamEvent]:
        """A refusal is shown as the answer and marked as one (R13)."""
        yield ExtraSeen("refusal", True)
        yield NoticeGiven(Notice("refusal", tr("The model declined to answer.")))
        yield from self._mark([*self._splitter.end(), TextDelta(text)])

    def _call(self, fragment: Json) -> Iterator[StreamEvent]:
        delta = self._calls.place(fragment)
        yield from self._mark([*self._splitter.trust_fields(), delta])
        if delta.extra:
            self._needs_state = True
            google = delta.extra["extra_content"].get("google")
            signature = google.get("thought_signature") if _is_map(google) else None
            if isinstance(signature, str) and signature:
                self._signatures[delta.id or delta.name or str(delta.ordinal)] = signature
                yield ExtraSeen("tool_signatures", dict(self._signatures))

    def _image(self, holder: object) -> Iterator[StreamEvent]:
        url = holder.get("url") if isinstance(holder, dict) else holder
        if not isinstance(url, str) or not url or ("image", url) in self._known:
            return
        self._known.add(("image", url))
        picture = _picture(url)
        if picture is None:
            sentence = tr("A picture of this answer could not be read.")
            yield NoticeGiven(Notice("media_lost", sentence))
            return
        self._images += 1
        yield ExtraSeen("images", self._images)
        yield from self._mark([picture])

    def _cited(self, address: object, title: object) -> Iterator[StreamEvent]:
        """A page, with its title where there is one."""
        titled = isinstance(title, str) and title and isinstance(address, str) and address
        if titled and ("citations", address) not in self._known:
            pair = [mend_surrogates(str(address)), mend_surrogates(str(title))]
            yield ExtraSeen("citation_titles", pair, append=True)
        yield from self._once("citations", address)

    def _once(self, name: str, value: object) -> Iterator[StreamEvent]:
        if isinstance(value, str) and value and (name, value) not in self._known:
            self._known.add((name, value))
            yield ExtraSeen(name, mend_surrogates(value), append=True)

    def _mark(self, events: list[StreamEvent]) -> Iterator[StreamEvent]:
        """Pass on `events` and note what was shown."""
        for event in events:
            match event:
                case TextDelta():
                    self.visible = self._text_seen = True
                case TextWasReasoning():
                    self._text_seen = False
                case ReasoningDelta() | ToolCallDelta() | MediaReceived():
                    self.visible = True
                case _:
                    pass
            yield event


def _unwrapped(document: Json) -> Json:
    """The completion itself where a gateway wraps it: `{"code":200,"data":{"choices":..}}`."""
    inner = document.get("data")
    if "choices" not in document and isinstance(inner, dict) and "choices" in inner:
        return {**{k: v for k, v in document.items() if k == "credits_consumed"}, **inner}
    return document


def _mended(state: dict[str, Any]) -> dict[str, Any]:
    """`state` without half surrogates, so that it can be stored (R13)."""
    whole: dict[str, Any] = json.loads(mend_surrogates(json.dumps(state, ensure_ascii=False)))
    return whole


def _is_map(value: object) -> bool:
    return isinstance(value, dict)


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _items(value: object) -> list[Json]:
    if not isinstance(value, list):  # most members of a delta are not there
        return []
    return [item for item in value if isinstance(item, dict)]


def _joined(value: object) -> str:
    """A text, or the texts of a list of parts."""
    if isinstance(value, str):
        return value
    texts = (
        part if isinstance(part, str) else part.get("text") if _is_map(part) else None
        for part in _list(value)
    )
    return "".join(text for text in texts if isinstance(text, str))


def _picture(url: str) -> MediaReceived | None:
    """A data URL as bytes, an address as it is; `None` for damaged data."""
    if not url.startswith("data:"):
        return MediaReceived(mime="image/*", url=mend_surrogates(url))
    head, _, content = url.partition(",")
    mime = head.removeprefix("data:").partition(";")[0] or "image/png"
    try:
        data = base64.b64decode(content, validate=True)
    except (binascii.Error, ValueError):
        return None
    return MediaReceived(mime=mime, data=data) if data else None
